"""Signs of life of each account's broker, for the first page of the admin."""

from django.utils import timezone

from desk.logs import redacted
from desk.models import Account, Heartbeat
from orders.brokers.base import BrokerError

PREFIX = "broker "


def broker_name(account: Account) -> str:
    return f"{PREFIX}{account.environment_id} {account.number}"


def broker_answered(account: Account) -> None:
    """Record that the broker took our credentials and answered; an error shown before is over."""
    Heartbeat.beat(broker_name(account), now=timezone.now())


def broker_failed(account: Account, error: BrokerError) -> None:
    """Record what the broker, or the way to it, said instead of an answer, in one sentence."""
    Heartbeat.beat(broker_name(account), now=timezone.now(), error=redacted(str(error)))
