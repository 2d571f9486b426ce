"""What a trader wants of his order instead: changed where it stands, or stopped and asked again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from orders import amending, approval, requests
from orders.approval import NotAllowed
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.values import Amend
from orders.models import Order
from orders.verdicts import Denied
from tests.brokers import FakeBroker
from tests.factories import PRACTICE_URL, make_approver, make_order, make_trader
from tests.orders.test_closing import held
from tests.orders.test_exits import BRACKET, bracket, end, exit_of, ids, pair
from tests.orders.worlds import approved, due, fresh, run, step

pytestmark = pytest.mark.django_db
TYPED_AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def amend(order: Order, words: str, broker: FakeBroker, by=None) -> Order:
    command = parse_command(f"amend {order.pk} {words}", now=TYPED_AT, calendar=NYSE)
    assert isinstance(command, Amend), command
    return fresh(amending.amend(command, by=by or order.trader, via="discord", broker=broker))


def refused(order: Order, words: str, broker: FakeBroker, by=None) -> str:
    with pytest.raises((NotAllowed, Denied)) as refusal:
        amend(order, words, broker, by)
    return str(refusal.value)


def proposal(settings, **over) -> Order:
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    return make_order(**over)


def approve(order: Order, **over) -> Order:
    return approval.approve(order.pk, by=make_approver().user, via="admin", **over)


def asked_again(order: Order, broker: FakeBroker) -> Order:
    """Let turns pass until the order is a proposal again."""
    for _ in range(12):
        due(order)
        order = step(order, broker)
        if order.status == "proposed":
            return order
    raise AssertionError(f"{order.status}: {order.note}")


# --- a proposal ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "changed", "said"),
    [
        pytest.param("max 1.28", {"bound_price": D("1.28")}, "bound 1.28 instead of 1.31", id="bound"),
        pytest.param("qty 1", {"quantity": 1, "asked_quantity": 1}, "quantity 1 instead of 2", id="quantity"),
        pytest.param("wait 20s", {"wait_seconds": 20}, "wait 20 instead of 10", id="wait"),
        pytest.param("retries 0", {"retries": 0}, "retries 0 instead of 3", id="retries"),
        pytest.param("gtc", {"time_in_force": "GTC"}, "time in force GTC instead of Day", id="gtc"),
        pytest.param(
            "@ 1.22 max 1.29",
            {"price_rule": "limit", "start_price": D("1.22"), "bound_price": D("1.29")},
            "bound 1.29 instead of 1.31, start 1.22 instead of none, price limit instead of none",
            id="price",
        ),
        pytest.param(
            "sl 0.80 tp 2.50",
            {"stop_price": D("0.80"), "target_price": D("2.50")},
            "target 2.50 instead of none, stop 0.80 instead of none",
            id="stop and target",
        ),
    ],
)
def test_a_proposal_is_changed_where_it_stands(settings, words, changed, said):
    order = proposal(settings)
    Order.objects.update(lapses_at=timezone.now() + timedelta(seconds=5))
    before = order.version

    order = amend(order, words, FakeBroker())

    assert {name: getattr(order, name) for name in changed} == changed
    assert (order.status, order.version) == ("proposed", before + 1)
    assert order.events.get(kind="amended").reason == said
    assert order.lapses_at > timezone.now() + timedelta(seconds=60)


def test_who_looked_at_the_proposal_before_cannot_approve_it_unseen(settings):
    order = proposal(settings)
    seen = order.version
    order = amend(order, "max 1.35", FakeBroker())

    with pytest.raises(NotAllowed, match="^It changed meanwhile: look again before you approve.$"):
        approve(order, version=seen)


def test_a_larger_quantity_is_judged_like_a_new_order(settings):
    order = proposal(settings)

    assert refused(order, "qty 500", FakeBroker()) == (
        "500 asked, at most 10 allowed here (QUANTITY_EXCEEDS_MAXIMUM)"
    )
    assert fresh(order).quantity == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param("min 1.20", "#{} pays: its bound is max, not min.", id="the wrong bound"),
        pytest.param("max 1.31", "Nothing of #{} would change.", id="nothing"),
    ],
)
def test_what_does_not_fit_the_order_is_said(settings, words, sentence):
    order = proposal(settings)

    assert refused(order, words, FakeBroker()) == sentence.format(order.pk)


def test_only_its_trader_amends_it(settings):
    order = proposal(settings)

    assert refused(order, "max 1.28", FakeBroker(), by=make_trader("theo")) == (
        "Only its trader can amend this order."
    )


# --- an approved order -----------------------------------------------------------------------------


@pytest.mark.parametrize("turns", [1, 30], ids=["walking", "resting"])
def test_what_works_is_taken_back_first_and_then_asked_again(settings, turns):
    order, broker = approved(settings), FakeBroker()
    order = run(order, broker, turns)
    prices = len(broker.prices)
    order = amend(order, "max 1.35 qty 3", broker)
    assert (order.quantity, order.status) == (2, "walking" if turns == 1 else "resting")

    order = asked_again(order, broker)

    assert broker.calls[-1] == "DELETE"
    assert (order.status, order.quantity, order.bound_price, len(broker.prices)) == (
        "proposed", 3, D("1.35"), prices,
    )  # fmt: skip
    assert order.note == "amended by tim: quantity 3 instead of 2, bound 1.35 instead of 1.31"
    assert [a.is_void for a in order.approvals.all()] == [True]
    assert (order.amendment, order.placements.live().exists()) == ({}, False)


def test_nothing_changes_while_a_cancel_is_on_its_way(settings):
    order, broker = approved(settings), FakeBroker(cancels_at_once=False)
    order = step(order, broker)
    order = amend(order, "max 1.35", broker)

    for _ in range(3):
        due(order)
        order = step(order, broker)

    assert (order.status, order.bound_price) == ("walking", D("1.31"))
    assert order.placements.get().status == "cancelling"
    broker.end(broker.last_id, "Cancelled")
    due(order)
    order = run(order, broker)
    assert (order.status, order.bound_price) == ("proposed", D("1.35"))


def test_an_amended_order_walks_anew_from_its_first_price(settings):
    order, broker = approved(settings), FakeBroker()
    order = run(order, broker)
    order = asked_again(amend(order, "max 1.35", broker), broker)
    before = len(broker.prices)

    order = run(approve(order), broker)

    assert broker.prices[before:] == [D("1.25"), D("1.27"), D("1.29"), D("1.30")]
    assert (order.status, order.parked_reason) == ("resting", "")


def test_approved_and_not_sent_yet_it_is_asked_again_without_a_call(settings):
    order, broker = approved(settings), FakeBroker()
    order = amend(order, "qty 1", broker)

    order = step(order, broker)

    assert (order.status, order.quantity, broker.calls) == ("proposed", 1, [])


def test_what_has_filled_stays_and_only_the_rest_is_asked_again(settings):
    order, broker = approved(settings, quantity=5), FakeBroker()
    order = step(order, broker)
    broker.fill(broker.last_id, 2)
    order = asked_again(amend(order, "qty 4", broker), broker)
    assert (order.status, order.quantity, order.filled_quantity) == ("proposed", 4, 2)

    with pytest.raises(NotAllowed, match="^An approver can only reduce the quantity: 3 to 4, not 2.$"):
        approve(order, quantity=2)
    order = run(approve(order), broker)

    assert [d.legs[0].quantity for d in broker.drafts] == [5, 2, 2, 2, 2]
    broker.fill(broker.last_id, 2)
    assert run(order, broker).status == "filled"


def test_a_fill_that_wins_the_race_closes_the_order(settings):
    order, broker = approved(settings), FakeBroker(cancels_at_once=False)
    order = step(order, broker)
    order = amend(order, "max 1.35", broker)
    due(order)
    order = step(order, broker)
    broker.fill(broker.last_id, 2)

    order = run(order, broker)

    assert (order.status, order.bound_price) == ("filled", D("1.31"))


def test_an_order_that_fills_down_to_its_new_size_is_done(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    order = amend(order, "qty 1", broker)
    broker.fill(broker.last_id, 1)

    order = run(order, broker)

    assert (order.status, order.quantity, order.filled_quantity) == ("filled", 1, 1)


def test_after_the_fill_it_is_too_late(settings):
    order, broker = approved(settings), FakeBroker(fills_at=D("1.25"))
    order = run(order, broker)

    assert refused(order, "max 1.35", broker) == f"{order} is already filled."


def test_less_than_has_filled_is_refused(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.fill(broker.last_id, 1)
    due(order)
    order = step(order, broker)

    assert refused(order, "qty 1", broker) == f"1 of {order} have filled already: cancel it to stop there."


def test_what_is_being_cancelled_is_not_amended(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="")

    assert refused(order, "max 1.35", broker) == f"{order} is being cancelled."


def test_an_unknown_outcome_is_read_back_before_anything_is_asked_again(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)
    order = amend(order, "max 1.35", broker)

    order = run(order, broker)

    assert (broker.calls, order.status) == (["POST", "DELETE"], "proposed")


def test_a_fill_reported_after_it_was_asked_again_completes_it(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    first = broker.last_id
    order = asked_again(amend(order, "max 1.35", broker), broker)
    from orders import recording

    broker.fill(first, 2)
    recording.apply_reading(order.placements.first(), broker.orders[first], by="stream")

    assert (fresh(order).status, fresh(order).filled_quantity) == ("filled", 2)


# --- exits -----------------------------------------------------------------------------------------


def test_a_resting_exit_gets_new_prices_by_a_new_approval(settings):
    order, broker = pair(settings), FakeBroker()
    broker.held = [held(order.legs.get().symbol, 2)]
    order = run(order, broker)
    order = asked_again(amend(order, "sl 1.00", broker), broker)
    assert (order.status, order.stop_price, order.target_price) == ("proposed", D("1.00"), D("2.50"))

    order = run(approve(order), broker)

    assert broker.calls == ["POST complex", "DELETE complex", "POST complex"]
    assert (order.status, broker.drafts[-1].stop_trigger) == ("resting", D("1.00"))


@pytest.mark.parametrize("decision", ["lapsed", "denied"])
def test_an_amended_exit_that_nobody_approves_needs_a_person(settings, decision):
    order, broker = pair(settings), FakeBroker()
    broker.held = [held(order.legs.get().symbol, 2)]
    order = asked_again(amend(run(order, broker), "sl 1.00", broker), broker)

    if decision == "denied":
        approval.deny(order.pk, by=make_approver().user, via="admin", reason="too wide")
    else:
        Order.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))
        approval.lapse_due()

    order = fresh(order)
    assert (order.status, order.needs_review, broker.live_ids) == (decision, True, [])


def test_an_exit_that_was_never_approved_lapses_like_any_order(settings):
    order = proposal(settings, price_rule="exit", bound_price=None, stop_price=D("0.80"))
    Order.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))

    approval.lapse_due()

    assert (fresh(order).status, fresh(order).needs_review) == ("lapsed", False)


def test_an_exit_has_no_other_price(settings):
    order, broker = pair(settings), FakeBroker()

    assert refused(order, "max 1.40", broker) == (
        f"{order} is an exit: amend its sl or tp, it has no other price."
    )


def test_an_exit_asleep_is_amended_through_its_entry(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    order = exit_of(entry)
    assert refused(order, "sl 1.00", broker) == (
        f"{order} waits at the broker for {entry} to fill: amend {entry} instead."
    )

    entry = asked_again(amend(entry, "sl 1.00 qty 1", broker), broker)
    entry = run(approve(entry), broker)

    order = run(exit_of(entry), broker)
    assert (entry.status, order.status, order.quantity, order.stop_price) == (
        "resting", "resting", 1, D("1.00"),
    )  # fmt: skip
    assert broker.calls == ["POST complex", "DELETE complex", "POST complex"]


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        pytest.param(1, "", id="after a part has filled"),
        pytest.param(0, " retries 2", id="to walk from now on"),
    ],
)
def test_the_exit_of_an_amended_entry_leaves_at_its_new_prices(settings, filled, words):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    if filled:
        broker.fill(ids(broker)[2], filled)
    entry = asked_again(amend(entry, f"sl 1.00 tp 3.00 gtc{words}", broker), broker)
    entry = run(approve(entry), broker, turns=3)
    broker.fill(broker.last_id, 2 - filled)

    entry = end(entry, broker)
    order = run(exit_of(entry), broker)

    assert (entry.status, order.status, order.quantity) == ("filled", "resting", 2)
    assert [(d.price, d.stop_trigger, d.legs[0].quantity, d.time_in_force) for d in broker.drafts[-2:]] == [
        (D("3.00"), None, 2, "GTC"), (None, D("1.00"), 2, "GTC"),
    ]  # fmt: skip


def test_an_amendment_nobody_approves_leaves_the_fill_its_approved_exit(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker()
    entry = step(entry, broker)
    broker.fill(broker.last_id, 1)
    entry = asked_again(amend(entry, "sl 1.00", broker), broker)
    approval.deny(entry.pk, by=make_approver().user, via="admin", reason="too wide")

    entry = end(fresh(entry), broker)

    order = exit_of(entry)
    assert (entry.status, order.quantity, order.stop_price) == ("denied", 1, D("0.80"))
