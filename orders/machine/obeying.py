"""Carry out the plan's moves: for each, what to commit and call, in which order."""

from collections.abc import Callable, Generator, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial, singledispatch
from typing import Any

from orders import moves, plan
from orders.brokers.base import (
    BrokerOrder,
    DryRun,
    Listing,
    NotSent,
    Outcome,
    Refused,
    Sent,
    SentComplex,
    Unknown,
)
from orders.enums import OrderStatus, PlacementStatus
from orders.machine import absence, drafts, intents, outcomes
from orders.machine.desk import Desk, Refusal
from orders.machine.intents import Intent
from orders.machine.leases import BY, held, hold, park, reschedule, walk_on
from orders.machine.requests import AskAgain, Call, Commit, Read, Request, Script, Take, Turn
from orders.machine.state import Order, Placement, Work
from orders.market import plain


@singledispatch
def obey(move: object, turn: Turn) -> Script:
    """Carry out one move of the plan."""
    raise TypeError(f"no such move: {move!r} for {turn.work.order}")


@obey.register
def _place(move: moves.Place, turn: Turn) -> Script:
    """Commit the intent and POST once. The token is refreshed before the intent, never inside it."""
    yield Call("refresh")
    intent = yield from intend(partial(intents.place, move=move, lease=turn.lease, quote=turn.quote), turn)
    if intent is None:
        return
    if intent.pair is None:
        outcome = yield Call("place", (intent.draft,))
        yield from record(turn, intent, outcome)
    else:
        yield from _place_bundle(turn, intent)


def _place_bundle(turn: Turn, intent: Intent) -> Script:
    """POST a pair, or an entry and the pair that waits for it, in one call; record each part."""
    outcome = yield Call("place_complex", (intent.draft,))
    order, identifier = intent.pair or (turn.work.order.pk, intent.external_identifier)
    told: list[Outcome] = [outcome]
    if isinstance(outcome, SentComplex):
        told = [Sent(each, outcome.latency_ms, outcome.warnings) for each in outcome.bundle.orders]
    for each in told:
        yield Commit(partial(_record, external_identifier=identifier, outcome=each), order=order)
    is_bracket = identifier != intent.external_identifier
    if is_bracket:
        yield Commit(partial(outcomes.schedule_after, lease=turn.lease, outcome=told[-1]), order=order)
        if isinstance(outcome, SentComplex) and outcome.bundle.trigger is not None:
            told = [Sent(outcome.bundle.trigger, outcome.latency_ms, outcome.warnings)]
        yield from record(turn, intent, told[-1])
    else:
        yield Commit(partial(outcomes.schedule_after, lease=turn.lease, outcome=told[-1]))


@obey.register
def _replace(move: moves.Replace, turn: Turn) -> Script:
    """Commit the linked pair and PUT once."""
    yield Call("refresh")
    intent = yield from intend(partial(intents.replace, move=move, lease=turn.lease, quote=turn.quote), turn)
    if intent is not None:
        outcome = yield Call("replace", (intent.replaces, intent.draft))
        yield from record(turn, intent, outcome)


def intend(change: Callable[..., Intent], turn: Turn) -> Generator[Request, Any, Intent | None]:
    """Commit an intent; where a limit or a switch forbids it now, hold and return None."""
    try:
        intent: Intent = yield Commit(change, is_intent=True)
    except Refusal as refusal:
        yield from held_back(turn, refusal)
        return None
    return intent


def held_back(turn: Turn, refusal: Refusal) -> Script:
    def change(order: Order, now: datetime) -> datetime:
        order.notes.append(refusal.verdict)
        move = plan.hold(order, str(refusal), now)
        hold(order, move.reason, now=now, needs_review=move.needs_review)
        return move.until

    return settle(turn, change)


def record(turn: Turn, intent: Intent, outcome: Outcome) -> Script:
    """Record the answer and, in the same transaction, when to look again."""

    def change(work: Work, desk: Desk, now: datetime) -> None:
        _record(work, desk, now, external_identifier=intent.external_identifier, outcome=outcome)
        outcomes.schedule_after(work, desk, now, lease=turn.lease, outcome=outcome)

    yield Commit(change)


def _record(work: Work, desk: Desk, now: datetime, *, external_identifier: str, outcome: Outcome) -> None:
    del desk
    outcomes.record(work, external_identifier, outcome, now=now)


@obey.register
def _cancel(move: moves.Cancel, turn: Turn) -> Script:
    """Commit that we want it gone and DELETE. 2xx means requested; repeating is safe."""
    placement: Placement = yield Commit(partial(intents.cancel, move=move, lease=turn.lease))
    told, _ = yield from ask_to_cancel(placement)
    for reading in told:
        yield Take(reading, "answer", placement.external_identifier)

    def change(work: Work, desk: Desk, now: datetime) -> None:
        del desk
        outcomes.after_cancel(work, turn.lease, placement.external_identifier, now=now)

    yield Commit(change)


