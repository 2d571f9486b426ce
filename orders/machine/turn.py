"""One worker's turn with one order, as a script: what to read, commit and call, in which order.

The script never touches a row or a wire: it yields what it wants and is sent the result, or thrown the
error. `execution` obeys over the database and a broker; a simulation obeys over memory, and stops, delays
or crashes the worker at any yield. No lock is held from one yield to the next.
"""

from collections.abc import Generator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from orders import moves, plan
from orders.brokers.base import BrokerOrder, NotFound
from orders.enums import PlacementStatus as P
from orders.lifecycle import PLACEMENT_LIVE
from orders.machine import intents, outcomes, pairs, readings, views
from orders.machine.desk import Desk
from orders.machine.leases import held, look_soon
from orders.machine.obeying import ask_to_cancel, obey
from orders.machine.requests import (
    Call,
    Commit,
    Finish,
    Look,
    Read,
    ReadQuote,
    Request,
    Script,
    Seen,
    Take,
    Turn,
)
from orders.machine.state import Placement, Work


def take_turn(lease: str) -> Script:
    """Look, decide, obey. The lease is held already."""
    turn = Turn(lease, (yield Read()))
    yield from read_all(turn)
    yield from chase_zombies(turn.work)
    yield from act(turn)


# --- look ------------------------------------------------------------------------------------------


def read_all(turn: Turn) -> Script:
    """Read back from the broker what may have changed, before anything is decided."""
    placements = turn.work.placements
    for placement in placements:
        if placement.status is P.SENDING:
            yield Commit(partial(doubt, lease=turn.lease, external_identifier=placement.external_identifier))
        elif placement.is_live and placement.complex_order_id and placement.halves:
            yield from read_pair(placement)
        elif placement.broker_order_id and (
            placement.status in PLACEMENT_LIVE or _must_reread(placement, placement is placements[-1])
        ):
            yield from read_one(placement)


def doubt(work: Work, desk: Desk, now: datetime, *, lease: str, external_identifier: str) -> None:
    del desk
    held(work, lease, now)
    outcomes.doubt(work, external_identifier, now=now)


def _must_reread(placement: Placement, is_last: bool) -> bool:
    """The remainder of a cancelled placement is computed only after its fills were read again."""
    return is_last and placement.status is P.CANCELLED


def read_one(placement: Placement) -> Script:
    """Read one placement; one that has just been cancelled once more, for fills that came late."""
    try:
        for _ in range(2):
            reading: BrokerOrder = yield Call("order", (placement.broker_order_id,))
            told: Placement = yield Take(reading, "poll", placement.external_identifier)
            if told.status is not P.CANCELLED or placement.status is P.CANCELLED:
                return
    except NotFound:
        yield vanished(placement)


def vanished(placement: Placement) -> Commit:
    return Commit(partial(vanish, external_identifier=placement.external_identifier))


def vanish(work: Work, desk: Desk, now: datetime, *, external_identifier: str) -> None:
    readings.vanish(work, desk, external_identifier, now=now)


def read_pair(placement: Placement) -> Script:
    """Read both halves at once; an entry that they wait for is another placement's, and left to it."""
    was_halved = pairs.is_halved(placement)
    try:
        told = (yield Call("complex_order", (placement.complex_order_id,))).orders
    except NotFound:
        told = yield from read_halves(placement)
        if not told:
            yield vanished(placement)
    for reading in told:
        yield Take(reading, "poll", placement.external_identifier)
    if was_halved:
        yield Commit(partial(halve, external_identifier=placement.external_identifier))


def halve(work: Work, desk: Desk, now: datetime, *, external_identifier: str) -> None:
    del desk
    readings.halve(work, external_identifier, now=now)


def read_halves(placement: Placement) -> Generator[Request, Any, list[BrokerOrder]]:
    """Return what the broker knows of the halves of a bundle that it has forgotten."""
    told: list[BrokerOrder] = []
    for half in placement.halves:
        with suppress(NotFound):
            told += [(yield Call("order", (half.broker_order_id,)))] if half.broker_order_id else []
    return told


# --- zombies ---------------------------------------------------------------------------------------


def chase_zombies(work: Work) -> Script:
    """DELETE what was taken for never placed and is live after all, whatever became of its order."""
    for placement in zombies(work):
        if (yield Commit(partial(chase, external_identifier=placement.external_identifier))):
            told, _ = yield from ask_to_cancel(placement)
            for reading in told:
                yield Take(reading, "answer", placement.external_identifier)


def zombies(work: Work) -> list[Placement]:
    return [p for p in work.live() if p.is_zombie]


def chase(work: Work, desk: Desk, now: datetime, *, external_identifier: str) -> bool:
    del desk
    return intents.chase(work, external_identifier, now)


# --- decide ----------------------------------------------------------------------------------------


def act(turn: Turn) -> Script:
    """Ask the plan, and obey. A quote is read only where the move depends on one: there it holds."""
    seen: Seen = yield Look()
    turn.work = seen.work
    if seen.work.order.is_closed:
        yield Finish(turn.lease)
    else:
        yield from decide(turn, seen)
    if zombies(seen.work):
        yield Commit(lambda work, _, now: look_soon(work, now))


def decide(turn: Turn, seen: Seen) -> Script:
    placements = views.current(seen.work)
    view, held_by = views.order_view(seen.work, placements), [views.placement_view(p) for p in placements]
    move = plan.next_move(view, held_by, seen.market, now=seen.now)
    if isinstance(move, moves.Hold):
        market, now = yield ReadQuote()
        turn.quote = market.quote
        move = plan.next_move(view, held_by, market, now=now)
    yield from obey(move, turn)
