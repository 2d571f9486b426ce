"""From the JSON of an order to an order, or to the refusal the broker would answer with."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.brokers.practice.book import Leg, Order
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.rules import read_rules
from orders.brokers.practice.wire import Json, Quantity, bad_parameter, failed_preflight

ORDER_TYPES = frozenset({"Limit", "Market", "Marketable Limit", "Notional Market", "Stop", "Stop Limit"})
TIMES_IN_FORCE = frozenset(
    {"Day", "Ext", "Ext Overnight", "GTC", "GTC Ext", "GTC Ext Overnight", "GTD", "IOC"}
)
ACTIONS = frozenset({"Buy to Open", "Buy to Close", "Sell to Open", "Sell to Close", "Buy", "Sell"})
NOTIONAL = "Notional Market"
PRICED = frozenset({"Limit", "Stop Limit"})
STOPPED = frozenset({"Stop", "Stop Limit"})
MAX_OPTION_LEGS = 4


def decimal_of(body: Json, name: str) -> Decimal | None:
    """Read a number or numeric string of zero or more; raises Refusal for anything else."""
    raw = body.get(name)
    if raw is None:
        return None
    try:
        value = Decimal(str(raw))
    except InvalidOperation as unreadable:
        raise bad_parameter(name, "is invalid") from unreadable
    if not value.is_finite() or value < 0:
        raise bad_parameter(name, "must be greater than or equal to 0")
    return value


def text_of(body: Json, name: str) -> str | None:
    return None if body.get(name) is None else str(body[name])


def word_of(body: Json, name: str, words: frozenset[str]) -> str:
    word = body.get(name)
    if not isinstance(word, str) or word not in words:
        raise bad_parameter(name, "does not have a valid value" if word else "is missing")
    return word


def quantity_of(raw: Any, kind: Kind) -> Quantity:
    """Read a quantity: 1, "1" and "1.0" are the same; only shares come in parts."""
    try:
        value = Decimal(str(raw))
    except InvalidOperation as unreadable:
        raise bad_parameter("legs[quantity]", "is invalid") from unreadable
    if not value.is_finite() or value <= 0:
        raise bad_parameter("legs[quantity]", "must be greater than 0")
    if value == value.to_integral_value():
        return int(value)
    if kind is not Kind.EQUITY:
        raise bad_parameter("legs[quantity]", "must be a whole number")
    return value


def read_legs(body: Json, *, is_notional: bool = False) -> list[Leg]:
    """Read the legs; those of a notional order have no quantity yet."""
    raw = body.get("legs")
    if not isinstance(raw, list) or not raw or not all(isinstance(leg, dict) for leg in raw):
        raise bad_parameter("legs", "is missing")
    kinds = frozenset(k.value for k in Kind if k is not Kind.INDEX)
    found: list[Leg] = []
    for leg in raw:
        kind = Kind(word_of(leg, "instrument-type", kinds))
        shares = 1 if is_notional else quantity_of(leg.get("quantity"), kind)
        found.append(Leg(str(leg.get("symbol", "")), kind, word_of(leg, "action", ACTIONS), shares))
    return found


def read_price(body: Json, order_type: str) -> Decimal | None:
    """Return the signed unit cost; the effect may be absent only where the price is zero."""
    price = decimal_of(body, "price")
    if order_type not in PRICED:
        if price is not None:
            message = "This order can not be submitted with an associated price."
            raise failed_preflight([("order_must_omit_price", message)])
        return None
    if price is None:
        raise bad_parameter("price", "is missing")
    if price == 0:
        return price
    effect = word_of(body, "price-effect", frozenset({"Debit", "Credit"}))
    return price if effect == "Debit" else -price


def read_value(body: Json, order_type: str) -> Decimal | None:
    """Return the signed value of a notional order: what it shall cost, or, negative, bring."""
    if order_type != NOTIONAL:
        return None
    value = decimal_of(body, "value")
    if not value:
        raise bad_parameter("value", "is missing" if value is None else "must be greater than 0")
    effect = word_of(body, "value-effect", frozenset({"Debit", "Credit"}))
    return value if effect == "Debit" else -value


def read_stop(body: Json, order_type: str) -> Decimal | None:
    trigger = decimal_of(body, "stop-trigger")
    if order_type in STOPPED and trigger is None:
        raise bad_parameter("stop-trigger", "is missing")
    return trigger if order_type in STOPPED else None


def read_gtc_date(body: Json, time_in_force: str) -> date | None:
    raw = body.get("gtc-date")
    if raw is None:
        if time_in_force == "GTD":
            raise bad_parameter("gtc-date", "is missing")
        return None
    try:
        return date.fromisoformat(str(raw))
    except ValueError as unreadable:
        raise bad_parameter("gtc-date", "is invalid") from unreadable


def read_order(body: Json, account: str, now: datetime) -> Order:
    """Read an order; unknown keys are ignored, as the broker does. Its underlying is not yet known."""
    order_type = word_of(body, "order-type", ORDER_TYPES)
    time_in_force = word_of(body, "time-in-force", TIMES_IN_FORCE)
    return Order(
        account=account,
        order_type=order_type,
        time_in_force=time_in_force,
        legs=read_legs(body, is_notional=order_type == NOTIONAL),
        underlying="",
        underlying_kind="",
        received_at=now,
        updated_at=now,
        price=read_price(body, order_type),
        stop_trigger=read_stop(body, order_type),
        value=read_value(body, order_type),
        gtc_date=read_gtc_date(body, time_in_force),
        external_identifier=text_of(body, "external-identifier"),
        source=text_of(body, "source"),
        preflight_id=body.get("preflight-id"),
        rules=read_rules(body.get("rules")),
    )


def name_underlying(order: Order, instruments: list[Instrument]) -> None:
    """Fill in the underlying that the contracts share, as the broker names it."""
    first = instruments[0]
    order.underlying = first.underlying
    order.underlying_kind = "Future" if first.kind.is_future else "Equity"


def is_strict(body: Json) -> bool:
    """Say whether a closing leg without a position shall be refused instead of relabelled."""
    return bool((body.get("advanced-instructions") or {}).get("strict-position-effect-validation"))
