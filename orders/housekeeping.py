"""What the housekeeping schedule does each minute. It marks rows due and wakes others; no broker call."""

from datetime import timedelta

from django.utils import timezone

from desk.models import Account, Heartbeat, TradingSession
from orders import approval, lifecycle, looking, queue
from orders.audit import digests
from orders.models import Order
from orders.reconciliation import reconciling

JUST_ENDED = timedelta(minutes=10)


def lapse_approvals() -> int:
    """Lapse every proposal that was not decided in time; return how many."""
    return approval.lapse_due()


def reconcile_due() -> int:
    """Have every tradeable account compared with the broker; return how many."""
    return reconciling.mark_due()


def close_day() -> int:
    """Have every order whose session is over looked at, and so closed with a line; return how many.

    Accounts whose session has just ended are compared with the broker once more.
    """
    now, woken = timezone.now(), 0
    ended = TradingSession.objects.filter(closes_at__lte=now, closes_at__gt=now - JUST_ENDED)
    of_it = Account.objects.filter(environment__in=ended.values("environment"))
    reconciling.mark_due(list(of_it.values_list("pk", flat=True)))
    for order in Order.objects.filter(status__in=lifecycle.AT_WORK).prefetch_related("legs"):
        if not looking.is_in_session(order, now):
            Order.objects.filter(pk=order.pk, version=order.version).update(next_action_at=now)
            woken += 1
    return woken


def digest_day() -> str:
    """Write the digest of the day's orders once it is over; return it."""
    return digests.write(timezone.now()).digest


def write_calendar() -> None:
    """Have a worker write the session calendar: it may speak to the broker, this process may not."""
    queue.publish("orders.tasks.write_calendar")


def beat() -> None:
    """Prove that the housekeeping cluster lives: its own status is invisible to other processes."""
    Heartbeat.beat("housekeeping", now=timezone.now())
