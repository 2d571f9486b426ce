"""Before every call that changes something: what has to be committed, or why it may not be.

An intent is a placement in SENDING or CANCELLING. It is kept before the first byte leaves. Every
function here changes nothing when it raises.
"""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from orders import moves, plan
from orders.brokers.base import ComplexDraft, Draft
from orders.enums import OrderType
from orders.enums import PlacementStatus as P
from orders.machine import drafts, pairs
from orders.machine.desk import Desk, Refusal
from orders.machine.leases import BY, LeaseLost, held, walk_on
from orders.machine.state import Order, Placement, Work
from orders.market import Quote, plain


@dataclass(frozen=True, slots=True)
class Intent:
    """What may be sent now. `pair` names what the broker is to tie to it, as (order, identifier).

    A placement that is a pair by itself (OCO) names itself; `replaces` is the broker's id of what a PUT
    takes over from.
    """

    external_identifier: str
    draft: Draft | ComplexDraft
    pair: tuple[int, str] | None = None
    replaces: str = ""


def place(
    work: Work, desk: Desk, now: datetime, *, move: moves.Place, lease: str, quote: Quote | None
) -> Intent:
    """Commit to a POST. Raises Refusal or LeaseLost."""
    order = ready(work, desk, now, lease=lease, price=move.price, quote=quote)
    if work.live() or move.quantity > order.leaves_quantity:
        raise LeaseLost(f"{order} changed while its next placement was decided")
    sleeping = desk.sleeping_exit(lease, now)
    renew(order, desk, now)
    placement = new_placement(work, desk, now, move.rung, move.quantity, move.price, quote)
    walk_on(order, now)
    order.rung, order.is_resend_confirmed = move.rung, False
    if order.arrival_mid_price is None and quote is not None:
        order.arrival_mid_price = quote.mid
    at = plain(move.price) if move.price is not None else "market"
    order.tell(
        "sending", by=BY, now=now, rung=move.rung, price=str(move.price), reason=f"{move.quantity} at {at}"
    )
    if order.order_type is OrderType.OCO:
        return pair_of(work, placement)
    trigger = drafts.draft_for(work, placement)
    if sleeping is None:
        return Intent(placement.external_identifier, trigger)
    return lay_asleep(sleeping, desk, now, entry=work, placement=placement, trigger=trigger)


def pair_of(work: Work, placement: Placement) -> Intent:
    """Commit to an exit's two orders, one of which ends the other."""
    identifier = placement.external_identifier
    placement.halves = pairs.halves_of(identifier)
    return Intent(identifier, drafts.pair_draft(work, placement), (work.order.pk, identifier))


def lay_asleep(
    sleeping: Work, desk: Desk, now: datetime, *, entry: Work, placement: Placement, trigger: Draft
) -> Intent:
    """Commit to the exit that leaves with its entry and waits at the broker until that has filled."""
    order = sleeping.order
    walk_on(order, now)
    pair = new_placement(sleeping, desk, now, 0, placement.quantity, order.target_price, None)
    pair.halves = pairs.halves_of(pair.external_identifier)
    order.tell("sending", by=BY, now=now, reason=f"with {entry.order}, asleep until it has filled")
    draft = drafts.pair_draft(sleeping, pair, trigger)
    return Intent(placement.external_identifier, draft, (order.pk, pair.external_identifier))


def replace(
    work: Work, desk: Desk, now: datetime, *, move: moves.Replace, lease: str, quote: Quote | None
) -> Intent:
    """Commit to a PUT: the old one REPLACING, the new one SENDING, linked. Raises Refusal or LeaseLost."""
    live = work.live()
    order = ready(work, desk, now, lease=lease, price=move.price, quote=quote)
    if len(live) != 1 or live[0].status is not P.WORKING or live[0].filled_quantity:
        raise LeaseLost(f"{order} changed while its replacement was decided")
    old = live[0]
    renew(order, desk, now)
    old.move_to(P.REPLACING, now=now)
    new = new_placement(work, desk, now, move.rung, old.quantity, move.price, quote)
    new.replaces = old.external_identifier
    order.rung = move.rung
    walk_on(order, now)
    order.tell("sending", by=BY, now=now, rung=move.rung, price=str(move.price),
               reason=f"replace by {new.quantity} at {plain(move.price)}")  # fmt: skip
    return Intent(new.external_identifier, drafts.draft_for(work, new), replaces=old.broker_order_id)