@obey.register
def _read_back(_: moves.ReadBack, turn: Turn) -> Script:
    """Look for the unresolved placement in today's orders; adopt it, or count one absence."""
    work: Work = yield Read()
    placement = absence.unresolved(work)
    if placement is None:
        return
    listings: list[Listing] = [(yield Call("live_orders"))]
    found = absence.find(listings[0], work, placement)
    if found is None:
        listings.append((yield Call("orders_since", (absence.day_before(placement.intended_at),))))
        found = absence.find(listings[1], work, placement)
    if found is not None:
        yield Take(found, "read back", placement.external_identifier)
    else:
        is_complete = all(absence.is_whole(each) for each in listings)
        name = placement.external_identifier
        yield Commit(
            partial(absence.count, lease=turn.lease, external_identifier=name, is_complete=is_complete)
        )
    yield Commit(partial(absence.look_again, lease=turn.lease))


def settle(turn: Turn, change: Callable[[Order, datetime], datetime | None]) -> Script:
    """Commit a move that calls nobody, and give the lease back; `change` returns when to look again.

    Where someone wrote to the order since it was looked at, the move is void: it is looked at again.
    """

    def settled(work: Work, desk: Desk, now: datetime) -> None:
        del desk
        order = held(work, turn.lease, now)
        reschedule(order, now if turn.has_changed(order) else change(order, now), now=now)

    yield Commit(settled)


@obey.register
def _wait(move: moves.Wait, turn: Turn) -> Script:
    def change(*_: object) -> datetime:
        return move.until

    return settle(turn, change)


@obey.register
def _hold(move: moves.Hold, turn: Turn) -> Script:
    def change(order: Order, now: datetime) -> datetime:
        hold(order, move.reason, now=now, needs_review=move.needs_review)
        return move.until

    return settle(turn, change)


@obey.register
def _count_step(move: moves.CountStep, turn: Turn) -> Script:
    def change(order: Order, now: datetime) -> datetime:
        walk_on(order, now)
        order.rung, order.step_due_at = move.rung, now + timedelta(seconds=order.wait_seconds)
        order.tell("same price", by=BY, now=now, rung=move.rung)
        return now

    return settle(turn, change)


@obey.register
def _rest(move: moves.Rest, turn: Turn) -> Script:
    def change(order: Order, now: datetime) -> datetime:
        walk_on(order, now)
        reason = f"rests as a {order.time_in_force.label.upper()} order: {move.reason}"
        order.move_to(OrderStatus.RESTING, by=BY, now=now, reason=reason)
        return now

    return settle(turn, change)


@obey.register
def _close(move: moves.Close, turn: Turn) -> Script:
    is_over = turn.work.placements[-1:] and turn.work.placements[-1].status is PlacementStatus.EXPIRED

    def change(order: Order, now: datetime) -> None:
        # Its position stands without it, unless it filled, a person wanted that, or its day is over.
        is_meant = move.status is OrderStatus.FILLED or order.cancel_requested_by or is_over
        order.needs_review = order.needs_review or (order.is_exit and not is_meant)
        order.move_to(move.status, by=order.cancel_requested_by or BY, now=now, reason=move.reason)

    return settle(turn, change)


@obey.register
def _park(move: moves.Park, turn: Turn) -> Script:
    def change(order: Order, now: datetime) -> datetime:
        park(order, move.reason, now=now)
        return now

    return settle(turn, change)


@obey.register
def _ask_again(move: moves.AskAgain, turn: Turn) -> Script:
    yield AskAgain(move.reason, turn.quote, turn.lease, turn.work.order.version)


@obey.register
def _ask_dry_run(move: moves.AskDryRun, turn: Turn) -> Script:
    """Send the order to the dry-run endpoint, say what the broker answered, and close it."""
    quantity = turn.work.order.leaves_quantity
    answer: DryRun = yield Call("dry_run", (drafts.draft_of(turn.work, quantity, move.price),))

    def change(order: Order, now: datetime) -> None:
        reason = dry_run_words(answer, move.price)
        order.move_to(OrderStatus.CANCELLED, by=BY, now=now, reason=reason)

    yield from settle(turn, change)


def dry_run_words(answer: DryRun, price: Decimal | None) -> str:
    errors = "; ".join(sentence for _, sentence in answer.errors)
    said = f"the broker would refuse: {errors}" if errors else "the broker would take it"
    at = f" at {plain(price)}" if price is not None else " at market"
    return f"dry run{at}: {said}; nothing was placed"


# --- cancels ---------------------------------------------------------------------------------------


def ask_to_cancel(
    placement: Placement,
) -> Generator[Request, Any, tuple[Iterable[BrokerOrder], Refused | NotSent | Unknown | None]]:
    """DELETE the placement, with all that the broker tied to it; return what was told, or why not."""
    if placement.complex_order_id:
        whole = yield Call("cancel_complex", (placement.complex_order_id,))
        return (whole.bundle, None) if isinstance(whole, SentComplex) else ((), whole)
    outcome = yield Call("cancel", (placement.broker_order_id,))
    return ((outcome.order,), None) if isinstance(outcome, Sent) else ((), outcome)
