"""Absence is proven by three complete listings, far enough apart, with the stream up all the while. Pure."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from orders.brokers.base import BrokerOrder, Listing
from orders.enums import OrderStatus
from orders.enums import PlacementStatus as P
from orders.machine import absence
from orders.machine.state import Placement, Work
from tests.simulation.desk import Account, Around
from tests.simulation.tickets import new_work

SENT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DEADLINE = SENT + timedelta(seconds=2)
FIRST = DEADLINE + timedelta(seconds=36)  # the call's 6 s, and 30 s for a request that is held somewhere


def unknown() -> Work:
    """Return an order with one placement whose outcome nobody knows."""
    work = new_work(Random(1), 1, SENT)
    work.order.status, work.order.lease = OrderStatus.WALKING, "mine"
    placement = Placement("practice-d1-1-1", 0, 1, None, SENT, DEADLINE, status=P.UNKNOWN)
    work.placements.append(placement)
    return work


def count(
    work: Work, *seconds: float, is_complete: bool = True, stream_since: datetime | None = SENT
) -> Placement:
    """Count listings without it, so many seconds after the first that may count."""
    desk = Around(Account(stream_since=stream_since), SENT + timedelta(hours=1))
    for each in seconds:
        now = FIRST + timedelta(seconds=each)
        work.order.leased_until = now + timedelta(seconds=8)
        absence.count(
            work, desk, now, lease="mine", external_identifier="practice-d1-1-1", is_complete=is_complete
        )
    return work.placements[0]


@pytest.mark.parametrize(
    ("seconds", "reads", "status"),
    [
        pytest.param((0, 10, 20), 3, P.NOT_PLACED, id="three, ten seconds apart"),
        pytest.param((0, 10), 2, P.UNKNOWN, id="two are not enough"),
        pytest.param((0, 2, 4, 6, 8), 1, P.UNKNOWN, id="nearer than ten seconds they count once"),
        pytest.param((-30, -20, -10, -0.1), 0, P.UNKNOWN, id="before a held request would be there"),
        pytest.param((-10, 0, 10), 2, P.UNKNOWN, id="the early one does not count"),
    ],
)
def test_listings_that_count(seconds, reads, status):
    placement = count(unknown(), *seconds)

    assert (placement.absent_reads, placement.status) == (reads, status)


def test_a_listing_that_is_not_whole_counts_nothing():
    assert count(unknown(), 0, 10, 20, is_complete=False).absent_reads == 0


@pytest.mark.parametrize(
    "since", [pytest.param(None, id="down"), pytest.param(FIRST + timedelta(seconds=5), id="reconnected")]
)
def test_a_stream_that_was_not_up_all_the_while_begins_the_count_anew(since):
    work = unknown()
    count(work, 0)

    placement = count(work, 10, stream_since=since)

    assert (placement.absent_reads, placement.absent_since_at) == (0, None)


@pytest.mark.parametrize(
    ("listing", "is_whole"),
    [
        (Listing(()), True),
        (Listing((), is_complete=False), False),
        (Listing((), unreadable=({"id": 7},)), False),
    ],
)
def test_a_listing_proves_only_what_was_read_whole(listing, is_whole):
    assert absence.is_whole(listing) is is_whole


def test_a_replacement_is_found_by_what_it_replaces_and_never_as_another_placement():
    work = unknown()
    old = work.placements[0]
    old.broker_order_id = "1001"
    for number in (2, 3):
        work.placements.append(
            Placement(f"practice-d1-1-{number}", 0, 1, None, SENT, DEADLINE, replaces=old.external_identifier)
        )
    first = BrokerOrder("1002", "Live", (), replaces_order_id="1001")

    assert absence.find([first], work, work.placements[1]) == first
    work.placements[1].broker_order_id = "1002"
    assert absence.find([first], work, work.placements[2]) is None
