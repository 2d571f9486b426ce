"""Take the broker's word on a placement: its fills, its status, and what follows for the order.

Every source uses this one door: the answer of a call, a poll, the account stream, the reconcile.
Taking the same reading twice changes nothing; late facts only add.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from orders import lifecycle
from orders.brokers.base import TERMINAL_STATUSES, BrokerFill, BrokerOrder, Phase
from orders.enums import EnvironmentName, OrderStatus
from orders.enums import PlacementStatus as P
from orders.lifecycle import PLACEMENT_TERMINAL, UNRESOLVED
from orders.machine import corrections, leases, pairs
from orders.machine.desk import Desk
from orders.machine.state import Fill, Placement, Work
from orders.market import plain

BY = "desk"
ENDS_THE_WALK = frozenset({P.CANCELLED, P.EXPIRED, P.REJECTED, P.REMOVED})
YOUNG = timedelta(seconds=30)
VANISHED = "order vanished"
HALVED = "half of the exit has ended at the broker without a fill"


def take(work: Work, external_identifier: str, reading: BrokerOrder, *, by: str, now: datetime) -> Placement:
    """Apply a reading to the placement; return it as it is now."""
    order, placement = work.order, work.placement(external_identifier)
    is_up = lives_on(placement, reading)
    new = [f for f in reading.fills if add_fill(work, placement, f, reading)]
    fills: list[BrokerFill | Fill] = [*new, *corrections.compensate(work, placement, reading, now=now)]
    before = (placement.status, placement.filled_quantity)
    if placement.halves:
        pairs.take_over(placement, reading, now)
    else:
        _take_over(placement, reading, now)
    if fills:
        placement.filled_quantity = work.filled_units(work.fills_of(placement))
    if is_up and not (placement.halves and pairs.end_of(placement)[0] is placement.status):
        _rise(work, placement, reading, now)
    else:
        _move(work, placement, reading, now)
    if placement.halves:
        _tell_of_left_half(work, placement, reading, now)
    if placement.is_zombie and new:
        work.halt(f"{placement} filled after it was taken for gone")
    if placement.is_zombie and placement.is_live and order.next_action_at is None:
        order.next_action_at, order.is_woken = now, True
    is_newly_broken = pairs.is_broken(placement) and not order.needs_review
    if fills or is_newly_broken or before != (placement.status, placement.filled_quantity):
        _tell(work, placement, fills, by=by, now=now)
    return placement


def _take_over(placement: Placement, reading: BrokerOrder, now: datetime) -> None:
    """Keep the reading of record; an older one than what we have is not kept."""
    placement.broker_order_id = placement.broker_order_id or reading.broker_order_id
    placement.complex_order_id = placement.complex_order_id or reading.complex_order_id
    if pairs.is_older(reading, placement):
        return
    placement.reading, placement.read_at = dict(reading.raw), now
    placement.broker_status = reading.status
    placement.fills_missing = reading.lacks_fills


def add_fill(work: Work, placement: Placement, fill: BrokerFill, reading: BrokerOrder) -> bool:
    """Add a fill unless we have it; return whether it is new. A strange symbol becomes a break."""
    if all(leg.symbol != fill.symbol for leg in work.legs):
        sentence = f"{fill.symbol} is no leg of order {work.order}"
        work.open_break("fill of a strange symbol", fill.fill_id, sentence, symbol=fill.symbol)
        return False
    if fill.fill_id in work.known_fill_ids:
        return False
    work.known_fill_ids.add(fill.fill_id)
    work.fills.append(
        Fill(
            fill.fill_id, placement.external_identifier, fill.symbol, fill.quantity,
            corrections.kept_price(fill), fill.filled_at, reading.broker_order_id,
        )
    )  # fmt: skip
    return True


def average_price(work: Work) -> Decimal | None:
    """Return the average net price per unit, positive in the order's own direction; None unfilled."""
    units, signs = work.filled_units(work.fills), {leg.symbol: leg.action.sign for leg in work.legs}
    value = sum((signs[fill.symbol] * fill.quantity * fill.price for fill in work.fills), Decimal(0))
    return (value * work.order.side / units).quantize(Decimal("0.0001")) if units else None


