"""The session calendar: the next days' sessions of an environment, written into the table.

The worker alone writes it, so that neither the bot nor the web ever imports pandas.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, TypeAlias

from django.db import transaction
from django.utils import timezone

from desk.models import Environment, TradingSession
from orders.brokers.base import Broker, BrokerError, BrokerUnavailable, CredentialsRefused, Session
from orders.enums import EnvironmentName, InstrumentType

DAYS_AHEAD: Final = 7
Sessions: TypeAlias = Mapping[tuple[InstrumentType, date], Session]

# The exchanges' calendars by what is traded there. Index options trade 15 minutes longer than this.
EXCHANGES: Final = {
    InstrumentType.EQUITY: "NYSE",
    InstrumentType.EQUITY_OPTION: "CBOE_Equity_Options",
    InstrumentType.FUTURE: "CME Globex Equity",
    InstrumentType.FUTURE_OPTION: "CME Globex Equity",
}


def write_sessions(environment: Environment, broker: Broker, today: date | None = None) -> int:
    """Write the sessions that end from today on, seven days ahead; return how many. Safe twice.

    Days are New York's. Practice is asked for its own, which may never close; the real exchanges' come
    from their calendar. A session that is not found any more is taken out. Raises BrokerError.
    """
    first = today or timezone.localdate()
    if environment.name == EnvironmentName.PRACTICE:
        found = asked_of(broker, first)
    else:
        found = of_the_exchanges(first)
    _write(environment, found, first)
    return len(found)


def asked_of(broker: Broker, first: date) -> Sessions:
    """Return the sessions the broker names; it names only the last few and the next."""
    found: dict[tuple[InstrumentType, date], Session] = {}
    for day in (first + timedelta(days=n) for n in range(DAYS_AHEAD)):
        found |= {(kind, day): session for kind, session in _asked(broker, day).items()}
    if not found:
        raise BrokerError("The broker names no session at all.")
    return found


def _asked(broker: Broker, day: date) -> Mapping[InstrumentType, Session]:
    try:
        return broker.sessions(day)
    except (BrokerUnavailable, CredentialsRefused):
        raise
    except BrokerError:  # a day it does not name
        return {}


def of_the_exchanges(first: date) -> Sessions:
    """Return the exchanges' sessions, early closes and holidays observed."""
    last = first + timedelta(days=DAYS_AHEAD - 1)
    return {
        (kind, day): session
        for kind, exchange in EXCHANGES.items()
        for day, session in schedule(exchange, first, last).items()
    }


def schedule(exchange: str, first: date, last: date) -> dict[date, Session]:
    """Return one exchange's sessions by the day they end on."""
    import pandas_market_calendars

    table = pandas_market_calendars.get_calendar(exchange).schedule(first.isoformat(), last.isoformat())
    return {
        row.Index.date(): Session(row.market_open.to_pydatetime(), row.market_close.to_pydatetime())
        for row in table.itertuples()
    }


@transaction.atomic
def _write(environment: Environment, found: Sessions, first: date) -> None:
    kept = [_row(environment, kind, day, session).pk for (kind, day), session in found.items()]
    TradingSession.objects.filter(environment=environment, day__gte=first).exclude(pk__in=kept).delete()


def _row(environment: Environment, kind: InstrumentType, day: date, session: Session) -> TradingSession:
    row, _ = TradingSession.objects.update_or_create(
        environment=environment,
        kind=kind,
        day=day,
        defaults={"opens_at": session.opens_at, "closes_at": session.closes_at},
    )
    return row
