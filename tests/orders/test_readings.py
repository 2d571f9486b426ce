"""What the broker's word does to a placement and its order; in any order, and as often as it comes. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from orders.brokers.base import BrokerFill, BrokerLeg, BrokerOrder
from orders.enums import Action, InstrumentType, OrderStatus, OrderType, PriceRule
from orders.enums import PlacementStatus as P
from orders.machine import readings
from orders.machine.state import Broken, Halt, Leg, Placement, Work
from tests.simulation.tickets import LONG, new_work

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NAME = "practice-d1-1-1"


def working(status: P = P.WORKING) -> Work:
    """Return a walking order of two with one placement."""
    work = new_work(Random(1), 1, NOW)
    work.legs = (Leg(InstrumentType.EQUITY_OPTION, LONG, Action.BUY_TO_OPEN),)
    order = work.order
    order.status, order.quantity, order.side = OrderStatus.WALKING, 2, type(order.side)(1)
    order.price_rule, order.order_type, order.environment = PriceRule.NONE, OrderType.LIMIT, "practice"
    order.target_price = order.stop_price = None
    work.placements.append(Placement(NAME, 0, 2, D("1.25"), NOW, NOW + timedelta(seconds=2), status=status))
    return work


def told(status: str, *fills: int, at: int = 1, executed: int | None = None) -> BrokerOrder:
    """Return a reading: the order of two, with these fills, as it was at that tick of the broker's clock."""
    shown = tuple(BrokerFill(f"f{n}", LONG, quantity, D("1.25"), NOW) for n, quantity in enumerate(fills))
    done = sum(fills) if executed is None else executed
    leg = BrokerLeg(LONG, Action.BUY_TO_OPEN, 2, 2 - done, shown)
    return BrokerOrder("1001", status, (leg,), NAME, D("1.25"), raw={"updated-at": at})


def take(work: Work, *given: BrokerOrder) -> Placement:
    for reading in given:
        placement = readings.take(work, NAME, reading, by="test", now=NOW)
    return placement


@pytest.mark.parametrize(
    ("given", "status", "filled", "order_status"),
    [
        pytest.param([told("Live")], P.WORKING, 0, "walking", id="live"),
        pytest.param([told("Live", 1)], P.WORKING, 1, "walking", id="filled in part"),
        pytest.param([told("Filled", 1, 1)], P.FILLED, 2, "filled", id="filled"),
        pytest.param(
            [told("Filled", 1, executed=2)], P.WORKING, 1, "walking", id="Filled, and one fill short"
        ),
        pytest.param([told("Cancelled", 1)], P.CANCELLED, 1, "walking", id="cancelled with a fill"),
        pytest.param([told("Expired")], P.EXPIRED, 0, "walking", id="expired"),
        pytest.param([told("Partially Removed")], P.REMOVED, 0, "walking", id="removed"),
        pytest.param([told("Frobnicated")], P.WORKING, 0, "walking", id="a word nobody knows may trade"),
        pytest.param([told("Live", 1), told("Live", 1)], P.WORKING, 1, "walking", id="the same twice"),
        pytest.param(
            [told("Filled", 1, 1, at=2), told("Live", 1, at=1)], P.FILLED, 2, "filled", id="out of order"
        ),
        pytest.param(
            [told("Cancelled", at=2), told("Live", 1, at=1)], P.CANCELLED, 1, "walking", id="a fill told late"
        ),
    ],
)
def test_a_reading(given, status, filled, order_status):
    work = working()

    placement = take(work, *given)

    assert (placement.status, placement.filled_quantity) == (status, filled)
    assert (work.order.status, work.order.filled_quantity) == (order_status, filled)
    assert len(work.fills) == len({fill.fill_id for fill in work.fills})


def test_an_older_word_is_not_kept():
    placement = take(working(), told("Cancel Requested", at=9), told("Live", at=8))

    assert (placement.broker_status, placement.reading) == ("Cancel Requested", {"updated-at": 9})


def test_an_unknown_outcome_that_is_found_works():
    assert take(working(P.UNKNOWN), told("Live")).status is P.WORKING


def test_more_than_was_asked_is_kept_and_shown():
    work = working()

    take(work, told("Filled", 2, 1))

    assert (work.order.filled_quantity, work.order.needs_review) == (3, True)
    assert [note.kind for note in work.order.notes if isinstance(note, Broken)] == ["overfill"]


@pytest.mark.parametrize("status", [P.NOT_PLACED, P.NOT_SENT])
def test_what_was_given_up_and_filled_halts_the_account(status):
    work = working(status)

    placement = take(work, told("Live", 1))

    assert (placement.status, placement.is_zombie) == (P.CANCELLING, True)
    assert [type(note) for note in work.order.notes if isinstance(note, Broken | Halt)] == [Broken, Halt]


def test_each_fill_of_what_was_given_up_halts_the_account():
    work = working(P.NOT_PLACED)
    halts = []
    for reading in (told("Live"), told("Live", 1, at=2), told("Live", 1, at=3), told("Filled", 1, 1, at=4)):
        take(work, reading)
        halts.append(sum(isinstance(note, Halt) for note in work.order.notes))

    assert halts == [0, 1, 1, 2]


def test_a_fill_of_another_symbol_is_a_break_and_no_fill():
    work, reading = working(), told("Live", 1)
    strange = replace(reading.legs[0].fills[0], symbol="QQQ")
    take(work, replace(reading, legs=(replace(reading.legs[0], fills=(strange,)),)))

    assert (work.fills, work.order.filled_quantity) == ([], 0)
    assert [n.kind for n in work.order.notes if isinstance(n, Broken)] == ["fill of a strange symbol"]
