"""Compare an account with the broker's word: its orders, fills, positions and cash."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from desk.models import Account
from orders import queue, recording, signs
from orders.brokers.base import TERMINAL_STATUSES, Broker, BrokerError, BrokerOrder, Listing, NotFound
from orders.looking import is_stream_up, prefix
from orders.models import Break, Component, Order, Placement
from orders.reconciliation import books, externals
from orders.reconciliation.breaks import (
    NO_LONGER,
    close_stale,
    hiding_no_other,
    open_break,
    place_of,
    underlying_in,
)
from orders.reconciliation.differences import BreakKind

log = logging.getLogger(__name__)

PASS_SECONDS = 30
RETRY_SECONDS = 5
UNSTREAMED = timedelta(seconds=3)


def claim_pass(account_id: int) -> datetime | None:
    """Take the account's next pass, and return when it began: won by exactly one process."""
    now = timezone.now()
    free = Q(reconcile_leased_until=None) | Q(reconcile_leased_until__lt=now)
    won = Account.objects.filter(free, pk=account_id, reconcile_due_at__lte=now).update(
        reconcile_leased_until=now + timedelta(seconds=PASS_SECONDS)
    )
    return now if won else None


def finish_pass(account_id: int, *, began_at: datetime, is_complete: bool) -> None:
    """Give the pass back; only a complete one allows orders to be sent.

    One that was asked for while this one ran stays due: it may have missed what that is about.
    """
    now, account = timezone.now(), Account.objects.filter(pk=account_id)
    account.update(reconcile_leased_until=None)
    asked_before = account.filter(reconcile_due_at__lte=began_at)
    if not is_complete:
        asked_before.update(reconcile_due_at=now + timedelta(seconds=RETRY_SECONDS))
    elif asked_before.update(reconciled_at=now, reconcile_due_at=None):
        wake_held(account_id)


def wake_held(account_id: int) -> None:
    """Wake the orders that were waiting for this pass."""
    for order in Order.objects.due(timezone.now()).filter(account_id=account_id):
        queue.publish("orders.tasks.work_order", order.pk, order.version)


def pass_over(account_id: int, get_broker: Callable[[str, str], Broker]) -> bool | None:
    """Compare an account if that is due and nobody else does; return whether all of it was read.

    None where it was not this process's turn.
    """
    began_at = claim_pass(account_id)
    if began_at is None:
        return None
    account, is_complete = Account.objects.get(pk=account_id), False
    try:
        is_complete = reconcile(account, get_broker(account.environment_id, account.number))
        signs.broker_answered(account)
    except BrokerError as error:
        log.warning("%s could not be compared with the broker: %s", account, error)
        signs.broker_failed(account, error)
    finally:
        finish_pass(account_id, began_at=began_at, is_complete=is_complete)
    return is_complete


def reconcile(account: Account, broker: Broker) -> bool:
    """Compare the account once: orders and fills, positions, cash; return whether all orders were read.

    What is ours is applied, what is not is kept as external, what differs is a break. Raises BrokerError
    when the broker does not answer. Safe at any time, twice, and beside workers.
    """
    held = books.read(account, broker)  # first: a fill that comes meanwhile is in the orders then
    listing = broker.live_orders()
    for number, by_hand in externals.edited_by_hand(account, listing).items():
        with hiding_no_other(account, by_hand):
            externals.tell_of_edit(account, number, by_hand)
    others = externals.foreign(account, listing)
    changed = externals.keep_orders(account, others, held.at)
    for order in listing:
        if order not in others:
            adopt(account, order)
    read_missing(account, broker, listing)
    close_known(account)
    books.compare(account, held, changed, partial(read_by_number, account, broker))
    tell_unreadable(account, listing, held.at)
    return listing.is_complete


def adopt(account: Account, reading: BrokerOrder) -> Placement | None:
    """Apply a broker's order to our placement; one with our prefix and no placement is a break.

    Returns the placement as it is now.
    """
    placement = recording.placement_of(account, reading)
    with hiding_no_other(account, reading):
        if placement is not None:
            recording.apply_reading(placement, reading, by="reconcile")
            placement.refresh_from_db()
        elif reading.external_identifier.startswith(prefix(account.environment_id)):
            number, name = reading.broker_order_id, reading.external_identifier
            sentence = f"order {number} has our identifier {name}, no row"
            open_break(account, BreakKind.ORPHAN, number, sentence, **place_of(reading))
    return placement


