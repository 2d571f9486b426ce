"""What is listed here, in tables: shares, funds, one index, futures, and the option roots on them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from orders.brokers.practice import ticks
from orders.brokers.practice.sessions import Hours
from orders.brokers.practice.ticks import TickTable


class Cadence(StrEnum):
    """How often the options of a root expire."""

    DAILY = "daily"  # every trading day, then Fridays, months, years
    WEEKLY = "weekly"  # Fridays, then months, years
    MONTHLY = "monthly"  # third Fridays only


@dataclass(frozen=True, slots=True)
class Motion:
    """How a price moves: `daily` is the deviation of a day's return, `market` and `own` its two sources."""

    start: float
    daily: float
    market: float
    own: float
    volatility: float  # implied, at the money, yearly
    carry: float = 0.0  # yearly growth of a future's price over the product's


@dataclass(frozen=True, slots=True)
class OptionRoot:
    """Options of one root: strikes are `near_step` apart within `near_part` of the start price."""

    root: str
    cadence: Cadence
    near_step: Decimal
    far_step: Decimal
    settles_in_the_morning: bool = False
    near_part: Decimal = Decimal("0.12")


@dataclass(frozen=True, slots=True)
class EquityProduct:
    symbol: str
    description: str
    motion: Motion
    option_ticks: TickTable
    spread_ticks: TickTable
    roots: tuple[OptionRoot, ...]
    hours: Hours = Hours.EQUITY
    is_etf: bool = False
    is_index: bool = False


@dataclass(frozen=True, slots=True)
class FutureProduct:
    """A family of futures. `multiplier` is USD per point, `margin` USD per contract (initial)."""

    code: str
    description: str
    motion: Motion
    months: str
    listed: int
    tick: Decimal
    multiplier: Decimal
    margin: Decimal
    sector: str
    streamer_exchange: str = "XCME"
    exchange: str = "CME"
    root: OptionRoot | None = None
    is_micro: bool = False
    etf_symbol: str = "SPY"


def _root(name: str, cadence: Cadence, near: str, far: str) -> OptionRoot:
    return OptionRoot(name, cadence, Decimal(near), Decimal(far))


def _large(name: str, cadence: Cadence, *, morning: bool = False) -> OptionRoot:
    """Options whose strikes are many, as their underlying is worth thousands."""
    return OptionRoot(name, cadence, Decimal(5), Decimal(50), morning, Decimal("0.06"))


def _fund(symbol: str, description: str, motion: Motion) -> EquityProduct:
    roots = (_root(symbol, Cadence.DAILY, "1", "5"),)
    return EquityProduct(
        symbol, description, motion, ticks.CENT, ticks.CENT, roots, hours=Hours.INDEX, is_etf=True
    )


def _share(symbol: str, description: str, motion: Motion, near: str, far: str) -> EquityProduct:
    roots = (_root(symbol, Cadence.WEEKLY, near, far),)
    return EquityProduct(symbol, description, motion, ticks.PENNY, ticks.CENT, roots)


EQUITIES = {
    product.symbol: product
    for product in (
        _fund("SPY", "SPDR S&P 500 ETF Trust", Motion(600.0, 0.008, 1.0, 0.0, 0.16)),
        _fund("QQQ", "Invesco QQQ Trust", Motion(520.0, 0.010, 1.1, 0.4, 0.20)),
        _fund("IWM", "iShares Russell 2000 ETF", Motion(230.0, 0.011, 0.9, 0.6, 0.22)),
        _share("AAPL", "Apple Inc. - Common Stock", Motion(230.0, 0.013, 0.8, 0.8, 0.26), "2.5", "5"),
        _share("TSLA", "Tesla Inc. - Common Stock", Motion(350.0, 0.028, 0.7, 1.0, 0.55), "2.5", "10"),
        _share("NVDA", "NVIDIA Corporation - Common Stock", Motion(140.0, 0.025, 0.9, 0.9, 0.48), "1", "5"),
        EquityProduct(
            "SPX",
            "S&P 500 Index",
            Motion(6000.0, 0.008, 1.0, 0.0, 0.16),
            ticks.NON_PENNY,
            ticks.NICKEL,
            (
                _large("SPXW", Cadence.DAILY),
                _large("SPX", Cadence.MONTHLY, morning=True),
            ),
            hours=Hours.INDEX,
            is_index=True,
        ),
    )
}

_ES = Motion(6000.0, 0.008, 1.0, 0.0, 0.16, carry=0.028)
_NQ = Motion(21400.0, 0.010, 1.1, 0.4, 0.20, carry=0.033)
_CL = Motion(70.0, 0.020, 0.2, 1.0, 0.34, carry=-0.02)
_GC = Motion(2700.0, 0.010, -0.1, 1.0, 0.16, carry=0.045)
QUARTERS = "HMUZ"
FUTURES = {
    product.code: product
    for product in (
        FutureProduct(
            "ES", "E-Mini S&P 500", _ES, QUARTERS, 4, Decimal("0.25"), Decimal(50), Decimal(16500),
            "Equities", root=_large("ES", Cadence.DAILY),
        ),
        FutureProduct(
            "NQ", "E-Mini Nasdaq-100", _NQ, QUARTERS, 4, Decimal("0.25"), Decimal(20), Decimal(25000),
            "Equities", etf_symbol="QQQ",
        ),
        FutureProduct(
            "MES", "Micro E-Mini S&P 500", _ES, QUARTERS, 4, Decimal("0.25"), Decimal(5), Decimal(1650),
            "Equities", is_micro=True,
        ),
        FutureProduct(
            "CL", "Light Sweet Crude Oil", _CL, "FGHJKMNQUVXZ", 6, Decimal("0.01"), Decimal(1000),
            Decimal(6500), "Energies", streamer_exchange="XNYM", etf_symbol="USO",
        ),
        FutureProduct(
            "GC", "Gold", _GC, "GJMQVZ", 4, Decimal("0.1"), Decimal(100), Decimal(12500), "Metals",
            streamer_exchange="XCEC", etf_symbol="GLD",
        ),
    )
}  # fmt: skip


def motion_of(product: str) -> Motion:
    found = EQUITIES.get(product) or FUTURES.get(product)
    if found is None:
        raise ValueError(f"no such product: {product=}")
    return found.motion
