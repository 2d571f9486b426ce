"""How the exchange writes numbers, times and envelopes: as recorded from Tastytrade's REST replies."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Quantity: TypeAlias = int | Decimal  # a Decimal only for a part of a share


def number(value: Decimal) -> str:
    """Write an amount as the broker does: "1.0", "1.001", never an exponent."""
    text = format(value.normalize(), "f")
    return text if "." in text else f"{text}.0"


def unsigned(value: Quantity) -> Quantity:
    return value if value >= 0 else -value


def quantity(value: Quantity) -> int | str:
    """Write a quantity: whole ones are ints, parts of a share are strings."""
    return int(value) if value == int(value) else number(Decimal(value))


def read_quantity(raw: int | str) -> Quantity:
    """Read back what `quantity` wrote."""
    return raw if isinstance(raw, int) else Decimal(raw)


def effect(value: Decimal) -> str:
    """Name the sign of an amount seen from the account: what comes in is a credit."""
    if value == 0:
        return "None"
    return "Credit" if value > 0 else "Debit"


def signed(name: str, value: Decimal) -> Json:
    """Write an amount and its effect as two keys; the amount itself is never negative."""
    return {name: number(abs(value)), f"{name}-effect": effect(value)}


def instant(at: datetime) -> str:
    """Write an aware time with milliseconds and its offset, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def millis(at: datetime) -> int:
    """Return the epoch in milliseconds: the form of `updated-at` on orders."""
    return round(at.timestamp() * 1000)


def envelope(payload: Json | list[Json], path: str, **more: Any) -> Json:
    """Wrap an answer. A list becomes `items`, which keeps an empty answer truthy for its readers."""
    data = {"items": payload} if isinstance(payload, list) else payload
    return {"data": data, "context": path, **more}


class Refusal(Exception):
    """An answer other than 2xx, in the broker's error envelope.

    `errors` are the inner (code, message) pairs of a failed preflight.
    """

    def __init__(self, status: int, code: str, message: str, errors: list[Json] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors or []

    def body(self) -> Json:
        inner: Json = {"code": self.code, "message": self.message}
        return {"error": inner | ({"errors": self.errors} if self.errors else {})}


def not_found(what: str) -> Refusal:
    return Refusal(404, "record_not_found", f"Couldn't find {what}")


def bad_parameter(name: str, problem: str) -> Refusal:
    return Refusal(
        400, "validation_error", "Request validation failed", [{"domain": name, "reason": problem}]
    )


def failed_preflight(errors: list[tuple[str, str]], preflight_id: str = "") -> Refusal:
    """Refuse an order before it exists; 422 means that it was definitely not created."""
    extra = {"preflight-id": preflight_id} if preflight_id else {}
    inner = [{"code": code, "message": message, **extra} for code, message in errors]
    return Refusal(422, "preflight_check_failure", "One or more preflight checks failed", inner)
