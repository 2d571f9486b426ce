"""Days are New York's, counted from the posting time."""

from datetime import UTC, datetime

import pytest

from orders.language.calendar import NEW_YORK
from tests.orders.language.alerts.saying import read, said

ORDER = "BTO SPY 600c {} @ 1.25"


def at(year, month, day, hour=10):
    return datetime(year, month, day, hour, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("posted", "day", "expected"),
    [
        (at(2026, 11, 23), "0dte", "2026-11-23"),
        (at(2026, 11, 23), "1dte", "2026-11-24"),
        (at(2026, 11, 25), "1dte", "2026-11-27"),  # over Thanksgiving
        (at(2026, 11, 20), "exp tomorrow", "2026-11-23"),  # over the weekend
        (at(2026, 11, 23), "this week", "2026-11-27"),
        (at(2026, 11, 21), "this week", "2026-11-27"),  # a Saturday speaks of the week ahead
        (at(2026, 11, 23), "next week", "2026-12-04"),
        (at(2026, 3, 30), "friday", "2026-04-02"),  # Good Friday: the session before it
        (at(2026, 12, 21), "1/15", "2027-01-15"),
        (at(2026, 12, 21), "Jan 15", "2027-01-15"),
        (at(2026, 12, 21), "Dec", "2027-12-17"),  # this year's monthly is past
        (datetime(2026, 11, 24, 2, tzinfo=UTC), "1dte", "2026-11-24"),  # still Monday in New York
    ],
)
def test_a_day_is_counted_from_new_yorks_posting_day(posted, day, expected):
    assert said(read(ORDER.format(day), now=posted)) == f"open: BTO SPY {expected} 600C at 1.25"


@pytest.mark.parametrize(
    ("posted", "day", "reason"),
    [
        (at(2026, 11, 22), "0dte", "no session today"),
        (at(2026, 11, 23, 17), "0dte", "today's session is over"),
        (at(2026, 11, 23), "thursday", "no session on 'thursday'"),
        (at(2026, 11, 23), "monday", "'monday' is today or a week from today"),
        (at(2026, 11, 23), "next friday", "'next friday' is this week's or next week's"),
        (at(2026, 11, 23), "3dte", "3DTE counts days or sessions"),
        (at(2026, 11, 23), "Jan27", "Jan27 is a day or a year"),
        (at(2026, 11, 23), "11/20/26", "the expiry 2026-11-20 is past"),
        (at(2026, 11, 23), "12/18/25", "the expiry 2025-12-18 is past"),
        (at(2026, 11, 23), "2/30", "a date that does not exist"),
        (at(2026, 11, 23), "monthly", "'monthly' names no day"),
    ],
)
def test_a_day_with_two_readings_or_none_is_referred(posted, day, reason):
    assert said(read(ORDER.format(day), now=posted)).startswith("review: ")
    assert reason in said(read(ORDER.format(day), now=posted))
