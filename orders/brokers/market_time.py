"""Trading sessions out of the broker's market time. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orders.brokers.base import BrokerError, Session
from orders.brokers.reading import Json, read_time, strictly
from orders.enums import InstrumentType

NEW_YORK = ZoneInfo("America/New_York")
TRADED_IN = {
    "Equity": (InstrumentType.EQUITY, InstrumentType.EQUITY_OPTION),
    "CME": (InstrumentType.FUTURE, InstrumentType.FUTURE_OPTION),
}
COLLECTIONS = tuple(TRADED_IN)


@strictly
def sessions_on(day: date, items: Sequence[Json]) -> dict[InstrumentType, Session]:
    """Return the sessions that end on `day` in New York; a kind that is closed then is absent.

    The broker names the last, the present and the next session: a day between two of them is a
    closed one. Raises BrokerError for a day outside of what it names.
    """
    found: dict[InstrumentType, Session] = {}
    for item in items:
        kinds = TRADED_IN.get(item["instrument-collection"], ())
        session = _named_on(day, list(_named(item))) if kinds else None
        found |= dict.fromkeys(kinds, session) if session else {}
    return found


def _named(item: Json) -> Iterator[Session]:
    for part in (item.get("previous-session"), item, item.get("next-session")):
        opens_at, closes_at = (read_time((part or {}).get(key)) for key in ("open-at", "close-at"))
        if opens_at and closes_at:
            yield Session(opens_at, closes_at)


def _named_on(day: date, sessions: Sequence[Session]) -> Session | None:
    days = {_day(session.closes_at): session for session in sessions}
    if not days or not min(days) <= day <= max(days):
        raise BrokerError(f"The broker does not name the sessions of {day}.")
    return days.get(day)


def _day(closes_at: datetime) -> date:
    return closes_at.astimezone(NEW_YORK).date()
