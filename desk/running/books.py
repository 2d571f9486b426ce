"""Two books of one day: the exchange's ledger and the desk's rows. Every difference is a sentence.

Pure: rows come in as values (`of_the_desk` reads them), and a time is never asked for.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from desk.running.exchange_eye import is_placing
from orders.enums import Action, PlacementStatus, Role
from orders.models import Component, Fill, Order, Placement

# What the exchange calls an order that has ended; any other word is a live one.
ENDED = {
    "Filled": PlacementStatus.FILLED,
    "Cancelled": PlacementStatus.CANCELLED,
    "Expired": PlacementStatus.EXPIRED,
    "Rejected": PlacementStatus.REJECTED,
    "Removed": PlacementStatus.REMOVED,
}
NEVER_THERE = frozenset({PlacementStatus.PLANNED, PlacementStatus.NOT_SENT, PlacementStatus.NOT_PLACED})
LIVE = "live"
MILLISECOND = timedelta(milliseconds=1)  # the ledger's times are cut off there


@dataclass(frozen=True, slots=True)
class Entry:
    """One placement as a book has it; `status` is the desk's word, or `live`."""

    broker_order_id: str
    quantity: int
    price: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill as a book has it."""

    symbol: str
    quantity: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """A day's placements by external identifier, fills by fill id, and signed holdings by symbol."""

    placements: Mapping[str, Entry]
    fills: Mapping[str, Execution]
    holdings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Intents:
    """When the desk committed each intent, by external identifier, and what each order adds up to."""

    committed_at: Mapping[str, datetime]
    sums: Mapping[str, tuple[int, int]]  # by order: filled as the order says, and as its fills say


def of_the_exchange(ledger: Mapping[str, Any]) -> Book:
    """Read the exchange's ledger."""
    placements = {
        each["external-identifier"]: Entry(
            str(each["id"]),
            int(each["size"]),
            Decimal(each["price"]) if each.get("price") else None,
            str(ENDED.get(each["status"], LIVE)),
        )
        for each in ledger["orders"]
    }
    fills = {
        each["fill_id"]: Execution(each["symbol"], each["quantity"], Decimal(each["price"]))
        for each in ledger["fills"]
    }
    holdings = {each["symbol"]: int(each["quantity"]) for each in ledger["positions"] if each["quantity"]}
    return Book(placements, fills, holdings)


def of_the_desk() -> Book:
    """Read the desk's rows."""
    sent = Placement.objects.exclude(status__in=NEVER_THERE)
    placements = {
        each.external_identifier: Entry(
            each.broker_order_id,
            each.quantity,
            each.limit_price,
            LIVE if each.is_live else str(each.status),
        )
        for each in sent.filter(components=None)
    }
    placements |= {
        half.external_identifier: Entry(
            half.broker_order_id,
            half.placement.quantity,
            half.placement.limit_price if half.role == Role.TARGET else None,
            str(ENDED.get(half.broker_status, LIVE)),
        )
        for half in Component.objects.filter(placement__in=sent).select_related("placement")
    }
    holdings: Counter[str] = Counter()
    fills = {}
    for each in Fill.objects.select_related("leg"):
        fills[each.fill_id] = Execution(each.leg.symbol, each.quantity, each.price)
        holdings[each.leg.symbol] += Action(each.leg.action).sign * each.quantity
    return Book(placements, fills, {symbol: held for symbol, held in holdings.items() if held})


def intents_of_the_desk() -> Intents:
    """Read when each intent was committed, and whether each order's own sum is that of its fills."""
    sums: dict[str, tuple[int, int]] = {}
    for order in Order.objects.prefetch_related("legs"):
        first = order.legs.all()[0]
        filled = Fill.objects.filter(placement__order=order, leg=first).values_list("quantity", flat=True)
        sums[str(order)] = (order.filled_quantity * first.ratio, sum(filled))
    return Intents(dict(Placement.objects.values_list("external_identifier", "intended_at")), sums)


def differences(exchange: Book, desk: Book) -> Iterator[str]:
    """Yield a sentence for each thing that only one book has, or has differently."""
    yield from _compared("placement", exchange.placements, desk.placements)
    yield from _compared("fill", exchange.fills, desk.fills)
    yield from _compared("holding", exchange.holdings, desk.holdings)


def _compared(what: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*theirs, *ours}):
        if theirs.get(key) != ours.get(key):
            yield f"{what} {key}: the exchange has {theirs.get(key)}, the desk {ours.get(key)}"


def broken_intents(ledger: Mapping[str, Any], intents: Intents) -> Iterator[str]:
    """Yield a sentence for each order request without an older committed intent, or with a second one."""
    asked: dict[str, list[datetime]] = defaultdict(list)
    for request in filter(is_placing, ledger["requests"]):
        asked[request["external_identifier"] or "none"].append(datetime.fromisoformat(request["at"]))
    for identifier, times in asked.items():
        committed_at = intents.committed_at.get(re.sub(r"-[ts]$", "", identifier))  # a pair is one intent
        if len(times) > 1:
            yield f"{identifier} was sent {len(times)} times"
        if committed_at is None:
            yield f"{identifier} was sent and the desk has no intent of it"
        elif times[0] < committed_at - MILLISECOND:
            yield f"{identifier} was sent at {times[0]}, its intent was committed at {committed_at}"
    for order, (said, filled) in intents.sums.items():
        if said != filled:
            yield f"order {order} says {said} filled, its fills say {filled}"
