"""A close completed from what is open: exactly one position fits, or a person is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal

from orders.enums import Action, OptionType
from orders.language.symbols import underlying

from .reading import Asset, Intent, OrderReading, Reading, ReadLeg, review
from .tickers import BARE_FUTURES
from .trading import future_named


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """An open position. `quantity` is signed: below zero is short."""

    symbol: str
    asset: Asset
    quantity: int
    strike: Decimal | None = None
    option_type: OptionType | None = None
    expiry: date | None = None

    def __str__(self) -> str:
        if self.strike is None:
            return f"{self.quantity} {self.symbol}"
        return f"{self.quantity} {self.symbol} {self.expiry} {self.strike}{self.option_type}"


def complete_close(reading: Reading, positions: Sequence[HeldPosition]) -> Reading:
    """Return the reading with every close and trim filled from the one position that fits it.

    None or two that fit, more than is held, or a part of unknown size: review, with the reason. Readings
    that leave nothing come back as they are.
    """
    completed = [_complete(order, positions) for order in reading.orders]
    if not reading.intent.is_order or not any(order.intent in _LEAVES for order in reading.orders):
        return reading
    doubtful = next((order for order in completed if order.intent is Intent.REVIEW), None)
    if doubtful:
        return review(doubtful.reason, *completed)
    return replace(reading, orders=tuple(completed))


_LEAVES = frozenset({Intent.CLOSE, Intent.TRIM})


def _complete(order: OrderReading, positions: Sequence[HeldPosition]) -> OrderReading:
    if order.intent not in _LEAVES:
        return order
    if order.legs:
        return _check_legs(order, positions)
    fits = [position for position in positions if _fits(order, position)]
    if len(fits) != 1:
        held = "; ".join(map(str, fits[:3]))
        return _refer(order, f"two positions fit: {held}" if fits else "no open position fits")
    return _fill(order, fits[0])


def _refer(order: OrderReading, reason: str) -> OrderReading:
    return replace(order, intent=Intent.REVIEW, reason=reason)


def _fits(order: OrderReading, position: HeldPosition) -> bool:
    """Say whether the position agrees with all the order says."""
    if not _is_named(order.symbol, position.symbol) or position.quantity == 0:
        return False
    if "action" not in order.missing and order.action and order.action.buys is (position.quantity > 0):
        return False
    said = (
        (order.asset, position.asset), (order.strike, position.strike),
        (order.option_type, position.option_type), (order.expiry, position.expiry),
    )  # fmt: skip
    return all(written is None or written == held for written, held in said)


def _is_named(word: str, held: str) -> bool:
    """Say whether the word may mean what is held: SPX also SPXW, /ES any of its months, NQ the future."""
    if not held.startswith("/"):
        return underlying(word) == underlying(held)
    if not word.startswith("/") and word not in BARE_FUTURES:
        return False
    named, future = future_named(word), future_named(held)
    return named.root == future.root and (not named.month or future.month in ("", named.month))


def _fill(order: OrderReading, position: HeldPosition) -> OrderReading:
    held = abs(position.quantity)
    quantity = _quantity(order, held)
    filled = replace(
        order,
        action=Action.SELL_TO_CLOSE if position.quantity > 0 else Action.BUY_TO_CLOSE,
        symbol=position.symbol,
        asset=position.asset,
        strike=position.strike,
        option_type=position.option_type,
        expiry=position.expiry,
        quantity=quantity,
        missing=(),
    )
    if quantity is None:
        return _refer(replace(filled, missing=("quantity",)), "how much to sell: it does not say")
    if quantity > held:
        return _refer(filled, f"{quantity} to close and {held} held")
    if quantity == 0 or (quantity == held and order.intent is Intent.TRIM):
        return _refer(filled, f"no part of {held} to trim")
    return filled


def _quantity(order: OrderReading, held: int) -> int | None:
    """Return how many to close: as written, a share rounded down, or all; None where a trim does not say."""
    if order.quantity is not None:
        return order.quantity
    if order.fraction is not None:
        return int((order.fraction * held).quantize(Decimal(1), rounding=ROUND_DOWN))
    return held if order.intent is Intent.CLOSE else None


def _check_legs(order: OrderReading, positions: Sequence[HeldPosition]) -> OrderReading:
    """Refer a spread whose legs are not all held, on the other side and in its numbers."""
    for leg in order.legs:
        held = sum(abs(position.quantity) for position in positions if _holds(position, order.symbol, leg))
        if held < leg.ratio * (order.quantity or 1):
            return _refer(order, f"the leg {leg.strike}{leg.option_type} {leg.expiry} is not held")
    return (
        order
        if order.quantity
        else _refer(replace(order, missing=("quantity",)), "it does not say how many spreads")
    )


def _holds(position: HeldPosition, symbol: str, leg: ReadLeg) -> bool:
    same = (position.strike, position.option_type, position.expiry) == (
        leg.strike,
        leg.option_type,
        leg.expiry,
    )
    return (
        same
        and underlying(position.symbol) == underlying(symbol)
        and (position.quantity > 0) is not leg.action.buys
    )
