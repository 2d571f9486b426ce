"""Whatever the broker tells, in whatever order, and wherever the placement stands: what must hold after it."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from orders.brokers.base import BrokerFill, BrokerLeg, BrokerOrder, Phase
from orders.enums import OrderStatus
from orders.enums import PlacementStatus as P
from orders.lifecycle import AT_WORK, CLOSED
from orders.machine import pairs, readings
from orders.machine.state import Placement, Work
from tests.simulation.tickets import new_work

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NAME, NUMBER, QUANTITY = "practice-d1-1-1", "1000001", 3
WORDS = (
    "Received", "Routed", "In Flight", "Live", "Contingent", "Cancel Requested", "Replace Requested",
    "Filled", "Cancelled", "Expired", "Rejected", "Removed", "Partially Removed", "Something new",
)  # fmt: skip


def work_with(status: P, order_status: OrderStatus, *, is_pair: bool) -> Work:
    """Return an order for 3 with one placement that stands so."""
    work = next(w for seed in range(99) if len((w := new_work(Random(seed), 1, NOW)).legs) == 1)
    work.order.quantity, work.order.status, work.order.approved_at = QUANTITY, order_status, NOW
    placement = Placement(
        NAME, 0, QUANTITY, D("1.25"), NOW, NOW + timedelta(seconds=2), status=status,
        halves=pairs.halves_of(NAME) if is_pair else (),
    )  # fmt: skip
    work.placements.append(placement)
    return work


def word(
    status: str, filled: int = 0, at: int = 1, number: str = NUMBER, order_type: str = "Limit"
) -> BrokerOrder:
    """Return a word of the broker's on the order; a filled one may not show all of its fills."""
    leg = work_with(P.WORKING, OrderStatus.WALKING, is_pair=False).legs[0]
    remaining = 0 if status == "Filled" else QUANTITY - filled
    fills = tuple(BrokerFill(f"f{number}-{n}", leg.symbol, 1, D("1.25"), NOW) for n in range(filled))
    legs = (BrokerLeg(leg.symbol, leg.action, QUANTITY, remaining, fills),)
    return BrokerOrder(number, status, legs, order_type=order_type, raw={"updated-at": at})


def told(
    number: str = NUMBER, order_type: str = "Limit", most: int = QUANTITY
) -> st.SearchStrategy[BrokerOrder]:
    return st.builds(
        word, st.sampled_from(WORDS), st.integers(0, most), st.integers(1, 4),
        st.just(number), st.just(order_type),
    )  # fmt: skip


def take_all(work: Work, words: list[BrokerOrder]) -> Placement:
    for number, word in enumerate(words):
        readings.take(work, NAME, word, by="poll", now=NOW + timedelta(seconds=number))
    return work.placement(NAME)


def check_fills(work: Work, last: list[BrokerOrder]) -> None:
    """What the newest words show is counted once; what they do not show of older fills is not taken back."""
    shown = [fill for word in last for fill in word.fills]
    quantity = sum(fill.quantity for fill in shown)
    assert {fill.fill_id for fill in shown} <= work.known_fill_ids
    if any(word.lacks_fills for word in last):
        assert quantity <= work.placement(NAME).filled_quantity <= len(last) * QUANTITY
    else:
        assert work.placement(NAME).filled_quantity == quantity


# Where a placement may stand without a word of the broker's: the other ends are his to tell.
STANDS = st.sampled_from(
    [
        P.SENDING,
        P.UNKNOWN,
        P.WORKING,
        P.REPLACING,
        P.CANCELLING,
        P.NOT_SENT,
        P.NOT_PLACED,
        P.REJECTED,
        P.REMOVED,
    ]
)
ORDERS = st.sampled_from([*AT_WORK, *CLOSED])
NEWEST = {"updated-at": 9}


@given(STANDS, ORDERS, st.lists(told(), max_size=6), told())
def test_the_newest_word_is_what_counts_in_the_end(status, order_status, words, last):
    work, last = work_with(status, order_status, is_pair=False), replace(last, raw=NEWEST)

    placement = take_all(work, [*words, last])

    if last.status == "Filled" and last.lacks_fills:
        assert placement.fills_missing  # and nothing is sent beside it
    else:
        assert placement.is_live == (last.phase is not Phase.TERMINAL)
    check_fills(work, [last])


HALVES = (("1000001", "Limit"), ("1000002", "Stop"))


@st.composite
def told_of_pair(draw) -> tuple[list[BrokerOrder], list[BrokerOrder]]:
    """Return words on both halves, and the newest of each; no fill is taken back."""
    last = [replace(draw(told(*half)), raw=NEWEST) for half in HALVES]
    words = [told(*half, most=len(each.fills)) for half, each in zip(HALVES, last, strict=True)]
    return draw(st.lists(st.one_of(words), max_size=8)), last


@given(STANDS, ORDERS, told_of_pair())
def test_of_a_pair_both_newest_words_count(status, order_status, told_so_far):
    work, (words, last) = work_with(status, order_status, is_pair=True), told_so_far

    placement = take_all(work, [*words, *last])

    if all(each.phase is Phase.TERMINAL and each.status != "Filled" for each in last):
        assert not placement.is_live
    elif all(each.status != "Filled" for each in last) and placement.filled_quantity < QUANTITY:
        assert placement.is_live
    check_fills(work, last)


@given(STANDS, ORDERS, st.lists(told(), min_size=1, max_size=6))
def test_the_same_word_twice_changes_nothing(status, order_status, words):
    work = work_with(status, order_status, is_pair=False)
    take_all(work, words)
    before = deepcopy(work)

    readings.take(work, NAME, words[-1], by="stream", now=NOW)

    before.placement(NAME).read_at = work.placement(NAME).read_at
    assert work == before


@given(STANDS, ORDERS, st.lists(told(), min_size=1, max_size=6), st.booleans())
def test_what_lives_on_is_looked_at_again_whatever_became_of_its_order(status, order_status, words, is_pair):
    work = work_with(status, order_status, is_pair=is_pair)

    placement = take_all(work, words)

    assert not (placement.is_zombie and placement.is_live) or work.order.next_action_at is not None


def test_an_older_word_that_it_has_ended_ends_nothing():
    work = work_with(P.WORKING, OrderStatus.WALKING, is_pair=False)

    placement = take_all(work, [word("Live", at=2), word("Cancelled", at=1), word("Expired", at=3)])

    assert (placement.status, placement.is_zombie) == (P.EXPIRED, False)


def test_a_pair_that_had_ended_and_trades_after_all_can_be_kept():
    work = work_with(P.WORKING, OrderStatus.RESTING, is_pair=True)
    ended = [word("Cancelled", number=number, order_type=kind) for number, kind in HALVES]

    placement = take_all(work, [*ended, word("Live", QUANTITY, 2)])

    assert (placement.is_zombie, placement.filled_quantity) == (True, QUANTITY)


def test_a_fill_that_was_taken_back_counts_again_once_it_is_shown_beside_one_that_is_not():
    work = work_with(P.WORKING, OrderStatus.WALKING, is_pair=False)

    placement = take_all(work, [word("Live", 1, 1), word("Live", 0, 2), word("Filled", 1, 3)])

    assert (placement.filled_quantity, placement.fills_missing, placement.is_live) == (1, True, True)
