"""Breaks: opened where the broker and we differ, taken and resolved by people, and in the way meanwhile."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from desk.models import Account
from orders.approval import NotAllowed
from orders.brokers.base import BrokerOrder
from orders.enums import PlacementStatus as P
from orders.models import Break, External, Order, Placement
from orders.reconciliation.differences import IN_DOUBT, BreakKind
from orders.verdicts import Verdict

log = logging.getLogger(__name__)
# PostgreSQL ends a transaction that idles for too long with an internal error.
DATABASE_GONE = (OperationalError, InterfaceError, InternalError)
NO_LONGER = "the next comparison no longer found it"


# --- opening and closing ---------------------------------------------------------------------------


def open_break(
    account: Account,
    kind: str,
    key: str,
    sentence: str,
    *,
    symbol: str = "",
    underlying: str = "",
    **detail: Any,
) -> None:
    """Record a difference between the broker and us, once while it is open; its numbers follow.

    The very same, once a person has explained it, is not opened again.
    """
    now, facts = timezone.now(), {"sentence": sentence, "detail": detail}
    same = Break.objects.filter(account=account, kind=kind, key=key)
    if same.open().update(last_seen_at=now, **facts):
        return
    if same.filter(sentence=facts["sentence"]).exclude(resolved_by="").update(last_seen_at=now):
        return
    log.error("break: %s %s: %s", kind, key, sentence)
    Break.objects.create(
        account=account,
        kind=kind,
        key=key,
        symbol=symbol,
        underlying=underlying,
        first_seen_at=now,
        last_seen_at=now,
        **facts,
    )


@contextmanager
def hiding_no_other(account: Account, reading: BrokerOrder) -> Iterator[None]:
    """Keep a broker's order in a transaction of its own; one that can't be kept is a break, and no more."""
    number = reading.broker_order_id
    try:
        with transaction.atomic():
            yield
    except DATABASE_GONE:
        raise  # no order is odd
    except Exception as error:
        log.exception("order %s of the broker can't be kept", number)
        sentence = f"the broker's order {number} can't be kept: {type(error).__name__}"
        open_break(account, BreakKind.UNREADABLE_ORDER, number, sentence, **place_of(reading))


def place_of(reading: BrokerOrder) -> dict[str, str]:
    """Return what an order trades, as far as a break names it."""
    symbol = reading.legs[0].symbol if reading.legs else ""
    return {"symbol": symbol, "underlying": underlying_in(reading.raw)}


def underlying_in(raw: Mapping[str, Any]) -> str:
    """Return the underlying that the broker names in an order's JSON, read or not."""
    return str(raw.get("underlying-symbol") or "")


def close_stale(account: Account, kind: BreakKind, found: set[str]) -> None:
    """Close the open breaks of this kind that a comparison no longer finds."""
    stale = Break.objects.open().filter(account=account, kind=kind).exclude(key__in=found)
    stale.update(resolved_at=timezone.now(), cause=NO_LONGER)


# --- what people do --------------------------------------------------------------------------------


@transaction.atomic
def take(break_id: int, *, by: User) -> Break:
    """Make this person its owner. Raises NotAllowed without the right, or when it is over. Safe twice."""
    found = _ready(break_id, by)
    found.owner = by
    found.save(update_fields=["owner"])
    return found


@transaction.atomic
def resolve(break_id: int, *, by: User, cause: str) -> Break:
    """Close a break with what explained it. Raises NotAllowed without the right, a cause, or an open break.

    A position or cash that differs is taken over as it is: the difference is an external action then.
    """
    if not cause.strip():
        raise NotAllowed("Say what explains it: a break is resolved with a cause.")
    found = _ready(break_id, by)
    found.cause, found.resolved_at, found.resolved_by = cause.strip(), timezone.now(), by.get_username()
    found.owner = found.owner or by
    found.save()
    if found.kind in {BreakKind.POSITION, BreakKind.CASH}:
        _take_over(found)
    return found


def explanation(account: Account, kind: str, key: str) -> str:
    """Return what explained this break, and who said so; empty where no person has."""
    by_hand = Break.objects.filter(account=account, kind=kind, key=key).exclude(resolved_by="")
    found = by_hand.order_by("resolved_at").last()
    return f"{found.cause} ({found.resolved_by})" if found is not None else ""


def _ready(break_id: int, by: User) -> Break:
    found = Break.objects.select_for_update(of=("self",)).get(pk=break_id)
    if not by.is_active or not by.has_perm("orders.resolve_break"):
        raise NotAllowed("You need the right to resolve breaks.")
    if found.resolved_at is not None:
        raise NotAllowed(f"{found} is resolved already: {found.cause}.")
    return found


def _take_over(found: Break) -> None:
    """Count the difference as somebody else's from now on."""
    now = timezone.now()
    External.objects.create(
        account_id=found.account_id,
        key=f"break {found.pk}",
        sentence=f"{found.sentence}: {found.cause} ({found.resolved_by})",
        symbol=found.symbol,
        quantity=found.detail.get("quantity", 0),
        value=found.detail.get("value", 0),
        on=timezone.localdate(now),
        first_seen_at=now,
        last_seen_at=now,
    )


# --- what they are in the way of -------------------------------------------------------------------


def refusal(order: Order) -> Verdict:
    """Return whether a break, or an unknown outcome of the account's, is in the way of sending this order.

    A break blocks its symbol and underlying, an unknown outcome the account. A closing order passes,
    unless something may be live in its underlying that nobody counts: then it might close twice. Else
    the check of the position behind it holds: the broker's own, or of futures ours. Cancels never come here.
    """
    doubt = unknowns(order)
    if order.is_closing:
        doubt = doubt.filter(order__underlying=order.underlying)
    unknown = doubt.first()
    if unknown is not None:
        sentence = f"the outcome of {unknown} of order {unknown.order} is unknown"
        return Verdict("UNKNOWN_OUTSTANDING", False, sentence, {"placement": str(unknown)})
    found = in_the_way(order).first()
    if found is not None:
        sentence = f"a difference from the broker is open: {found.sentence}"
        return Verdict("BREAK_OPEN", False, sentence, {"break": str(found.pk)})
    return Verdict("BREAK_OPEN", True, "no difference from the broker is in its way")


def unknowns(order: Order) -> QuerySet[Placement]:
    """Return the account's placements whose outcome is unknown, its own aside: those are read back first."""
    found = Placement.objects.filter(account_id=order.account_id, status=P.UNKNOWN)
    return found.exclude(order_id=order.pk).select_related("order").order_by("pk")


def in_the_way(order: Order) -> QuerySet[Break]:
    """Return the open breaks of its symbols and of its underlying, the oldest first."""
    symbols = [leg.symbol for leg in order.legs.all()]
    named = Q(underlying=order.underlying) | Q(symbol__in=[order.underlying, *symbols])
    found = Break.objects.open().filter(named, account_id=order.account_id)
    return (found.filter(kind__in=IN_DOUBT) if order.is_closing else found).order_by("first_seen_at")
