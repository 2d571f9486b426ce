"""A reading as one line a person can check, and the files of messages with what they say."""

from datetime import datetime
from pathlib import Path

from orders.language.alerts import read_alert
from orders.language.calendar import NEW_YORK, NYSE

MESSAGES = Path(__file__).parent / "messages"
POSTED = datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)  # a Monday; Thursday is Thanksgiving
LINE_END = "⏎"


def read(message, now=POSTED, title=""):
    return read_alert(message, embed_title=title, now=now, calendar=NYSE)


def said(reading):
    """Return `open: BTO 5 SPY 2026-12-18 600C at 1.25, stop 0.80`, or the reason of a reading that is no order."""
    if not reading.intent.is_order:
        return f"{reading.intent}: {reading.reason}"
    return " | ".join(map(said_order, reading.orders))


def said_order(order):
    words = [f"{order.intent}:", order.action.short, order.quantity, order.symbol, order.expiry]
    words += [
        f"{order.strike}{order.option_type}"
        if order.strike is not None
        else order.option_type and str(order.option_type)
    ]
    words += [
        f"{leg.action.short} {leg.ratio} {leg.expiry} {leg.strike}{leg.option_type}," for leg in order.legs
    ]
    words += [f"({order.asset})" if order.asset in ("stock", "future", "future_option") else None]
    words += [f"at {order.price}" if order.price is not None else None]
    words += [f"to {order.price_to}" if order.price_to is not None else None]
    words += [order.effect.label if order.effect and order.legs else None]
    line = " ".join(str(word) for word in words if word not in (None, ""))
    return line + "".join(f", {extra}" for extra in extras(order))


def extras(order):
    for name, value in (
        ("stop", order.stop),
        ("targets", "/".join(map(str, order.targets))),
        ("stop of the underlying", order.underlying_stop),
        ("targets of the underlying", "/".join(map(str, order.underlying_targets))),
        ("part", order.fraction),
        ("", order.trigger),
        ("missing", "/".join(order.missing)),
    ):
        if value not in (None, "", ()):
            yield f"{name} {value}".strip()


def rows(name):
    """Return the messages of a file with what they say: a message, then its reading on an indented line.

    `⏎` stands for a line end in a message, `[[title]]` at its head for the title of its embed.
    """
    lines = [
        line
        for line in (MESSAGES / name).read_text("utf-8").splitlines()
        if line and not line.startswith("# ")
    ]
    return list(zip(lines[::2], (line.strip() for line in lines[1::2]), strict=True))


def parts(line):
    """Return title and text of a message as the files write it."""
    title, text = line[2:].split("]]", 1) if line.startswith("[[") else ("", line)
    return title, text.replace(LINE_END, "\n")


def _orders():
    """Return the messages of the files that open one order on one line, without a title."""
    names = ("openings.txt", "spellings.txt", "harder.txt")
    found = [message for name in names for message, says in rows(name) if says.startswith("open:")]
    return [message for message in found if LINE_END not in message and "[[" not in message]


FILES_OF_ORDERS = _orders()
