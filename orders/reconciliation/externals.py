"""What moves an account and is not the desk's: kept, shown, counted, and never fought."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from desk.models import Account
from orders import keeping
from orders.brokers.base import BrokerLeg, BrokerOrder, Listing, Transaction
from orders.lifecycle import UNRESOLVED
from orders.looking import prefix
from orders.machine.desk import Desk
from orders.machine.state import Work
from orders.models import Component, External, OrderEvent, Placement
from orders.reconciliation.breaks import hiding_no_other
from orders.recording import placement_of

BY = "reconcile"
EDITED = "edited by hand"


def ours(account: Account) -> set[str]:
    """Return the broker's numbers of all our orders, halves of pairs included."""
    placements = Placement.objects.filter(account=account).exclude(broker_order_id="")
    halves = Component.objects.filter(account=account).exclude(broker_order_id="")
    return {
        *placements.values_list("broker_order_id", flat=True),
        *halves.values_list("broker_order_id", flat=True),
    }


# --- an order of ours that a person edited at the broker -----------------------------------------


def edited_by_hand(account: Account, listing: Listing) -> dict[str, BrokerOrder]:
    """Return, by the number of our order, what a person at the broker has made of it.

    A replacement that we sent and that is in doubt still is not one: it is read back first.
    """
    replacing = {o.replaces_order_id: o for o in listing if o.replaces_order_id}
    known = Placement.objects.filter(account=account, broker_order_id__in=replacing)
    known = known.exclude(replacements__status__in=UNRESOLVED)
    found = {placement.broker_order_id: replacing[placement.broker_order_id] for placement in known}
    return {old: order for old, order in found.items() if placement_of(account, order) is None}


def tell_of_edit(account: Account, broker_order_id: str, by_hand: BrokerOrder) -> None:
    """Tell the order that a person took it over at the broker; the walk stops with that. Safe twice."""
    row = Placement.objects.get(account=account, broker_order_id=broker_order_id)
    number, name = by_hand.broker_order_id, row.external_identifier
    sentence = f"edited at the broker, not by the desk: order {number} took its place"
    if OrderEvent.objects.filter(order=row.order_id, kind=EDITED, detail__by_hand=number).exists():
        return

    def change(work: Work, _: Desk, now: datetime) -> None:
        order, placement = work.order, work.placement(name)
        placement.cause = sentence  # what ends the placement ends the order with this sentence
        order.needs_review, order.note = True, sentence
        order.tell(EDITED, by=BY, now=now, reason=sentence, by_hand=number)

    keeping.commit(row.order_id, change)


# --- what others did ------------------------------------------------------------------------------


def keep_orders(account: Account, foreign: Iterable[BrokerOrder], now: datetime) -> set[str]:
    """Keep orders that are not ours, a row for each leg; return the symbols in which something changed."""
    changed: set[str] = set()
    for order in foreign:
        with hiding_no_other(account, order):
            changed |= {leg.symbol for leg in order.legs if _keep_leg(account, order, leg, now)}
    return changed


def _keep_leg(account: Account, order: BrokerOrder, leg: BrokerLeg, now: datetime) -> bool:
    """Keep one leg; return whether its fills are others than before."""
    quantity = leg.action.sign * sum(fill.quantity for fill in leg.fills)
    key = f"order {order.broker_order_id} {leg.symbol}"
    told = {"status": order.status, "quantity": quantity, "last_seen_at": now}
    told["sentence"] = f"{leg.action} {leg.quantity} {leg.symbol}, {order.source or 'source unknown'}"
    before = External.objects.filter(account=account, key=key).first()
    External.objects.update_or_create(
        account=account, key=key, defaults=told,
        create_defaults=told | {
            "broker_order_id": order.broker_order_id, "symbol": leg.symbol, "on": timezone.localdate(now),
            "first_seen_at": now,
        },
    )  # fmt: skip
    # What the books said of it meanwhile is counted by its own fills now.
    same = External.objects.filter(account=account, broker_order_id=order.broker_order_id, symbol=leg.symbol)
    same.exclude(key=key).update(quantity=0)
    return quantity != (before.quantity if before is not None else 0)


def forget_ours(account: Account) -> None:
    """Forget what the books told of an order that nobody knew to be ours: its fills count now."""
    External.objects.filter(account=account, broker_order_id__in=ours(account)).delete()


def keep_entries(account: Account, entries: Iterable[Transaction], now: datetime) -> set[str]:
    """Keep entries of the books that no order we saw explains; return the symbols that moved."""
    own, changed = ours(account), set()
    seen = External.objects.filter(account=account, key__startswith="order ")
    seen_orders = set(seen.values_list("broker_order_id", flat=True))
    kept = set(External.objects.filter(account=account).values_list("key", flat=True))
    for entry in entries:
        key = f"entry {entry.transaction_id}"
        if entry.broker_order_id in own or entry.broker_order_id in seen_orders or key in kept:
            continue
        External.objects.create(
            account=account, key=key, broker_order_id=entry.broker_order_id,
            status=f"{entry.kind}: {entry.sub_kind}", symbol=entry.symbol, quantity=moved(entry),
            sentence=entry.description or entry.kind, on=timezone.localdate(entry.executed_at),
            first_seen_at=now, last_seen_at=now,
        )  # fmt: skip
        changed.add(entry.symbol)
    return changed


def moved(entry: Transaction) -> Decimal:
    """Return how far an entry moved its position, short negative; 0 where it does not say."""
    if entry.action is None or entry.quantity is None:
        return Decimal(0)
    quantity = entry.action.sign * entry.quantity
    return -quantity if entry.reverses_id else quantity


def foreign(account: Account, listing: Listing) -> list[BrokerOrder]:
    """Return the listed orders that are not the desk's: others' own, and what others made of ours.

    Whoever edits an order keeps our identifier on it: it is told by what it replaces. One that replaces
    ours while a replacement of our own is in doubt may be that one: it is nobody's yet.
    """
    own, found = ours(account), []
    theirs = {order.broker_order_id for order in edited_by_hand(account, listing).values()}
    theirs |= set(External.objects.filter(account=account).values_list("broker_order_id", flat=True))
    for order in sorted(listing, key=lambda o: (len(o.broker_order_id), o.broker_order_id)):
        is_named = order.external_identifier.startswith(prefix(account.environment_id)) or (
            order.replaces_order_id in own
        )
        is_theirs = order.broker_order_id in theirs or order.replaces_order_id in theirs
        is_foreign = order.broker_order_id not in own and (is_theirs or not is_named)
        # The books may have told of one of ours whose outcome was unknown: it is found by its identifier.
        if is_foreign and placement_of(account, order) is None:
            theirs.add(order.broker_order_id)
            found.append(order)
    return found