def close_known(account: Account) -> None:
    """Close the breaks of orders without a row that have one by now."""
    orphans = Break.objects.open().filter(account=account, kind=BreakKind.ORPHAN)
    if orphans.exists():
        known = orphans.filter(key__in=externals.ours(account))
        known.update(resolved_at=timezone.now(), cause=NO_LONGER)


def read_missing(account: Account, broker: Broker, listing: Listing) -> None:
    """Read by id what should be live and was not listed."""
    listed = {order.broker_order_id for order in listing}
    live = Placement.objects.live().filter(account=account).exclude(broker_order_id="")
    for placement in live.exclude(broker_order_id__in=listed):
        read_one(broker, placement, placement.broker_order_id)
    halves = Component.objects.filter(placement__in=Placement.objects.live(), account=account)
    unended = halves.exclude(broker_order_id="").exclude(broker_status__in=TERMINAL_STATUSES)
    for half in unended.exclude(broker_order_id__in=listed).select_related("placement__account"):
        read_one(broker, half.placement, half.broker_order_id)


def read_one(broker: Broker, placement: Placement, broker_order_id: str) -> None:
    try:
        reading = broker.order(broker_order_id)
    except NotFound:
        recording.vanish(placement)
        return
    with hiding_no_other(placement.account, reading):
        recording.apply_reading(placement, reading, by="reconcile")


def read_by_number(account: Account, broker: Broker, broker_order_id: str) -> None:
    """Read one order of ours again, by the broker's number."""
    ours = Q(broker_order_id=broker_order_id) | Q(components__broker_order_id=broker_order_id)
    for placement in Placement.objects.filter(ours, account=account).distinct():
        read_one(broker, placement, broker_order_id)


def tell_unreadable(account: Account, listing: Listing, began_at: datetime) -> None:
    """Open a break for each order that can't be read, close those of the ones that can be by now.

    What could not be kept was found by this pass. What the stream told unreadably was read now: that is
    over too.
    """
    found = {open_unreadable(account, raw) for raw in listing.unreadable}
    unkept = Break.objects.open().filter(account=account, kind=BreakKind.UNREADABLE_ORDER)
    found |= set(unkept.filter(last_seen_at__gte=began_at).values_list("key", flat=True))
    close_stale(account, BreakKind.UNREADABLE_ORDER, found)
    if listing.is_complete and not found:
        close_stale(account, BreakKind.UNREADABLE_REPORT, set())


def open_unreadable(account: Account, raw: Mapping[str, Any]) -> str:
    """Open the break of an order that can't be read; return its key."""
    key = str(raw.get("id", "?"))
    sentence = f"the broker's order {key} can't be read"
    open_break(account, BreakKind.UNREADABLE_ORDER, key, sentence, underlying=underlying_in(raw))
    return key


def mark_due(accounts: "list[int] | None" = None) -> int:
    """Have the accounts compared with the broker's orders soon; return how many."""
    rows = Account.objects.filter(is_allowed=True, environment__is_enabled=True)
    if accounts is not None:
        rows = rows.filter(pk__in=accounts)
    return change_each(rows, reconcile_due_at=timezone.now())


def change_each(rows: QuerySet[Account], **values: Any) -> int:
    """Change accounts one statement each, by number; return how many.

    One statement for all would lock them as they happen to lie, and wait crosswise with a halt.
    """
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    for account_id in found:
        Account.objects.filter(pk=account_id).update(**values)
    return len(found)


def mark_unstreamed(now: datetime) -> None:
    """Have accounts compared again and again whose stream does not tell of fills.

    One listing serves however many orders wait there, and a fill is known within ten seconds: the silence
    that is borne of a stream, the wait here, a sweep and the listing add up to less.
    """
    live = Placement.objects.live().values("account")
    old = Account.objects.filter(reconciled_at__lt=now - UNSTREAMED, reconcile_due_at=None, pk__in=live)
    silent = [account.pk for account in old if not is_stream_up(account, now)]
    if silent:
        mark_due(silent)
