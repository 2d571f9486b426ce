"""Stop and target: exits that rest, and exits that follow their entry. Stories with a fake broker."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from orders import approval, housekeeping, recording, requests
from orders.approval import NotAllowed
from orders.brokers.base import SentComplex, Unknown
from orders.enums import OrderType, PriceRule, Side
from orders.models import Break, Component, Order, Placement
from orders.reconciliation import reconciling
from tests.brokers import FakeBroker
from tests.factories import make_approver
from tests.orders.worlds import aged, approved, crash, due, fresh, open_session, pass_turns, run, step

pytestmark = pytest.mark.django_db

BRACKET = {"target_price": D("2.50"), "stop_price": D("0.80")}


def pair(settings, **over) -> Order:
    """Return an approved exit: sell 2 at 2.50, or at the market once 0.80 is touched."""
    leg = {"action": "Sell to Close"}
    values = BRACKET | {
        "side": Side.RECEIVES,
        "order_type": OrderType.OCO,
        "price_rule": PriceRule.EXIT,
        "bound_price": None,
        "retries": 0,
        "leg": leg,
    }
    return approved(settings, **values | over)


def ids(broker: FakeBroker) -> list[str]:
    """Return the ids of the last bundle: target, stop, and the trigger if there is one."""
    return list(broker.bundles.values())[-1]


def statuses(order: Order) -> list[str]:
    return [p.status for p in order.placements.all()]


def end(order: Order, broker: FakeBroker) -> Order:
    """Let turns pass until the order is closed and has nothing left to do."""
    for _ in range(12):
        due(order)
        order = step(order, broker)
        if order.is_closed and order.next_action_at is None:
            return order
    raise AssertionError(f"{order.status}: {order.note}")


def exit_of(order: Order) -> Order:
    return order.exits.get()


# --- a pair --------------------------------------------------------------------------------------


def test_stop_and_target_leave_as_one_pair_and_rest(settings):
    order, broker = pair(settings), FakeBroker()

    order = run(order, broker)

    assert (order.status, broker.calls) == ("resting", ["POST complex"])
    assert [(d.order_type, d.price, d.stop_trigger, d.side) for d in broker.drafts] == [
        ("Limit", D("2.50"), None, Side.RECEIVES),
        ("Stop", None, D("0.80"), Side.RECEIVES),
    ]
    placement = order.placements.get()
    assert (placement.limit_price, placement.stop_price, placement.complex_order_id) == (
        D("2.50"), D("0.80"), next(iter(broker.bundles)),
    )  # fmt: skip
    assert [(c.role, c.broker_order_id) for c in placement.components.all()] == [
        ("target", ids(broker)[0]),
        ("stop", ids(broker)[1]),
    ]
    assert [d.external_identifier for d in broker.drafts] == [f"{placement}-t", f"{placement}-s"]


@pytest.mark.parametrize(("half", "price"), [(0, D("2.50")), (1, D("0.79"))], ids=["target", "stop"])
def test_the_half_that_fills_closes_the_order_and_ends_the_other(settings, half, price):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.fill(ids(broker)[half], 2, price)

    order = run(order, broker)

    assert (order.status, order.filled_quantity, order.average_fill_price) == ("filled", 2, price)
    assert statuses(order) == ["filled"]
    assert broker.orders[ids(broker)[1 - half]].status == "Cancelled"


def test_a_pair_is_cancelled_as_a_whole(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="")

    order = end(order, broker)

    assert (broker.calls, order.status, statuses(order)) == (
        ["POST complex", "DELETE complex"], "cancelled", ["cancelled"],
    )  # fmt: skip
    assert order.needs_review is False


@pytest.mark.parametrize(
    ("prices", "kind", "draft"),
    [
        pytest.param({"stop_price": None}, "Limit", ("Limit", D("2.50"), None), id="target alone"),
        pytest.param({"target_price": None}, "Stop", ("Stop", None, D("0.80")), id="stop alone"),
    ],
)
def test_one_price_alone_is_one_order_that_rests(settings, prices, kind, draft):
    order, broker = pair(settings, order_type=kind, **prices), FakeBroker()

    order = run(order, broker)

    assert (order.status, broker.calls) == ("resting", ["POST"])
    assert [(d.order_type, d.price, d.stop_trigger) for d in broker.drafts] == [draft]


def test_an_exit_needs_no_quote_to_be_placed(settings):
    order, broker = pair(settings), FakeBroker(is_halted=True)

    assert run(order, broker).status == "resting"


@pytest.mark.parametrize("moment", ["dies before", "dies after"])
def test_a_worker_that_dies_in_the_call_makes_no_second_pair(settings, moment):
    order, broker = pair(settings), FakeBroker(outcomes=[moment])
    crash(order, broker)

    order = step(order, broker)

    assert broker.calls == ["POST complex"]
    assert statuses(order) == (["working"] if moment == "dies after" else ["unknown"])


def test_an_unknown_pair_is_adopted_by_the_identifiers_of_its_halves(settings):
    order, broker = pair(settings), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)
    assert statuses(order) == ["unknown"]

    order = run(order, broker)

    assert (broker.calls, order.status, statuses(order)) == (["POST complex"], "resting", ["working"])
    assert order.placements.get().complex_order_id == next(iter(broker.bundles))
    assert sorted(Component.objects.values_list("broker_order_id", flat=True)) == ids(broker)


def test_the_reconcile_adopts_both_halves_of_an_unknown_pair(settings):
    order, broker = pair(settings), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)

    assert reconciling.reconcile(order.account, broker) is True

    assert statuses(order) == ["working"]
    assert sorted(Component.objects.values_list("broker_order_id", flat=True)) == ids(broker)


def test_a_half_that_is_no_longer_listed_is_read_by_its_id(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.fill(ids(broker)[0], 2)
    broker.hidden = {d.external_identifier for d in broker.drafts}

    reconciling.reconcile(order.account, broker)

    assert fresh(order).status == "filled"


def test_a_refused_pair_asks_for_a_person_because_the_position_stands_without_an_exit(settings):
    order, broker = pair(settings), FakeBroker(outcomes=["refused"])

    order = run(order, broker)

    assert (order.status, order.needs_review) == ("rejected", True)
    assert order.note == "Not enough buying power. (margin_check_failed)"


def test_a_pair_that_loses_one_half_asks_for_a_person(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.end(ids(broker)[1], "Rejected", "Session offline")
    due(order)

    order = step(order, broker)

    assert (order.status, order.needs_review, statuses(order)) == ("resting", True, ["working"])


def test_a_pair_that_the_broker_forgot_is_taken_for_removed_and_does_not_stop_the_account(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    (bundle,) = broker.bundles
    broker.orders.clear()
    broker.bundles.clear()
    aged()

    order = pass_turns(order, broker, 2)

    sentence = f"the broker no longer knows order bundle {bundle}"
    assert (order.status, statuses(order)) == ("cancelled", ["removed"])
    assert (order.note, order.needs_review) == (sentence, True)
    assert list(Break.objects.values_list("kind", "key")) == [("order vanished", f"bundle {bundle}")]
    assert order.account.reconciled_at is not None


def test_a_pair_whose_bundle_alone_is_forgotten_is_read_half_by_half(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    target, _ = ids(broker)
    broker.bundles.clear()
    aged()

    order = pass_turns(order, broker, 1)
    assert (order.status, statuses(order)) == ("resting", ["working"])

    broker.fill(target, 2)
    order = pass_turns(order, broker, 1)
    assert (order.status, order.filled_quantity, Break.objects.exists()) == ("filled", 2, False)


@pytest.mark.parametrize("half", [0, 1], ids=["target", "stop"])
def test_a_half_that_somebody_cancels_is_missed_at_the_second_look(settings, half):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.end(ids(broker)[half], "Cancelled")

    first, second, third = (pass_turns(order, broker, 1) for _ in range(3))

    assert [o.needs_review for o in (first, second, third)] == [False, True, True]
    assert (third.status, third.note, broker.calls) == (
        "resting", "half of the exit has ended at the broker without a fill", ["POST complex"],
    )  # fmt: skip
    assert order.events.filter(kind="half missing").count() == 1


def test_a_half_that_ends_because_the_other_fills_is_not_missed(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.end(ids(broker)[1], "Cancelled")
    order = pass_turns(order, broker, 1)
    broker.fill(ids(broker)[0], 2)

    order = pass_turns(order, broker, 1)

    assert (order.status, order.needs_review) == ("filled", False)


def test_halves_that_end_one_after_the_other_by_our_cancel_are_not_missed(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    really = broker.cancel_complex
    broker.cancel_complex = lambda number: broker.end(ids(broker)[0], "Cancelled") or Unknown("timeout")
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="")
    order = pass_turns(order, broker, 3)
    broker.cancel_complex = really
    Placement.objects.update(cancel_requested_at=timezone.now() - timedelta(minutes=1))

    order = end(order, broker)

    assert (order.status, order.needs_review) == ("cancelled", False)


def test_an_exit_denied_because_the_market_is_closed_asks_for_a_person(settings):
    entry, broker = approved(settings, **BRACKET, before_open="refuse"), FakeBroker(fills_at=D("1.27"))
    entry = run(entry, broker)
    open_session(opened=False)

    order = run(exit_of(step(entry, broker)), broker)

    assert (order.status, order.needs_review) == ("denied", True)


@pytest.mark.parametrize(
    ("word", "status", "needs_review"),
    [
        pytest.param("Cancelled", "cancelled", True, id="cancelled by hand"),
        pytest.param("Removed", "cancelled", True, id="removed"),
        pytest.param("Expired", "expired", False, id="its day is over"),
    ],
)
def test_an_exit_that_ends_otherwise_than_was_asked_needs_a_person(settings, word, status, needs_review):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    for number in ids(broker):
        broker.end(number, word)

    order = end(order, broker)

    assert (order.status, order.needs_review) == (status, needs_review)


def test_a_pair_that_both_ended_with_the_day_expires(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    for number in ids(broker):
        broker.end(number, "Expired")

    order = end(order, broker)

    assert (order.status, statuses(order)) == ("expired", ["expired"])


def test_every_fill_of_a_pair_is_counted_once_however_often_it_is_told(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    broker.fill(ids(broker)[0], 1)
    for _ in range(3):
        recording.apply_reading(order.placements.get(), broker.orders[ids(broker)[0]], by="stream")

    assert fresh(order).filled_quantity == 1


def test_an_exit_that_is_good_till_cancelled_is_placed_outside_of_the_session(settings):
    order, broker = pair(settings, time_in_force="GTC"), FakeBroker()
    open_session(opened=False)

    assert run(order, broker).status == "resting"


def test_an_exit_is_not_worked_again(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)

    with pytest.raises(NotAllowed, match=f"^{order} is an exit: it waits at its prices and does not walk.$"):
        requests.work_again(order.pk, by=order.trader.user, via="discord")


# --- an exit that follows its entry --------------------------------------------------------------


def test_the_exit_follows_the_fill_under_the_same_approval(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker(fills_at=D("1.27"))
    entry = run(entry, broker)
    assert entry.status == "filled"
    entry = step(entry, broker)

    order = run(exit_of(entry), broker)

    assert (order.status, order.quantity, order.side, order.order_type) == ("resting", 2, -1, "OCO")
    assert [(leg.action, leg.symbol) for leg in order.legs.all()] == [
        ("Sell to Close", "SPY   261218C00600000")
    ]
    assert broker.calls[-1] == "POST complex"
    said = [(a.by.get_username(), a.reason, a.quantity) for a in order.approvals.all()]
    assert said == [("ann", f"with {entry}", 2)]
    told = entry.events.get(kind="exit")
    assert told.reason == f"{order} for 2: target 2.50, stop 0.80"
    assert order.events.get(kind="approved").reason == f"approved with {entry}"


def test_the_exit_is_for_what_filled_when_the_entry_ends_in_part(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker()
    entry = run(entry, broker)
    broker.fill(broker.last_id, 1)
    due(entry)
    entry = step(entry, broker)
    assert entry.exits.count() == 0
    broker.end(broker.last_id, "Expired")

    entry = end(entry, broker)

    assert (entry.status, entry.filled_quantity, exit_of(entry).quantity) == ("expired", 1, 1)


def test_a_fill_that_is_reported_after_the_end_gets_its_exit_too(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker()
    entry = run(entry, broker)
    broker.fill(broker.last_id, 1)
    requests.cancel(entry.pk, by=entry.trader.user, via="discord", reason="")
    entry = end(entry, broker)
    assert (entry.status, [o.quantity for o in entry.exits.all()]) == ("cancelled", [1])
    broker.fill(broker.last_id, 1)
    recording.apply_reading(entry.placements.last(), broker.orders[broker.last_id], by="stream")

    entry = step(entry, broker)

    assert (entry.status, [o.quantity for o in entry.exits.all()]) == ("filled", [1, 1])


def test_nothing_follows_an_entry_that_did_not_fill(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker()
    entry = run(entry, broker)
    requests.cancel(entry.pk, by=entry.trader.user, via="discord", reason="")

    entry = end(entry, broker)

    assert (entry.status, entry.exits.count(), entry.next_action_at) == ("cancelled", 0, None)


def test_an_exit_is_recorded_once_however_often_the_entry_has_its_turn(settings):
    entry, broker = approved(settings, **BRACKET), FakeBroker(fills_at=D("1.27"))
    entry = run(entry, broker)
    for _ in range(3):
        Order.objects.filter(pk=entry.pk).update(next_action_at=entry.closed_at)
        entry = step(entry, broker)

    assert entry.exits.count() == 1


# --- one placement at a fixed price: entry and exit in one bundle ----------------------------------


def bracket(settings, **over) -> Order:
    return approved(settings, **BRACKET | {"retries": 0, "quantity": 2} | over)


def test_an_entry_that_never_walks_leaves_with_its_exit(settings):
    entry, broker = bracket(settings), FakeBroker()

    entry = run(entry, broker)

    order = run(exit_of(entry), broker)
    assert (broker.calls, entry.status, order.status) == (["POST complex"], "resting", "resting")
    assert [(d.order_type, d.side) for d in broker.drafts] == [
        ("Limit", Side.RECEIVES), ("Stop", Side.RECEIVES), ("Limit", Side.PAYS),
    ]  # fmt: skip
    assert entry.placements.get().broker_order_id == ids(broker)[2]
    assert {p.complex_order_id for p in Placement.objects.all()} == {next(iter(broker.bundles))}
    assert order.waits_for_entry is True


def test_the_filled_entry_wakes_its_exit(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    broker.fill(ids(broker)[2], 2)
    entry = end(entry, broker)
    broker.fill(ids(broker)[0], 2, D("2.50"))

    order = run(exit_of(entry), broker)

    assert (entry.status, order.status, order.filled_quantity) == ("filled", "filled", 2)
    assert broker.calls == ["POST complex"]
    assert (order.waits_for_entry, order.average_fill_price) == (False, D("2.50"))


def test_cancelling_the_entry_takes_its_exit_along(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    requests.cancel(entry.pk, by=entry.trader.user, via="discord", reason="")

    entry = end(entry, broker)

    order = exit_of(entry)
    assert (entry.status, order.status, order.note) == (
        "cancelled", "cancelled", f"its entry {entry} did not fill",
    )  # fmt: skip
    assert broker.calls == ["POST complex", "DELETE complex"]


def test_an_exit_asleep_is_cancelled_by_its_entry_alone(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    order = exit_of(entry)

    with pytest.raises(NotAllowed, match=f"^{order} waits at the broker for {entry} to fill: cancel {entry}"):
        requests.cancel(order.pk, by=order.trader.user, via="discord", reason="")


def test_a_bundle_whose_entry_filled_in_part_leaves_an_exit_for_that_part(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    broker.fill(ids(broker)[2], 1)
    broker.end(ids(broker)[2], "Expired")

    entry = end(entry, broker)
    order = run(exit_of(entry), broker)

    assert (entry.status, order.status, order.quantity) == ("expired", "resting", 1)
    assert [d.legs[0].quantity for d in broker.drafts] == [2, 2, 2, 1, 1]
    assert statuses(order) == ["cancelled", "working"]


def test_nobody_is_fought_who_cancels_the_exit_of_a_bundle_at_the_broker(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    target, stop, trigger = ids(broker)
    broker.fill(trigger, 2)
    order = run(exit_of(end(entry, broker)), broker)
    broker.end(target, "Cancelled")
    broker.end(stop, "Cancelled")

    order = end(order, broker)

    assert (order.status, order.note) == ("cancelled", "cancelled at the broker, not by the desk")
    assert broker.calls == ["POST complex"]


class FillsDuringTheCancel(FakeBroker):
    """The cancel of a bundle has ended both halves when its entry trades after all."""

    def cancel_complex(self, complex_order_id):
        self.calls.append("DELETE complex")
        target, stop, trigger = self.bundles[complex_order_id]
        self.end(target, "Cancelled")
        self.end(stop, "Cancelled")
        self.fill(trigger, 2)
        return SentComplex(self.complex_order(complex_order_id), 1)


def test_an_entry_that_fills_during_its_cancel_gets_its_exit_anew(settings):
    entry, broker = bracket(settings), FillsDuringTheCancel()
    entry = run(entry, broker)
    requests.cancel(entry.pk, by=entry.trader.user, via="discord", reason="")

    entry = end(entry, broker)
    order = run(exit_of(entry), broker)

    assert (entry.status, order.status, order.quantity) == ("filled", "resting", 2)
    assert statuses(order) == ["cancelled", "working"]


def test_an_amended_entry_that_filled_in_part_has_an_exit_for_all_of_it(settings):
    entry, broker = bracket(settings), FakeBroker()
    entry = run(entry, broker)
    broker.fill(ids(broker)[2], 1)
    wish = {"reason": "amended", "columns": {"quantity": 3, "asked_quantity": 3}}
    Order.objects.filter(pk=entry.pk).update(amendment=wish, next_action_at=entry.approved_at)
    for _ in range(5):  # the placement is cancelled, then the order is asked again
        due(entry)
        step(entry, broker)
    approval.approve(entry.pk, by=make_approver().user, via="admin")
    entry = run(fresh(entry), broker)
    broker.fill(broker.last_id, 2)
    entry = end(entry, broker)

    first, rest = [run(order, broker) for order in entry.exits.order_by("pk")]

    assert (entry.status, entry.filled_quantity) == ("filled", 3)
    assert [(order.status, order.quantity) for order in (first, rest)] == [("resting", 2), ("resting", 1)]


@pytest.mark.parametrize("moment", ["unknown", "dies after"])
def test_a_lost_answer_about_a_bundle_is_adopted_for_entry_and_exit(settings, moment):
    entry, broker = bracket(settings), FakeBroker(outcomes=[moment])
    if moment == "dies after":
        crash(entry, broker)
        Order.objects.update(leased_until=None)
    else:
        step(entry, broker)

    entry = run(entry, broker)
    order = run(exit_of(entry), broker)

    assert (entry.status, order.status, broker.calls) == ("resting", "resting", ["POST complex"])
    assert (statuses(entry), statuses(order)) == (["working"], ["working"])


def test_a_bundle_that_never_left_is_sent_again_with_the_same_exit(settings):
    entry, broker = bracket(settings), FakeBroker(outcomes=["not sent"])

    entry = run(entry, broker)

    assert (entry.status, statuses(entry)) == ("resting", ["not_sent", "working"])
    assert statuses(exit_of(entry)) == ["not_sent", "working"]


def test_a_refused_bundle_closes_entry_and_exit(settings):
    entry, broker = bracket(settings), FakeBroker(outcomes=["refused"])

    entry = end(entry, broker)

    assert (entry.status, exit_of(entry).status) == ("rejected", "cancelled")


def test_the_exit_of_a_bundle_does_nothing_by_itself_while_its_entry_works(settings):
    entry, broker = bracket(settings), FakeBroker(outcomes=["not sent"])
    step(entry, broker)

    order = step(exit_of(entry), broker)

    assert (order.status, broker.calls) == ("walking", ["POST complex"])
    assert housekeeping.close_day() == 0


def test_what_is_not_approved_has_no_exit(settings):
    from tests.factories import make_order

    order = make_order(**BRACKET)
    make_approver()

    approval.withdraw(order.pk, by="tim", reason="")

    order = fresh(order)
    assert order.next_action_at is not None
    order = step(order, FakeBroker())
    assert (order.status, order.exits.count(), order.next_action_at) == ("withdrawn", 0, None)


def test_a_half_that_ended_before_its_fills_were_shown_is_waited_for(settings):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    target = broker.orders[ids(broker)[0]]
    hidden = replace(target.legs[0], remaining_quantity=0)
    broker.orders[ids(broker)[0]] = broker._stamped(replace(target, legs=(hidden,), status="Filled"))
    broker.end(ids(broker)[1], "Cancelled")
    due(order)
    order = step(order, broker)
    assert (order.status, statuses(order), order.filled_quantity) == ("holding", ["working"], 0)
    broker.orders[ids(broker)[0]] = target
    broker.fill(ids(broker)[0], 2)

    assert end(order, broker).status == "filled"
