"""A break is in the way of its underlying, has an owner and a cause, and goes when it is explained."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.approval import NotAllowed
from orders.models import Break, External, Order
from orders.reconciliation import breaks
from orders.reconciliation.differences import BreakKind
from tests.brokers import FakeBroker
from tests.factories import make_account, make_channel, make_order, make_placement, make_user
from tests.orders.worlds import approved, fresh, run, step

pytestmark = pytest.mark.django_db
SPREAD = {"symbol": "SPY   261218C00600000", "action": "Sell to Close"}


@pytest.fixture
def ann():
    return make_user("ann", "orders.resolve_break", "orders.view_break")


def opened(account=None, kind=BreakKind.POSITION, key="7", sentence="it differs", **more) -> Break:
    breaks.open_break(account or make_account(), kind, key, sentence, **more)
    return Break.objects.latest("pk")


def closing() -> Order:
    return make_order(leg={"action": "Sell to Close"}, side=-1)


# --- one row while it is open ---------------------------------------------------------------------


def test_the_same_difference_is_one_row_while_it_is_open():
    first = opened(sentence="2 instead of 1", found=2)
    Break.objects.update(last_seen_at=first.first_seen_at - timedelta(hours=1))

    opened(sentence="3 instead of 1", found=3)

    again = Break.objects.get()
    assert (again.sentence, again.detail, again.first_seen_at) == (
        "3 instead of 1",
        {"found": 3},
        first.first_seen_at,
    )
    assert again.last_seen_at >= first.first_seen_at


def test_what_a_person_has_explained_is_not_opened_again(ann):
    breaks.resolve(opened(kind=BreakKind.ORPHAN).pk, by=ann, cause="sent by hand with our name")

    opened(kind=BreakKind.ORPHAN)
    assert Break.objects.open().count() == 0

    opened(kind=BreakKind.ORPHAN, sentence="it differs otherwise")
    assert Break.objects.open().count() == 1


def test_what_went_by_itself_is_opened_again():
    first = opened()
    breaks.close_stale(first.account, BreakKind.POSITION, set())
    first.refresh_from_db()
    assert (first.resolved_at is not None, first.cause, first.resolved_by) == (True, breaks.NO_LONGER, "")

    assert opened().pk != first.pk
    assert Break.objects.open().count() == 1


def test_only_what_is_no_longer_found_goes():
    kept, other = opened(key="kept"), opened(key="other account", account=make_account(number="5WX00002"))
    gone = opened(key="gone")

    breaks.close_stale(kept.account, BreakKind.POSITION, {"kept"})

    assert set(Break.objects.open()) == {kept, other}
    assert Break.objects.get(pk=gone.pk).resolved_at is not None


# --- owner and cause --------------------------------------------------------------------------------


def test_a_person_takes_a_break_and_resolves_it_with_its_cause(ann):
    found = breaks.take(opened().pk, by=ann)
    assert (found.owner, found.resolved_at) == (ann, None)

    found = breaks.resolve(found.pk, by=make_user("bob", "orders.resolve_break"), cause=" assigned ")

    assert (found.owner, found.cause, found.resolved_by, found.resolved_at is not None) == (
        ann,
        "assigned",
        "bob",
        True,
    )


def test_a_break_is_resolved_with_a_cause_by_who_may_and_once(ann):
    found = opened()
    bob = make_user("bob")

    for call, sentence in [
        (lambda: breaks.take(found.pk, by=bob), "You need the right to resolve breaks."),
        (lambda: breaks.resolve(found.pk, by=bob, cause="x"), "You need the right to resolve breaks."),
        (
            lambda: breaks.resolve(found.pk, by=ann, cause="  "),
            "Say what explains it: a break is resolved with a cause.",
        ),
    ]:
        with pytest.raises(NotAllowed, match=f"^{sentence}$"):
            call()
    breaks.resolve(found.pk, by=ann, cause="assigned")
    with pytest.raises(NotAllowed, match="is resolved already: assigned"):
        breaks.resolve(found.pk, by=ann, cause="again")


def test_a_position_that_a_person_explains_counts_as_somebody_elses(ann):
    found = opened(key="SPY", symbol="SPY", sentence="SPY: 5 instead of 2", quantity=3)

    breaks.resolve(found.pk, by=ann, cause="bought in the app")

    external = External.objects.get()
    assert (external.symbol, external.quantity, external.value, external.sentence) == (
        "SPY",
        3,
        0,
        "SPY: 5 instead of 2: bought in the app (ann)",
    )


def test_other_breaks_leave_nothing_behind(ann):
    breaks.resolve(opened(kind=BreakKind.ZOMBIE).pk, by=ann, cause="cancelled")

    assert External.objects.count() == 0


# --- in the way -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named, is_closing, passes",
    [
        pytest.param({"underlying": "SPY"}, False, False, id="its underlying"),
        pytest.param({"symbol": "SPY   261218C00600000"}, False, False, id="its symbol"),
        pytest.param({"symbol": "SPY"}, False, False, id="shares of its underlying"),
        pytest.param({"underlying": "QQQ", "symbol": "QQQ"}, False, True, id="another underlying"),
        pytest.param({}, False, True, id="no underlying, as cash"),
        pytest.param({"underlying": "SPY"}, True, True, id="closing beside a difference"),
    ],
)
def test_a_break_blocks_its_symbol_and_underlying(named, is_closing, passes):
    order = closing() if is_closing else make_order()
    opened(order.account, **named)

    assert breaks.refusal(order).is_ok is passes


@pytest.mark.parametrize("kind", BreakKind)
def test_a_closing_order_waits_only_where_something_uncounted_may_be_live(kind):
    order = closing()
    opened(order.account, kind, underlying="SPY")

    in_doubt = {
        "unreadable order", "order without a placement", "zombie", "order vanished", "left by a halt",
    }  # fmt: skip
    assert breaks.refusal(order).is_ok is (kind.value not in in_doubt)


def test_a_break_of_another_account_or_one_that_is_over_blocks_nothing(ann):
    order = make_order()
    opened(make_account(number="5WX00002"), underlying="SPY")
    breaks.resolve(opened(order.account, BreakKind.FILL, underlying="SPY").pk, by=ann, cause="busted")

    assert breaks.refusal(order).is_ok is True


def test_the_refusal_names_the_break():
    order = make_order()
    found = opened(order.account, sentence="SPY: 5 instead of 2", underlying="SPY")

    verdict = breaks.refusal(order)

    assert (verdict.code, verdict.is_ok, verdict.sentence, verdict.numbers) == (
        "BREAK_OPEN",
        False,
        "a difference from the broker is open: SPY: 5 instead of 2",
        {"break": str(found.pk)},
    )


@pytest.mark.parametrize(
    "underlying, is_closing, passes",
    [("QQQ", False, False), ("SPY", False, False), ("QQQ", True, True), ("SPY", True, False)],
)
def test_an_unknown_outcome_blocks_its_account_and_closing_orders_of_its_underlying(
    underlying, is_closing, passes
):
    unknown = make_placement(make_order(underlying=underlying), status="unknown")
    order = closing() if is_closing else make_order()

    verdict = breaks.refusal(order)

    assert verdict.is_ok is passes
    if not passes:
        sentence = f"the outcome of {unknown} of order {unknown.order} is unknown"
        assert (verdict.code, verdict.sentence) == ("UNKNOWN_OUTSTANDING", sentence)


def test_an_unknown_outcome_of_another_account_or_of_its_own_blocks_nothing():
    order = make_order()
    make_placement(order, status="unknown")
    channel = make_channel(name="other", discord_channel_id=2002, account=make_account(number="5WX00002"))
    make_placement(make_order(channel=channel), status="unknown")

    assert breaks.refusal(order).is_ok is True


def test_nothing_is_sent_while_a_break_is_open_and_the_walk_goes_on_after(settings, ann):
    order, broker = approved(settings), FakeBroker(fills_at=None)
    found = opened(order.account, BreakKind.FILL, sentence="a fill was busted", underlying="SPY")

    order = step(order, broker)
    assert (broker.calls, order.status, order.note) == (
        [],
        "holding",
        "a difference from the broker is open: a fill was busted",
    )

    breaks.resolve(found.pk, by=ann, cause="the exchange's error")
    run(order, broker, turns=1)
    assert (broker.calls, fresh(order).status) == (["POST"], "walking")


def test_a_cancel_passes_a_break(settings):
    from orders import requests

    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    opened(order.account, BreakKind.ZOMBIE, underlying="SPY")

    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")
    order = run(order, broker)

    assert (order.status, broker.calls) == ("cancelled", ["POST", "DELETE"])


# --- the page ---------------------------------------------------------------------------------------


def press(client, action, found, reason=""):
    values = {"action": action, "_selected_action": [found.pk], "reason": reason}
    answer = client.post(reverse("admin:orders_break_changelist"), values, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_a_break_is_taken_and_resolved_in_the_admin(client, ann):
    client.force_login(ann)
    found = opened(kind=BreakKind.ZOMBIE)

    said = press(client, "take_selected", found)
    said += press(client, "resolve_selected", found)
    said += press(client, "resolve_selected", found, "it was cancelled")

    assert said == [
        "zombie 7 is yours.",
        "Say what explains it: a break is resolved with a cause.",
        "zombie 7 is resolved.",
    ]
    found.refresh_from_db()
    assert (found.owner, found.cause, found.resolved_by) == (ann, "it was cancelled", "ann")


def test_who_may_only_look_at_breaks_resolves_none(client):
    client.force_login(make_user("bob", "orders.view_break"))
    found = opened()

    press(client, "resolve_selected", found, "nothing")

    assert Break.objects.get().resolved_at is None


def test_open_breaks_come_first_the_oldest_on_top(client, ann):
    client.force_login(ann)
    old, new, done = opened(key="old"), opened(key="new"), opened(key="done")
    Break.objects.filter(pk=old.pk).update(first_seen_at=timezone.now() - timedelta(days=2))
    breaks.resolve(done.pk, by=ann, cause="over")

    page = client.get(reverse("admin:orders_break_changelist"))

    assert list(page.context["cl"].result_list) == [old, new, done]
