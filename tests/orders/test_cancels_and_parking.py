"""A wish to cancel wins, also over a parked order; parked, an order is read and closed, nothing is sent."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
import time_machine
from django.utils import timezone

from orders import requests
from orders.halts import halting
from orders.machine import views
from orders.models import Order, Placement
from orders.moves import OrderView
from orders.reconciliation import reconciling
from orders.values import Rows
from tests.brokers import FakeBroker
from tests.orders.worlds import (
    approved,
    due,
    fresh,
    in_production,
    open_session,
    parked,
    pass_turns,
    run,
    statuses,
    step,
)

pytestmark = pytest.mark.django_db
CONFIRM = "the broker never had the last placement; confirm to place it again"


def view_of(order: Order) -> OrderView:
    work = Rows(order).work
    return views.order_view(work, work.placements)


def cancel(order: Order) -> None:
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")


def test_a_parked_order_can_be_cancelled(settings):
    order, broker = approved(settings), FakeBroker()
    order = parked(step(order, broker))
    cancel(order)

    order = pass_turns(order, broker, 3)

    assert (order.status, statuses(order), broker.live_ids) == ("cancelled", ["cancelled"], [])


def test_a_halt_with_cancel_takes_back_a_parked_order(settings):
    order, broker = approved(settings), FakeBroker()
    order = parked(step(order, broker))
    halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    order = pass_turns(order, broker, 3)

    assert (order.status, broker.live_ids) == ("cancelled", [])


def test_a_halt_with_cancel_asks_once_for_what_its_trader_has_cancelled(settings):
    order = approved(settings)
    order = step(order, FakeBroker())
    cancel(order)

    asked = halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    assert (asked, fresh(order).cancel_requested_by) == (0, "tim")


def test_a_parked_order_takes_no_step(settings):
    order, broker = approved(settings), FakeBroker()
    order = parked(step(order, broker))
    Order.objects.update(next_action_at=order.proposed_at)

    order = pass_turns(order, broker, 5)

    assert (order.status, statuses(order), broker.calls) == ("walking", ["working"], ["POST"])


@pytest.mark.parametrize(
    ("end", "status"),
    [
        pytest.param("Expired", "expired", id="expired"),
        pytest.param("Cancelled", "cancelled", id="cancelled"),
    ],
)
def test_a_parked_order_closes_when_the_broker_ends_it(settings, end, status):
    order, broker = approved(settings), FakeBroker()
    order = parked(step(order, broker))
    broker.end(broker.last_id, end)

    reconciling.reconcile(order.account, broker)
    order = pass_turns(order, broker, 2)

    assert (order.status, broker.calls) == (status, ["POST"])


def test_a_parked_order_closes_when_it_fills(settings):
    order, broker = approved(settings), FakeBroker()
    order = parked(step(order, broker))
    broker.fill(broker.last_id, 2)

    reconciling.reconcile(order.account, broker)
    order = pass_turns(order, broker, 2)

    assert (order.status, order.filled_quantity) == ("filled", 2)


def test_a_cancel_that_comes_while_a_replacement_is_decided_is_done_at_once(settings):
    order, broker = approved(settings, method="replace", quantity=1), FakeBroker()
    order = step(order, broker)
    broker.during["quotes"] = lambda: cancel(order)
    due(order)

    order = step(order, broker)
    order = step(order, broker)

    assert (broker.calls, broker.live_ids) == (["POST", "DELETE"], [])


def test_a_cancel_that_comes_while_a_hold_is_decided_is_done_at_once(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.is_halted, broker.during["quotes"] = True, lambda: cancel(order)
    due(order)

    order = step(order, broker)
    order = step(order, broker)

    assert (broker.calls, broker.live_ids) == (["POST", "DELETE"], [])


def test_a_cancel_that_does_not_end_asks_for_a_person_after_the_policys_patience(settings):
    order, broker, asked = approved(settings), FakeBroker(cancels_at_once=False), []
    order = step(order, broker)
    cancel(order)
    for _ in range(12):
        Placement.objects.exclude(cancel_requested_at=None).update(cancel_requested_at=order.proposed_at)
        due(order)
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            order = step(order, broker)
        asked.append(order.needs_review)

    # Asked for the nth time it was asked for at least 2, 6, 14, 30, 60, 90, 120, 150 seconds before.
    assert (broker.calls.count("DELETE"), order.patience_seconds) == (12, 120)
    assert asked == [False] * 8 + [True] * 4
    assert [e.reason for e in order.events.filter(kind="needs review")] == [
        "the broker has been asked 8 times to cancel it and has not ended it"
    ]


def test_why_the_desk_cancelled_is_kept_whatever_the_broker_says_of_it(settings):
    order, broker = approved(settings, end="cancel"), FakeBroker(cancels_at_once=False)
    order = step(order, broker)
    open_session(hours_left=4 / 60)
    due(order)
    order = step(order, broker)
    broker.end(broker.last_id, "Cancelled", "cancelled by user")

    order = run(order, broker)

    assert (order.status, order.note) == ("cancelled", "the walk is over and nothing is to rest")
    assert broker.prices == [D("1.25")]


@pytest.mark.parametrize(
    ("clicks", "reason"),
    [
        pytest.param("before the proof", CONFIRM, id="a click before the proof confirms nothing"),
        pytest.param("after the proof", "", id="a click after the proof confirms"),
    ],
)
def test_production_places_again_only_after_a_click_that_knew_the_proof(settings, clicks, reason):
    order, broker = approved(settings), FakeBroker(outcomes=["lost"])
    order = parked(step(order, broker))
    boss = order.approvals.get().by
    if clicks == "before the proof":
        requests.unpark(order.pk, by=boss)
    Placement.objects.update(status="not_placed")
    if clicks == "after the proof":
        requests.unpark(order.pk, by=boss)
    in_production(order)
    due(order)

    order = step(order, broker)

    assert (order.parked_reason, broker.calls) == (reason, ["POST"])
    assert view_of(order).may_resend_after_absence is not bool(reason)
