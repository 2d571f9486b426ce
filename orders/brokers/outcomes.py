"""What became of a call that changes something, decided from its record alone. Pure.

Not from the exception: the SDK refreshes its token inside an order's call, and a timeout there
looks like one of the order. Source of the table: `Placement states` in the design of execution.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from orders.brokers.base import (
    BrokerBundle,
    BrokerOrder,
    ComplexOutcome,
    NotSent,
    Outcome,
    Refused,
    Sent,
    SentComplex,
    Unknown,
)
from orders.brokers.reading import Unreadable, read_bundle, read_changed_order, read_warnings
from orders.brokers.records import RequestRecord

T = TypeVar("T")
RETRYABLE = frozenset({401, 429})  # refused at the door, in JSON or HTML: certainly not created
NEVER_DEFINITIVE = frozenset({408})  # a timeout somewhere on the way, whoever words it


def decide(record: RequestRecord | None, cause: str, *, about: Callable[[BrokerOrder], bool]) -> Outcome:
    """Return the outcome of a request; `record` is None when it never began, `cause` says why.

    `about` tells whether an answered order is the one that was asked for: caches mix answers up.
    """
    outcome = _decided(record, cause, _sent)
    return _other(record) if isinstance(outcome, Sent) and not about(outcome.order) else outcome


def decide_complex(
    record: RequestRecord | None, cause: str, *, about: Callable[[BrokerBundle], bool]
) -> ComplexOutcome:
    """Return the outcome of a request about a complex order; see `decide`."""
    outcome = _decided(record, cause, _sent_complex)
    is_other = isinstance(outcome, SentComplex) and not about(outcome.bundle)
    return _other(record) if is_other else outcome


def _other(record: RequestRecord | None) -> Unknown:
    return Unknown("an answer about another order", record.status if record else None)


def _decided(
    record: RequestRecord | None, cause: str, sent: Callable[[RequestRecord], T]
) -> T | Refused | NotSent | Unknown:
    if record is None or not record.bytes_began:
        return NotSent(cause or "the request never began")
    if record.status is None:
        return Unknown(cause or "no answer")
    if record.status in RETRYABLE:
        return NotSent(f"HTTP {record.status}", record.status)
    if record.is_success:
        return sent(record)
    return _refused(record) or Unknown(f"HTTP {record.status}", record.status)


def _sent(record: RequestRecord) -> Outcome:
    try:
        data = json_of(record)["data"]
        order = read_changed_order(data)
        return Sent(order, record.latency_ms, read_warnings(data))
    except (Unreadable, KeyError):
        return Unknown("an answer we could not read", record.status)


def _sent_complex(record: RequestRecord) -> ComplexOutcome:
    try:
        data = json_of(record)["data"]
        return SentComplex(read_bundle(data), record.latency_ms, read_warnings(data))
    except (Unreadable, KeyError):
        return Unknown("an answer we could not read", record.status)


def _refused(record: RequestRecord) -> Refused | None:
    if record.status is None or not 400 <= record.status < 500 or record.status in NEVER_DEFINITIVE:
        return None
    reasons = refusals(record)
    if not reasons:
        return None
    return Refused(reasons[0][0], "; ".join(message for _, message in reasons), record.status)


def refusals(record: RequestRecord) -> list[tuple[str, str]]:
    """Return the (code, sentence) of each error in the broker's own envelope; empty without one."""
    try:
        error = json_of(record)["error"]
    except (Unreadable, KeyError):
        return []
    if not isinstance(error, dict):
        return []
    inner = error.get("errors")
    found = [pair for item in inner if (pair := _reason(item))] if isinstance(inner, list) else []
    return found or [pair for pair in [_reason(error)] if pair]


def _reason(item: Any) -> tuple[str, str] | None:
    """Return (code, message), which the broker also calls domain and reason."""
    if not isinstance(item, dict):
        return None
    code, message = item.get("code", item.get("domain")), item.get("message", item.get("reason"))
    return (str(code or ""), str(message or "")) if code or message else None


def json_of(record: RequestRecord) -> dict[str, Any]:
    """Return the answer's JSON object. Raises Unreadable when it is no such thing."""
    try:
        found = json.loads(record.body or b"")
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {record.content_type or 'no content type'}") from error
    if not isinstance(found, dict):
        raise Unreadable("JSON, but not an object")
    return found
