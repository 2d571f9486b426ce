"""One contract as a value, and the book that finds it by any of its names."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from orders.brokers.practice import ticks
from orders.brokers.practice.expiries import (
    FutureMonth,
    FutureOptionSeries,
    equity_option_stops_at,
    future_months,
    future_option_series,
    option_expiries,
    strikes,
)
from orders.brokers.practice.products import EQUITIES, FUTURES, EquityProduct, FutureProduct, OptionRoot
from orders.brokers.practice.sessions import Hours
from orders.brokers.practice.ticks import TickTable

OCC = re.compile(r"(?P<root>[A-Z0-9 ]{6})(?P<expiry>\d{6})(?P<kind>[CP])(?P<strike>\d{8})")
STREAMER_OPTION = re.compile(r"\.(?P<root>[A-Z]+)(?P<expiry>\d{6})(?P<kind>[CP])(?P<strike>\d+(\.\d+)?)")
FUTURE = re.compile(r"/?(?P<code>[A-Z]+)(?P<month>[FGHJKMNQUVXZ])(?P<year>\d)")
FUTURE_OPTION = re.compile(
    r"\./(?P<future>[A-Z]+[FGHJKMNQUVXZ]\d) (?P<contract>[A-Z0-9]+) *"
    r"(?P<expiry>\d{6})(?P<kind>[CP])(?P<strike>\d+(\.\d+)?)"
)
STREAMER_FUTURE_OPTION = re.compile(
    r"\./(?P<contract>[A-Z0-9]+)(?P<kind>[CP])(?P<strike>\d+(\.\d+)?):(?P<exchange>[A-Z]+)"
)
SHARES = Decimal(100)


class Kind(StrEnum):
    """What is traded, in the broker's own words."""

    EQUITY = "Equity"  # shares and funds
    INDEX = "Index"  # quoted, never traded
    EQUITY_OPTION = "Equity Option"  # options on shares and indices
    FUTURE = "Future"  # outright futures
    FUTURE_OPTION = "Future Option"  # options on futures

    @property
    def is_option(self) -> bool:
        return self in {Kind.EQUITY_OPTION, Kind.FUTURE_OPTION}

    @property
    def is_future(self) -> bool:
        return self in {Kind.FUTURE, Kind.FUTURE_OPTION}


@dataclass(frozen=True, slots=True)
class Instrument:
    """A contract: `multiplier` is USD per point of price, `product` what its price comes from."""

    symbol: str
    streamer_symbol: str
    kind: Kind
    product: str
    root: str
    underlying: str
    ticks: TickTable
    multiplier: Decimal
    hours: Hours
    strike: Decimal = Decimal(0)
    is_call: bool = True
    expires_on: date | None = None
    stops_at: datetime | None = None
    month: FutureMonth | None = None
    series: FutureOptionSeries | None = None

    @property
    def option_type(self) -> str:
        return "C" if self.is_call else "P"

    def has_stopped(self, now: datetime) -> bool:
        return self.stops_at is not None and now >= self.stops_at


def plain(strike: Decimal) -> str:
    return format(strike.normalize(), "f")


def occ_symbol(root: str, expiry: date, option_type: str, strike: Decimal) -> str:
    return f"{root:<6}{expiry:%y%m%d}{option_type}{int(strike * 1000):08d}"


def streamer_symbol(root: str, expiry: date, option_type: str, strike: Decimal) -> str:
    return f".{root}{expiry:%y%m%d}{option_type}{plain(strike)}"


def _day(text: str) -> date | None:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def equity(product: EquityProduct) -> Instrument:
    kind = Kind.INDEX if product.is_index else Kind.EQUITY
    return Instrument(
        product.symbol, product.symbol, kind, product.symbol, product.symbol, product.symbol,
        ticks.EQUITY, Decimal(1), Hours.EQUITY,
    )  # fmt: skip


@lru_cache(maxsize=40_000)
def equity_option(
    product: EquityProduct, root: OptionRoot, expiry: date, strike: Decimal, is_call: bool
) -> Instrument:
    letter = "C" if is_call else "P"
    return Instrument(
        occ_symbol(root.root, expiry, letter, strike),
        streamer_symbol(root.root, expiry, letter, strike),
        Kind.EQUITY_OPTION,
        product.symbol,
        root.root,
        product.symbol,
        product.option_ticks,
        SHARES,
        product.hours,
        strike,
        is_call,
        expiry,
        equity_option_stops_at(expiry, root, product.hours),
    )


