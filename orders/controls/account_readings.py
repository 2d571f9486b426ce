"""The broker's latest word on an account: read outside any transaction, kept for the controls inside one."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from desk.limits import AccountReading
from desk.models import Account
from orders.brokers.base import Balance, Broker, Position
from orders.enums import InstrumentType

FRESH = timedelta(seconds=60)  # a proposal asks the broker anew only after this long


def read(account: Account, broker: Broker) -> AccountReading:
    """Ask the broker for positions and balance, and keep them. Raises BrokerError."""
    began_at = timezone.now()
    positions = list(broker.positions())
    read_at = timezone.now()
    return store(account, positions, broker.balance(), began_at=began_at, read_at=read_at)


def latest(account: Account, broker: Broker) -> AccountReading:
    """Return a reading of the last minute, asking the broker where there is none. Raises BrokerError."""
    known = known_of(account)
    is_fresh = known is not None and timezone.now() - known.began_at <= FRESH
    return known if known is not None and is_fresh else read(account, broker)


def known_of(account: Account) -> AccountReading | None:
    return AccountReading.objects.filter(account=account).first()


def store(
    account: Account, positions: list[Position], balance: Balance, *, began_at: datetime, read_at: datetime
) -> AccountReading:
    """Keep a reading. The first of a day is measured against the last of a day before."""
    known, today = known_of(account), timezone.localdate(began_at)
    value = balance.net_liquidating_value
    if known is None:
        day_start = value
    else:
        day_start = known.day_start_value if known.day == today else known.net_liquidating_value
    row, _ = AccountReading.objects.update_or_create(
        account=account,
        defaults={
            "began_at": began_at,
            "read_at": read_at,
            "positions": [_as_json(position) for position in positions],
            "net_liquidating_value": value,
            "option_buying_power_value": balance.option_buying_power,
            "equity_buying_power_value": balance.equity_buying_power,
            "day": today,
            "day_start_value": day_start,
        },
    )
    return row


def positions_of(reading: AccountReading | None) -> list[Position]:
    return [_position(row) for row in reading.positions] if reading is not None else []


def lost_today(reading: AccountReading, now: datetime) -> Decimal:
    """Return how much the account has lost today; below zero it has gained."""
    if reading.day != timezone.localdate(now):
        return Decimal(0)
    return Decimal(reading.day_start_value - reading.net_liquidating_value)


def buying_power_of(reading: AccountReading, kind: InstrumentType) -> Decimal:
    """Return what the broker last said there is for that kind of instrument."""
    is_equity = kind is InstrumentType.EQUITY
    return Decimal(reading.equity_buying_power_value if is_equity else reading.option_buying_power_value)


def _as_json(position: Position) -> dict[str, Any]:
    return {
        "symbol": position.symbol,
        "kind": position.kind.value,
        "underlying": position.underlying,
        "quantity": position.quantity,
        "average_open_price": str(position.average_open_price),
        "multiplier": str(position.multiplier),
    }


def _position(row: dict[str, Any]) -> Position:
    return Position(
        row["symbol"],
        InstrumentType(row["kind"]),
        row["underlying"],
        row["quantity"],
        Decimal(row["average_open_price"]),
        Decimal(row["multiplier"]),
    )
