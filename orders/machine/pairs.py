"""A placement that is two orders at the broker, a target and a stop: what is told of one, told of both.

The pair is one placement of ours: either half may fill it, and it has ended when both have.
"""

from datetime import datetime

from orders.brokers.base import TERMINAL_STATUSES, BrokerOrder, Phase
from orders.enums import PlacementStatus as P
from orders.enums import Role
from orders.machine.state import Half, Placement

ENDS = {
    "Cancelled": P.CANCELLED,
    "Expired": P.EXPIRED,
    "Rejected": P.REJECTED,
    "Removed": P.REMOVED,
    "Partially Removed": P.REMOVED,
    "Dead": P.REMOVED,
}
LOST = frozenset({"Rejected", "Removed", "Partially Removed", "Dead"})
# Of two ends the one that says more; a cancel may only be what the other half's end brought about.
WORST_FIRST = (P.REJECTED, P.REMOVED, P.EXPIRED, P.CANCELLED)
SUFFIXES = {Role.TARGET: "t", Role.STOP: "s"}


def halves_of(external_identifier: str) -> tuple[Half, ...]:
    """Return both halves of a new pair. Part of its intent: kept before the first byte."""
    return tuple(Half(role, f"{external_identifier}-{suffix}") for role, suffix in SUFFIXES.items())


def half_of(placement: Placement, reading: BrokerOrder) -> Half | None:
    """Return which half of this pair a broker's order is: by id, by identifier, else by its type."""
    role = Role.STOP if reading.order_type.startswith("Stop") else Role.TARGET
    for half in placement.halves:
        if half.broker_order_id == reading.broker_order_id:
            return half
    named = reading.external_identifier
    for half in placement.halves:
        if half.external_identifier == named or (not named and half.role is role):
            return half
    return None


def take_over(placement: Placement, reading: BrokerOrder, now: datetime) -> None:
    """Keep the reading of one half, unless it is older than what we have."""
    half = half_of(placement, reading)
    if half is None:
        return
    placement.complex_order_id = placement.complex_order_id or reading.complex_order_id
    placement.read_at = now
    half.broker_order_id = half.broker_order_id or reading.broker_order_id
    if not is_older(reading, half):
        half.reading, half.broker_status = dict(reading.raw), reading.status
        half.reject_reason, half.fills_missing = reading.reject_reason[:300], reading.lacks_fills
    placement.fills_missing = any(half.fills_missing for half in placement.halves)
    placement.broker_status = status_of(placement)


def is_older(reading: BrokerOrder, known: Placement | Half) -> bool:
    """Whether the broker changed the order since what this reading tells."""
    lead = _lead(reading, known)
    return lead < 0 or (
        lead == 0 and known.broker_status in TERMINAL_STATUSES and reading.phase is not Phase.TERMINAL
    )


def is_newer(reading: BrokerOrder, known: Placement | Half) -> bool:
    """Whether the broker changed the order since what we know; of one millisecond neither word is newer."""
    return _lead(reading, known) > 0


def _lead(reading: BrokerOrder, known: Placement | Half) -> int:
    """Return by how much this reading is newer, in milliseconds; 1 where either does not say."""
    ours, told = known.reading.get("updated-at"), reading.raw.get("updated-at")
    return told - ours if isinstance(ours, int) and isinstance(told, int) else 1


def status_of(placement: Placement) -> str:
    """Return the broker's word on the pair: Filled once one half is, else that of what is still open."""
    words = [half.broker_status for half in placement.halves if half.broker_status]
    open_words = [word for word in words if word not in TERMINAL_STATUSES]
    return "Filled" if "Filled" in words else next(iter(open_words or words), "")


def end_of(placement: Placement) -> tuple[P | None, str]:
    """Return how the pair ended, and why; None while it may trade or its fills are not all here."""
    if placement.filled_quantity >= placement.quantity:
        return P.FILLED, ""
    if any(half.broker_status not in ENDS for half in placement.halves):
        return None, ""
    found = {ENDS[half.broker_status]: half.reject_reason for half in placement.halves}
    worst = next(end for end in WORST_FIRST if end in found)
    return worst, found[worst]


def is_halved(placement: Placement) -> bool:
    """Whether one half has ended without a fill, and without us, while the other lives.

    Told once it may be the other's fill, which the broker has yet to tell.
    """
    words = {half.broker_status for half in placement.halves}
    has_ended = bool(words & ENDS.keys()) and "Filled" not in words
    return has_ended and bool(words - TERMINAL_STATUSES) and placement.cancel_requested_at is None


def is_broken(placement: Placement) -> bool:
    """Whether one half was refused or taken out while the other lives: half of the exit is missing."""
    words = {half.broker_status for half in placement.halves}
    return bool(words & LOST) and bool(words - TERMINAL_STATUSES)
