"""What the exchange may do to a trade afterwards: take it back (a bust), or change its price.

How the broker tells of either is not documented. Here the fill leaves the order, whose status stays;
the books get an entry that reverses the first, and a corrected trade comes back under a new id.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from orders.brokers.practice import trading
from orders.brokers.practice.book import Fill, Order
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.wire import Refusal

KINDS = (FaultKind.BUST, FaultKind.CORRECT)


def take_back(exchange: Exchange, order: Order, now: datetime, *, price: Decimal | None = None) -> None:
    """Bust an order's last trade, on every leg; with a `price` for its first leg it is traded anew."""
    if not all(leg.fills for leg in order.legs):
        raise Refusal(400, "nothing_traded", "The order has no trade to take back")
    with exchange.ledger.together():
        for n, leg in enumerate(order.legs):
            fill, instrument = leg.fills.pop(), exchange.instrument(leg.symbol)
            if instrument is None:
                raise Refusal(400, "expired", f"{leg.symbol} is not listed any more")
            exchange.treasury.take_back(order, leg, fill, instrument, now)
            corrected = None
            if price is not None:
                corrected = _anew(exchange, order, fill, price if n == 0 else fill.price, now)
                leg.fills.append(corrected)
                exchange.treasury.book(order, leg, corrected, instrument, exchange.calendar.today(now))
            exchange.ledger.add_bust(fill.fill_id, now, corrected.fill_id if corrected else None)
        order.touch(now)
        exchange.ledger.save_order(order)
    exchange.tell(order)
    for leg in order.legs:
        trading.report_position(exchange, order.account, leg.symbol)
    exchange.announce(order.account, "AccountBalance", exchange.balance(order.account))


def _anew(exchange: Exchange, order: Order, fill: Fill, price: Decimal, now: datetime) -> Fill:
    return replace(fill, fill_id=trading.fill_id(exchange, order, now), price=price)


def due_at(order: Order) -> datetime | None:
    """Return when the fault script wants an order's last trade taken back; None if it doesn't, or yet."""
    options = next((order.behaviours[k.value] for k in KINDS if k.value in order.behaviours), None)
    fills = order.legs[0].fills
    if options is None or not fills:
        return None
    return fills[-1].at + timedelta(seconds=float(options.get("seconds", 1)))


def settle(exchange: Exchange, order: Order, now: datetime) -> None:
    """Do what the fault script wants with an order's last trade: once."""
    corrected = order.behaviours.pop(FaultKind.CORRECT.value, None)
    order.behaviours.pop(FaultKind.BUST.value, None)
    last = order.legs[0].fills[-1].price
    price = None if corrected is None else Decimal(str(corrected.get("price", last + Decimal("0.01"))))
    take_back(exchange, order, now, price=price)
