"""What people ask of an order that is under way: cancel it, work it again."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from orders import queue
from orders.approval import NotAllowed, locked
from orders.enums import OrderStatus, PlacementStatus
from orders.models import Order


def may_cancel(order: Order, user: User) -> bool:
    """Whether this user may cancel it: its own trader, and staff with the right."""
    return user.is_active and (order.trader.user_id == user.pk or user.has_perm("orders.cancel_order"))


@transaction.atomic
def cancel(order_id: int, *, by: User, via: str, reason: str) -> Order:
    """Ask for an order to be cancelled; the worker does it. Safe twice.

    An undecided order is withdrawn and one that was never sent is closed at once. Raises NotAllowed
    for the wrong person or a closed order.
    """
    order, now, who = locked(order_id), timezone.now(), by.get_username()
    if not may_cancel(order, by):
        raise NotAllowed("Only its trader, or staff with the right to cancel, can cancel this order.")
    if order.is_closed:
        raise NotAllowed(f"Order {order} is already {order.get_status_display().lower()}.")
    if order.waits_for_entry:
        entry = f"#{order.parent_id}"
        raise NotAllowed(f"{order} waits at the broker for {entry} to fill: cancel {entry} instead.")
    if order.status == OrderStatus.PROPOSED:
        order.move_to(OrderStatus.WITHDRAWN, by=who, now=now, reason=reason, via=via)
    elif not order.cancel_requested_by:
        _request(order, who, via, reason)
    return order


def _request(order: Order, who: str, via: str, reason: str) -> None:
    now = timezone.now()
    order.cancel_requested_by, order.cancel_reason, order.next_action_at = who, reason[:200], now
    if order.status == OrderStatus.APPROVED and not order.placements.live().exists():
        order.move_to(OrderStatus.CANCELLED, by=who, now=now, reason=reason or "cancelled before it was sent")
        return
    order.tell("cancel asked", by=who, now=now, reason=reason, via=via)
    queue.wake(order)


@transaction.atomic
def work_again(order_id: int, *, by: User, via: str) -> Order:
    """Walk a resting DAY order again inside its approved bound. Raises NotAllowed or IllegalTransition."""
    order, now = locked(order_id), timezone.now()
    if not may_cancel(order, by):
        raise NotAllowed("Only its trader, or staff with the right to cancel, can work this order again.")
    if order.status != OrderStatus.RESTING:
        raise NotAllowed(
            f"Only a resting order can be worked again; {order} is {order.get_status_display().lower()}."
        )
    if order.is_exit:
        raise NotAllowed(f"{order} is an exit: it waits at its prices and does not walk.")
    order.rung, order.walks, order.next_action_at = 0, order.walks + 1, now
    order.move_to(OrderStatus.WALKING, by=by.get_username(), now=now, reason="worked again", via=via)
    queue.wake(order)
    return order


@transaction.atomic
def unpark(order_id: int, *, by: User) -> Order:
    """Let a parked order be worked again, after a person has looked. Safe twice.

    It is also the click that production waits for before a placement proven absent is placed again.
    Raises NotAllowed without the right to approve.
    """
    order, now = locked(order_id), timezone.now()
    if not by.has_perm("orders.approve_order"):
        raise NotAllowed("You need the right to approve orders to let a parked order go on.")
    if order.parked_reason:
        order.parked_reason, order.needs_review, order.failures = "", False, 0
        last = order.placements.last()
        order.is_resend_confirmed = last is not None and last.status == PlacementStatus.NOT_PLACED
        order.next_action_at, order.walks = now, order.walks + 1
        order.holding_since = order.holding_since and now
        order.tell("unparked", by=by.get_username(), now=now)
        queue.wake(order)
    return order


@transaction.atomic
def reviewed(order_id: int, *, by: User, version: int) -> Order:
    """Take back that an order needs review: a person has looked, also at a closed one. Safe twice.

    `version` is the one that was looked at. A cause that still stands asks again; a hold does so only after
    another patience.
    Raises NotAllowed without the right to approve, where the order has changed since, and of a parked order,
    which has to go on or be cancelled.
    """
    order = locked(order_id)
    if not by.has_perm("orders.approve_order"):
        raise NotAllowed("You need the right to approve orders to say that one is reviewed.")
    if order.parked_reason:
        raise NotAllowed("It is parked: let it go on, or cancel it.")
    if order.needs_review and order.version != version:
        raise NotAllowed("It changed since you looked: look again.")
    if order.needs_review:
        order.needs_review = False
        order.holding_since = order.holding_since and timezone.now()
        order.tell("reviewed", by=by.get_username(), now=timezone.now())
    return order