def ready(
    work: Work, desk: Desk, now: datetime, *, lease: str, price: Decimal | None,
    quote: Quote | None,
) -> Order:  # fmt: skip
    """Take every verdict once more. Raises Refusal or LeaseLost.

    Everything the decision stood on is looked at again: a machine may sleep between the two.
    """
    order = held(work, lease, now)
    if order.cancel_requested_by or order.amendment:
        raise LeaseLost(f"{order} is to be cancelled or amended")
    refusal = desk.refusal(price, quote)
    if refusal is not None:
        raise Refusal(refusal)
    if quote is not None and (now - quote.received_at).total_seconds() > plan.QUOTE_SECONDS:
        raise LeaseLost(f"the quote for {order} grew old while its move was decided")
    if not order.is_exit and not desk.is_in_session(now):
        raise LeaseLost(f"the session of {order} ended while its move was decided")
    return order


def renew(order: Order, desk: Desk, now: datetime) -> None:
    """Begin the lease anew at an intent, so that it outlasts the call."""
    order.leased_until = now + timedelta(seconds=desk.waits.lease)


def new_placement(
    work: Work, desk: Desk, now: datetime, rung: int, quantity: int, price: Decimal | None,
    quote: Quote | None,
) -> Placement:  # fmt: skip
    order = work.order
    # The answer counts it anew; where its worker dies, the next one finds it here.
    order.step_due_at = now + timedelta(seconds=order.wait_seconds)
    placement = Placement(
        external_identifier=desk.identifier(order, len(work.placements) + 1),
        rung=rung,
        quantity=quantity,
        limit_price=price,
        stop_price=order.stop_price if order.is_exit else None,
        bid_price=quote.bid if quote else None,
        ask_price=quote.ask if quote else None,
        intended_at=now,
        send_deadline_at=now + timedelta(seconds=desk.waits.send),
    )
    work.placements.append(placement)
    return placement


# --- cancels: they always pass -----------------------------------------------------------------------


def cancel(work: Work, desk: Desk, now: datetime, *, move: moves.Cancel, lease: str) -> Placement:
    """Commit that we want the live placement gone. Raises LeaseLost where there is none."""
    order = held(work, lease, now)
    named = [p for p in work.live() if p.is_named and not p.is_zombie]  # zombies are chased apart
    if not named:
        raise LeaseLost(f"{order} has nothing left to cancel")
    placement = named[-1]
    renew(order, desk, now)
    is_first, asked = placement.status is not P.CANCELLING, placement.cancel_attempts
    if is_first:
        placement.move_to(P.CANCELLING, now=now, cause=move.reason)
    if move.needs_review and not order.needs_review:
        order.needs_review = True
        reason = f"the broker has been asked {asked} times to cancel it and has not ended it"
        order.tell("needs review", by=BY, now=now, reason=reason)
    placement.cancel_requested_at, placement.cancel_attempts = now, placement.cancel_attempts + 1
    if is_first:
        order.tell("cancelling", by=order.cancel_requested_by or BY, now=now, reason=move.reason)
    return copy.copy(placement)


def chase(work: Work, external_identifier: str, now: datetime) -> bool:
    """Commit that a zombie is asked to go; False while the last time is too recent."""
    placement = work.placement(external_identifier)
    patience, asked = plan.cancel_patience(placement.cancel_attempts), placement.cancel_requested_at
    if not placement.is_live or (asked is not None and now < asked + patience):
        return False
    placement.cancel_requested_at, placement.cancel_attempts = now, placement.cancel_attempts + 1
    return True
