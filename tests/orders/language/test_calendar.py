from datetime import date, timedelta

import pandas_market_calendars
import pytest

from orders.language.calendar import NYSE, closures, easter, monthly_expiry, third_friday


def test_the_rules_agree_with_the_library_on_every_day_from_2012_to_2036():
    first, last = date(2012, 1, 1), date(2036, 12, 31)
    listed = {day.date() for day in pandas_market_calendars.get_calendar("NYSE").valid_days(first, last)}
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]

    assert [day for day in days if NYSE.is_session(day) != (day in listed)] == []


@pytest.mark.parametrize(
    ("year", "closed"),
    [
        pytest.param(
            2026,
            ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"],
            id="a plain year",
        ),
        pytest.param(
            2027,
            ["01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25", "12-24"],
            id="Juneteenth and Christmas on a Saturday, July 4 on a Sunday",
        ),
        pytest.param(
            2022,
            ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"],
            id="New Year on a Saturday is not kept",
        ),
        pytest.param(
            2021,
            ["01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"],
            id="before Juneteenth was kept",
        ),
    ],
)
def test_closures_of_a_year_are_the_exchanges(year, closed):
    assert sorted(closures(year)) == [date.fromisoformat(f"{year}-{day}") for day in closed]


def test_easter_is_found_in_early_and_late_years():
    assert [easter(year) for year in (2008, 2026, 2027, 2038)] == [
        date(2008, 3, 23),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2038, 4, 25),
    ]


def test_the_session_on_or_after_a_holiday_weekend_is_the_next_tuesday():
    assert NYSE.session_on_or_after(date(2026, 9, 5)) == date(2026, 9, 8)


def test_the_session_on_or_before_good_friday_is_thursday():
    assert NYSE.session_on_or_before(date(2026, 4, 3)) == date(2026, 4, 2)


def test_a_session_is_its_own_neighbour():
    day = date(2026, 11, 23)

    assert (NYSE.session_on_or_after(day), NYSE.session_on_or_before(day)) == (day, day)


def test_the_monthly_expires_on_the_third_friday():
    assert monthly_expiry(2026, 12, NYSE) == third_friday(2026, 12) == date(2026, 12, 18)


def test_the_monthly_of_a_holiday_friday_expires_on_thursday():
    assert monthly_expiry(2026, 6, NYSE) == date(2026, 6, 18)


@pytest.mark.parametrize(
    ("month", "day"),
    [
        pytest.param(11, date(2026, 11, 18), id="thirty days before December's third Friday"),
        pytest.param(12, date(2026, 12, 16), id="over the turn of the year"),
        pytest.param(5, date(2026, 5, 19), id="a Tuesday, since June's third Friday is Juneteenth"),
    ],
)
def test_vix_expires_thirty_days_before_the_next_monthly(month, day):
    assert monthly_expiry(2026, month, NYSE, root="VIX") == day
