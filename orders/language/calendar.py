"""Sessions: on which days the market opens, and the days options expire on.

Dates are days in New York. `NYSE` computes the closures by rule for where there is no table of sessions.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
ONE_DAY: Final = timedelta(days=1)


class Calendar(Protocol):
    """The days on which the market opens."""

    def is_session(self, day: date) -> bool: ...

    def session_on_or_after(self, day: date) -> date: ...

    def session_on_or_before(self, day: date) -> date: ...


class RuleCalendar:
    """US equity sessions by the exchange's rules (NYSE rule 7.2); days of mourning are known to 2026."""

    def is_session(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in closures(day.year)

    def session_on_or_after(self, day: date) -> date:
        while not self.is_session(day):
            day += ONE_DAY
        return day

    def session_on_or_before(self, day: date) -> date:
        while not self.is_session(day):
            day -= ONE_DAY
        return day


NYSE: Final = RuleCalendar()

# Closures no rule foresees: the storm of 2012, the mournings for Presidents Bush and Carter.
UNFORESEEN: Final = frozenset(
    {date(2012, 10, 29), date(2012, 10, 30), date(2018, 12, 5), date(2025, 1, 9)},
)


@lru_cache(maxsize=256)
def closures(year: int) -> frozenset[date]:
    """Return the weekdays of the year on which the exchange stays shut the whole day."""
    days = {
        nth_weekday(year, 1, MONDAY, 3),  # Martin Luther King
        nth_weekday(year, 2, MONDAY, 3),  # Washington's birthday
        easter(year) - timedelta(days=2),  # Good Friday
        last_weekday(year, 5, MONDAY),  # Memorial Day
        observed(date(year, 7, 4)),
        nth_weekday(year, 9, MONDAY, 1),  # Labor Day
        nth_weekday(year, 11, THURSDAY, 4),  # Thanksgiving
        observed(date(year, 12, 25)),
    }
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # the old year's last Friday is never given away
        days.add(observed(new_year))
    if year >= 2022:
        days.add(observed(date(year, 6, 19)))
    return frozenset(days | {day for day in UNFORESEEN if day.year == year})


def observed(day: date) -> date:
    """Return the weekday a holiday is kept on: Friday for a Saturday, Monday for a Sunday."""
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """Return the n-th such weekday of the month, n from 1."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def last_weekday(year: int, month: int, weekday: int) -> date:
    last = last_of_month(year, month)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def last_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - ONE_DAY


def easter(year: int) -> date:
    """Return Easter Sunday (the Gregorian computus in Butcher's form)."""
    golden, century = year % 19, year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    offset = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def third_friday(year: int, month: int) -> date:
    return nth_weekday(year, month, FRIDAY, 3)


def monthly_expiry(year: int, month: int, calendar: Calendar, *, root: str = "") -> date:
    """Return the day monthly options expire: the third Friday, or the session before it on a holiday.

    VIX expires thirty days before the monthly of the month that follows (Cboe's contract terms).
    """
    if root in ("VIX", "VIXW"):
        following = (year + month // 12, month % 12 + 1)
        return calendar.session_on_or_before(monthly_expiry(*following, calendar) - timedelta(days=30))
    return calendar.session_on_or_before(third_friday(year, month))
