"""From a committed intent to what the broker is sent."""

import dataclasses
from decimal import Decimal

from orders.brokers.base import ComplexDraft, Draft, DraftLeg
from orders.enums import OrderType, Role
from orders.machine.state import Placement, Work


def draft_of(work: Work, quantity: int, price: Decimal | None) -> Draft:
    """Return the draft of one order at the broker; of a pair that is its target."""
    order = work.order
    is_stop = order.order_type is OrderType.STOP
    return Draft(
        external_identifier="",
        legs=tuple(DraftLeg(leg.kind, leg.symbol, leg.action, leg.ratio * quantity) for leg in work.legs),
        side=order.side,
        price=None if is_stop else price,
        order_type=OrderType.LIMIT if order.order_type is OrderType.OCO else order.order_type,
        time_in_force=order.time_in_force,
        stop_trigger=order.stop_price if is_stop else None,
    )


def draft_for(work: Work, placement: Placement) -> Draft:
    """Return the draft of an intent; no byte of it leaves after the intent's deadline."""
    return dataclasses.replace(
        draft_of(work, placement.quantity, placement.limit_price),
        external_identifier=placement.external_identifier,
        send_before=placement.send_deadline_at,
    )


def pair_draft(work: Work, pair: Placement, trigger: Draft | None = None) -> ComplexDraft:
    """Return the bundle of a pair, with the entry that it waits for where there is one."""
    halves = {half.role: half_draft(work, pair, half.role) for half in pair.halves}
    return ComplexDraft(halves[Role.TARGET], halves[Role.STOP], trigger, pair.send_deadline_at)


def half_draft(work: Work, pair: Placement, role: Role) -> Draft:
    """Return one half of a pair: its target as a limit, or its stop."""
    is_stop = role is Role.STOP
    named = {half.role: half.external_identifier for half in pair.halves}
    return dataclasses.replace(
        draft_of(work, pair.quantity, pair.limit_price),
        external_identifier=named[role],
        price=None if is_stop else pair.limit_price,
        stop_trigger=pair.stop_price if is_stop else None,
        order_type=OrderType.STOP if is_stop else OrderType.LIMIT,
    )
