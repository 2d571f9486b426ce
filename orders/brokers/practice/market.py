"""The practice market: one quote per instrument and moment, the same for REST, streams and matching."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from orders.brokers.practice.clock import MarketClock
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.motion import draw, wander
from orders.brokers.practice.pricing import Greeks, price_option, smile
from orders.brokers.practice.products import motion_of
from orders.brokers.practice.sessions import Calendar

SLOT = 0.25  # market seconds for which every quote stands still
YEAR = timedelta(days=365)
CLOSING = timedelta(minutes=15)  # spreads are wide just before the close and just after the open
CENT = Decimal("0.01")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Quote:
    """The two sides of a market; prices as quoted. An index has a `last` only (its sides are 0)."""

    bid: Decimal
    ask: Decimal
    bid_quantity: int
    ask_quantity: int
    last: Decimal
    at: datetime
    is_halted: bool = False

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2 if self.ask else self.last

    @property
    def is_usable(self) -> bool:
        return not self.is_halted and self.ask > 0 and self.bid <= self.ask


@dataclass(slots=True)
class Pins:
    """What a rehearsal has nailed down: underlying prices by product, whole quotes by symbol."""

    prices: dict[str, Decimal] = field(default_factory=dict)
    quotes: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    halted: set[str] = field(default_factory=set)


class Market:
    """Quotes as a function of seed and market time, with pins on top."""

    def __init__(self, seed: int, clock: MarketClock, calendar: Calendar) -> None:
        self.seed = seed
        self.clock = clock
        self.calendar = calendar
        self.pins = Pins()
        self._slot = -1
        self._at = clock.now()
        self._cache: dict[str, Quote] = {}
        self._revision = 0

    def slot(self) -> int:
        """Return the number of the standing quotes; they are made anew when it changes."""
        return int(self.clock.seconds() / SLOT)

    def quote(self, instrument: Instrument) -> Quote:
        self._turn()
        found = self._cache.get(instrument.symbol)
        if found is None:
            found = self._cache[instrument.symbol] = self._quote(instrument)
        return found

    def revision(self) -> int:
        """Return a number that changes whenever quotes may have."""
        self._turn()
        return self._revision

    def forget(self) -> None:
        """Drop the standing quotes: something was pinned or released."""
        self._slot = -1

    def _turn(self) -> None:
        if (slot := self.slot()) != self._slot:
            self._slot, self._at = slot, self.clock.now()
            self._revision += 1
            self._cache.clear()

    def _quote(self, instrument: Instrument) -> Quote:
        pinned = self.pins.quotes.get(instrument.symbol)
        if pinned is not None:
            quote = self._sized(instrument, *pinned, last=(pinned[0] + pinned[1]) / 2)
        elif instrument.kind.is_option:
            quote = self._option_quote(instrument)
        else:
            quote = self._outright_quote(instrument)
        halted = bool(self.pins.halted & {instrument.symbol, instrument.underlying, instrument.product})
        return replace(quote, is_halted=True) if halted else quote

    def _sized(self, instrument: Instrument, bid: Decimal, ask: Decimal, *, last: Decimal) -> Quote:
        crowd = 400 if instrument.kind is Kind.EQUITY else 60
        low = 1 + int(crowd * draw(self.seed, instrument.symbol, "bid", self._slot // 8))
        high = 1 + int(crowd * draw(self.seed, instrument.symbol, "ask", self._slot // 8))
        return Quote(bid, ask, low if bid else 0, high, last, self._at)

    def spot(self, product: str) -> float:
        """Return a product's own price: of the share, the index, or the future without carry."""
        pinned = self.pins.prices.get(product)
        return float(pinned) if pinned is not None else spot(self.seed, product, self.slot() * SLOT)

    def underlying_price(self, instrument: Instrument) -> float:
        """Return the price an instrument's value comes from; a future's includes its carry."""
        price = self.spot(instrument.product)
        if instrument.month is None or instrument.product in self.pins.prices:
            return price
        years = (instrument.month.stops_at - self._at) / YEAR
        return price * math.exp(motion_of(instrument.product).carry * max(years, 0.0))

    def _outright_quote(self, instrument: Instrument) -> Quote:
        price = Decimal(self.underlying_price(instrument)).quantize(Decimal("0.0001"))
        if instrument.kind is Kind.INDEX:
            return Quote(Decimal(0), Decimal(0), 0, 0, price.quantize(CENT), self._at)
        tick = instrument.ticks.at(price)
        extra = max(int(price * Decimal("0.00002") / tick), 0) * self._nerves(instrument)
        bid = instrument.ticks.floor(price) - extra * tick
        return self._sized(instrument, bid, bid + tick * (1 + 2 * extra), last=instrument.ticks.floor(price))

    def _option_quote(self, instrument: Instrument) -> Quote:
        value = self.greeks(instrument).price
        theo = Decimal(value).quantize(Decimal("0.0001"))
        half = Decimal(self._half_spread(instrument, value)).quantize(Decimal("0.0001"))
        bid = instrument.ticks.floor(max(theo - half, Decimal(0)))
        ask = max(instrument.ticks.ceiling(theo + half), bid + instrument.ticks.at(bid))
        last = instrument.ticks.floor(theo) or instrument.ticks.at(Decimal(0))
        return self._sized(instrument, bid, ask, last=last)

    def _half_spread(self, instrument: Instrument, value: float) -> float:
        """Widen with the price, away from the money, and near the ends of the session."""
        tick = float(instrument.ticks.at(Decimal(value)))
        distance = abs(math.log(float(instrument.strike) / self.underlying_price(instrument)))
        return (0.6 * tick + 0.0035 * value) * (1 + 4 * distance) * self._nerves(instrument)

    def _nerves(self, instrument: Instrument) -> int:
        session = self.calendar.current(self._at, instrument.hours)
        near_end = session.closes_at - self._at < CLOSING
        return 2 if near_end or timedelta(0) <= self._at - session.opens_at < CLOSING else 1

    def greeks(self, instrument: Instrument) -> Greeks:
        """Value an option from its underlying's price at this moment."""
        self._turn()
        if instrument.stops_at is None:
            raise ValueError(f"not an option: {instrument.symbol=}")
        underlying = self.underlying_price(instrument)
        years = (instrument.stops_at - self._at) / YEAR
        at_the_money = motion_of(instrument.product).volatility
        return price_option(
            call=instrument.is_call,
            spot=underlying,
            strike=float(instrument.strike),
            years=years,
            volatility=smile(at_the_money, underlying, float(instrument.strike), years),
            on_future=instrument.kind is Kind.FUTURE_OPTION,
        )

    def pin_price(self, product: str, price: Decimal | None) -> None:
        """Nail a product's price down, or let it move again; its options follow."""
        _set_or_drop(self.pins.prices, product, price)
        self.forget()

    def pin_quote(self, symbol: str, sides: tuple[Decimal, Decimal] | None) -> None:
        _set_or_drop(self.pins.quotes, symbol, sides)
        self.forget()

    def unpin(self) -> None:
        """Let everything move again."""
        self.pins = Pins()
        self.forget()

    def halt(self, symbol: str, *, halted: bool) -> None:
        (self.pins.halted.add if halted else self.pins.halted.discard)(symbol)
        self.forget()


def _set_or_drop(kept: dict[str, V], key: str, value: V | None) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value


@lru_cache(maxsize=64)
def spot(seed: int, product: str, seconds: float) -> float:
    """Return a product's price at a market second: a common path and its own, in log space."""
    motion = motion_of(product)
    common = motion.market * (wander(seed, "market", seconds) - wander(seed, "market", 0))
    own = motion.own * (wander(seed, product, seconds) - wander(seed, product, 0)) if motion.own else 0.0
    return motion.start * math.exp(motion.daily * (common + own))
