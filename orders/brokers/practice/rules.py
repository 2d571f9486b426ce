"""Rules of an order: when it is routed and when it is cancelled, by the time and by prices. Pure.

A rule is kept as it is written: `route-after`, `routed-at`, `cancel-at`, `cancelled-at` and
`order-conditions`. What has not happened is absent, as at the broker, where the SDK trips over it.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.brokers.practice.market import Quote
from orders.brokers.practice.wire import Json, bad_parameter, instant, number

ACTIONS = frozenset({"route", "cancel"})
INDICATORS = frozenset({"last", "nat"})
COMPARATORS = frozenset({"gte", "lte"})
DIRECTIONS = frozenset({"Long", "Short"})
Quotes = Callable[[str], Quote | None]


def read_rules(raw: Any) -> Json | None:
    """Read the `rules` of an order; raises Refusal for what cannot be meant."""
    if not raw:
        return None
    if not isinstance(raw, dict):
        raise bad_parameter("rules", "is invalid")
    conditions = raw.get("conditions") or raw.get("order-conditions") or []
    if not isinstance(conditions, list) or not all(isinstance(c, dict) for c in conditions):
        raise bad_parameter("rules[conditions]", "is invalid")
    times = {name: _moment(raw, name) for name in ("route-after", "cancel-at") if raw.get(name)}
    return {**times, "order-conditions": [_condition(c, n) for n, c in enumerate(conditions, 1)]}


def _moment(raw: Json, name: str) -> str:
    try:
        at = datetime.fromisoformat(str(raw[name]))
    except ValueError as unreadable:
        raise bad_parameter(f"rules[{name}]", "is invalid") from unreadable
    if at.tzinfo is None:
        raise bad_parameter(f"rules[{name}]", "needs an offset")
    return instant(at)


def _condition(raw: Json, place: int) -> Json:
    return {
        "id": str(place),
        "action": word(raw, "action", ACTIONS),
        "symbol": str(raw.get("symbol", "")),
        "instrument-type": str(raw.get("instrument-type", "")),
        "indicator": word(raw, "indicator", INDICATORS),
        "comparator": word(raw, "comparator", COMPARATORS),
        "threshold": number(amount(raw, "threshold")),
        "is-threshold-based-on-notional": bool(raw.get("is-threshold-based-on-notional")),
        "price-components": [_component(part) for part in raw.get("price-components") or []],
    }


def _component(raw: Json) -> Json:
    return {
        "symbol": str(raw.get("symbol", "")),
        "instrument-type": str(raw.get("instrument-type", "")),
        "quantity": number(amount(raw, "quantity")),
        "quantity-direction": word(raw, "quantity-direction", DIRECTIONS),
    }


def word(raw: Json, name: str, words: frozenset[str]) -> str:
    if raw.get(name) not in words:
        raise bad_parameter(name, "does not have a valid value")
    return str(raw[name])


def amount(raw: Json, name: str) -> Decimal:
    try:
        found = Decimal(str(raw.get(name)))
    except ArithmeticError as unreadable:
        raise bad_parameter(name, "is invalid") from unreadable
    if not found.is_finite():
        raise bad_parameter(name, "is invalid")
    return found


def look(rule: Json, now: datetime, quotes: Quotes) -> bool:
    """Note on a rule which of its conditions are met now; say whether one was met for the first time."""
    is_new = False
    for condition in rule["order-conditions"]:
        value = None if "triggered-at" in condition else _value(condition, quotes)
        if value is not None and crosses(value, condition["comparator"], Decimal(condition["threshold"])):
            condition |= {"triggered-at": instant(now), "triggered-value": number(value)}
            is_new = True
    return is_new


def crosses(value: Decimal, comparator: str, threshold: Decimal) -> bool:
    return value >= threshold if comparator == "gte" else value <= threshold


def _value(condition: Json, quotes: Quotes) -> Decimal | None:
    """Return the price that a condition watches; `nat` is what a buyer of it would pay."""
    parts = [(c["symbol"], Decimal(c["quantity"]), c["quantity-direction"] == "Long")
             for c in condition["price-components"]] or [(condition["symbol"], Decimal(1), True)]  # fmt: skip
    total = Decimal(0)
    for symbol, quantity, is_long in parts:
        quote = quotes(symbol)
        if quote is None:
            return None
        touch = quote.ask if is_long else quote.bid
        total += (quote.last if condition["indicator"] == "last" else touch) * (
            quantity if is_long else -quantity
        )
    return total


def may_route(rule: Json | None, now: datetime) -> bool:
    if rule is None:
        return True
    is_late = "route-after" not in rule or now >= datetime.fromisoformat(rule["route-after"])
    return is_late and all("triggered-at" in c for c in _conditions(rule, "route"))


def must_cancel(rule: Json, now: datetime) -> bool:
    is_late = "cancel-at" in rule and now >= datetime.fromisoformat(rule["cancel-at"])
    return is_late or any("triggered-at" in c for c in _conditions(rule, "cancel"))


def _conditions(rule: Json, action: str) -> list[Json]:
    return [c for c in rule["order-conditions"] if c["action"] == action]
