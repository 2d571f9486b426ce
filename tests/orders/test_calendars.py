"""The session calendar: early closes, holidays, what practice names, and what is taken out again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk.models import Environment, TradingSession
from orders import calendars
from orders.brokers.base import BrokerError, BrokerUnavailable, Session
from orders.enums import InstrumentType
from tests.factories import make_environment

MONDAY = date(2026, 11, 23)
# pandas_market_calendars' own use of pandas, not ours.
pytestmark = pytest.mark.filterwarnings("ignore:Series.dt.weekday is deprecated")


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


class NamingBroker:
    """Names the sessions of some days, as the practice exchange does."""

    def __init__(self, named: dict[date, dict[InstrumentType, Session]]) -> None:
        self.named = named

    def sessions(self, day: date) -> dict[InstrumentType, Session]:
        if day not in self.named:
            raise BrokerError(f"The broker does not name the sessions of {day}.")
        return self.named[day]


class DeadBroker:
    def sessions(self, day: date) -> dict[InstrumentType, Session]:
        raise BrokerUnavailable("Nothing answered.")


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        pytest.param(
            InstrumentType.EQUITY_OPTION, date(2026, 11, 25),
            Session(utc(2026, 11, 25, 14, 30), utc(2026, 11, 25, 21)), id="plain day",
        ),
        pytest.param(InstrumentType.EQUITY_OPTION, date(2026, 11, 26), None, id="Thanksgiving"),
        pytest.param(
            InstrumentType.EQUITY, date(2026, 11, 27),
            Session(utc(2026, 11, 27, 14, 30), utc(2026, 11, 27, 18)), id="early close: shares",
        ),
        pytest.param(
            InstrumentType.EQUITY_OPTION, date(2026, 11, 27),
            Session(utc(2026, 11, 27, 14, 30), utc(2026, 11, 27, 18)), id="early close: options",
        ),
        pytest.param(InstrumentType.EQUITY_OPTION, date(2026, 11, 28), None, id="Saturday"),
        pytest.param(
            InstrumentType.FUTURE, date(2026, 11, 24),
            Session(utc(2026, 11, 23, 23), utc(2026, 11, 24, 22)), id="futures open the evening before",
        ),
    ],
)  # fmt: skip
def test_the_exchanges_sessions_are_those_of_their_calendars(kind, day, expected):
    found = calendars.of_the_exchanges(MONDAY)

    assert found.get((kind, day)) == expected


@pytest.mark.django_db
def test_a_live_environment_gets_its_week_without_asking_the_broker():
    sandbox = make_environment("sandbox")

    calendars.write_sessions(sandbox, DeadBroker(), MONDAY)

    days = TradingSession.objects.filter(environment=sandbox, kind=InstrumentType.EQUITY_OPTION)
    assert [row.day.isoformat() for row in days.order_by("day")] == [
        "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27",
    ]  # fmt: skip


@pytest.mark.django_db
def test_practice_is_asked_and_the_days_it_does_not_name_are_left_out():
    practice = make_environment()
    session = Session(utc(2026, 11, 22, 22), utc(2026, 11, 23, 22))

    count = calendars.write_sessions(
        practice, NamingBroker({MONDAY: {InstrumentType.EQUITY: session}}), MONDAY
    )

    assert count == 1
    assert list(TradingSession.objects.values_list("kind", "day", "opens_at", "closes_at")) == [
        (InstrumentType.EQUITY, MONDAY, session.opens_at, session.closes_at)
    ]


@pytest.mark.django_db
def test_a_second_writing_moves_sessions_and_takes_out_those_that_are_gone():
    practice = make_environment()
    tuesday = MONDAY + timedelta(days=1)
    first = Session(utc(2026, 11, 23, 14), utc(2026, 11, 23, 21))
    early = Session(utc(2026, 11, 23, 14), utc(2026, 11, 23, 18))
    both = {MONDAY: {InstrumentType.EQUITY: first}, tuesday: {InstrumentType.EQUITY: first}}
    calendars.write_sessions(practice, NamingBroker(both), MONDAY)

    calendars.write_sessions(practice, NamingBroker({MONDAY: {InstrumentType.EQUITY: early}}), MONDAY)

    assert list(TradingSession.objects.values_list("day", "closes_at")) == [(MONDAY, early.closes_at)]


@pytest.mark.django_db
@pytest.mark.parametrize("broker", [DeadBroker(), NamingBroker({})], ids=["no answer", "names nothing"])
def test_a_broker_that_names_nothing_leaves_the_table_alone(broker):
    practice = make_environment()
    session = Session(utc(2026, 11, 23, 14), utc(2026, 11, 23, 21))
    calendars.write_sessions(practice, NamingBroker({MONDAY: {InstrumentType.EQUITY: session}}), MONDAY)

    with pytest.raises(BrokerError):
        calendars.write_sessions(Environment.objects.get(), broker, MONDAY)

    assert TradingSession.objects.count() == 1
