"""What an alert was read as: frozen values, nothing recorded, nothing resolved against a chain."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from orders.enums import Action, OptionType, PriceRule, Side


class Intent(StrEnum):
    OPEN = "open"  # a new or larger position
    CLOSE = "close"  # leaves a position
    TRIM = "trim"  # leaves a part of it
    CONDITIONAL = "conditional"  # opens once the underlying is there
    UPDATE = "update"  # moves stop or targets
    REVIEW = "review"  # a person must decide
    NOISE = "noise"  # never an order

    @property
    def is_order(self) -> bool:
        return self in ORDERS


ORDERS = frozenset({Intent.OPEN, Intent.CLOSE, Intent.TRIM, Intent.CONDITIONAL})


class Asset(StrEnum):
    STOCK = "stock"  # shares
    OPTION = "option"  # on shares and indices
    FUTURE = "future"  # outright
    FUTURE_OPTION = "future_option"  # on a future
    SPREAD = "spread"  # several legs, one net price


@dataclass(frozen=True, slots=True)
class Trigger:
    """Trade only once the underlying stands above (or below) the level."""

    above: bool
    level: Decimal

    def __str__(self) -> str:
        return f"only {'above' if self.above else 'below'} {self.level} of the underlying"


@dataclass(frozen=True, slots=True)
class ReadLeg:
    action: Action
    strike: Decimal
    option_type: OptionType
    expiry: date
    ratio: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "action": self.action.short,
            "ratio": self.ratio,
            "strike": as_number(self.strike),
            "type": self.option_type.value,
            "expiry": self.expiry.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class OrderReading:
    """One order as the text says it; None, "" and () where it says nothing.

    `price` is USD per share or point, never negative; `effect` says debit or credit where that was written.
    Of an entry range `price` is the first end and `price_to` the other. Stops and targets are on the
    premium (numbers, or percent as written) unless they say `underlying`. `missing` names what a person
    or a position must add.
    """

    intent: Intent = Intent.REVIEW
    action: Action | None = None
    quantity: int | None = None
    symbol: str = ""
    asset: Asset | None = None
    strike: Decimal | None = None
    option_type: OptionType | None = None
    expiry: date | None = None
    price: Decimal | None = None
    price_to: Decimal | None = None
    price_rule: PriceRule = PriceRule.NONE
    effect: Side | None = None
    targets: tuple[Decimal | str, ...] = ()
    stop: Decimal | str | None = None
    underlying_targets: tuple[Decimal, ...] = ()
    underlying_stop: Decimal | None = None
    legs: tuple[ReadLeg, ...] = ()
    shape: str = ""
    fraction: Decimal | None = None
    trigger: Trigger | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "intent": self.intent.value,
            "action": self.action.short if self.action else None,
            "qty": self.quantity,
            "symbol": self.symbol or None,
            "asset": self.asset.value if self.asset else None,
            "strike": as_number(self.strike),
            "type": self.option_type.value if self.option_type else None,
            "expiry": self.expiry.isoformat() if self.expiry else None,
            "price": as_number(self.price),
            "targets": [as_number(target) for target in self.targets] or None,
            "stop": as_number(self.stop),
            "legs": [leg.as_json() for leg in self.legs] or None,
            "fraction": as_number(self.fraction),
            "reason": self.reason or None,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What a whole message is. Only a reading whose intent `is_order` may become a ticket.

    A review keeps in `orders` what was understood, for the form that completes it.
    """

    intent: Intent
    orders: tuple[OrderReading, ...] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the line of `parse --jsonl`; a message with several orders holds them under `orders`."""
        if len(self.orders) == 1:
            return self.orders[0].as_json() | {"intent": self.intent.value, "reason": self.reason or None}
        empty = OrderReading(self.intent, reason=self.reason).as_json()
        return empty | ({"orders": [order.as_json() for order in self.orders]} if self.orders else {})


ROLL = "one symbol closed and opened: a roll"


def noise(reason: str) -> Reading:
    return Reading(Intent.NOISE, reason=reason)


def review(reason: str, *orders: OrderReading) -> Reading:
    """Refer the message to a person, with what was understood of it."""
    kept = tuple(replace(order, intent=Intent.REVIEW, reason=reason) for order in orders)
    return Reading(Intent.REVIEW, kept, reason)


def as_number(value: Decimal | str | None) -> float | int | str | None:
    """Return a JSON number for a Decimal; texts (percents) stay as they are."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
