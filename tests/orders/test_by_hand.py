"""A person acts in the broker's own app: the desk adopts it, shows it, and never fights him.

With the real SDK and the practice exchange over real sockets.
"""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from orders.audit import auditing
from orders.models import Break, External, Fill, Order, Placement
from orders.reconciliation import reconciling
from tests.orders.test_against_the_exchange import Desk, desk
from tests.orders.worlds import fresh
from tests.practice.bench import body, leg
from tests.practice.exchange_fixture import wait_until

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
CALL = "SPY   261218C00600000"
PRICE = {"order-type": "Limit", "time-in-force": "Day", "price": "10.30", "price-effect": "Debit"}


@pytest.fixture
def working(desk: Desk) -> Order:
    """Return an order for 1 that is at work, and will not fill by itself."""
    desk.exchange.market(CALL, bid="10.00", ask="10.40")
    desk.exchange.faults({"kind": "never_fill"})
    compared(desk)
    order = desk.step(desk.approve(desk.propose("bto 1 SPY 18dec 600c")))
    assert order.status == "walking"
    wait_until(lambda: desk.exchange.order(number_of(order))["status"] == "Live")
    return order


def number_of(order: Order) -> int:
    return int(order.placements.last().broker_order_id)


def compared(desk: Desk) -> None:
    """Make one pass, with everything that filled before long settled."""
    Fill.objects.update(recorded_at=timezone.now() - timedelta(minutes=1))
    assert reconciling.reconcile(desk.account, desk.broker) is True


def differences() -> list[str]:
    return list(Break.objects.open().order_by("pk").values_list("kind", flat=True))


def edited(desk: Desk, order: Order) -> int:
    """Let a person move the price in the app; return the number of the order that took its place."""
    old = number_of(order)
    new = desk.exchange.by_hand("PUT", f"/{old}", PRICE)["id"]
    wait_until(lambda: desk.exchange.order(old)["status"] == "Cancelled")
    wait_until(lambda: desk.exchange.order(new)["status"] == "Live")
    return new


def edit_sentence(new: int) -> str:
    return f"edited at the broker, not by the desk: order {new} took its place"


def test_an_order_cancelled_by_hand_is_closed_and_not_placed_again(desk, working):
    desk.exchange.by_hand("DELETE", f"/{number_of(working)}")
    wait_until(lambda: desk.exchange.order(number_of(working))["status"] == "Cancelled")

    compared(desk)
    order = desk.work(working)

    assert (order.status, order.note) == ("cancelled", "cancelled at the broker, not by the desk")
    assert (len(desk.posts()), differences()) == (1, [])


def test_an_order_edited_by_hand_is_told_of_and_the_walk_stops(desk, working):
    new = edited(desk, working)

    compared(desk)
    order = desk.work(working)
    compared(desk)

    assert (order.status, order.note, order.needs_review) == ("cancelled", edit_sentence(new), True)
    assert [e.reason for e in order.events.filter(kind="edited by hand")] == [edit_sentence(new)]
    assert (len(desk.posts()), desk.exchange.requests("DELETE", "/orders"), differences()) == (1, [], [])
    assert External.objects.get().broker_order_id == str(new)


def test_an_order_edited_by_hand_while_it_is_being_stepped_is_not_placed_again(desk, working):
    desk.exchange.by_hand("PUT", f"/{number_of(working)}", PRICE)
    Placement.objects.update(
        cancel_requested_at=timezone.now(), status="cancelling", cause="for the next price"
    )
    wait_until(lambda: desk.exchange.order(number_of(working))["status"] == "Cancelled")

    order = desk.work(working)

    assert (order.status, len(desk.posts())) == ("cancelled", 1)


def test_an_edit_that_the_walk_saw_first_is_told_of_at_the_next_comparison(desk, working):
    new = edited(desk, working)
    order = desk.work(working)
    assert (order.status, len(desk.posts())) == ("cancelled", 1)

    compared(desk)
    compared(desk)

    order = fresh(order)
    assert (order.note, order.needs_review) == (edit_sentence(new), True)
    assert order.events.filter(kind="edited by hand").count() == 1


def test_what_the_edited_order_fills_is_external_and_explains_the_position(desk, working):
    new = edited(desk, working)
    compared(desk)
    desk.exchange.act(new, "fill")

    compared(desk)
    compared(desk)

    external = External.objects.get(quantity=1)
    assert (external.broker_order_id, external.status, fresh(working).filled_quantity) == (
        str(new),
        "Filled",
        0,
    )
    assert differences() == []


def test_an_edit_of_the_edit_is_external_too(desk, working):
    first = edited(desk, working)
    compared(desk)
    second = desk.exchange.by_hand("PUT", f"/{first}", PRICE | {"price": "10.35"})["id"]
    wait_until(lambda: desk.exchange.order(second)["status"] == "Live")

    compared(desk)

    assert (differences(), {int(e.broker_order_id) for e in External.objects.all()}) == ([], {first, second})


def test_a_trade_by_hand_is_kept_and_no_difference(desk, working):
    desk.exchange.clear_faults()
    placed = desk.exchange.by_hand("POST", body=body(leg(symbol=CALL), pays="10.40"))["order"]["id"]
    wait_until(lambda: desk.exchange.order(placed)["status"] == "Filled")

    compared(desk)
    compared(desk)

    external = External.objects.get(broker_order_id=str(placed))
    assert (external.quantity, external.symbol, external.sentence) == (
        1,
        CALL,
        f"Buy to Open 1 {CALL}, WB2;0.174.2",
    )
    assert differences() == []


def filled(desk: Desk) -> Order:
    """Return an order for 1 that filled."""
    desk.exchange.market(CALL, bid="10.00", ask="10.20")
    compared(desk)
    desk.exchange.faults({"kind": "fill_now"})
    order = desk.work(desk.approve(desk.propose("bto 1 SPY 18dec 600c")))
    assert order.status == "filled"
    return order


def test_a_bust_leaves_fills_positions_and_cash_agreeing(desk):
    order = filled(desk)
    compared(desk)
    assert differences() == []
    desk.exchange.act(number_of(order), "bust")

    compared(desk)
    compared(desk)

    assert (differences(), fresh(order).filled_quantity) == (["fill differs"], 0)
    assert list(auditing.faults()) == []


def test_a_correction_leaves_fills_positions_and_cash_agreeing(desk):
    order = filled(desk)
    desk.exchange.act(number_of(order), "correct", price="10.05")

    compared(desk)
    compared(desk)

    order = fresh(order)
    assert (differences(), order.filled_quantity, order.average_fill_price) == (
        ["fill differs"],
        1,
        D("10.05"),
    )
    assert list(auditing.faults()) == []


def test_the_nights_reset_is_put_up_for_review(desk):
    filled(desk)
    compared(desk)
    desk.exchange.reset()

    compared(desk)

    assert differences() == ["position differs", "cash differs"]
