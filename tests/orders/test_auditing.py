"""The audit names every row that is not as it must be, and nothing else."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from itertools import count

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.audit import auditing, digests
from orders.halts import halting
from orders.models import Approval, Component, DayDigest, Fill, Leg, Order, OrderEvent, Placement
from tests.brokers import FakeBroker
from tests.factories import make_account, make_environment, make_fill, make_order, make_placement, make_user
from tests.orders.worlds import approved, fresh, listings_pass, run, step

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 18:30 in New York


@pytest.fixture
def filled(settings) -> Order:
    """Return an order that walked one step and filled."""
    return run(approved(settings), FakeBroker(fills_at=D("1.27")))


@pytest.fixture
def working(settings) -> Order:
    """Return an order with one placement at work."""
    return step(approved(settings), FakeBroker(_ids=count(2001)))


def faults() -> list[str]:
    return list(auditing.faults())


def rows_of(order: Order) -> list[OrderEvent]:
    return list(OrderEvent.objects.filter(order=order))


def audited(capsys, *args: str) -> tuple[list[str], int]:
    """Return what the command prints, its last line apart from the digest aside, and how it exits."""
    code = 0
    try:
        call_command("audit", *args)
    except SystemExit as end:
        code = int(end.code or 0)
    return capsys.readouterr().out.splitlines(), code


# --- the chain ------------------------------------------------------------------------------------


def test_an_order_that_was_worked_has_no_fault(filled):
    assert filled.status == "filled"
    assert faults() == []
    assert filled.chain_head == rows_of(filled)[-1].digest


def test_no_order_at_all_is_no_fault():
    assert faults() == []


@pytest.mark.parametrize(
    "column, value",
    [
        ("kind", "approval"),
        ("by", "mallory"),
        ("at", EVENING),
        ("old_status", "holding"),
        ("reason", "as asked"),
        ("detail", {"via": "nowhere"}),
    ],
)
def test_an_altered_row_is_named(filled, column, value):
    OrderEvent.objects.filter(order=filled, sequence=2).update(**{column: value})

    assert faults()[0] == f"{filled}: row 2 was altered"


@pytest.mark.parametrize(
    "model, column, value, sentence",
    [
        pytest.param(Order, "bound_price", D("1.40"), "its bound_price is 1.40, it was told as 1.31", id="bound"),
        pytest.param(Order, "text", "!tt bto 2 QQQ", "its text is !tt bto 2 QQQ, it was told as !tt bto 2 SPY 18dec 600c", id="text"),
        pytest.param(Order, "stop_price", D("0.80"), "its stop_price is 0.80, it was told as None", id="stop"),
        pytest.param(Leg, "action", "Sell to Open", "its legs is ['Sell to Open 1 {leg}'], it was told as ['Buy to Open 1 {leg}']", id="leg"),
        pytest.param(Approval, "via", "discord", "its approval by person {by} at {at:%H:%M:%S} is not one that was told", id="way"),
        pytest.param(Placement, "limit_price", D("1.26"), "{placement} is at 1.2600, it was told at 1.27", id="price"),
        pytest.param(Fill, "price", D("1.26"), "2 of {leg} at 1.26 is a fill that was not told so", id="fill"),
    ],
)  # fmt: skip
def test_terms_decisions_prices_and_fills_altered_behind_the_desks_back_are_named(
    filled, model, column, value, sentence
):
    yes, last = filled.approvals.get(), filled.placements.last()
    row = {Order: filled, Leg: filled.legs.get(), Approval: yes, Placement: last, Fill: last.fills.last()}[
        model
    ]
    model.objects.filter(pk=row.pk).update(**{column: value})

    said = sentence.format(leg=filled.legs.get().symbol, by=yes.by_id, at=yes.at, placement=last)
    assert f"{filled}: terms: {said}" in faults()


def test_another_name_under_an_approval_is_named(filled):
    yes = filled.approvals.get()
    Approval.objects.filter(pk=yes.pk).update(by=make_user("mallory"))

    assert [fault.partition(" at ")[0] for fault in faults()] == [
        f"{filled}: terms: its approval by person {Approval.objects.get().by_id}"
    ]


def test_a_row_moved_to_another_order_is_named(filled):
    other = make_order()
    OrderEvent.objects.filter(order=other).delete()
    OrderEvent.objects.filter(order=filled, sequence=1).update(order=other)

    assert faults()[0] == f"{filled}: row 1 is missing"
    assert f"{other}: row 1 was altered" in faults()


def test_a_missing_row_is_named(filled):
    OrderEvent.objects.filter(order=filled, sequence=2).delete()

    assert f"{filled}: row 2 is missing" in faults()


def test_cut_rows_are_named(working):
    last = rows_of(working)[-1]
    OrderEvent.objects.filter(pk=last.pk).delete()

    assert f"{working}: row {last.sequence} is missing" in faults()


# --- the daily digest -------------------------------------------------------------------------------


def test_the_days_digest_holds_every_head(filled, working):
    row = digests.write(EVENING)

    assert row.day.isoformat() == "2026-11-23"
    assert row.heads == {str(o.pk): [o.version, o.chain_head] for o in (fresh(filled), fresh(working))}
    assert (faults(), DayDigest.objects.get().digest) == ([], row.digest)


def test_the_days_digest_is_written_once(filled):
    first = digests.write(EVENING)
    Order.objects.get(pk=filled.pk).tell("seen", by="tim", now=EVENING)

    assert (digests.write(EVENING + timedelta(minutes=5)).digest, DayDigest.objects.count()) == (
        first.digest,
        1,
    )


@pytest.mark.parametrize(
    "now, day",
    [
        pytest.param(datetime(2026, 11, 23, 22, 59, tzinfo=UTC), "2026-11-22", id="before 18:00"),
        pytest.param(datetime(2026, 11, 23, 23, 0, tzinfo=UTC), "2026-11-23", id="at 18:00"),
        pytest.param(datetime(2026, 11, 24, 5, 30, tzinfo=UTC), "2026-11-23", id="after midnight"),
    ],
)
def test_a_day_is_over_at_six_in_the_evening(now, day):
    assert digests.last_day(now).isoformat() == day


def test_the_next_digest_holds_only_what_has_changed_and_follows_from_the_last(filled):
    OrderEvent.objects.update(at=EVENING - timedelta(hours=3))
    first = digests.write(EVENING)
    later = make_order(now=EVENING + timedelta(hours=20))

    second = digests.write(EVENING + timedelta(days=1))

    assert (list(second.heads), second.previous) == ([str(later.pk)], first.digest)
    assert list(digests.faults()) == []


def test_what_was_committed_a_little_after_a_digest_is_in_the_next(filled):
    digests.write(EVENING)
    late = make_order(now=EVENING - timedelta(minutes=1))

    assert str(late.pk) in digests.write(EVENING + timedelta(days=1)).heads


def test_an_end_cut_together_with_its_head_is_found_by_the_digest(filled):
    digests.write(EVENING)
    rows = rows_of(filled)
    rows[-1].delete()
    Order.objects.filter(pk=filled.pk).update(chain_head=rows[-2].digest, version=rows[-2].sequence)

    assert f"{filled}: row {rows[-1].sequence} is missing: the digest of 2026-11-23 holds it" in faults()


def test_an_order_that_is_gone_is_found_by_the_digest():
    order = make_order()
    digests.write(EVENING)
    OrderEvent.objects.all().delete()
    Order.objects.all().delete()

    assert faults() == [f"{order}: the whole order is missing: the digest of 2026-11-23 holds it"]


def test_an_altered_digest_is_named(filled):
    digests.write(EVENING)
    DayDigest.objects.update(heads={})

    assert faults() == ["the digest of 2026-11-23 was altered"]


def test_a_missing_digest_is_named():
    for day in range(3):
        digests.write(EVENING + timedelta(days=day))
    DayDigest.objects.filter(day="2026-11-24").delete()

    assert faults() == [
        "the digest of 2026-11-25 does not follow from the one before it: one is missing or was altered"
    ]


# --- the command -----------------------------------------------------------------------------------


def test_the_command_says_that_all_is_well(filled, capsys):
    row = digests.write(EVENING)

    lines, code = audited(capsys, "--posted", row.digest)

    assert (lines, code) == (
        [f"0 faults in 1 orders with {filled.version} rows.", f"Newest digest, 2026-11-23: {row.digest}"],
        0,
    )


def test_the_command_names_what_is_wrong_and_fails(filled, capsys):
    OrderEvent.objects.filter(order=filled, sequence=3).update(by="mallory")

    lines, code = audited(capsys)

    assert (lines[0], lines[1].split(" in ")[0], code) == (f"{filled}: row 3 was altered", "1 faults", 1)


def test_the_command_fails_for_a_posted_digest_that_nobody_keeps(filled, capsys):
    lines, code = audited(capsys, "--posted", "f" * 64)

    assert (lines[0], code) == (f"the digest {'f' * 64} was posted, and no day has it", 1)


# --- the invariants: each broken alone ------------------------------------------------------------


def invariants_broken() -> list[str]:
    return [fault.split(": ", 1)[1] for fault in faults() if ": I" in fault]


def test_more_at_work_than_was_approved_breaks_i1(working):
    Placement.objects.update(quantity=3)

    assert invariants_broken() == ["I1: 0 filled and 3 at work are more than its 2"]


def test_filled_counts_with_what_is_at_work_for_i1(settings):
    broker = FakeBroker(fills_at=D("1.25"), fills_quantity=1)
    order = step(approved(settings), broker)
    assert (fresh(order).filled_quantity, invariants_broken()) == (1, [])

    Placement.objects.update(filled_quantity=0)

    assert "I1: 1 filled and 2 at work are more than its 2" in invariants_broken()


def test_a_linked_pair_counts_once_for_i1(working):
    old = working.placements.get()
    new = make_placement(working, replaces=old, status="sending", broker_order_id="", limit_price=D("1.27"))
    Placement.objects.filter(pk=old.pk).update(status="replacing")
    working.tell("sending", by="desk", now=timezone.now())

    assert (new.quantity, invariants_broken()) == (2, [])

    Placement.objects.filter(pk=new.pk).update(quantity=3)

    assert invariants_broken() == ["I1: 0 filled and 3 at work are more than its 2"]


def test_two_live_replacements_break_i2(working):
    old = working.placements.get()
    pair = [
        make_placement(working, replaces=old, status="unknown", quantity=1, limit_price=D("1.27"))
        for _ in range(2)
    ]
    Placement.objects.filter(pk=old.pk).update(status="cancelled", ended_at=timezone.now())
    for _ in pair:
        working.tell("sending", by="desk", now=timezone.now())

    assert invariants_broken() == [f"I2: 2 of its placements are live: {pair[0]}, {pair[1]}"]


def test_an_answer_older_than_its_intent_breaks_i3(working):
    placement = working.placements.get()
    Placement.objects.update(answered_at=placement.intended_at - timedelta(seconds=1))

    assert invariants_broken() == [f"I3: {placement} was answered before it was intended"]


def test_an_intent_without_an_approval_breaks_i3(working):
    Approval.objects.update(is_yes=False)

    assert invariants_broken() == [f"I3: {working.placements.get()} was intended without an approval"]


def test_a_placement_that_nobody_told_of_breaks_i3(working):
    make_placement(
        working, status="not_sent", broker_order_id="", limit_price=D("1.25"), ended_at=timezone.now()
    )

    assert invariants_broken() == ["I3: 2 placements were made and 1 were told"]


def test_an_end_without_the_brokers_word_breaks_i4(filled):
    last = filled.placements.last()
    Placement.objects.filter(pk=last.pk).update(reading={})

    assert invariants_broken() == [f"I4: {last} is filled without a reading of the broker's"]


def test_an_absence_that_was_not_proven_breaks_i4(settings):
    order = listings_pass(step(approved(settings), broker := FakeBroker(outcomes=["lost"])), broker)
    placement = order.placements.first()
    assert (placement.status, placement.absent_reads, invariants_broken()) == ("not_placed", 3, [])

    Placement.objects.filter(pk=placement.pk).update(absent_reads=2)

    assert invariants_broken() == [f"I4: {placement} is taken for absent after 2 listings without it"]


def test_a_refusal_needs_no_reading(settings):
    order = run(approved(settings), FakeBroker(outcomes=["refused"]))

    assert (order.status, invariants_broken()) == ("rejected", [])


def test_an_altered_fill_breaks_i5(filled):
    Fill.objects.update(quantity=1)

    assert invariants_broken() == [
        f"I5: {filled.placements.last()} says 2 filled, its fills are 1",
        "I5: it says 2 filled, its fills are 1",
        "I5: 2 of SPY   261218C00600000 were told, its fills are 1",
    ]


def test_a_fill_that_nobody_told_of_breaks_i5(working):
    make_fill(working.placements.get(), quantity=2)
    Placement.objects.update(filled_quantity=2)
    Order.objects.update(filled_quantity=2)

    assert invariants_broken() == ["I5: 0 of SPY   261218C00600000 were told, its fills are 2"]


def test_an_order_of_another_environment_breaks_i6(working):
    make_environment("sandbox")
    Order.objects.update(environment="sandbox")

    placement = working.placements.get()
    assert invariants_broken() == [
        "I6: it is of sandbox, its account of practice",
        f"I6: {placement} is named for another environment than sandbox",
        f"I10: {placement} is live under a name that is not this desk's",
    ]


def test_a_placement_of_another_account_breaks_i6(working):
    Placement.objects.update(account=make_account(number="5WX00009"))

    assert invariants_broken() == [f"I6: {working.placements.get()} is of another account"]


@pytest.mark.parametrize(
    "price, sentence",
    [
        pytest.param("1.255", "at 1.255 is not on the tick", id="tick"),
        pytest.param("1.32", "at 1.32 is past the bound 1.31", id="bound"),
    ],
)
def test_a_price_that_was_never_allowed_breaks_i7(working, price, sentence):
    Placement.objects.update(limit_price=D(price))

    assert invariants_broken() == [f"I7: {working.placements.get()} {sentence}"]


def test_a_leap_of_the_price_breaks_i7(filled):
    first, last = filled.placements.all()
    assert (first.limit_price, last.limit_price) == (D("1.25"), D("1.27"))

    Placement.objects.filter(pk=last.pk).update(limit_price=D("1.28"))

    assert invariants_broken() == [f"I7: {last} at 1.28 is more than one step past 1.25"]


@pytest.mark.parametrize("of", ["the account", "its environment"])
def test_an_intent_while_trading_was_halted_breaks_i8(working, of):
    if of == "the account":
        halting.halt([working.account_id], by="ann", reason="storm")
    else:
        halting.halt_environment("practice", by="ann", reason="storm")
    assert invariants_broken() == []

    Placement.objects.update(intended_at=timezone.now(), answered_at=timezone.now())

    sentence = f"I8: {working.placements.get()} was intended while trading was halted"
    assert invariants_broken() == [sentence]


def test_a_halt_that_was_over_or_another_accounts_breaks_no_i8(working):
    halting.halt([working.account_id], by="ann", reason="storm")
    halting.resume(working.account_id, by=make_user("bob", "desk.resume_account"))
    halting.halt([make_account(number="5WX00009").pk], by="ann", reason="storm")

    Placement.objects.update(intended_at=timezone.now(), answered_at=timezone.now())

    assert invariants_broken() == []


def test_a_leap_of_the_status_breaks_i9(filled):
    Order.objects.update(status="cancelled")

    assert invariants_broken() == ["I9: it is cancelled, its newest row says filled"]


def test_a_way_out_of_an_end_breaks_i9(filled):
    order = fresh(filled)
    order.status = "walking"
    order.tell("walking", by="mallory", now=timezone.now())

    assert invariants_broken() == [f"I9: row {order.version} goes from filled to walking"]


def test_an_end_without_its_time_breaks_i9(filled):
    last = filled.placements.last()
    Placement.objects.filter(pk=last.pk).update(ended_at=None)

    assert invariants_broken() == [f"I9: {last} is filled and lacks an end"]


def test_a_placement_at_work_without_the_brokers_id_breaks_i10(working):
    Placement.objects.update(broker_order_id="")

    assert invariants_broken() == [
        f"I10: {working.placements.get()} is working and has no id of the broker's"
    ]


def test_one_order_of_the_brokers_that_is_two_of_ours_breaks_i10(working, filled):
    number = working.placements.get().broker_order_id
    Component.objects.create(
        placement=filled.placements.last(), account=filled.account, role="stop",
        external_identifier="practice-d1-9-s", broker_order_id=number,
    )  # fmt: skip

    assert f"I10: the broker's order {number} is two placements" in faults()
