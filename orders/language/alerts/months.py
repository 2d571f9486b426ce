"""Expiries with the name of a month: `dec 18`, `18 dec 26`, `jan 2027`, `dec` alone."""

from typing import Final

from orders.language.calendar import monthly_expiry
from orders.language.expiries import next_such_day

from .day_tokens import (
    FIRST_YEAR,
    LAST_YEAR,
    Found,
    Posted,
    doubtful_token,
    expiry_token,
    is_hyphen,
    make_day,
    whole_at,
)
from .tokens import Kind, Token
from .words import Role

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
            "aug august", "sep sept september", "oct october", "nov november", "dec december",
        ), start=1,
    )
    for name in names.split()
}  # fmt: skip


LONGEST_PAST: Final = 5  # years that an old message may lie back


def is_month_meant_as_verb(token: Token) -> bool:
    """Say whether `may` and `mar` are meant as words: lower-case `may` is."""
    return token.text == "may"


def from_month(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    """Read `dec 18`, `dec18'26`, `jan 2027`, `jan '27` and `dec` alone, the monthly."""
    month = MONTHS[tokens[at].word]
    parted = at + 2 < len(tokens) and (tokens[at + 1].text == "." or is_hyphen(tokens, at + 1))
    here = at + 2 if parted else at + 1
    number = whole_at(tokens, here)
    if number is None and here < len(tokens) and tokens[here].text == "'":
        year = whole_at(tokens, here + 1)
        return _monthly(tokens[at], year, month, posted, here + 2 - at) if year else None
    if number is not None and FIRST_YEAR < number <= LAST_YEAR:
        return _monthly(tokens[at], number, month, posted, here + 1 - at)
    if number is None or not 1 <= number <= 31:
        return _month_alone(tokens, at, month, posted)
    if is_strike_rather(tokens, here):
        return doubtful_token(tokens[at], f"{number} is a day or a strike"), here + 1 - at
    return day_and_year(tokens, at, here + 1 - at, (month, number), posted, glued=tokens[here].glued)


def is_strike_rather(tokens: list[Token], at: int) -> bool:
    """Say whether the number is followed by a type, as in `dec 20 calls`."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    return after is not None and after.role is Role.TYPE and after.kind is Kind.WORD


def _month_alone(tokens: list[Token], at: int, month: int, posted: Posted) -> Found | None:
    year = posted.today.year
    day = monthly_expiry(year, month, posted.calendar)
    if day < posted.today:
        day = monthly_expiry(year + 1, month, posted.calendar)
    return (expiry_token(tokens[at], day, posted, soft=True), 1) if tokens[at].text[0].isupper() else None


def _monthly(token: Token, year: int, month: int, posted: Posted, taken: int) -> Found:
    year += 2000 if year < 100 else 0
    if not FIRST_YEAR < year <= LAST_YEAR:
        return doubtful_token(token, "a date that does not exist"), taken
    return expiry_token(token, monthly_expiry(year, month, posted.calendar), posted, dated=True), taken


def day_and_year(
    tokens: list[Token],
    at: int,
    taken: int,
    month_day: tuple[int, int],
    posted: Posted,
    *,
    glued: bool = False,
) -> Found:
    """Read the year behind a day and a month, if one stands there; `jan27` may be a month and a year."""
    month, day = month_day
    year, more = _year_at(tokens, at + taken, posted)
    if year is not None:
        if year == day and 2000 + year < posted.today.year:
            return doubtful_token(
                tokens[at], f"{day} {year} is a day twice or a day and a year"
            ), taken + more
        return expiry_token(tokens[at], make_day(year, month, day), posted, dated=True), taken + more
    this_year = posted.today.year % 100
    if glued and this_year <= day <= this_year + 3:
        return doubtful_token(tokens[at], f"{tokens[at].text}{day} is a day or a year"), taken
    return expiry_token(tokens[at], next_such_day(month, day, posted.today), posted), taken


def _year_at(tokens: list[Token], at: int, posted: Posted) -> tuple[int | None, int]:
    """Return the year written here and how many tokens it takes: `26`, `'26`, `, 2026`.

    Two digits apart from the day that would be a year long gone are another number: `18 dec 10 contracts`.
    """
    here = at
    apostrophe = here < len(tokens) and tokens[here].text == "'"
    if apostrophe or (here < len(tokens) and tokens[here].text == ","):
        here += 1
    number = whole_at(tokens, here)
    if number is None:
        return None, 0
    raw = tokens[here].numeral.raw
    short = len(raw) == 2 and 10 <= number <= 40 and (apostrophe or here == at)
    is_long_gone = number < posted.today.year % 100 - LONGEST_PAST and not tokens[here].glued
    if short and not apostrophe and (is_long_gone or is_strike_rather(tokens, here)):
        return None, 0
    return (number, here + 1 - at) if short or FIRST_YEAR < number <= LAST_YEAR else (None, 0)