def _move(work: Work, placement: Placement, reading: BrokerOrder, now: datetime) -> None:
    """Move the placement by the broker's status; terminal is final, and an older word moves nothing."""
    status = placement.status
    if status in PLACEMENT_TERMINAL or (not placement.halves and pairs.is_older(reading, placement)):
        return
    end, cause = _end_of(work, placement, reading)
    if end is not None:
        # Why we cancelled it says more than the broker's word on the cancel.
        placement.move_to(end, now=now, cause="" if status is P.CANCELLING else cause)
        if placement.status is not P.FILLED:
            back_to_work(work, placement, now)
    elif status in UNRESOLVED:
        placement.move_to(P.WORKING, now=now)


def lives_on(placement: Placement, reading: BrokerOrder) -> bool:
    """Whether the broker has what we took for gone.

    An end that we concluded ourselves is taken back by any other word of the broker's: that of one never
    placed or sent, refused, or no longer known. An end that it told, only by a newer word that it is live.
    The other half of a pair that has filled is the broker's to end (`_tell_of_left_half`).
    """
    status = placement.status
    known = pairs.half_of(placement, reading) if placement.halves else placement
    if status not in PLACEMENT_TERMINAL or known is None or pairs.ENDS.get(reading.status) is status:
        return False
    if known.broker_status in TERMINAL_STATUSES:
        is_over = placement.halves and status is P.FILLED
        return not is_over and reading.phase is not Phase.TERMINAL and pairs.is_newer(reading, known)
    return status not in {P.FILLED, P.REPLACED} and not pairs.is_older(reading, known)


def _rise(work: Work, placement: Placement, reading: BrokerOrder, now: datetime) -> None:
    """A zombie: taken for gone, and the broker has it. To be cancelled; whenever it fills, halt.

    Where its end had ended the walk, only a person lets that go on.
    """
    sentence = f"{placement} was taken for {placement.status.label}, and the broker has it"
    work.open_break("zombie", placement.external_identifier, sentence)
    is_walk_over = placement.status in ENDS_THE_WALK and placement.cancel_requested_at is None
    if is_walk_over and work.order.status in lifecycle.AT_WORK and not work.order.parked_reason:
        leases.park(work.order, sentence, now=now)
    end = pairs.ENDS.get(reading.status)
    if placement.halves:
        end = pairs.end_of(placement)[0]
    elif reading.status == "Filled" and placement.filled_quantity >= placement.quantity:
        end = P.FILLED
    if reading.status == "Filled" and not placement.filled_quantity:
        work.halt(f"{placement} filled after it was taken for gone")
    placement.is_zombie = True
    may_end = end in lifecycle.NEXT_PLACEMENT[placement.status]
    placement.move_to(end if end and may_end else P.CANCELLING, now=now, cause=sentence)
    placement.cancel_requested_at, placement.cancel_attempts = None, 0  # this time at once


def _tell_of_left_half(work: Work, placement: Placement, reading: BrokerOrder, now: datetime) -> None:
    """A pair has filled, and the broker has not ended its other half: a person has to, before that fills."""
    half = pairs.half_of(placement, reading)
    if placement.status is not P.FILLED or half is None or half.broker_status in TERMINAL_STATUSES:
        return
    if placement.ended_at is not None and now >= placement.ended_at + YOUNG:
        left, number = half.role.label.lower(), half.broker_order_id
        sentence = f"{placement} has filled, and its {left} lives on: cancel order {number}"
        work.open_break("zombie", half.external_identifier, sentence)


