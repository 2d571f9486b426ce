"""What the plan sees of an order under work."""

from collections.abc import Sequence
from decimal import Decimal

from orders.enums import BeforeOpen, EnvironmentName, TimeInForce, WalkEnd, WalkMethod
from orders.enums import PlacementStatus as P
from orders.machine.state import Order, Placement, Work
from orders.moves import OrderView, PlacementView

# Placements that never reached the broker don't count as intents that left.
NEVER_LEFT = frozenset({P.NOT_SENT, P.NOT_PLACED})


def current(work: Work) -> list[Placement]:
    """Return the placements of the approval that counts, and whatever older one is live after all."""
    since = work.order.approved_at
    counted = [p for p in work.placements if not p.is_zombie]
    return [p for p in counted if p.is_live or since is None or p.intended_at >= since]


def order_view(work: Work, placements: Sequence[Placement]) -> OrderView:
    """Return the order as the plan sees it; `placements` are its current ones."""
    order = work.order
    left = [p for p in placements if p.status not in NEVER_LEFT]
    return OrderView(
        status=order.status,
        terms=order.terms,
        order_type=order.order_type,
        quantity=order.quantity,
        filled_quantity=order.filled_quantity,
        rung=order.rung,
        step_due_at=order.step_due_at,
        wait_seconds=order.wait_seconds,
        replaces=order.method == WalkMethod.REPLACE,
        cancels_at_end=order.end == WalkEnd.CANCEL,
        waits_for_open=order.before_open == BeforeOpen.WAIT,
        max_spread_percent=order.max_spread_percent,
        max_move_ticks=order.max_move_ticks,
        patience_seconds=order.patience_seconds,
        proposal_mid=proposal_mid(order),
        last_price=left[-1].limit_price if left else None,
        intents=len(left),
        walks=order.walks,
        holding_since=order.holding_since,
        is_cancel_wanted=bool(order.cancel_requested_by),
        is_parked=bool(order.parked_reason),
        is_uneven=is_uneven(work),
        amend_reason=order.amendment.get("reason", ""),
        is_exit=order.is_exit,
        target=order.target_price if order.is_exit else None,
        is_gtc=order.time_in_force is TimeInForce.GTC,
        approved_at=order.approved_at,
        waits_for_entry=order.waits_for_entry,
        is_dry_run=order.dry_run,
        may_resend_after_absence=order.environment != EnvironmentName.PRODUCTION or order.is_resend_confirmed,
    )


def is_uneven(work: Work) -> bool:
    """Whether its legs have filled in other proportions than the order has them."""
    if len(work.legs) == 1:
        return False
    done, first = work.filled_by_leg(work.fills), work.legs[0]
    return any(each * first.ratio != done[0] * leg.ratio for each, leg in zip(done, work.legs, strict=True))


def proposal_mid(order: Order) -> Decimal | None:
    if order.proposal_bid_price is None or order.proposal_ask_price is None:
        return None
    return (order.proposal_bid_price + order.proposal_ask_price) / 2


def placement_view(placement: Placement) -> PlacementView:
    return PlacementView(
        status=placement.status,
        price=placement.limit_price,
        quantity=placement.quantity,
        filled_quantity=placement.filled_quantity,
        rung=placement.rung,
        broker_status=placement.broker_status,
        was_cancel_ours=placement.cancel_requested_at is not None and not is_replaced_by_hand(placement),
        cancel_requested_at=placement.cancel_requested_at,
        cancel_attempts=placement.cancel_attempts,
        cause=placement.cause,
        fills_missing=placement.fills_missing,
        is_replacement=bool(placement.replaces),
        has_broker_id=placement.is_named,
    )


def is_replaced_by_hand(placement: Placement) -> bool:
    """Whether someone edited it at the broker: another order took its place, and none that we sent."""
    return placement.status is P.CANCELLED and bool(placement.reading.get("replacing-order-id"))
