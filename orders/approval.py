"""A second person's decision: approve, deny; and the trader's own: withdraw. Safe to press twice."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from desk import environments
from orders import queue
from orders.controls.at_approval import verdicts_at_approval
from orders.enums import OrderStatus, Side
from orders.ladder import better
from orders.lifecycle import IllegalTransition
from orders.market import cents, is_on_tick, plain
from orders.models import Approval, Order
from orders.verdicts import Verdict, first_refusal


class NotAllowed(Exception):
    """This person may not do that. The text is one sentence for people."""


def locked(order_id: int) -> Order:
    """Return the order under its row lock; SQLite's IMMEDIATE transaction is one. Inside atomic only."""
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("account__environment", "trader__user", "channel")
        .prefetch_related("legs")
        .get(pk=order_id)
    )


def require_approver(order: Order, user: User) -> None:
    """Raise NotAllowed unless this user may decide on this order."""
    if not user.is_active or not user.has_perm("orders.approve_order"):
        raise NotAllowed("You need the right to approve orders.")
    if settings.FOUR_EYES and order.trader.user_id == user.pk:
        raise NotAllowed("You asked for this order: a second person has to approve it.")
    person = getattr(user, "trader", None)
    if person is not None and not person.is_active:
        raise NotAllowed("Your desk profile is switched off.")
    if person is not None and person.is_practice and environments.is_live_enabled():
        raise NotAllowed("Practice users can't approve while sandbox or production is on.")