def _end_of(work: Work, placement: Placement, reading: BrokerOrder) -> tuple[P | None, str]:
    """Return how it ended, if it has, and why. `Filled` counts once its fills are all here."""
    if placement.halves:
        return pairs.end_of(placement)
    if reading.status == "Filled":
        return (P.FILLED if placement.filled_quantity >= placement.quantity else None), ""
    end = pairs.ENDS.get(reading.status)
    if end is P.CANCELLED and reading.replacing_order_id and work.replacements(placement):
        end = P.REPLACED
    return end, reading.reject_reason


def back_to_work(work: Work, placement: Placement, now: datetime) -> None:
    """The replacement was not made: the one it was to replace goes on working."""
    if not placement.replaces:
        return
    replaced = work.placement(placement.replaces)
    if replaced.status is P.REPLACING:
        replaced.move_to(P.WORKING, now=now)


def vanish(work: Work, desk: Desk, external_identifier: str, *, now: datetime) -> None:
    """The broker no longer knows an order it had: the sandbox's nightly reset, or worse.

    A young order may only not be listed yet. The placement is taken for removed; in production only once
    a person has found out, and the way he explained the break is the proof that is kept.
    """
    order, placement = work.order, work.placement(external_identifier)
    if not placement.is_live or now < placement.intended_at + YOUNG:
        return
    number = placement.broker_order_id or f"bundle {placement.complex_order_id}"
    told, explained = f"the broker no longer knows order {number}", desk.explanation(VANISHED, number)
    if explained:
        told = f"{told}: {explained}"
    else:
        order.needs_review = True
        work.open_break(VANISHED, number, f"{told} of {placement}")
    if explained or order.environment != EnvironmentName.PRODUCTION:
        placement.move_to(P.REMOVED, now=now, cause=told)
    else:
        order.parked_reason = order.parked_reason or told
    if order.note != told[:300]:
        order.note = told[:300]
        order.tell("placement vanished", by=BY, now=now, reason=told)


def halve(work: Work, external_identifier: str, *, now: datetime) -> None:
    """A later look has found half of the exit gone still: a person has to know."""
    order = work.order
    if pairs.is_halved(work.placement(external_identifier)) and not order.needs_review:
        order.needs_review, order.note = True, HALVED
        order.tell("half missing", by=BY, now=now, reason=HALVED, placement=external_identifier)


def _tell(
    work: Work, placement: Placement, fills: Sequence[BrokerFill | Fill], *, by: str, now: datetime
) -> None:
    """Note what changed, and have the order looked at where a move may follow."""
    order = work.order
    order.filled_quantity, order.average_fill_price = work.filled_units(work.fills), average_price(work)
    if order.filled_quantity > order.quantity:
        order.needs_review = True
        told = f"{order.filled_quantity} of {order.quantity} filled of {order}"
        work.open_break("overfill", str(order.pk), told)
    if not order.is_closed or order.wants_exits or (placement.is_zombie and placement.is_live):
        order.next_action_at = now
    if pairs.is_broken(placement):
        order.needs_review, order.note = True, HALVED
    kind = "fill" if fills else f"placement {placement.status}"
    order.tell(
        kind, by=by, now=now, reason=placement.cause if placement.status in PLACEMENT_TERMINAL else "",
        placement=placement.external_identifier, status=placement.status.value,
        filled=order.filled_quantity, fills=[[f.symbol, f.quantity, str(f.price)] for f in fills],
    )  # fmt: skip
    _settle(work, by=by, now=now)
    order.is_woken = order.is_woken or order.next_action_at is not None


def _settle(work: Work, *, by: str, now: datetime) -> None:
    """Close the order once all of it has filled, also where a fill overtook the cancel that ended it."""
    order = work.order
    may_close = OrderStatus.FILLED in lifecycle.NEXT[order.status]
    if order.filled_quantity >= order.quantity and may_close and not work.live():
        average = f" at {plain(order.average_fill_price)}" if order.average_fill_price is not None else ""
        reason = f"filled {order.filled_quantity}{average}"
        order.move_to(OrderStatus.FILLED, by=by, now=now, reason=reason)
