"""Pre-trade controls on an order's own size and price, and on where and when it may go. Pure.

Each is a plain function of the numbers it compares; a refusal names its limit and what was asked.
Yardstick: SEC rule 15c3-5, ESMA RTS 6 article 15.
"""

from dataclasses import dataclass
from decimal import Decimal

from orders.enums import EnvironmentName, InstrumentType, OrderType, Side, Stage, TradingStateName
from orders.market import Quote, plain
from orders.verdicts import Verdict

SHARES_PER_CONTRACT = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """An order as the controls see it. `kind` is the kind of its legs; prices USD per point."""

    kind: InstrumentType
    quantity: int
    order_type: OrderType
    bound: Decimal | None
    multiplier: Decimal
    is_closing: bool = False


def quantity(ask: Ask, most: int) -> Verdict:
    """Contracts count one; shares count a hundredth."""
    allowed = counted(most, ask.kind)
    return Verdict(
        "QUANTITY_EXCEEDS_MAXIMUM",
        ask.quantity <= allowed,
        f"{ask.quantity} asked, at most {allowed} allowed here",
        {"quantity": str(ask.quantity), "maximum": str(allowed)},
    )


def counted(contracts: int, kind: InstrumentType) -> int:
    """Return so many contracts in the order's own units: shares go by the hundred."""
    return contracts * SHARES_PER_CONTRACT if kind is InstrumentType.EQUITY else contracts


def notional(ask: Ask, price: Decimal, most: Decimal) -> Verdict:
    """What the order can cost or bring at its worst price. Futures are judged by quantity alone."""
    value = abs(price) * ask.quantity * ask.multiplier
    is_ok = ask.kind is InstrumentType.FUTURE or value <= most
    return Verdict(
        "NOTIONAL_EXCEEDS_MAXIMUM",
        is_ok,
        f"worth ${value:,.2f}, at most ${most:,.2f} allowed per order",
        {"value": f"{value:.2f}", "maximum": f"{most:.2f}"},
    )


def max_loss(kind: InstrumentType, value: Decimal, most: Decimal) -> Verdict:
    """What the order can lose at worst (`worst_case.loss`). Futures are judged by quantity alone."""
    is_future = kind is InstrumentType.FUTURE
    return Verdict(
        "LOSS_EXCEEDS_MAXIMUM",
        is_future or value <= most,
        "a future: judged by quantity alone"
        if is_future
        else f"may lose ${value:,.2f}, at most ${most:,.2f} allowed per order",
        {"value": f"{value:.2f}", "maximum": f"{most:.2f}"},
    )


def within_width(price: Decimal, width: Decimal, side: Side) -> Verdict:
    """A spread is never worth more than its width: a price beyond it is a slip of the pen."""
    what = "debit" if side is Side.PAYS else "credit"
    return Verdict(
        "PRICE_EXCEEDS_WIDTH",
        price <= width,
        f"a {what} of {plain(price)} for a spread that is {plain(width)} wide",
        {"price": str(price), "width": str(width)},
    )


def collar(price: Decimal, quote: Quote, percent: int) -> Verdict:
    """How far the price lies from the mid on either side, but never tighter than the spread itself."""
    mid = quote.mid
    width = (quote.ask or mid) - (quote.bid or mid)
    distance, allowed = abs(price - mid), max(abs(mid) * percent / 100, width)
    return Verdict(
        "PRICE_OUTSIDE_COLLAR",
        distance <= allowed,
        f"{price} is {plain(distance)} from the mid {plain(mid)}, at most {plain(allowed)} allowed",
        {"price": str(price), "mid": str(mid), "allowed": str(allowed)},
    )


def market_allowed(ask: Ask, legs: int, *, allowed: bool) -> Verdict:
    if ask.order_type is not OrderType.MARKET:
        return Verdict("MARKET_ORDER_NOT_ALLOWED", True, "not a market order")
    if legs > 1:
        return Verdict("MARKET_ORDER_NOT_ALLOWED", False, "a market order has one leg; write a net price")
    sentence = "market orders are accepted here"
    if not allowed:
        sentence = "this channel does not accept market orders; write a price or @ nat"
    return Verdict("MARKET_ORDER_NOT_ALLOWED", allowed, sentence)


def trading_state(state: TradingStateName, reason: str, *, is_closing: bool) -> Verdict:
    is_ok = state is TradingStateName.ACTIVE or (state is TradingStateName.REDUCING and is_closing)
    said = f": {reason}" if reason else ""
    return Verdict(
        "TRADING_NOT_ACTIVE",
        is_ok,
        f"trading of this account is {state.label.lower()}{said}",
        {"state": state},
    )


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far an environment is opened. Dry run binds each of them, the stage production alone."""

    environment: str
    stage: str
    is_dry_run: bool  # of every dry-run setting now, the most careful
    is_canary: bool  # the order's channel is one of those that go first
    limited_max_quantity: int


CANARY_QUANTITY = 1


def stage(kind: InstrumentType, quantity: int, rollout: Rollout, *, asks_dry_run: bool) -> Verdict:
    """Return whether the rollout has come as far as this order. A dry run places nothing and may go.

    `quantity` in the order's own units: contracts, or shares, of which a hundred count as a contract.
    """
    sentence = "" if asks_dry_run else _beyond(kind, quantity, rollout)
    return Verdict(
        "ROLLOUT_STAGE_EXCEEDED",
        not sentence,
        sentence or f"within what {rollout.environment} is opened for",
        {"stage": rollout.stage, "quantity": str(quantity)},
    )


def _beyond(kind: InstrumentType, quantity: int, rollout: Rollout) -> str:
    if rollout.is_dry_run:
        return f"{rollout.environment} is set to dry run: nothing is placed there"
    if rollout.environment != EnvironmentName.PRODUCTION or rollout.stage == Stage.FULL:
        return ""
    if rollout.stage == Stage.CANARY and not rollout.is_canary:
        return "production is at canary: only channels marked for it may place orders"
    caps = {Stage.CANARY: CANARY_QUANTITY, Stage.LIMITED: rollout.limited_max_quantity}
    allowed = counted(caps.get(Stage(rollout.stage), 0), kind)
    if quantity <= allowed:
        return ""
    return f"{quantity} asked, at most {allowed} while production is at {rollout.stage}"


def quote_usable(
    quote: Quote, max_spread_percent: int, max_age_seconds: float, age_seconds: float
) -> Verdict:
    """Two-sided, uncrossed, not halted, not too wide, re-read within the last seconds.

    A spread of a few ticks is always narrow enough: cheap options would never qualify otherwise.
    """
    sentence = _fault(quote, max_spread_percent, max_age_seconds, age_seconds)
    return Verdict("QUOTE_NOT_USABLE", not sentence, sentence, {"bid": str(quote.bid), "ask": str(quote.ask)})


NARROW = Decimal("0.10")


def _fault(quote: Quote, max_spread_percent: int, max_age_seconds: float, age_seconds: float) -> str:
    if quote.is_halted:
        return "trading of it is halted"
    if quote.bid is None or quote.ask is None or not (quote.bid.is_finite() and quote.ask.is_finite()):
        return "the quote is one-sided"
    if quote.ask <= quote.bid:
        return f"the quote is crossed or locked: {quote.bid} / {quote.ask}"
    if age_seconds > max_age_seconds:
        return f"the quote is {age_seconds:.0f} s old, at most {max_age_seconds:.0f} s allowed"
    width = quote.ask - quote.bid
    if width > max(abs(quote.mid) * max_spread_percent / 100, NARROW):
        return f"the spread is too wide: {quote.bid} / {quote.ask}"
    return ""
