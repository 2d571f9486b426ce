"""What the rows of an order say now, held against what its chain of events has told. Reads only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from orders.audit import terms
from orders.market import plain
from orders.models import Order, OrderEvent

FOUR_PLACES: Final = Decimal("0.0001")  # as the rows keep a fill's price
Execution = tuple[str, int, Decimal]  # symbol, quantity, price


def as_told(order: Order) -> Iterator[str]:
    """Yield a sentence for each of its terms, decisions, prices and fills that no event tells so."""
    events = list(order.events.all())
    told = [event.detail["terms"] for event in events if "terms" in event.detail]
    yield from terms.differences(told[-1] if told else {}, terms.of(order))
    yield from _decisions(order, events)
    yield from _prices(order, events)
    yield from _fills(order, events)


def _decisions(order: Order, events: Sequence[OrderEvent]) -> Iterator[str]:
    told = [
        (event.at, event.detail.get("approver"), event.detail.get("via"))
        for event in events
        if event.kind == "approved"
    ]
    for yes in order.approvals.all():
        if yes.is_yes and (yes.at, yes.by_id, yes.via) not in told:
            yield f"its approval by person {yes.by_id} at {yes.at:%H:%M:%S} is not one that was told"


def _prices(order: Order, events: Sequence[OrderEvent]) -> Iterator[str]:
    """How many there are is another invariant's."""
    told = [event.detail.get("price") for event in events if event.kind == "sending"]
    for placement, price in zip(order.placements.all(), told, strict=False):
        asked = Decimal(price) if price not in {None, "None"} else placement.limit_price
        if asked != placement.limit_price:
            yield f"{placement} is at {placement.limit_price}, it was told at {price}"


def _fills(order: Order, events: Sequence[OrderEvent]) -> Iterator[str]:
    kept: Counter[Execution] = Counter(
        (fill.leg.symbol, fill.quantity, Decimal(fill.price))
        for placement in order.placements.all()
        for fill in placement.fills.all()
    )
    told: Counter[Execution] = Counter(
        (symbol, quantity, Decimal(price).quantize(FOUR_PLACES))
        for event in events
        for symbol, quantity, price in event.detail.get("fills", ())
    )
    for symbol, quantity, at in sorted((kept - told).elements()):
        yield f"{quantity} of {symbol} at {plain(at)} is a fill that was not told so"
