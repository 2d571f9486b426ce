"""Automatic breakers: the controls of an intent refuse what is too much, these go on to halt the account."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from desk.limits import ControlState, limits_of
from desk.models import Account
from orders import lifecycle
from orders.controls import at_intent, rates
from orders.controls.standing import rejects_of
from orders.enums import PlacementStatus, TradingStateName
from orders.halts import halting
from orders.models import Order, Placement

BY = "desk"


def trip_all() -> int:
    """Halt every account that has a reason to be; return how many. Safe twice, and beside workers."""
    trading = Account.objects.exclude(state=TradingStateName.HALTED)
    return sum(trip(account_id) for account_id in trading.values_list("pk", flat=True))


@transaction.atomic
def trip(account_id: int) -> bool:
    """Halt the account if its orders give a reason; what they gave it for counts no more afterwards."""
    now = timezone.now()
    known = ControlState.objects.filter(account_id=account_id).first()
    reason = reason_of(account_id, known.breaker_at if known is not None else None, now)
    if not reason:
        return False
    account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if account.state == TradingStateName.HALTED:
        return False
    state = at_intent.state_of(account, limits_of(account_id), now)
    state.breaker_at = now
    state.save(update_fields=["breaker_at"])
    halting.halt([account_id], by=BY, reason=reason)
    return True


def reason_of(account_id: int, since: datetime | None, now: datetime) -> str:
    """Return why the account has to be halted; empty where nothing speaks for it."""
    verdict = rejects_of(Account(pk=account_id), limits_of(account_id), since, now)
    if not verdict.is_ok:
        return f"{verdict.sentence} ({verdict.code})"
    for order, sent in sent_again(account_id, since):
        if rates.is_runaway(sent, at_intent.most_intents(order)):
            return f"order {order} was sent {sent} times (PLACEMENTS_AT_MAXIMUM)"
    return ""


def sent_again(account_id: int, since: datetime | None) -> list[tuple[Order, int]]:
    """Return the orders at work that were sent more than once under their present approval, and how often."""
    at_work = Q(order__status__in=lifecycle.AT_WORK, intended_at__gte=F("order__approved_at"))
    placements = Placement.objects.filter(at_work, account=account_id).exclude(
        status=PlacementStatus.NOT_SENT
    )
    if since is not None:
        placements = placements.filter(intended_at__gt=since)
    counted = dict(placements.order_by().values_list("order").annotate(sent=Count("pk")).filter(sent__gt=1))
    return [(order, counted[order.pk]) for order in Order.objects.filter(pk__in=counted)]
