"""Expiry tokens: a day as written, or why it is doubtful; and the posting time they count from."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from orders.language.calendar import NEW_YORK, Calendar
from orders.language.expiries import next_such_day

from .tokens import Kind, Token
from .words import Role

SESSION_OVER: Final = time(16, 15)  # New York; index options of the day trade no longer


JUST_PAST = timedelta(days=45)  # a day this little past is a slip for another month


SOON = timedelta(days=60)  # last year's such day, whose next one is this near, is a slip of the year


A_YEAR = timedelta(days=366)


FIRST_YEAR, LAST_YEAR = 2000, 2060


@dataclass(frozen=True, slots=True)
class Posted:
    """When a message was posted, in New York, and the calendar to count from there."""

    at: datetime
    calendar: Calendar

    @property
    def today(self) -> date:
        return self.at.date()


def posted_at(now: datetime, calendar: Calendar) -> Posted:
    return Posted(now.astimezone(NEW_YORK), calendar)


Found = tuple[Token, int]


def expiry_token(
    token: Token, day: date | None, posted: Posted, *, soft: bool = False, dated: bool = False
) -> Token:
    """Return the EXPIRY token; `dated` says that the year was written."""
    doubt = "a date that does not exist" if day is None else slip(day, posted.today) if dated else ""
    return token._replace(kind=Kind.EXPIRY, day=day, doubt=doubt, role=Role.DATE if soft else None)


def doubtful_token(token: Token, why: str, *, soft: bool = False) -> Token:
    return token._replace(kind=Kind.EXPIRY, day=None, doubt=why, role=Role.DATE if soft else None)


def slip(day: date, today: date) -> str:
    """Return why a written year looks like a slip; a day long past is an old message, read as it stands."""
    if day >= today:
        return ""
    again = next_such_day(day.month, day.day, today)
    last_year = today - day <= A_YEAR and again is not None and again - today <= SOON
    if today - day <= JUST_PAST or last_year:
        return f"the expiry {day.isoformat()} is past"
    return ""


def make_day(year: int, month: int, day: int) -> date | None:
    year += 2000 if year < 100 else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def word_at(tokens: list[Token], at: int) -> str:
    return tokens[at].word if at < len(tokens) and tokens[at].kind is Kind.WORD else ""


def whole_at(tokens: list[Token], at: int) -> int | None:
    """Return the whole number of one to four digits that stands there."""
    if at >= len(tokens) or tokens[at].kind is not Kind.NUMBER or tokens[at].dollar:
        return None
    raw = tokens[at].numeral.raw
    return int(raw) if raw.isdigit() and len(raw) <= 4 else None


def is_hyphen(tokens: list[Token], at: int) -> bool:
    """Say whether a hyphen joins what stands before and behind it: `4-dec`."""
    return at + 1 < len(tokens) and tokens[at].text == "-" and tokens[at].glued and tokens[at + 1].glued
