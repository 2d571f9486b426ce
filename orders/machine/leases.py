"""One worker's hold on an order: the lease that makes it the only one, and giving it back."""

from datetime import datetime, timedelta

from orders import plan
from orders.enums import OrderStatus
from orders.machine.desk import Desk
from orders.machine.state import Order, Outage, Work

BY = "desk"
MOST_FAILURES = 5
MOST_COUNTED = 100  # of failures in a row: an outage may last for weeks
LONGEST_BACKOFF_SECONDS = 30.0


class LeaseLost(Exception):
    """Another worker took the order over; whatever we were about to do is not ours any more."""


def held(work: Work, lease: str, now: datetime) -> Order:
    """Return the order if this worker still holds the lease. Raises LeaseLost."""
    order = work.order
    if order.lease != lease:
        raise LeaseLost(f"{order} is worked by another")
    if order.leased_until is None or order.leased_until < now:
        raise LeaseLost(f"the lease on {order} ran out")
    return order


def reschedule(order: Order, at: datetime | None, *, now: datetime, failures: int = 0) -> None:
    """Give the lease back and say when to look again."""
    order.leased_until, order.lease, order.failures = None, "", min(failures, MOST_COUNTED)
    if not order.is_closed:  # a closed one knows whether it has a turn left
        order.next_action_at = None if order.status is OrderStatus.PROPOSED else at
    if order.next_action_at is not None and order.next_action_at <= now:
        order.is_woken = True


def walk_on(order: Order, now: datetime) -> None:
    """Leave APPROVED, HOLDING or RESTING for the walk; forget the hold, unless a person has to look."""
    order.holding_since = None
    if order.status is OrderStatus.HOLDING and not order.needs_review:
        order.note = ""
    if order.status is not OrderStatus.WALKING:
        order.move_to(OrderStatus.WALKING, by=BY, now=now)


def hold(order: Order, reason: str, *, now: datetime, needs_review: bool = False) -> None:
    """Hold the order, and tell so once per reason; and once that a person should look."""
    if order.status is not OrderStatus.HOLDING:
        order.holding_since = now
        order.move_to(OrderStatus.HOLDING, by=BY, now=now, reason=reason)
    elif order.note != reason[:300]:
        order.note = reason[:300]
        order.tell("holding", by=BY, now=now, reason=reason)
    if needs_review and not order.needs_review:
        order.needs_review = True
        order.tell("needs review", by=BY, now=now, reason=reason)


def park(order: Order, reason: str, *, now: datetime) -> None:
    """Stop working the order until a person has looked."""
    order.parked_reason, order.needs_review = reason[:300], True
    order.tell("parked", by=BY, now=now, reason=reason)


def backoff(failures: int, jitter: float) -> timedelta:
    """Return how long to wait after so many failures in a row: doubling, capped, with jitter."""
    return timedelta(seconds=min(2**failures, LONGEST_BACKOFF_SECONDS) * jitter)


def outage(
    work: Work, desk: Desk, now: datetime, *, lease: str, error: Exception, needs_review: bool
) -> None:
    """A read failed: hold, wait longer each time, and have everything compared before the next send."""
    order = work.order
    if order.lease != lease:
        return
    order.notes.append(Outage(error))
    if order.status not in {OrderStatus.RESTING, OrderStatus.PROPOSED} and not order.is_closed:
        is_impatient = plan.hold(order, str(error), now).needs_review
        hold(order, str(error), now=now, needs_review=needs_review or is_impatient)
    failures = order.failures + 1
    reschedule(order, now + backoff(failures, desk.waits.jitter), now=now, failures=failures)


def failed(work: Work, desk: Desk, now: datetime, *, lease: str, error: Exception) -> None:
    """A step raised what nobody foresaw: try again a few times, then park it; others go on."""
    order = work.order
    if order.lease != lease:
        return
    failures = order.failures + 1
    if failures >= MOST_FAILURES and not order.parked_reason:
        park(order, f"{failures} steps failed, the last with {type(error).__name__}: {error}", now=now)
    reschedule(order, now + backoff(failures, desk.waits.jitter), now=now, failures=failures)


def look_soon(work: Work, now: datetime) -> None:
    """Have the order looked at within a second, also a closed one."""
    order, soon = work.order, now + timedelta(seconds=1)
    if order.next_action_at is None or order.next_action_at > soon:
        order.next_action_at = soon
