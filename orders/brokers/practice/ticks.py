"""Price increments: ordered tables in which an entry with a threshold holds strictly below it."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from orders.brokers.practice.wire import Json, number


@dataclass(frozen=True, slots=True)
class Tick:
    value: Decimal
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TickTable:
    """Ticks by price level, lowest level first; the last entry has no threshold."""

    ticks: tuple[Tick, ...]

    def at(self, price: Decimal) -> Decimal:
        """Return the increment that holds at the absolute value of a price."""
        level = abs(price)
        return next(t.value for t in self.ticks if t.below is None or level < t.below)

    def holds(self, price: Decimal) -> bool:
        return abs(price) % self.at(price) == 0

    def floor(self, price: Decimal) -> Decimal:
        """Round down to the grid, never below zero."""
        tick = self.at(price)
        return max((price / tick).to_integral_value(ROUND_FLOOR) * tick, Decimal(0))

    def ceiling(self, price: Decimal) -> Decimal:
        tick = self.at(price)
        return (price / tick).to_integral_value(ROUND_CEILING) * tick

    def wire(self) -> list[Json]:
        return [
            {"value": number(t.value)} | ({} if t.below is None else {"threshold": number(t.below)})
            for t in self.ticks
        ]


def table(*values: str) -> TickTable:
    """Build a table from "value", "threshold", "value", ..., "value"."""
    steps = [Decimal(v) for v in values]
    if len(steps) % 2 == 0:
        raise ValueError(f"the last tick has no threshold: {values=}")
    found = [Tick(value, below) for value, below in zip(steps[::2], steps[1::2], strict=False)]
    levels = [t.below for t in found if t.below is not None]
    if any(low >= high for low, high in pairwise(levels)):
        raise ValueError(f"thresholds must rise: {values=}")
    return TickTable((*found, Tick(steps[-1])))


EQUITY = table("0.0001", "1.0", "0.01")
CENT = table("0.01")  # penny at all prices: options of SPY, QQQ, IWM; also net prices of spreads
PENNY = table("0.01", "3.0", "0.05")
NON_PENNY = table("0.05", "3.0", "0.1")
NICKEL = table("0.05")  # net prices of index and futures option spreads
ES_OPTION = table("0.05", "5.0", "0.1", "20.0", "0.25", "100.0", "0.5")
