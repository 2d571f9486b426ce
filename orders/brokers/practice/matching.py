"""When an order trades, and at what: pure functions of its terms, the quotes and a drawn number.

Costs are per unit: positive pays, negative receives. `natural` trades at once, `mid` is the middle.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from orders.brokers.practice.market import Quote
from orders.brokers.practice.wire import Quantity

CENT = Decimal("0.01")
AT_MID = 0.02  # chance per second that an order resting at the mid trades
NEAR_NATURAL = 0.9  # and one just short of the natural
BEHIND = 6.0  # how fast the chance dies away behind the mid
PARTIAL = 0.3  # chance that an order of several units trades in part first


@dataclass(frozen=True, slots=True)
class Side:
    """A leg as the matching sees it: `sign` +1 buys, `ratio` contracts per unit."""

    sign: int
    ratio: Quantity
    quote: Quote

    @property
    def touch(self) -> Decimal:
        return self.quote.ask if self.sign > 0 else self.quote.bid


@dataclass(frozen=True, slots=True)
class Trade:
    """What happens now: whole units, at one price per leg whose signed sum is the unit's cost."""

    units: int
    prices: tuple[Decimal, ...]


def natural_cost(sides: Sequence[Side]) -> Decimal:
    return sum((s.sign * s.ratio * s.touch for s in sides), Decimal(0))


def mid_cost(sides: Sequence[Side]) -> Decimal:
    return sum((s.sign * s.ratio * s.quote.mid for s in sides), Decimal(0))


def is_marketable(limit: Decimal | None, sides: Sequence[Side]) -> bool:
    """Say whether an order trades at the touch now; without a limit it is a market order."""
    return limit is None or limit >= natural_cost(sides)


def rate(limit: Decimal, sides: Sequence[Side]) -> float:
    """Return the chance per second of a resting order: small at the mid, near certain at the natural."""
    mid, natural = mid_cost(sides), natural_cost(sides)
    if natural <= mid:
        return 0.0
    part = float((limit - mid) / (natural - mid))
    if part < 0:
        return AT_MID * math.exp(BEHIND * part) if part > -1 else 0.0
    return AT_MID + (NEAR_NATURAL - AT_MID) * part**2


def trades_while_resting(limit: Decimal, sides: Sequence[Side], *, seconds: float, drawn: float) -> bool:
    """Decide one interval of a resting order's life by a number drawn from [0, 1)."""
    return drawn < 1 - math.exp(-rate(limit, sides) * seconds)


def units_to_trade(remaining: int, *, drawn: float) -> int:
    """Return how many of the remaining units trade now: mostly all, sometimes a part of several."""
    if remaining < 2 or drawn >= PARTIAL:
        return remaining
    return max(1, int(remaining * drawn / PARTIAL))


def leg_prices(cost: Decimal, sides: Sequence[Side]) -> tuple[Decimal, ...]:
    """Spread a unit's cost over its legs: each between its mid and its touch, in cents, summing exactly.

    The leg with the smallest ratio, of these the dearest, takes what rounding leaves.
    """
    mid, natural = mid_cost(sides), natural_cost(sides)
    part = (cost - mid) / (natural - mid) if natural != mid else Decimal(0)
    prices = [_between(s, part) for s in sides]
    last = min(range(len(sides)), key=lambda n: (sides[n].ratio, -prices[n]))
    others = sum(
        (s.sign * s.ratio * p for n, (s, p) in enumerate(zip(sides, prices, strict=True)) if n != last),
        Decimal(0),
    )
    prices[last] = _rounded(sides[last].sign * (cost - others) / sides[last].ratio, sides[last])
    return tuple(prices) if prices[last] >= 0 else _lifted(cost, sides, prices, last)


def _rounded(price: Decimal, side: Side) -> Decimal:
    """Return a price as it is quoted: dividing by a part of a share leaves digits without end."""
    return price if isinstance(side.ratio, int) else price.quantize(Decimal("0.0001"))


def _between(side: Side, part: Decimal) -> Decimal:
    price = side.quote.mid + part * (side.touch - side.quote.mid)
    return max(price, Decimal(0)).quantize(CENT, ROUND_HALF_EVEN)


def _lifted(cost: Decimal, sides: Sequence[Side], prices: list[Decimal], last: int) -> tuple[Decimal, ...]:
    """Raise all legs' prices until none is negative; only legs that offset each other come here."""
    short = -prices[last]
    for n, side in enumerate(sides):
        if n != last and side.sign != sides[last].sign:
            prices[n] += short * sides[last].ratio / side.ratio
            prices[last] = Decimal(0)
            return tuple(prices)
    raise ValueError(f"no prices of zero or more make this cost: {cost=} {prices=}")


def stop_is_hit(trigger: Decimal, sides: Sequence[Side]) -> bool:
    """Say whether a single leg's stop triggers: a buy stop above the market, a sell stop below it."""
    side = sides[0]
    if side.sign > 0:
        return side.quote.ask > 0 and side.quote.mid >= trigger
    return side.quote.mid <= trigger
