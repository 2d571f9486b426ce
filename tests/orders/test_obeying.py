"""A move is committed on the order it was decided on, or not at all. Pure."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from orders import moves
from orders.enums import OrderStatus
from orders.machine.obeying import obey
from orders.machine.requests import AskAgain, Commit, Turn
from orders.machine.state import Work
from tests.simulation.desk import Account, Around, snapshot
from tests.simulation.tickets import new_work

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
MOVES = [
    moves.Wait(LATER),
    moves.Hold("there is no quote", LATER),
    moves.CountStep(1),
    moves.Rest("every price was tried"),
    moves.Close(OrderStatus.CANCELLED, "cancelled as asked"),
    moves.Park("a person has to look"),
]
WHERE = {
    "Wait": ("walking", LATER), "Hold": ("holding", LATER), "CountStep": ("walking", NOW), "Rest": ("resting", NOW),
    "Close": ("cancelled", None), "Park": ("walking", NOW),
}  # fmt: skip


def held() -> Work:
    work = new_work(Random(1), 1, NOW)
    work.order.status, work.order.lease = OrderStatus.WALKING, "mine"
    work.order.leased_until, work.order.target_price, work.order.stop_price = LATER, None, None
    return work


def commit(move: object, work: Work, seen: Work) -> None:
    """Obey a move that was decided on what was seen."""
    [request] = list(obey(move, Turn("mine", seen)))
    assert isinstance(request, Commit)
    request.change(work, Around(Account(), LATER), NOW)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: type(move).__name__)
def test_a_move_on_the_order_as_it_was_seen_is_made(move):
    work = held()

    commit(move, work, snapshot(work))

    assert (work.order.status.value, work.order.next_action_at) == WHERE[type(move).__name__]
    assert (work.order.lease, work.order.leased_until) == ("", None)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: type(move).__name__)
def test_a_move_on_an_order_that_has_changed_is_void_and_it_is_looked_at_again(move):
    work = held()
    seen = snapshot(work)
    work.order.move_to(OrderStatus.FILLED, by="stream", now=NOW)
    work.order.status = OrderStatus.RESTING  # whatever it has become, nobody decided on that
    told = list(work.order.notes)

    commit(move, work, seen)

    assert (work.order.status, work.order.notes) == (OrderStatus.RESTING, told)
    assert (work.order.next_action_at, work.order.lease, work.order.is_woken) == (NOW, "", True)


def test_asking_again_names_the_version_it_was_decided_on():
    work = held()
    work.order.version = 9

    [request] = list(obey(moves.AskAgain("the market ran away"), Turn("mine", snapshot(work))))

    assert request == AskAgain("the market ran away", None, "mine", 9)