@lru_cache(maxsize=256)
def future(month: FutureMonth) -> Instrument:
    product = month.product
    return Instrument(
        month.symbol,
        month.streamer_symbol,
        Kind.FUTURE,
        product.code,
        f"/{product.code}",
        month.symbol,
        ticks.TickTable((ticks.Tick(product.tick),)),
        product.multiplier,
        Hours.FUTURE,
        expires_on=month.expires_on,
        stops_at=month.stops_at,
        month=month,
    )


@lru_cache(maxsize=40_000)
def future_option(series: FutureOptionSeries, strike: Decimal, is_call: bool) -> Instrument:
    letter = "C" if is_call else "P"
    month, product = series.future, series.future.product
    return Instrument(
        f".{month.symbol} {series.contract:<6}{series.expires_on:%y%m%d}{letter}{plain(strike)}",
        f"./{series.streamer_contract}{letter}{plain(strike)}:{product.streamer_exchange}",
        Kind.FUTURE_OPTION,
        product.code,
        series.root,
        month.symbol,
        ticks.ES_OPTION,
        product.multiplier,
        Hours.FUTURE,
        strike,
        is_call,
        series.expires_on,
        series.stops_at,
        month,
        series,
    )


ROOTS: dict[str, tuple[EquityProduct, OptionRoot]] = {
    root.root: (product, root) for product in EQUITIES.values() for root in product.roots
}


def find(symbol: str, today: date) -> Instrument | None:
    """Find what is listed on a trading date by its own or its streamer symbol; None if nothing is."""
    if symbol in EQUITIES:
        return equity(EQUITIES[symbol])
    if symbol.startswith("./"):
        return _find_future_option(symbol, today)
    if symbol.startswith("/"):
        return _find_future(symbol, today)
    if symbol.startswith("."):
        return _find_equity_option(STREAMER_OPTION.fullmatch(symbol), today, Decimal(1))
    return _find_equity_option(OCC.fullmatch(symbol), today, Decimal(1000))


def _find_equity_option(match: re.Match[str] | None, today: date, scale: Decimal) -> Instrument | None:
    if match is None or (listed := ROOTS.get(match["root"].rstrip())) is None:
        return None
    (product, root), expiry = listed, _day(match["expiry"])
    strike = Decimal(match["strike"]) / scale
    if expiry is None or expiry not in option_expiries(root.cadence, today):
        return None
    if strike not in strikes(root, product.motion.start, expiry, today):
        return None
    return equity_option(product, root, expiry, strike.normalize(), match["kind"] == "C")


def _find_future(symbol: str, today: date) -> Instrument | None:
    match = FUTURE.fullmatch(symbol)
    product = FUTURES.get(match["code"]) if match else None
    months = _all_futures(today) if product is None else future_months(product, today)
    return next((future(m) for m in months if symbol in {m.symbol, m.streamer_symbol}), None)


def _all_futures(today: date) -> list[FutureMonth]:
    return [m for product in FUTURES.values() for m in future_months(product, today)]


def _find_future_option(symbol: str, today: date) -> Instrument | None:
    match = FUTURE_OPTION.fullmatch(symbol) or STREAMER_FUTURE_OPTION.fullmatch(symbol)
    if match is None:
        return None
    series = _series_by_contract(today).get(match["contract"])
    strike = Decimal(match["strike"])
    if series is None or strike not in future_option_strikes(series, today):
        return None
    found = future_option(series, strike.normalize(), match["kind"] == "C")
    return found if symbol in {found.symbol, found.streamer_symbol} else None


@lru_cache(maxsize=8)
def _series_by_contract(today: date) -> dict[str, FutureOptionSeries]:
    listed = [s for p in FUTURES.values() for s in future_option_series(p, today)]
    return {s.contract: s for s in listed} | {s.streamer_contract: s for s in listed}


def future_option_strikes(series: FutureOptionSeries, today: date) -> tuple[Decimal, ...]:
    product: FutureProduct = series.future.product
    if product.root is None:
        return ()
    return strikes(product.root, product.motion.start, series.expires_on, today)
