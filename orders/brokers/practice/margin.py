"""What the broker wants held back: Regulation T in outline, with defined-risk spreads recognised.

Source of the naked formula: 20 % of the underlying less what the option is out of the money, at least
10 %, plus the option's own value (FINRA Rule 4210). A spread never needs more than it can lose.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.products import FUTURES
from orders.brokers.practice.wire import Json, Quantity, effect, number, signed, unsigned

SHARE_PART = Decimal("0.5")
Marker = Callable[[Instrument], Decimal]


@dataclass(frozen=True, slots=True)
class Holding:
    """A signed quantity of one contract."""

    instrument: Instrument
    quantity: Quantity


def requirement(holdings: Iterable[Holding], *, mark: Marker, spot: Marker) -> Decimal:
    """Return the margin of holdings, USD: shares, futures, and options by underlying."""
    options: dict[str, list[Holding]] = defaultdict(list)
    contracts: dict[str, int] = defaultdict(int)
    total = Decimal(0)
    for held in holdings:
        if held.instrument.kind.is_option:
            options[held.instrument.underlying].append(held)
        elif held.instrument.kind is Kind.FUTURE:
            contracts[held.instrument.product] += int(held.quantity)
        else:
            total += unsigned(held.quantity) * mark(held.instrument) * SHARE_PART
    total += futures_requirement(contracts)
    return total + sum((_options(group, mark, spot) for group in options.values()), Decimal(0))


def futures_requirement(contracts: dict[str, int]) -> Decimal:
    return sum((abs(n) * FUTURES[product].margin for product, n in contracts.items()), Decimal(0))


def _options(group: Sequence[Holding], mark: Marker, spot: Marker) -> Decimal:
    naked = sum((_naked(h, mark, spot) for h in group if h.quantity < 0), Decimal(0))
    worst = largest_loss(group)
    return naked if worst is None else min(naked, worst)


def _naked(held: Holding, mark: Marker, spot: Marker) -> Decimal:
    option = held.instrument
    price = spot(option)
    inside = option.strike - price if option.is_call else price - option.strike
    part = max(price * Decimal("0.2") - max(inside, Decimal(0)), price * Decimal("0.1"))
    return (part + mark(option)) * option.multiplier * -held.quantity


def largest_loss(group: Sequence[Holding]) -> Decimal | None:
    """Return what options of one underlying can pay out at most at expiry, None where nothing bounds it.

    A long that expires before a short does not cover it.
    """
    covering = [h for h in group if not _expires_early(h, group)]
    if sum(h.quantity for h in covering if h.instrument.is_call) < 0:
        return None
    corners = {Decimal(0), *(h.instrument.strike for h in covering)}
    return max(Decimal(0), *(-_payoff(covering, corner) for corner in corners))


def _expires_early(held: Holding, group: Sequence[Holding]) -> bool:
    mine = held.instrument.expires_on
    shorts = [h.instrument.expires_on for h in group if h.quantity < 0]
    return held.quantity > 0 and any(mine is not None and s is not None and mine < s for s in shorts)


def _payoff(group: Iterable[Holding], price: Decimal) -> Decimal:
    total = Decimal(0)
    for held in group:
        option = held.instrument
        inside = price - option.strike if option.is_call else option.strike - price
        total += max(inside, Decimal(0)) * option.multiplier * held.quantity
    return total


@dataclass(frozen=True, slots=True)
class BuyingPowerEffect:
    """What an order would change, USD: buying power after costs and margin, and margin alone."""

    before: Decimal
    after: Decimal
    margin_change: Decimal
    isolated_margin: Decimal
    is_spread: bool

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    def wire(self) -> Json:
        return {
            **signed("change-in-margin-requirement", -self.margin_change),
            **signed("change-in-buying-power", self.change),
            **signed("current-buying-power", self.before),
            **signed("new-buying-power", self.after),
            **signed("isolated-order-margin-requirement", -self.isolated_margin),
            "is-spread": self.is_spread,
            "impact": number(abs(self.change)),
            "effect": effect(self.change),
        }
