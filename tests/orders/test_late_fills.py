"""Fills come when they come: before the cancel's answer, after it, leg by leg. The order never overfills."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from orders import recording
from orders.brokers.base import BrokerUnavailable
from orders.market import Quote
from orders.models import Order
from orders.reconciliation import reconciling
from tests.brokers import FakeBroker
from tests.factories import make_leg
from tests.orders.worlds import approved, due, fresh, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


def fill_late(order: Order, broker: FakeBroker, broker_order_id: str, quantity: int) -> None:
    """Tell of fills on an order whose end was told before."""
    broker.fill(broker_order_id, quantity)
    reconciling.reconcile(order.account, broker)


def cancelling(settings, **over) -> tuple[Order, FakeBroker]:
    """Return an order whose cancel was asked for and not yet told of."""
    order, broker = approved(settings), FakeBroker(cancels_at_once=False, **over)
    order = step(order, broker)
    due(order)
    order = step(order, broker)
    assert statuses(order) == ["cancelling"]
    return order, broker


def test_a_late_fill_of_an_ended_placement_takes_back_the_live_one(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    first = broker.last_id
    order = pass_turns(order, broker, 2)
    assert statuses(order) == ["cancelled", "working"]

    fill_late(order, broker, first, 2)
    order = run(order, broker)

    assert (order.status, order.filled_quantity, broker.live_ids) == ("filled", 2, [])


def test_a_late_fill_takes_back_a_resting_remainder(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    first = broker.last_id
    order = run(order, broker)
    assert order.status == "resting"

    fill_late(order, broker, first, 2)
    order = pass_turns(order, broker, 3)

    assert (order.status, order.filled_quantity, broker.live_ids) == ("filled", 2, [])


def test_a_late_partial_fill_makes_the_live_one_smaller(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    first = broker.last_id
    order = pass_turns(order, broker, 2)
    second = broker.last_id

    fill_late(order, broker, first, 1)
    order = pass_turns(order, broker, 2)

    assert (broker.orders[second].status, broker.quantities) == ("Cancelled", [2, 2, 1])


def test_fills_are_read_again_once_the_cancel_is_told_of(settings):
    order, broker = cancelling(settings, late_fills=1)
    broker.fill(broker.last_id, 1)
    broker.end(broker.last_id, "Cancelled")

    order = pass_turns(order, broker, 2)

    assert (broker.quantities, order.filled_quantity) == ([2, 1], 1)


def test_nothing_is_sent_while_the_broker_has_executed_more_than_it_shows(settings):
    order, broker = cancelling(settings, late_fills=4)
    broker.fill(broker.last_id, 1)
    broker.end(broker.last_id, "Cancelled")

    order = pass_turns(order, broker, 2)

    assert (order.status, broker.quantities) == ("holding", [2])
    assert order.note == "the broker has executed more than the fills it has shown"


def test_the_walk_goes_on_with_what_is_left_once_the_fills_are_shown(settings):
    order, broker = cancelling(settings, late_fills=4)
    broker.fill(broker.last_id, 1)
    broker.end(broker.last_id, "Cancelled")

    order = pass_turns(order, broker, 5)

    assert (broker.quantities[:2], order.filled_quantity) == ([2, 1], 1)


def test_filled_without_fills_waits_first(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.end(broker.last_id, "Filled")
    Order.objects.update(next_action_at=timezone.now())

    order = step(order, broker)

    assert (order.status, order.needs_review, order.filled_quantity) == ("walking", False, 0)


def test_filled_without_fills_asks_for_a_person_after_a_while(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.end(broker.last_id, "Filled")

    order = pass_turns(order, broker, 1)

    assert (order.status, order.needs_review) == ("holding", True)
    assert (order.note, broker.calls) == ("the broker says filled, and shows no fills", ["POST"])


def test_an_outage_leaves_an_order_alone_that_filled_meanwhile(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)

    def fill_and_fail():
        broker.fill(broker.last_id, 2)
        recording.apply_reading(order.placements.get(), broker.orders[broker.last_id], by="stream")
        raise BrokerUnavailable("502")

    broker.during["quotes"] = fill_and_fail
    due(order)

    order = step(order, broker)

    assert (order.status, order.filled_quantity) == ("filled", 2)


class TwoLegs(FakeBroker):
    """Quotes the long leg a dollar above the short one."""

    def quotes(self, instruments):
        at = timezone.now()
        bids = {i.symbol: D("2.20") if i.strike == 600 else D("1.00") for i in instruments}
        return {symbol: Quote(bid, bid + D("0.05"), at, at) for symbol, bid in bids.items()}


def spread(settings) -> Order:
    """Return an approved vertical at 1.15 / 1.25."""
    order = approved(settings, proposal_bid_price=D("1.15"), proposal_ask_price=D("1.25"))
    make_leg(order, symbol="SPY   261218C00610000", action="Sell to Open", strike=D(610))
    return fresh(order)


def test_unevenly_filled_legs_are_not_sent_whole_but_parked(settings):
    order, broker = spread(settings), TwoLegs(cancels_at_once=False)
    order = step(order, broker)
    due(order)
    order = step(order, broker)
    broker.fill(broker.last_id, 1)  # of its first leg only
    broker.end(broker.last_id, "Cancelled")

    order = run(order, broker)

    assert order.parked_reason == "its legs have filled unevenly: a person has to even them out"
    assert broker.quantities == [2]


def test_a_spread_whose_legs_have_not_filled_walks_on(settings):
    order, broker = spread(settings), TwoLegs()

    order = pass_turns(order, broker, 3)

    assert broker.prices[:2] == [D("1.20"), D("1.22")]
    assert order.step_due_at > timezone.now() - timedelta(hours=2)
