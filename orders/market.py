"""What the market is, as values: instruments, ticks, quotes. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from orders.enums import CENT, InstrumentType, OptionType, Side


@dataclass(frozen=True, slots=True)
class Tick:
    """One row of a tick table: `value` is the price increment strictly below `threshold`.

    The row without a threshold is the fallback. Source: the `tick-sizes` of the broker's chains.
    """

    value: Decimal
    threshold: Decimal | None = None


TickTable = tuple[Tick, ...]
PENNY: TickTable = (Tick(CENT),)
# Multi-leg net prices have their own tick; index roots trade spreads in nickels.
NICKEL: TickTable = (Tick(Decimal("0.05")),)
NICKEL_SPREAD_ROOTS = frozenset({"SPX", "SPXW", "NDX", "NDXP", "RUT", "RUTW", "VIX", "VIXW"})


def plain(number: Decimal) -> str:
    """Return the number as people write it: 1.2, 1.25, 600; at least cents once it has a fraction."""
    text = f"{number.normalize():f}"
    return f"{number:.2f}" if "." in text and len(text.split(".")[1]) < 2 else text


def cents(price: Decimal) -> str:
    """Return a price as people write it: at least cents, 9.00 and 12.755."""
    text = plain(price)
    return text if "." in text else f"{text}.00"


def tick_at(price: Decimal, ticks: TickTable) -> Decimal:
    """Return the price increment in force at `price`; thresholds compare with abs(price).

    Raises ValueError for an empty table or one without a usable row.
    """
    for tick in ticks:
        if tick.threshold is None or abs(price) < tick.threshold:
            return tick.value
    raise ValueError(f"no tick at this price: {price=} {ticks=}")


def round_to_tick(price: Decimal, ticks: TickTable, *, up: bool) -> Decimal:
    """Return the nearest price on the grid, up or down, by the tick in force at the result."""
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    increment = tick_at(price, ticks)
    rounded = (price / increment).to_integral_value(rounding) * increment
    return rounded if is_on_tick(rounded, ticks) else round_to_tick(rounded, ticks, up=up)


def is_on_tick(price: Decimal, ticks: TickTable) -> bool:
    return price % tick_at(price, ticks) == 0


def in_favour(price: Decimal, ticks: TickTable, side: Side) -> Decimal:
    """Return the price on the grid, rounded in our favour: down when paying, up when receiving."""
    return round_to_tick(price, ticks, up=side is Side.RECEIVES)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradeable instrument as the broker names it.

    `multiplier` is USD per point (100 for an equity option, 50 for /ES); `ticks` its own table;
    `streamer_symbol` is taken from the broker, never computed, and empty where the broker has none.
    """

    kind: InstrumentType
    symbol: str
    root: str
    underlying: str
    multiplier: Decimal
    ticks: TickTable
    streamer_symbol: str = ""
    expires_on: date | None = None
    strike: Decimal | None = None
    option_type: OptionType | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask of one instrument, USD per share or point.

    `received_at` is when we got or re-read it (what staleness judges); `quoted_at` the market's own
    time, which may be minutes back for a quiet option. A side without a price is None.
    `delayed_seconds` is the known delay of the source, 0 for real time.
    """

    bid: Decimal | None
    ask: Decimal | None
    received_at: datetime
    quoted_at: datetime | None = None
    is_halted: bool = False
    delayed_seconds: int = 0

    @property
    def is_two_sided(self) -> bool:
        return self.bid is not None and self.ask is not None and self.ask > 0

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask, off the tick grid. Raises ValueError when one-sided."""
        if self.bid is None or self.ask is None:
            raise ValueError(f"no mid without both sides: {self.bid=} {self.ask=}")
        return (self.bid + self.ask) / 2

    def natural(self, side: Side) -> Decimal:
        """Return the price that trades at once for this side."""
        price = self.ask if side is Side.PAYS else self.bid
        if price is None:
            raise ValueError(f"no natural without that side: {self.bid=} {self.ask=}")
        return price


def net_quote(legs: list[tuple[int, Quote]], side: Side) -> Quote:
    """Return the quote of a package: `legs` are (signed ratio, quote), + for bought legs, of one multiplier.

    Priced as the package trades, seen from `side`: paying, the ask is what it costs to buy every
    bought leg at its ask and sell every sold leg at its bid; receiving, the bid is what it brings
    at the natural. The age and the halt are the worst of the legs.
    """

    def total(at_natural: bool) -> Decimal | None:
        parts = [
            (q.ask if (ratio > 0) is at_natural else q.bid, ratio) for ratio, q in legs
        ]  # bought at the ask and sold at the bid is the natural; the other way round its opposite
        return None if any(p is None for p, _ in parts) else sum((p * r for p, r in parts if p), Decimal(0))

    natural, opposite = total(True), total(False)
    if side is Side.PAYS:
        bid, ask = opposite, natural
    else:
        bid = -natural if natural is not None else None
        ask = -opposite if opposite is not None else None
    quoted = [q.quoted_at for _, q in legs if q.quoted_at]
    return Quote(
        bid=bid,
        ask=ask,
        received_at=min(q.received_at for _, q in legs),
        quoted_at=min(quoted) if quoted else None,
        is_halted=any(q.is_halted for _, q in legs),
        delayed_seconds=max(q.delayed_seconds for _, q in legs),
    )
