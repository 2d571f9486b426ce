"""What an order trades at a moment, decided from its terms, the quotes and the fault script, and booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from orders.brokers.practice.book import Fill, Leg, Order
from orders.brokers.practice.exchange import Exchange, Unseen
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import symbols_of
from orders.brokers.practice.instruments import Instrument
from orders.brokers.practice.market import SLOT
from orders.brokers.practice.matching import (
    Side,
    is_marketable,
    leg_prices,
    mid_cost,
    natural_cost,
    stop_is_hit,
    trades_while_resting,
    units_to_trade,
)
from orders.brokers.practice.motion import draw

STOPS = frozenset({"Stop", "Stop Limit"})
AT_MARKET = frozenset({"Market", "Marketable Limit", "Stop", "Notional Market"})
FIRST_FILL = 1
PARTIAL_DONE = "partial_done"
Sides = Sequence[Side]


@dataclass(frozen=True, slots=True)
class Trade:
    """Whole units, and what one of them costs."""

    units: int
    cost: Decimal


def limit_of(order: Order) -> Decimal | None:
    return None if order.order_type in AT_MARKET else order.price


def decide(exchange: Exchange, order: Order, sides: Sides) -> Trade | None:
    """Return what an order trades now; it may note on the order that its turn was used."""
    symbols = symbols_of(order)
    if PARTIAL_DONE in order.behaviours or _is_barred(exchange, symbols):
        return None
    if order.order_type in STOPS and not _has_triggered(order, sides):
        return None
    limit = limit_of(order)
    cost = natural_cost(sides) if limit is None else limit
    if (partial := order.behaviours.get(FaultKind.PARTIAL_FILL.value)) is not None:
        order.behaviours[PARTIAL_DONE] = True
        return Trade(min(int(partial.get("quantity", 1)), order.remaining_units), cost)
    ruled = _by_rule(exchange, order, sides, cost, symbols)
    if ruled is not None:
        return ruled if ruled.units else None
    if is_marketable(limit, sides):
        return Trade(order.remaining_units, natural_cost(sides))
    return _while_resting(exchange, order, sides, cost)


def _is_barred(exchange: Exchange, symbols: set[str]) -> bool:
    return any(exchange.faults.stands(kind, symbols) for kind in (FaultKind.NEVER_FILL, FaultKind.HALT))


def _has_triggered(order: Order, sides: Sides) -> bool:
    if not order.triggered and order.stop_trigger is not None:
        order.triggered = stop_is_hit(order.stop_trigger, sides)
    return order.triggered


def _by_rule(
    exchange: Exchange, order: Order, sides: Sides, cost: Decimal, symbols: set[str]
) -> Trade | None:
    """Return what a standing rule of the fault script says, zero units for no; None without a rule."""
    if exchange.faults.stands(FaultKind.FILL_NOW, symbols):
        return Trade(order.remaining_units, cost)
    if exchange.faults.stands(FaultKind.FILL_AT_MID, symbols):
        return Trade(order.remaining_units if cost >= mid_cost(sides) else 0, cost)
    return None


def _while_resting(exchange: Exchange, order: Order, sides: Sides, limit: Decimal) -> Trade | None:
    slot = exchange.market.slot()
    seconds = (slot - order.matched_slot) * SLOT
    drawn = draw(exchange.seed, "match", order.id, slot)
    if seconds <= 0 or not trades_while_resting(limit, sides, seconds=seconds, drawn=drawn):
        return None
    part = draw(exchange.seed, "part", order.id, slot)
    return Trade(units_to_trade(order.remaining_units, drawn=part), limit)


def book(exchange: Exchange, order: Order, sides: Sides, trade: Trade, now: datetime) -> None:
    """Book a trade on every leg, fees and cash included: all of it is kept, or nothing."""
    prices, on = leg_prices(trade.cost, sides), exchange.calendar.today(now)
    with exchange.ledger.together():
        for leg, price in zip(order.legs, prices, strict=True):
            fill = Fill(fill_id(exchange, order, now), trade.units * order.ratio(leg), price, now)
            leg.fills.append(fill)
            instrument = exchange.instrument(leg.symbol)
            if instrument is not None:
                exchange.treasury.book(order, leg, fill, instrument, on)
                _hold_back(exchange, order, leg, fill)
        order.touch(now)
        exchange.ledger.save_order(order)


def fill_id(exchange: Exchange, order: Order, now: datetime) -> str:
    number = exchange.ledger.next_id("fill", FIRST_FILL)
    return f"{number}_TW::PRACTICE{order.id}::{now:%Y%m%d}.{number}"


def _hold_back(exchange: Exchange, order: Order, leg: Leg, fill: Fill) -> None:
    """Let what was traded count as a position only later, if the fault script wants it."""
    options = order.behaviours.get(FaultKind.POSITION_LAG.value)
    if options is not None:
        until = fill.at + timedelta(seconds=float(options.get("seconds", 2)))
        exchange.unseen.append(Unseen(until, order.account, leg.symbol, leg.sign * fill.quantity))


def report_position(exchange: Exchange, account: str, symbol: str) -> None:
    position = exchange.treasury.positions.get((account, symbol))
    if position is not None:
        close = close_price(exchange, exchange.treasury.instrument_of(position))
        exchange.announce(account, "CurrentPosition", position.wire(close))


def close_price(exchange: Exchange, instrument: Instrument | None) -> Decimal:
    return Decimal(0) if instrument is None else exchange.market.quote(instrument).last
