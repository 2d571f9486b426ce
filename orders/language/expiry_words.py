"""The spellings of an expiry, before any calendar: a word in, what was written out."""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MONTH: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
WEEKDAY: Final = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?"
    "|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)


class Kind(Enum):
    DAY = "a day, perhaps with its year"
    MONTHLY = "the monthly expiry of a month"
    MONTH_NUMBER = "jan27: a month and a day or a year"
    DAYS_AHEAD = "0dte, 1dte, tomorrow"
    WEEKDAY = "fri, next fri"
    WEEK_END = "eow: the week's last session"


@dataclass(frozen=True, slots=True)
class Written:
    """What stood there. `number` is days ahead, weeks ahead, or the number behind a month."""

    kind: Kind
    year: int | None = None
    month: int = 0
    day: int = 0
    weekday: int = 0
    number: int = 0
    spaced: bool = False  # "jan 27" rather than "jan27"


_YEAR = r"(?P<year>(?:20)?\d\d)"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<iso>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
        rf"(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?:/{_YEAR})?",
        rf"(?P<d>\d{{1,2}})\s?(?P<month>{MONTH})(?:\s?'?{_YEAR})?",
        rf"(?P<month>{MONTH})\s?(?P<d>\d{{1,2}})(?:'\s?|\s){_YEAR}",
        rf"(?P<month>{MONTH})(?:\s?'\s?(?P<year>\d\d)|\s?(?P<iso>20\d\d))",
        rf"(?P<month>{MONTH})(?P<space>\s?)(?P<number>\d{{1,2}})",
        rf"(?P<month>{MONTH})",
        r"(?P<ahead>\d{1,3})\s?dte",
        r"(?P<today>today|0d)|(?P<tomorrow>tomorrow|tmrw?)",
        rf"(?:(?P<next>next)\s?|this\s)?(?P<weekday>{WEEKDAY})",
        r"eow|(?:this|(?P<next>next))\sweek",
    )
)  # fmt: skip


def read_words(text: str) -> Written | None:
    """Return what the spelling says, None where it is no expiry's spelling. The text is one expiry."""
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return _written({name: value for name, value in match.groupdict().items() if value is not None})
    return None


def _written(parts: dict[str, str]) -> Written:
    if not {"month", "m"} & parts.keys():
        return _relative(parts)
    month = MONTHS.index(parts["month"][:3].lower()) + 1 if "month" in parts else int(parts["m"])
    if "number" in parts:
        return Written(
            Kind.MONTH_NUMBER, month=month, number=int(parts["number"]), spaced=bool(parts["space"])
        )
    kind = Kind.DAY if "d" in parts else Kind.MONTHLY
    return Written(kind, year=_year(parts), month=month, day=int(parts.get("d", 0)))


def _relative(parts: dict[str, str]) -> Written:
    weeks = int("next" in parts)
    if "weekday" in parts:
        return Written(Kind.WEEKDAY, weekday=WEEKDAYS.index(parts["weekday"][:3].lower()), number=weeks)
    if "ahead" in parts or "today" in parts or "tomorrow" in parts:
        return Written(Kind.DAYS_AHEAD, number=int(parts.get("ahead", "tomorrow" in parts)))
    return Written(Kind.WEEK_END, number=weeks)


def _year(parts: dict[str, str]) -> int | None:
    digits = parts.get("iso") or parts.get("year")
    return None if digits is None else int(digits) + (2000 if len(digits) == 2 else 0)


def day_word(day: date) -> str:
    """Return the spelling that leaves no doubt: `18dec26`."""
    return f"{day.day}{MONTHS[day.month - 1]}{day.year % 100:02d}"


def month_word(year: int, month: int) -> str:
    """Return the spelling of a monthly with its year: `dec26`."""
    return f"{MONTHS[month - 1]}{year % 100:02d}"


def show_day(day: date) -> str:
    """Return the day for people: `Fri 18 Dec 2026`."""
    return f"{WEEKDAYS[day.weekday()].title()} {day.day} {MONTHS[day.month - 1].title()} {day.year}"
