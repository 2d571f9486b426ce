"""Numbers and contracts as people of a desk write them. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from orders.enums import InstrumentType, OptionType
from orders.market import Instrument, cents, plain
from orders.models import Leg

LONGEST_MESSAGE = 2000  # Discord's limits, in characters
LONGEST_FIELD = 1024
LONGEST_TITLE = 256


def cut(text: str, length: int) -> str:
    """Return the text, shortened to what Discord takes."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def dollars(value: Decimal) -> str:
    """Return USD without its sign: $1,234.50."""
    return f"${abs(value):,.2f}"


def price(value: Decimal | None) -> str:
    """Return a price: at least cents; a dash where there is none."""
    return "–" if value is None else cents(value)


def day(when: date) -> str:
    return f"{when.day} {when:%b %Y}"


def contract(leg: Leg | Instrument) -> str:
    """Return what is traded: SPY 18 Dec 2026 600 C, /ESZ6, SPY."""
    if leg.strike is None or leg.expires_on is None or not leg.option_type:
        return leg.symbol
    strike = plain(Decimal(leg.strike))
    return f"{leg.root} {day(leg.expires_on)} {strike} {OptionType(leg.option_type).value}"


def units(kind: str, quantity: int) -> str:
    """Return a quantity with its unit: 100 shares, 1 contract."""
    word = "share" if kind == InstrumentType.EQUITY else "contract"
    return f"{quantity} {word}" if quantity == 1 else f"{quantity} {word}s"


def clock(when: datetime) -> str:
    """Return a time that Discord shows in each reader's own zone, to the second."""
    return f"<t:{int(when.timestamp())}:T>"


def moment(when: datetime) -> str:
    """Return a day and time that Discord shows in each reader's own zone."""
    return f"<t:{int(when.timestamp())}:f>"


def until(when: datetime) -> str:
    """Return a time that Discord shows as counting: in 3 minutes."""
    return f"<t:{int(when.timestamp())}:R>"


def table(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Return aligned columns as a fixed-width block; columns named in `right` end flush."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "```\n" + "\n".join(lines) + "\n```"


def window(pointing: str, width: int = 90) -> str:
    """Return a line and the caret line under it, cut to the part around the caret."""
    line, caret = pointing.split("\n", 1)
    at, length = len(caret) - len(caret.lstrip()), len(caret.strip())
    if len(line) <= width:
        return pointing
    left = max(0, min(at - width // 3, len(line) - width))
    shown = line[left : left + width]
    head, tail = "…" if left else "", "…" if left + width < len(line) else ""
    marks = "^" * max(1, min(length, left + width - at))
    return f"{head}{shown}{tail}\n{' ' * (at - left + len(head))}{marks}"
