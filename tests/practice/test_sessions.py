"""When the market trades."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orders.brokers.practice.sessions import Calendar, Hours, half_days, holidays, is_trading_day


@pytest.mark.filterwarnings("ignore:Series.dt.weekday")
def test_holidays_and_half_days_are_those_of_the_exchange():
    import pandas_market_calendars

    calendar = pandas_market_calendars.get_calendar("NYSE")
    schedule = calendar.schedule("2022-01-01", "2032-12-31")
    ours = [date(2022, 1, 1) + timedelta(days=n) for n in range(4018)]
    mourning = {date(2025, 1, 9)}  # a day of mourning: no rule foretells one
    assert {d.date() for d in schedule.index} == {d for d in ours if is_trading_day(d)} - mourning
    early = {d.date() for d in calendar.early_closes(schedule).index}
    assert early == {d for year in range(2022, 2033) for d in half_days(year)}
    assert len(holidays(2026)) == 10


def test_the_current_session_is_the_one_to_come_when_the_market_is_closed():
    calendar = Calendar()
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    session = calendar.current(saturday, Hours.EQUITY)
    assert (session.on, session.is_open(saturday)) == (date(2026, 11, 30), False)
    assert calendar.preceding(session, Hours.EQUITY).closes_at == datetime(2026, 11, 27, 18, tzinfo=UTC)
