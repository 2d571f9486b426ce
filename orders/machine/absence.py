"""An unknown outcome: found in a listing, or proven absent. No third way out."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from orders import moves
from orders.brokers.base import BrokerOrder, Listing
from orders.enums import PlacementStatus as P
from orders.lifecycle import UNRESOLVED
from orders.machine import readings
from orders.machine.desk import Desk, Waits
from orders.machine.leases import BY, held, reschedule
from orders.machine.state import Placement, Work


def unresolved(work: Work) -> Placement | None:
    """Return the placement whose outcome is to be found out."""
    found = [p for p in work.placements if p.status in UNRESOLVED]
    return found[-1] if found else None


def day_before(moment: datetime) -> date:
    return (moment - timedelta(days=1)).date()


def find(listing: Iterable[BrokerOrder], work: Work, placement: Placement) -> BrokerOrder | None:
    """Return the placement's order: by our identifier or, for a replacement, by what it replaces.

    Whether the broker echoes the identifier of a PUT is not documented.
    """
    known = list(listing)
    ours = {placement.external_identifier, *(half.external_identifier for half in placement.halves)}
    found = next((order for order in known if order.external_identifier in ours), None)
    if found is None and placement.replaces:
        old = work.placement(placement.replaces).broker_order_id
        taken = {p.broker_order_id for p in work.placements if p is not placement}
        found = next(
            (o for o in known if old and o.replaces_order_id == old and o.broker_order_id not in taken), None
        )
    return found


def is_whole(listing: Listing) -> bool:
    """An unreadable row might be the one we look for: such a listing proves nothing."""
    return listing.is_complete and not listing.unreadable


def counting_starts_at(send_deadline_at: datetime, waits: Waits) -> datetime:
    """Return from when on an absence counts: a held request may still arrive before."""
    return send_deadline_at + timedelta(seconds=waits.call + waits.absence_grace)


def count(
    work: Work, desk: Desk, now: datetime, *, lease: str, external_identifier: str, is_complete: bool
) -> None:
    """Count one complete listing without it; enough of them, far enough apart, prove absence.

    The account stream must have been connected since the first that counted: it would have told us.
    """
    order, placement = held(work, lease, now), work.placement(external_identifier)
    spacing = timedelta(seconds=desk.waits.absence_spacing)
    too_soon = placement.absent_read_at is not None and now < placement.absent_read_at + spacing
    early = now < counting_starts_at(placement.send_deadline_at, desk.waits)
    if placement.status is not P.UNKNOWN or not is_complete or early or too_soon:
        return
    first = placement.absent_since_at or now
    if not desk.is_stream_up(now, since=first):
        placement.absent_reads, placement.absent_since_at, placement.absent_read_at = 0, None, None
        return
    placement.absent_since_at, placement.absent_read_at = first, now
    placement.absent_reads += 1
    if placement.absent_reads >= desk.waits.absence_reads:
        cause = f"absent from {placement.absent_reads} complete listings"
        placement.move_to(P.NOT_PLACED, now=now, cause=cause)
        readings.back_to_work(work, placement, now)
        order.tell("placement not placed", by=BY, now=now, reason=cause)


def look_again(work: Work, desk: Desk, now: datetime, *, lease: str) -> None:
    """Come back while it is unknown; after the policy's patience a person should know."""
    del desk
    order, placement = held(work, lease, now), unresolved(work)
    if placement is None:
        reschedule(order, now, now=now)
        return
    patience = timedelta(seconds=order.patience_seconds)
    if now > placement.intended_at + patience and not order.needs_review:
        order.needs_review = True
        order.tell("needs review", by=BY, now=now, reason="the outcome of a placement is still unknown")
    reschedule(order, now + timedelta(seconds=moves.READ_BACK_SECONDS), now=now)
