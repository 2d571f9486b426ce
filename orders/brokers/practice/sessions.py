"""When the practice market trades: New York's holidays and half days by rule, and its sessions.

The rules are those of the New York Stock Exchange since 2022; tests hold them against
pandas_market_calendars, which is too slow to import for a server that starts in a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
ROLL = time(17)  # the trading day of futures, and of an always-open market, ends at 17:00 New York


class Hours(StrEnum):
    """Which hours an instrument keeps."""

    EQUITY = "Equity"  # 09:30 to 16:00
    INDEX = "Index"  # options of broad indices and their funds: to 16:15
    FUTURE = "CME"  # 18:00 to 17:00, Sunday to Friday


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day: aware UTC times; `starts_at` opens the pre-market, `ends_at` the after-hours' end."""

    on: date
    starts_at: datetime
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth Monday (0) ... Sunday (6) of a month; the last one for nth = -1."""
    if nth < 0:
        following = date(year + month // 12, month % 12 + 1, 1)
        last = following - DAY
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def easter(year: int) -> date:
    """Return Easter Sunday by the anonymous Gregorian algorithm (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _observed(day: date) -> date:
    if day.weekday() == 5:
        return day - DAY
    return day + DAY if day.weekday() == 6 else day


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which the exchange stays closed."""
    new_year = date(year, 1, 1)
    days = [
        nth_weekday(year, 1, 0, 3),
        nth_weekday(year, 2, 0, 3),
        easter(year) - 2 * DAY,
        nth_weekday(year, 5, 0, -1),
        _observed(date(year, 6, 19)),
        _observed(date(year, 7, 4)),
        nth_weekday(year, 9, 0, 1),
        nth_weekday(year, 11, 3, 4),
        _observed(date(year, 12, 25)),
    ]
    if new_year.weekday() != 5:  # a Saturday's new year is not made up for on the Friday before
        days.append(_observed(new_year))
    return frozenset(days)


@cache
def half_days(year: int) -> frozenset[date]:
    """Return the days that close at 13:00: before Independence Day, after Thanksgiving, Christmas Eve."""
    days = [date(year, 7, 3), nth_weekday(year, 11, 3, 4) + DAY, date(year, 12, 24)]
    return frozenset(d for d in days if d.weekday() < 5 and d not in holidays(year))


def is_trading_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def trading_days(first: date) -> Iterator[date]:
    """Yield the trading days from a date on, without end."""
    day = first
    while True:
        if is_trading_day(day):
            yield day
        day += DAY


def on_or_before(day: date) -> date:
    """Return the day, or the trading day before it where it is none."""
    while not is_trading_day(day):
        day -= DAY
    return day


def at_new_york(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK).astimezone(UTC)


def close_on(day: date, hours: Hours) -> datetime:
    """Return the moment an instrument of these hours stops trading on a trading day."""
    early = day in half_days(day.year)
    if hours is Hours.FUTURE:
        return at_new_york(day, time(13, 15) if early else ROLL)
    if hours is Hours.INDEX:
        return at_new_york(day, time(13, 15) if early else time(16, 15))
    return at_new_york(day, time(13) if early else time(16))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions of the practice market.

    Always open, every day trades, weekends too, from 17:00 New York to the next 17:00.
    """

    always_open: bool = False

    def session_on(self, day: date, hours: Hours) -> Session | None:
        if self.always_open:
            start, end = at_new_york(day - DAY, ROLL), at_new_york(day, ROLL)
            return Session(day, start, start, end, end)
        if not is_trading_day(day):
            return None
        close = close_on(day, hours)
        if hours is Hours.FUTURE:
            start = at_new_york(day - DAY, time(18))
            return Session(day, start, start, close, close)
        return Session(
            day,
            at_new_york(day, time(8)),
            at_new_york(day, time(9, 30)),
            close,
            at_new_york(day, time(17) if day in half_days(day.year) else time(20)),
        )

    def sessions_from(self, day: date, hours: Hours, step: timedelta = DAY) -> Iterator[Session]:
        """Yield sessions in the step's direction, starting with the day's own."""
        while True:
            session = self.session_on(day, hours)
            if session is not None:
                yield session
            day += step

    def current(self, now: datetime, hours: Hours) -> Session:
        """Return the session that trades now, else the next one to open."""
        today = now.astimezone(NEW_YORK).date()
        return next(s for s in self.sessions_from(today, hours) if now < s.closes_at)

    def today(self, now: datetime) -> date:
        """Return the trading date that orders of this moment belong to: it turns at 17:00 New York."""
        local = now.astimezone(NEW_YORK)
        return local.date() + DAY if local.time() >= ROLL else local.date()

    def following(self, session: Session, hours: Hours) -> Session:
        return next(self.sessions_from(session.on + DAY, hours))

    def preceding(self, session: Session, hours: Hours) -> Session:
        return next(self.sessions_from(session.on - DAY, hours, -DAY))