def require_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Raise NotAllowed with the first one that says no."""
    refusal = first_refusal(verdicts)
    if refusal is not None:
        raise NotAllowed(f"{refusal.sentence} ({refusal.code})")


def freeze(order: Order, quantity: int | None, bound: Decimal | None) -> str:
    """Set what is approved, and return how that differs from what was asked. Raises NotAllowed."""
    asked = _terms(order)
    order.quantity, order.bound_price = frozen_quantity(order, quantity), frozen_bound(order, bound)
    return "" if _terms(order) == asked else f"{_terms(order)} instead of {asked}"


def frozen_quantity(order: Order, quantity: int | None) -> int:
    """Return the quantity to approve. Raises NotAllowed if it was raised."""
    chosen = quantity if quantity is not None else order.quantity
    least = order.filled_quantity + 1
    if not least <= chosen <= order.quantity:
        between = f"{least} to {order.quantity}"
        raise NotAllowed(f"An approver can only reduce the quantity: {between}, not {chosen}.")
    return chosen


def frozen_bound(order: Order, bound: Decimal | None) -> Decimal | None:
    """Return the bound to approve. Raises NotAllowed if it was loosened or is off the tick."""
    asked = Decimal(order.bound_price) if order.bound_price is not None else None
    if bound is None or asked is None:
        return asked
    if better(bound, asked, Side(order.side)) != bound:
        raise NotAllowed(f"An approver can only tighten the bound {plain(asked)}, not to {plain(bound)}.")
    if bound <= 0 or not is_on_tick(bound, order.ticks_table):
        raise NotAllowed(f"{bound} is not on the tick of this instrument.")
    return Decimal(bound)


@transaction.atomic
def approve(
    order_id: int,
    *,
    by: User,
    via: str,
    quantity: int | None = None,
    bound: Decimal | None = None,
    version: int | None = None,
) -> Order:
    """Approve a proposed order and wake its execution.

    Freezes legs, quantity, bound, policy, account and environment; `quantity` may only be reduced and
    `bound` only tightened, and both are recorded. An order whose time is up comes back LAPSED. With
    `version`, the one the approver saw, nothing newer is approved. Raises NotAllowed (also where a key
    of the environment disagrees) or IllegalTransition (someone decided first).
    """
    order, now = locked(order_id), timezone.now()
    require_approver(order, by)
    if order.status == OrderStatus.PROPOSED and now >= order.lapses_at:
        lapse(order)
        return order
    if order.status == OrderStatus.PROPOSED and version not in {None, order.version}:
        raise NotAllowed("It changed meanwhile: look again before you approve.")
    require_verdicts([environments.seal(order.environment, order.account, order.trader)])
    changed = freeze(order, quantity, bound)
    require_verdicts(verdicts_at_approval(order))
    order.approved_at = order.next_action_at = now
    order.holding_since, order.rung, order.failures, order.walks = None, 0, 0, 1
    order.move_to(OrderStatus.APPROVED, by=by.get_username(), now=now, reason=changed, via=via,
                  approver=by.pk)  # fmt: skip
    order.approvals.create(
        is_yes=True,
        by=by,
        via=via,
        at=now,
        reason=changed,
        quantity=order.quantity,
        bound_price=order.bound_price,
        target_price=order.target_price,
        stop_price=order.stop_price,
    )
    queue.wake(order)
    return order


def _terms(order: Order) -> str:
    at = cents(order.bound_price) if order.bound_price is not None else "market"
    return f"{order.quantity} at {at}"


@transaction.atomic
def deny(order_id: int, *, by: User, via: str, reason: str) -> Order:
    """Deny a proposed order. Raises NotAllowed or IllegalTransition; a reason is needed."""
    order, now = locked(order_id), timezone.now()
    require_approver(order, by)
    if not reason.strip():
        raise NotAllowed("Say why: a denial needs a reason.")
    if order.status != OrderStatus.PROPOSED:  # the desk itself may deny later, a person may not
        raise IllegalTransition(
            f"the order is already {order.get_status_display().lower()}, it can't become denied"
        )
    order.needs_review = order.needs_review or leaves_a_position(order)
    order.move_to(OrderStatus.DENIED, by=by.get_username(), now=now, reason=reason.strip(), via=via)
    order.approvals.create(
        is_yes=False, by=by, via=via, at=now, reason=reason.strip()[:300],
        quantity=order.quantity, bound_price=order.bound_price,
    )  # fmt: skip
    return order


@transaction.atomic
def withdraw(order_id: int, *, by: str, reason: str) -> bool:
    """Take back an order that nobody has decided on yet; return whether it was one. Safe twice."""
    order = locked(order_id)
    if order.status != OrderStatus.PROPOSED:
        return False
    order.move_to(OrderStatus.WITHDRAWN, by=by, now=timezone.now(), reason=reason)
    return True


def mark_reminded(order_id: int) -> bool:
    """Record that the approvers were reminded; False if they were before. One UPDATE decides the race."""
    waiting = Order.objects.filter(pk=order_id, status=OrderStatus.PROPOSED, reminded_at=None)
    return waiting.update(reminded_at=timezone.now()) == 1


@transaction.atomic
def ask_again(order: Order, *, reason: str) -> None:
    """Void the approval and propose the order anew. The caller holds the row lock."""
    now = timezone.now()
    Approval.objects.filter(order=order, is_yes=True, is_void=False).update(is_void=True)
    order.approved_at, order.next_action_at, order.reminded_at = None, None, None
    order.lapses_at = now + timedelta(seconds=settings.APPROVAL_SECONDS)
    order.move_to(OrderStatus.PROPOSED, by="desk", now=now, reason=reason)


def leaves_a_position(order: Order) -> bool:
    """Whether it is an exit that was approved once: its position has relied on it, and stands without it."""
    return order.is_exit and order.approvals.filter(is_yes=True).exists()


def lapse(order: Order) -> None:
    """Its time to be decided is up. The caller holds the row lock."""
    order.needs_review = order.needs_review or leaves_a_position(order)
    order.move_to(OrderStatus.LAPSED, by="desk", now=timezone.now(), reason="not decided in time")


def lapse_due() -> int:
    """Lapse every proposal that was not decided in time; return how many. Safe twice."""
    lapsed = 0
    for order_id in Order.objects.filter(
        status=OrderStatus.PROPOSED, lapses_at__lte=timezone.now()
    ).values_list("pk", flat=True):
        with transaction.atomic():
            order = locked(order_id)
            if order.status == OrderStatus.PROPOSED and order.lapses_at <= timezone.now():
                lapse(order)
                lapsed += 1
    return lapsed
