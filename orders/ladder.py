"""The price ladder of a walk: from mid a few bounded steps toward the natural. Pure.

Rules: docs/execution.md, "Price ladder". Decimal only, every price on the tick table.
"""

from dataclasses import dataclass
from decimal import Decimal

from orders.enums import PriceRule, Side
from orders.market import Quote, TickTable, in_favour, round_to_tick, tick_at

WHOLE = 100  # percent of the spread


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed on: how an order may be priced. `bound` is None only while it is being made."""

    side: Side
    rule: PriceRule
    ticks: TickTable
    retries: int
    ticks_per_step: int
    start: Decimal | None = None
    bound: Decimal | None = None


def better(a: Decimal, b: Decimal, side: Side) -> Decimal:
    """Return the price that is better for us."""
    return min(a, b) if side is Side.PAYS else max(a, b)


def worse(a: Decimal, b: Decimal, side: Side) -> Decimal:
    return max(a, b) if side is Side.PAYS else min(a, b)


def toward_natural(price: Decimal, terms: Terms) -> Decimal:
    """Return the price one step of k ticks nearer the natural, on the grid of the result."""
    moved = price
    for _ in range(terms.ticks_per_step):
        step = terms.side * tick_at(moved, terms.ticks)
        moved = round_to_tick(moved + step, terms.ticks, up=terms.side is Side.PAYS)
    return moved


def default_bound(quote: Quote, terms: Terms) -> Decimal:
    """Return the bound of an order without a price: mid and all its steps, never past the natural."""
    price = in_favour(quote.mid, terms.ticks, terms.side)
    for _ in range(terms.retries):
        price = toward_natural(price, terms)
    return clamp(price, quote, terms)


def bound_of(quote: Quote, terms: Terms) -> Decimal:
    """Return the worst price the order may ever be placed at, by what the trader typed.

    The typed price is the bound; the natural (`@ nat`) is the natural now; else mid plus the steps.
    """
    if terms.bound is not None:
        return in_favour(terms.bound, terms.ticks, terms.side)
    if terms.rule in {PriceRule.NATURAL, PriceRule.MARKET}:
        return in_favour(quote.natural(terms.side), terms.ticks, terms.side)
    return default_bound(quote, terms)


def clamp(price: Decimal, quote: Quote, terms: Terms) -> Decimal:
    """Return the price, no worse than the bound and no worse than the natural, on the grid."""
    limit = in_favour(quote.natural(terms.side), terms.ticks, terms.side)
    if terms.bound is not None:
        limit = better(limit, in_favour(terms.bound, terms.ticks, terms.side), terms.side)
    return better(price, limit, terms.side)


def anchor(quote: Quote, terms: Terms) -> Decimal:
    """Return where the ladder stands: the typed start, else the natural or the mid as they are now."""
    if terms.start is not None:
        return in_favour(terms.start, terms.ticks, terms.side)
    at = quote.natural(terms.side) if terms.rule is PriceRule.NATURAL else quote.mid
    return in_favour(at, terms.ticks, terms.side)


def price_at(rung: int, last: Decimal | None, quote: Quote, terms: Terms) -> Decimal:
    """Return the price of a rung: so many steps from the anchor, at most one step from the last price.

    A market that moves in our favour re-centres the ladder; one that runs away is followed by one
    step at a time. `last` is the price placed before, None before the first.
    """
    price = anchor(quote, terms)
    for _ in range(rung):
        price = toward_natural(price, terms)
    if last is not None:
        price = better(price, toward_natural(last, terms), terms.side)
    return clamp(price, quote, terms)


def ladder(quote: Quote, terms: Terms) -> tuple[Decimal, ...]:
    """Return the prices of the walk if the market stands still, without repeats."""
    prices = [price_at(0, None, quote, terms)]
    for rung in range(1, terms.retries + 1):
        prices.append(price_at(rung, prices[-1], quote, terms))
    return tuple(dict.fromkeys(prices))


def spread_share(price: Decimal, quote: Quote, side: Side) -> int | None:
    """Return how far the price lies from the opposite side to the natural, in percent of the spread."""
    if quote.bid is None or quote.ask is None or quote.ask == quote.bid:
        return None
    from_near = price - quote.bid if side is Side.PAYS else quote.ask - price
    return int((100 * from_near / (quote.ask - quote.bid)).to_integral_value())


def place_in_spread(price: Decimal, quote: Quote, side: Side) -> str:
    """Return where a price lies between bid and ask, as the end of a sentence: ` = 62 % of the spread`.

    Outside of them a percentage would say nothing: `, below the bid`. Empty where there is no spread.
    """
    share = spread_share(price, quote, side)
    if share is None:
        return ""
    if 0 <= share <= WHOLE:
        return f" = {share} % of the spread"
    above = (share > WHOLE) == (side is Side.PAYS)
    return ", above the ask" if above else ", below the bid"
