"""What the broker takes back of a fill, or changes in it: compensated by an entry, never deleted.

How the broker tells of either is not documented. It reports whole orders, never differences: a fill that
a newer word on its order does not hold any more, or holds otherwise, is not what it was.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from orders.brokers.base import BrokerFill, BrokerOrder
from orders.machine import pairs
from orders.machine.state import Fill, Placement, Work
from orders.market import plain

KEPT_PLACES = Decimal("0.0001")
LONGEST_ID = 120


def compensate(work: Work, placement: Placement, reading: BrokerOrder, *, now: datetime) -> list[Fill]:
    """Make our fills of this order of the broker's add up to its word; return the entries that it took.

    The new fills have been added, and the reading itself is not kept yet. Only a newer word changes
    something, and one that says it does not show all fills takes none back that it does not show.
    """
    kept = [f for f in work.fills_of(placement) if f.broker_order_id == reading.broker_order_id]
    known = pairs.half_of(placement, reading) if placement.halves else placement
    if not kept or known is None or not pairs.is_newer(reading, known):
        return []
    told = {fill.fill_id: fill for fill in reading.fills}
    entries: list[Fill] = []
    for fill in kept:
        if not fill.compensates and (fill.fill_id in told or not reading.lacks_fills):
            changed = list(_entries(work, fill, told.get(fill.fill_id), now))
            if changed:
                _tell(work, fill, told.get(fill.fill_id), key=changed[0].fill_id)
            entries += changed
    work.fills += entries
    return entries


def kept_price(told: BrokerFill) -> Decimal:
    """Return a fill's price as it is kept; the broker's averages have more places."""
    return told.price.quantize(KEPT_PLACES)


def _entries(work: Work, fill: Fill, told: BrokerFill | None, now: datetime) -> Iterator[Fill]:
    """Yield what makes the fill what it is now: its opposite, then the new one where there is one."""
    about = [fill, *(each for each in work.fills if each.compensates == fill.fill_id)]
    quantity, price = sum(each.quantity for each in about), [e.price for e in about if e.quantity > 0][-1]
    wanted = (told.quantity, kept_price(told)) if told is not None else (0, price)
    if wanted == (quantity, price):
        return
    for n, (change, at) in enumerate(((-quantity, price), wanted), len(about)):
        if change:
            name = f"{fill.fill_id}#{n}"[-LONGEST_ID:]
            yield replace(
                fill, fill_id=name, quantity=change, price=at, filled_at=now, compensates=fill.fill_id
            )


def _tell(work: Work, fill: Fill, told: BrokerFill | None, *, key: str) -> None:
    order, now = work.order, "took it back"
    if told is not None:
        now = f"made it {told.quantity} at {plain(told.price)}"
    sentence = f"{order} filled {fill.quantity} at {plain(fill.price)} of {fill.symbol}, and the broker {now}"
    order.needs_review, order.note = True, sentence[:300]
    work.open_break("fill differs", key, sentence, symbol=fill.symbol)
