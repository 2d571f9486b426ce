"""The broker's JSON about an account, read into our values, item by item. Pure.

Number formats as recorded: money is a string, quantities are ints or numeric strings, `updated-at` is
epoch milliseconds and every other time ISO 8601. Unknown statuses are kept as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from orders.brokers.base import (
    Balance,
    BrokerBundle,
    BrokerFill,
    BrokerLeg,
    BrokerOrder,
    DryRun,
    Position,
    Transaction,
)
from orders.enums import Action, InstrumentType

Json = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


class Unreadable(ValueError):
    """JSON that does not say what we need from it."""


def strictly(read: Callable[P, T]) -> Callable[P, T]:
    """Turn every way JSON can disappoint (a key, a type, a number, a year) into Unreadable."""

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except Unreadable:
            raise
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, OSError) as error:
            raise Unreadable(f"{read.__name__}: {type(error).__name__} {error}") from error

    return reading


# --- orders ----------------------------------------------------------------------------------------


@strictly
def read_order(data: Json) -> BrokerOrder:
    """Return one order. Raises Unreadable."""
    if not data["legs"]:
        raise Unreadable("an order without a leg")
    return BrokerOrder(
        broker_order_id=_identifier(data["id"] or "?"),
        status=_text(data["status"]),
        legs=tuple(_leg(leg) for leg in data["legs"]),
        external_identifier=str(data.get("external-identifier") or ""),
        price=_money_or_none(data.get("price")),
        reject_reason=str(data.get("reject-reason") or ""),
        replaces_order_id=_identifier(data.get("replaces-order-id") or ""),
        replacing_order_id=_identifier(data.get("replacing-order-id") or ""),
        complex_order_id=_identifier(data.get("complex-order-id") or ""),
        order_type=str(data.get("order-type") or ""),
        source=str(data.get("source") or ""),
        received_at=read_time(data.get("received-at")),
        updated_at=read_time(data.get("updated-at")),
        raw=data,
    )


@strictly
def read_changed_order(data: Json) -> BrokerOrder:
    """Return the order of an answer to POST (`data.order`), PUT or DELETE (`data` itself)."""
    return read_order(data.get("order", data))


@strictly
def read_bundle(data: Json) -> BrokerBundle:
    """Return a complex order, read by itself or out of an answer to POST. Raises Unreadable."""
    found = data.get("complex-order", data)
    trigger = found.get("trigger-order")
    return BrokerBundle(
        complex_order_id=_identifier(found["id"] or "?"),
        orders=tuple(read_order(order) for order in found["orders"]),
        trigger=read_order(trigger) if trigger else None,
    )


def read_each(items: Iterable[Any], read: Callable[[Json], T]) -> tuple[tuple[T, ...], tuple[Json, ...]]:
    """Return what a listing holds and, apart, the items that could not be read."""
    found: list[T] = []
    unreadable: list[Json] = []
    for item in items:
        try:
            found.append(read(item))
        except Unreadable:
            unreadable.append(item if isinstance(item, dict) else {"item": item})
    return tuple(found), tuple(unreadable)


def once(found: Iterable[T], name: Callable[[T], str]) -> tuple[T, ...]:
    """Return the first of each name: a listing that grows while it is paged repeats items."""
    kept: dict[str, T] = {}
    for each in found:
        kept.setdefault(name(each), each)
    return tuple(kept.values())


def _leg(data: Json) -> BrokerLeg:
    quantity, symbol = whole(data["quantity"], least=1), _text(data["symbol"])
    remaining = data.get("remaining-quantity")
    fills = tuple(_fill(fill, symbol=symbol) for fill in data.get("fills") or ())
    return BrokerLeg(
        symbol=symbol,
        action=Action(data["action"]),
        quantity=quantity,
        remaining_quantity=quantity - sum(f.quantity for f in fills)
        if remaining is None
        else whole(remaining),
        fills=fills,
    )


def _fill(data: Json, *, symbol: str) -> BrokerFill:
    filled_at = read_time(data["filled-at"])
    if filled_at is None:
        raise Unreadable("a fill without its time")
    return BrokerFill(
        fill_id=_text(data["fill-id"]),
        symbol=symbol,
        quantity=whole(data["quantity"], least=1),
        price=money(data["fill-price"]),
        filled_at=filled_at,
    )


def read_warnings(data: Json) -> tuple[str, ...]:
    """Return the warnings of an answer as `code: sentence`."""
    return tuple(f"{code}: {text}" for code, text in _messages(data.get("warnings")))


# --- dry run, balance, positions -------------------------------------------------------------------


@strictly
def read_dry_run(data: Json) -> DryRun:
    """Return what an order would do; money signed from our side, a debit negative."""
    effect, fees = data.get("buying-power-effect") or {}, data.get("fee-calculation") or {}
    return DryRun(
        buying_power_effect=signed(effect, "change-in-buying-power"),
        fees=signed(fees, "total-fees"),
        warnings=read_warnings(data),
        errors=tuple(_messages(data.get("errors"))),
    )


def _messages(items: Any) -> list[tuple[str, str]]:
    listed = items if isinstance(items, list) else []
    return [(str(i.get("code", "")), str(i.get("message", ""))) for i in listed if isinstance(i, dict)]


@strictly
def read_balance(data: Json) -> Balance:
    return Balance(
        cash=money(data["cash-balance"]),
        net_liquidating_value=money(data["net-liquidating-value"]),
        option_buying_power=money(data["derivative-buying-power"]),
        equity_buying_power=money(data["equity-buying-power"]),
    )


def is_holding(data: Any) -> bool:
    """Whether a row of positions may hold something of a kind the desk trades (not crypto, not nothing)."""
    if not isinstance(data, dict):
        return True  # what it is cannot be read
    return data.get("instrument-type") in InstrumentType.values and data.get("quantity-direction") != "Zero"


@strictly
def read_position(data: Json) -> Position:
    """Return one position; the fraction of a share, which no order of ours can close, is left out."""
    sign = {"Long": 1, "Short": -1, "Zero": 0}[data["quantity-direction"]]
    return Position(
        symbol=data["symbol"],
        kind=InstrumentType(data["instrument-type"]),
        underlying=data["underlying-symbol"],
        quantity=sign * int(number(data["quantity"])),
        average_open_price=money(data["average-open-price"]),
        multiplier=number(data["multiplier"]),
    )


# --- transactions ----------------------------------------------------------------------------------

FEES = (
    "commission",
    "clearing-fees",
    "regulatory-fees",
    "proprietary-index-option-fees",
    "currency-conversion-fees",
    "other-charge",
)


@strictly
def read_transaction(data: Json) -> Transaction:
    """Return one entry of the books. Raises Unreadable."""
    executed_at = read_time(data["executed-at"])
    if executed_at is None:
        raise Unreadable("an entry without its time")
    return Transaction(
        transaction_id=_identifier(data["id"] or "?"),
        kind=str(data["transaction-type"]),
        sub_kind=str(data.get("transaction-sub-type") or ""),
        executed_at=executed_at,
        value=_required(data, "value"),
        net_value=_required(data, "net-value"),
        fees=sum((signed(data, name) or Decimal(0) for name in FEES), Decimal(0)),
        description=str(data.get("description") or ""),
        symbol=str(data.get("symbol") or ""),
        action=_action_or_none(data.get("action")),
        quantity=_money_or_none(data.get("quantity")),
        price=_money_or_none(data.get("price")),
        fill_id=str(data.get("exec-id") or ""),
        broker_order_id=_identifier(data.get("order-id") or ""),
        reverses_id=_identifier(data.get("reverses-id") or ""),
        raw=data,
    )


def _required(data: Json, key: str) -> Decimal:
    found = signed(data, key)
    if found is None:
        raise Unreadable(f"an entry without its {key}")
    return found


def _action_or_none(value: Any) -> Action | None:
    return Action(value) if value in Action.values else None


# --- plain values ----------------------------------------------------------------------------------


def number(value: Any) -> Decimal:
    """Return the number; `NaN`, which the feeds send, is none. Raises Unreadable."""
    found = Decimal(str(value))
    if not found.is_finite():
        raise Unreadable(f"not a number: {value!r}")
    return found


money = number


def _money_or_none(value: Any) -> Decimal | None:
    return None if value is None else money(value)


def signed(data: Json, key: str) -> Decimal | None:
    """Return the amount of `key`, its sign from its `-effect`, or its own without one; None when absent."""
    if data.get(key) is None:
        return None
    amount, effect = money(data[key]), str(data.get(f"{key}-effect"))
    return {"Debit": -abs(amount), "Credit": abs(amount)}.get(effect, amount)


def whole(value: Any, *, least: int = 0) -> int:
    """Return a count. Raises Unreadable for fractions and for less than `least`."""
    found = number(value)
    if found != found.to_integral_value() or found < least:
        raise Unreadable(f"not a whole number of {least} or more: {value!r}")
    return int(found)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable(f"not a word: {value!r}")
    return value


def read_time(value: Any) -> datetime | None:
    """Return the aware UTC time of epoch milliseconds or ISO 8601; None for 0 and nothing."""
    if not value:
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC)
    found = datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _identifier(value: Any) -> str:
    """Return an id as text; the broker writes them as ints, in places as strings. Empty stays empty."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else "?"
    if text and not text.isdecimal():
        raise Unreadable(f"not an id: {value!r}")
    return text
