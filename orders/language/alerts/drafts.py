"""A reading as the command a person would type, with a `?` for whatever the message does not say."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from orders.enums import PriceRule
from orders.language.expiry_words import day_word
from orders.language.writing import write_ticket

from .reading import Asset, Intent, OrderReading
from .trading import as_ticket

UNSAID: Final = "?"
_AT: Final = {PriceRule.MID: "@ mid", PriceRule.NATURAL: "@ nat", PriceRule.MARKET: "@ mkt"}


def draft_command(order: OrderReading) -> str:
    """Return the command as far as the message says it. A `?` is where the grammar will point."""
    parts = [_verb(order), str(order.quantity or UNSAID), _what(order), _price(order), *_exits(order)]
    return " ".join(part for part in parts if part)


def _verb(order: OrderReading) -> str:
    if order.action is None or "action" in order.missing:
        return UNSAID
    if order.asset is Asset.FUTURE:
        return "buy" if order.action.buys else "sell"
    return order.action.short.lower()


def _what(order: OrderReading) -> str:
    if order.legs:
        return _legs(order) or f"{order.symbol or UNSAID} {UNSAID}"
    if order.asset in (Asset.STOCK, Asset.FUTURE) or not _names_option(order):
        return order.symbol or UNSAID
    day = day_word(order.expiry) if order.expiry else UNSAID
    strike = f"{order.strike:f}" if order.strike is not None else UNSAID
    letter = order.option_type.lower() if order.option_type else ""
    return f"{order.symbol or UNSAID} {day} {strike}{letter} {order.shape}".strip()


def _names_option(order: OrderReading) -> bool:
    said = (order.strike, order.option_type, order.expiry)
    is_option = order.asset in (Asset.OPTION, Asset.FUTURE_OPTION, Asset.SPREAD)
    return is_option or any(value is not None for value in said)


def _legs(order: OrderReading) -> str:
    """Return what stands between quantity and price of the whole spread; "" where it cannot be written."""
    bare = replace(order, quantity=1, price=None, price_to=None, price_rule=PriceRule.NONE, effect=None,
                   stop=None, targets=())  # fmt: skip
    try:
        written = write_ticket(as_ticket(bare, quantity=1))
    except ValueError:
        return ""
    return written.split(maxsplit=2)[2]


def _price(order: OrderReading) -> str:
    effect = "" if not order.legs or order.effect is None else " db" if order.effect > 0 else " cr"
    if order.price is None:
        opens = order.intent not in (Intent.CLOSE, Intent.TRIM) and "price" in order.missing
        return _AT.get(order.price_rule, f"@ {UNSAID}" if opens else "")
    if order.price_to is None or order.action is None:
        return f"@ {order.price:f}{effect}"
    low, high = sorted((order.price, order.price_to))
    pays = order.effect > 0 if order.effect is not None else order.action.buys
    return f"@ {low:f} max {high:f}{effect}" if pays else f"@ {high:f} min {low:f}{effect}"


def _exits(order: OrderReading) -> list[str]:
    stop = [f"sl {order.stop:f}"] if isinstance(order.stop, Decimal) else []
    alone = order.targets[0] if len(order.targets) == 1 else None
    return stop + ([f"tp {alone:f}"] if isinstance(alone, Decimal) else [])
