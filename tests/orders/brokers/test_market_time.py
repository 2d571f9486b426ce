from datetime import UTC, date, datetime

import pytest

from orders.brokers.base import BrokerError, Session
from orders.brokers.market_time import sessions_on
from orders.enums import InstrumentType

# Thanksgiving 2026 is Thursday 26 November; the Friday ends at 13:00 in New York.
EQUITIES = {
    "instrument-collection": "Equity",
    "state": "Closed",
    "previous-session": {
        "session-date": "2026-11-25",
        "open-at": "2026-11-25T14:30:00.000+00:00",
        "close-at": "2026-11-25T21:00:00.000+00:00",
    },
    "next-session": {
        "session-date": "2026-11-27",
        "open-at": "2026-11-27T14:30:00.000+00:00",
        "close-at": "2026-11-27T18:00:00.000+00:00",
    },
}
FUTURES = {
    "instrument-collection": "CME",
    "state": "Open",
    "open-at": "2026-11-22T23:00:00.000+00:00",  # Sunday evening belongs to Monday
    "close-at": "2026-11-23T22:00:00.000+00:00",
}


def test_a_shortened_day_ends_early_for_shares_and_their_options():
    session = Session(datetime(2026, 11, 27, 14, 30, tzinfo=UTC), datetime(2026, 11, 27, 18, tzinfo=UTC))

    assert sessions_on(date(2026, 11, 27), [EQUITIES]) == {
        InstrumentType.EQUITY: session,
        InstrumentType.EQUITY_OPTION: session,
    }


def test_a_holiday_has_no_session():
    assert sessions_on(date(2026, 11, 26), [EQUITIES]) == {}


def test_a_futures_session_belongs_to_the_day_it_ends():
    found = sessions_on(date(2026, 11, 23), [FUTURES])

    assert set(found) == {InstrumentType.FUTURE, InstrumentType.FUTURE_OPTION}
    assert found[InstrumentType.FUTURE].opens_at == datetime(2026, 11, 22, 23, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 11, 30)])
def test_a_day_the_broker_does_not_name_is_not_called_closed(day):
    with pytest.raises(BrokerError):
        sessions_on(day, [EQUITIES])


def test_other_markets_are_left_out():
    assert sessions_on(date(2026, 11, 27), [EQUITIES | {"instrument-collection": "Smalls"}]) == {}
