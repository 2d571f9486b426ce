"""Market events in dxFeed's words: every field by name; what is not known is "NaN"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.market import Quote
from orders.brokers.practice.motion import draw
from orders.brokers.practice.pricing import RATE
from orders.brokers.practice.products import EQUITIES, FUTURES, motion_of
from orders.brokers.practice.quotes import Wire
from orders.brokers.practice.wire import millis

NAN = "NaN"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What events are made from: the exchange, and its quotes as they leave the house."""

    exchange: Exchange
    wire: Wire


def day_id(day: date) -> int:
    """Return dxFeed's number of a day: days since 1 January 1970."""
    return (day - date(1970, 1, 1)).days


def quote_event(source: Source, instrument: Instrument) -> Event:
    quote = source.wire.quote(instrument)
    silent = instrument.kind is Kind.INDEX or source.wire.has_no_sides(instrument)
    at = millis(quote.at)
    return {
        "eventTime": 0,
        "sequence": 0,
        "timeNanoPart": 0,
        "bidTime": at,
        "bidExchangeCode": "Q",
        "askTime": at,
        "askExchangeCode": "Q",
        "bidPrice": NAN if silent else float(quote.bid),
        "askPrice": NAN if silent else float(quote.ask),
        "bidSize": NAN if silent else float(quote.bid_quantity),
        "askSize": NAN if silent else float(quote.ask_quantity),
    }


def trade_event(source: Source, instrument: Instrument) -> Event:
    quote = source.wire.quote(instrument)
    start = _start(instrument, quote)
    return {
        "eventTime": 0,
        "time": millis(quote.at),
        "timeNanoPart": 0,
        "sequence": 0,
        "exchangeCode": "Q",
        "dayId": day_id(source.exchange.today()),
        "tickDirection": "UNDEFINED",
        "extendedTradingHours": False,
        "price": float(quote.last),
        "change": round(float(quote.last) - start, 4),
        "size": 1.0,
        "dayVolume": 1000.0,
        "dayTurnover": 1000.0 * float(quote.last),
    }


def _start(instrument: Instrument, quote: Quote) -> float:
    return float(quote.last) if instrument.kind.is_option else motion_of(instrument.product).start


def greeks_event(source: Source, instrument: Instrument) -> Event | None:
    if not instrument.kind.is_option:
        return None
    greeks, at = source.exchange.market.greeks(instrument), millis(source.wire.quote(instrument).at)
    return {
        "eventTime": 0,
        "eventFlags": 0,
        "index": at << 22,
        "time": at,
        "sequence": 0,
        "price": greeks.price,
        "volatility": greeks.volatility,
        "delta": greeks.delta,
        "gamma": greeks.gamma,
        "theta": greeks.theta,
        "rho": greeks.rho,
        "vega": greeks.vega,
    }


def theo_event(source: Source, instrument: Instrument) -> Event | None:
    greeks = greeks_event(source, instrument)
    if greeks is None:
        return None
    kept = {k: greeks[k] for k in ("eventTime", "eventFlags", "index", "time", "sequence", "price")}
    return kept | {
        "underlyingPrice": source.exchange.market.underlying_price(instrument),
        "delta": greeks["delta"],
        "gamma": greeks["gamma"],
        "dividend": 0.0,
        "interest": RATE,
    }


def summary_event(source: Source, instrument: Instrument) -> Event:
    quote, today = source.wire.quote(instrument), day_id(source.exchange.today())
    start, last = _start(instrument, quote), float(quote.last)
    return {
        "eventTime": 0,
        "dayId": today,
        "dayClosePriceType": "REGULAR",
        "prevDayId": today - 1,
        "prevDayClosePriceType": "REGULAR",
        "openInterest": int(1000 * draw(source.exchange.seed, instrument.symbol, "interest")),
        "dayOpenPrice": start,
        "dayHighPrice": max(start, last),
        "dayLowPrice": min(start, last),
        "dayClosePrice": NAN,
        "prevDayClosePrice": start,
        "prevDayVolume": 1000.0,
    }


def profile_event(source: Source, instrument: Instrument) -> Event:
    quote = source.wire.quote(instrument)
    product = EQUITIES.get(instrument.product) or FUTURES[instrument.product]
    return {
        "eventTime": 0,
        "description": product.description,
        "shortSaleRestriction": "INACTIVE",
        "tradingStatus": "HALTED" if quote.is_halted else "ACTIVE",
        "statusReason": NAN,
        "haltStartTime": millis(quote.at) if quote.is_halted else 0,
        "haltEndTime": 0,
        "exDividendDayId": 0,
        "high52WeekPrice": NAN,
        "low52WeekPrice": NAN,
        "beta": 1.0,
    }


def underlying_event(source: Source, instrument: Instrument) -> Event:
    volatility = motion_of(instrument.product).volatility
    at = millis(source.wire.quote(instrument).at)
    return {
        "eventTime": 0,
        "eventFlags": 0,
        "index": at << 22,
        "time": at,
        "sequence": 0,
        "volatility": volatility,
        "frontVolatility": volatility,
        "backVolatility": volatility,
        "callVolume": 500.0,
        "putVolume": 500.0,
        "optionVolume": 1000.0,
        "putCallRatio": 1.0,
    }


def time_and_sale_event(source: Source, instrument: Instrument) -> Event:
    quote = source.wire.quote(instrument)
    at = millis(quote.at)
    return {
        "eventTime": 0,
        "eventFlags": 0,
        "index": at << 22,
        "time": at,
        "timeNanoPart": 0,
        "sequence": 0,
        "exchangeCode": "Q",
        "price": float(quote.last),
        "size": 1.0,
        "bidPrice": float(quote.bid),
        "askPrice": float(quote.ask),
        "exchangeSaleConditions": "@",
        "tradeThroughExempt": "\0",
        "aggressorSide": "UNDEFINED",
        "spreadLeg": False,
        "extendedTradingHours": False,
        "validTick": True,
        "type": "NEW",
        "buyer": NAN,
        "seller": NAN,
    }


def candle_event(source: Source, instrument: Instrument) -> Event:
    """Return the candle of this moment: practice keeps no history, so each one opens where it stands."""
    last, at = float(source.wire.quote(instrument).last), millis(source.exchange.now())
    return {
        "eventTime": 0,
        "eventFlags": 0,
        "index": at << 22,
        "time": at,
        "sequence": 0,
        "count": 1,
        "volume": 1.0,
        "vwap": last,
        "bidVolume": NAN,
        "askVolume": NAN,
        "impVolatility": motion_of(instrument.product).volatility,
        "openInterest": NAN,
        "open": last,
        "high": last,
        "low": last,
        "close": last,
    }


MAKERS: dict[str, Callable[[Source, Instrument], Event | None]] = {
    "Quote": quote_event,
    "Trade": trade_event,
    "Greeks": greeks_event,
    "TheoPrice": theo_event,
    "Summary": summary_event,
    "Profile": profile_event,
    "Underlying": underlying_event,
    "TimeAndSale": time_and_sale_event,
    "Candle": candle_event,
}
