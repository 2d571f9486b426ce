"""Expiries in an alert: tokens that name a day become that day, as written, whether or not it is listed.

An alert's day is read as a clerk reads it: a day without a year is the next such day. Nothing is moved
to a session and no far day is refused here (the chain does that); but a spelling with two readings, a day
that does not exist and a day just past are doubts.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from orders.language.calendar import FRIDAY, ONE_DAY
from orders.language.expiries import next_such_day, week_end

from .day_tokens import (
    SESSION_OVER,
    Found,
    Posted,
    doubtful_token,
    expiry_token,
    is_hyphen,
    make_day,
    whole_at,
    word_at,
)
from .months import MONTHS, day_and_year, from_month, is_month_meant_as_verb
from .tokens import Kind, Token
from .words import Role

_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "mon monday",
            "tue tues tuesday",
            "wed weds wednesday",
            "thu thur thurs thursday",
            "fri friday fridays",
        )
    )
    for name in names.split()
}


_TODAY: Final = frozenset({"today", "todays", "daily", "dailies", "sameday"})


TOMORROW: Final = frozenset({"tomorrow", "tomorrows", "tmrw", "tmr", "tmw", "tomm"})


_THIS_WEEK: Final = frozenset({"weekly", "weeklies", "eow", "wkly"})


_VAGUE: Final = frozenset({"monthly", "monthlies", "opex", "eom", "leap", "leaps"})


def find_days(tokens: list[Token], posted: Posted) -> list[Token]:
    """Return the tokens with every spelling of an expiry as one EXPIRY token.

    Words that are an expiry only beside a contract ("today") carry the role DATE.
    """
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        reader = _READERS.get(tokens[at].kind)
        day = reader(tokens, at, posted) if reader else None
        found.append(day[0] if day else tokens[at])
        at += day[1] if day else 1
    return found


def _written_out(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    """Read `2026-12-18` and `18.12.2026`; points part day and month the European way round."""
    token = tokens[at]
    if token.day or token.doubt:
        return None
    if "-" in token.text:
        year, month, day = map(int, token.text.split("-"))
        return expiry_token(token, make_day(year, month, day), posted, dated=True), 1
    day, month, year = map(int, token.text.split("."))
    if day <= 12 and day != month:
        return doubtful_token(token, f"{token.text} is two dates"), 1
    return expiry_token(token, make_day(year, month, day), posted, dated=True), 1


def _slashed(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    """Read `12/18` and `12/18/26`. With a type behind it (`11/20c`) it stays a chain that may be a day."""
    token = tokens[at]
    parts = token.text.split("/")
    if token.doubt or len(parts) > 3 or not all(part.isdigit() and len(part) <= 4 for part in parts):
        return None
    month, day = int(parts[0]), int(parts[1])
    if not (1 <= month <= 12 and 1 <= day <= 31) or len(parts[0]) > 2 or len(parts[1]) > 2:
        return None
    dated = len(parts) == 3
    if dated and len(parts[2]) not in (2, 4):
        return None
    found = make_day(int(parts[2]), month, day) if dated else next_such_day(month, day, posted.today)
    if token.option_type:
        return (token._replace(day=found), 1) if found else None
    if dated and found is None:
        return None
    return expiry_token(token, found, posted, dated=dated), 1


def _numbered(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    """Read `18 dec`, `18dec26`, `0dte`, `12-18`."""
    number = whole_at(tokens, at)
    if number is None or _is_strike_behind_type(tokens, at):
        return None
    if is_hyphen(tokens, at + 1) and word_at(tokens, at + 2) in MONTHS and 1 <= number <= 31:
        return day_and_year(tokens, at, 3, (MONTHS[word_at(tokens, at + 2)], number), posted)
    after = word_at(tokens, at + 1)
    if after == "dte" or (after == "d" and number == 0 and tokens[at + 1].glued):
        return _days_ahead(tokens[at], number, posted), 2
    if after in MONTHS and 1 <= number <= 31 and not is_month_meant_as_verb(tokens[at + 1]):
        return day_and_year(tokens, at, 2, (MONTHS[after], number), posted)
    return _dashed(tokens, at, number, posted)


def _is_strike_behind_type(tokens: list[Token], at: int) -> bool:
    """Say whether the number is the strike of `C12 Dec 18`."""
    return at > 0 and tokens[at].glued and tokens[at - 1].role is Role.TYPE


def _days_ahead(token: Token, number: int, posted: Posted) -> Token:
    today, calendar = posted.today, posted.calendar
    if number == 0:
        return _this_session(token, posted)
    day = today
    for _ in range(min(number, 30)):
        day = calendar.session_on_or_after(day + ONE_DAY)
    if number > 1 and day != today + timedelta(days=number):
        return doubtful_token(token, f"{number}DTE counts days or sessions")
    return expiry_token(token, day, posted)


def _this_session(token: Token, posted: Posted, *, soft: bool = False) -> Token:
    if not posted.calendar.is_session(posted.today):
        return doubtful_token(token, "no session today", soft=soft)
    if posted.at.time() >= SESSION_OVER:
        return doubtful_token(token, "today's session is over", soft=soft)
    return expiry_token(token, posted.today, posted, soft=soft)


def _dashed(tokens: list[Token], at: int, month: int, posted: Posted) -> Found | None:
    """Read `12-18` and `12-18-26` where they are no range of prices or strikes."""
    if at and (tokens[at - 1].kind is Kind.AT or tokens[at - 1].role in (Role.PRICE, Role.AT)):
        return None
    day = whole_at(tokens, at + 2)
    glued = (
        at + 2 < len(tokens) and tokens[at + 1].text == "-" and tokens[at + 1].glued and tokens[at + 2].glued
    )
    if not glued or day is None or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = whole_at(tokens, at + 4) if at + 4 < len(tokens) and tokens[at + 3].text == "-" else None
    if year is not None and tokens[at + 4].glued:
        return expiry_token(tokens[at], make_day(year, month, day), posted, dated=True), 5
    return expiry_token(tokens[at], next_such_day(month, day, posted.today), posted), 3


def _named(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    """Read an expiry that begins with a word: `dec 18`, `friday`, `next week`, `weekly`."""
    token, word = tokens[at], tokens[at].word
    if word in MONTHS and not is_month_meant_as_verb(token):
        return from_month(tokens, at, posted)
    if word in _TODAY:
        return _this_session(token, posted, soft=True), 1
    if word in TOMORROW:
        return expiry_token(
            token, posted.calendar.session_on_or_after(posted.today + ONE_DAY), posted, soft=True
        ), 1
    if word in _THIS_WEEK:
        return expiry_token(token, week_end(posted.today, 0, posted.calendar), posted, soft=True), 1
    if word in _WEEKDAYS:
        return _weekday(token, _WEEKDAYS[word], posted), 1
    if word in ("this", "next"):
        return _this_or_next(tokens, at, posted)
    if word == "end" and word_at(tokens, at + 1) == "of" and word_at(tokens, at + 2) == "week":
        return expiry_token(token, week_end(posted.today, 0, posted.calendar), posted, soft=True), 3
    return (doubtful_token(token, f"'{token.text}' names no day", soft=True), 1) if word in _VAGUE else None


def _weekday(token: Token, weekday: int, posted: Posted) -> Token:
    ahead = (weekday - posted.today.weekday()) % 7
    if ahead == 0:
        return doubtful_token(token, f"'{token.text}' is today or a week from today", soft=True)
    day = posted.today + timedelta(days=ahead)
    if weekday != FRIDAY and not posted.calendar.is_session(day):
        return doubtful_token(token, f"no session on '{token.text}'", soft=True)
    return expiry_token(token, posted.calendar.session_on_or_before(day), posted, soft=True)


def _this_or_next(tokens: list[Token], at: int, posted: Posted) -> Found | None:
    after, ahead = word_at(tokens, at + 1), int(tokens[at].word == "next")
    if after in ("week", "weeks", "weekly", "week's"):
        return expiry_token(tokens[at], week_end(posted.today, ahead, posted.calendar), posted, soft=True), 2
    if after not in _WEEKDAYS:
        return None
    if ahead:
        return doubtful_token(tokens[at], f"'next {after}' is this week's or next week's", soft=True), 2
    return _weekday(tokens[at], _WEEKDAYS[after], posted), 2


Reader = Callable[[list[Token], int, Posted], Found | None]


_READERS: Final[dict[Kind, Reader]] = {
    Kind.EXPIRY: _written_out,
    Kind.CHAIN: _slashed,
    Kind.NUMBER: _numbered,
    Kind.WORD: _named,
}
