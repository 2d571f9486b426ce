"""A message in words: what was understood of it, what became of it, what is wrong with a line. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from orders.enums import MessageState
from orders.language.ticket import Mistake
from orders.models import Message

TONES: Final = {
    MessageState.HEARD: "blue",
    MessageState.NOISE: "grey",
    MessageState.PREVIEW: "grey",
    MessageState.REVIEW: "amber",
    MessageState.UPDATE: "amber",
    MessageState.TO_PROPOSE: "blue",
    MessageState.PROPOSED: "green",
    MessageState.COMPLETED: "green",
    MessageState.DISMISSED: "grey",
    MessageState.WITHDRAWN: "grey",
}
LONGEST_LINE: Final = 90
# The keys of a reading, in the order a trader says them.
NAMES: Final = {
    "action": "action",
    "qty": "quantity",
    "symbol": "symbol",
    "asset": "what",
    "expiry": "expiry",
    "strike": "strike",
    "type": "call or put",
    "price": "price",
    "fraction": "part",
    "targets": "targets",
    "stop": "stop",
    "legs": "legs",
}


def line(text: str) -> str:
    """Return a message's text on one line, cut to what a list has room for."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_LINE else f"{flat[: LONGEST_LINE - 1]}…"


def understood(reading: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """Return what was understood, order by order, as names and values; nothing that was not said."""
    orders = reading.get("orders") or [reading]
    return [found for order in orders if (found := list(_said(order)))]


def _said(order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, name in NAMES.items():
        value = order.get(key)
        if value is not None:
            yield name, _value(key, value)


def _value(key: str, value: Any) -> str:
    if key == "legs":
        return ", ".join(_leg(leg) for leg in value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _leg(leg: Mapping[str, Any]) -> str:
    return f"{leg['action']} {leg['ratio']} × {leg['expiry']} {leg['strike']}{leg['type']}"


def happened(message: Message) -> list[dict[str, Any]]:
    """Return the message's history, its times aware again."""
    return [entry | {"at": datetime.fromisoformat(entry["at"])} for entry in message.history]


def fault(mistake: Mistake) -> dict[str, str]:
    """Return a mistake as a page shows it: the line with its caret, and what to do about it."""
    return {
        "pointing": mistake.pointing(),
        "message": mistake.message,
        "suggestion": mistake.suggestion,
        "expected": mistake.expected,
        "example": mistake.example,
    }
