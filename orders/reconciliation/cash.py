"""Compare an account's cash with what it was in the morning and what has moved it since."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from desk.models import Account
from orders.brokers.base import Balance, Transaction, TransactionListing
from orders.enums import Action, InstrumentType
from orders.models import Book, External, Fill
from orders.reconciliation import breaks, externals
from orders.reconciliation.differences import BreakKind

# The broker tells of a fill, of its position and of the cash one after the other.
SETTLING = timedelta(seconds=10)


def compare(
    account: Account, book: Book, balance: Balance, entries: TransactionListing, at: datetime
) -> None:
    """Open a break where the cash is not what the day makes it, and close it where it is again.

    Not judged: while a fill settles; a hand's trade that is not booked yet; a day with futures, whose
    marks settle in cash; books that were not read whole. Our fees count once they are booked: until then
    the tolerance has to cover them. The first pass of a day takes its cash as it is. An entry is of the day
    it was executed on, as a fill is: the broker's own day turns in the evening.
    """
    day, today = timezone.localdate(at), [entry for entry in entries if _is_of(entry, at)]
    unsure = entries.unreadable or not entries.is_complete or settling(account, at)
    if unsure or has_futures(account, day, today) or unbooked(account, day, today):
        return
    moved = own_value(account, day, today) + others_value(account, day, today)
    if book.cash_on != day:
        book.cash_on, book.cash_value = day, balance.cash - moved
        book.save(update_fields=["cash_on", "cash_value"])
    expected, key = book.cash_value + moved, day.isoformat()
    difference = balance.cash - expected
    if abs(difference) > settings.CASH_TOLERANCE_VALUE:
        said = f"the cash is {balance.cash:.2f}, the day makes it {expected:.2f}"
        breaks.open_break(account, BreakKind.CASH, key, said, value=str(difference))
        breaks.close_stale(account, BreakKind.CASH, {key})
    else:
        breaks.close_stale(account, BreakKind.CASH, set())


def _is_of(entry: Transaction, at: datetime) -> bool:
    return timezone.localdate(entry.executed_at) == timezone.localdate(at)


def settling(account: Account, at: datetime) -> set[str]:
    """Return the symbols that have filled so lately that position and cash may not be told yet."""
    lately = Fill.objects.filter(account=account, recorded_at__gte=at - SETTLING)
    return set(lately.values_list("leg__symbol", flat=True))


def fills_on(account: Account, day: date) -> list[Fill]:
    midnight = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 -- made aware here
    found = Fill.objects.filter(account=account, filled_at__gte=midnight)
    return list(found.select_related("leg"))


def has_futures(account: Account, day: date, entries: Iterable[Transaction]) -> bool:
    future = InstrumentType.FUTURE.value
    is_ours = any(fill.leg.kind == future for fill in fills_on(account, day))
    return is_ours or any(entry.raw.get("instrument-type") == future for entry in entries)


def unbooked(account: Account, day: date, entries: Iterable[Transaction]) -> set[str]:
    """Return the orders of others that have traded today and that the books don't hold yet."""
    traded = External.objects.filter(account=account, on=day, key__startswith="order ").exclude(quantity=0)
    return set(traded.values_list("broker_order_id", flat=True)) - {e.broker_order_id for e in entries}


def own_value(account: Account, day: date, entries: Iterable[Transaction]) -> Decimal:
    """Return what our fills of the day moved, with the fees that are booked of them."""
    own, found = externals.ours(account), Decimal(0)
    for fill in fills_on(account, day):
        found -= Action(fill.leg.action).sign * fill.quantity * fill.price * fill.leg.multiplier
    for entry in entries:
        found += entry.fees if entry.broker_order_id in own else 0
    return found


def others_value(account: Account, day: date, entries: Iterable[Transaction]) -> Decimal:
    """Return what others moved today: what is booked of theirs, and what a person explained."""
    own, found = externals.ours(account), Decimal(0)
    for entry in entries:
        found += entry.net_value if entry.broker_order_id not in own else 0
    explained = External.objects.filter(account=account, on=day, key__startswith="break ")
    return found + (explained.aggregate(sum=Sum("value"))["sum"] or Decimal(0))
