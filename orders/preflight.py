"""The preflight checks of the broker's side: credentials, account, clock, stream, calendar, queue."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import wraps

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from kombu import Connection

from desk import health
from desk.models import Account, Environment, Heartbeat, TradingSession
from desk.preflight import EnvironmentCheck, Finding, amber, check, environment_check, green, red
from orders import looking
from orders.brokers import get_broker
from orders.brokers.base import BrokerError
from orders.enums import EnvironmentName

QUEUE_SECONDS = 3
SKEW_AMBER_SECONDS, SKEW_RED_SECONDS = 2.0, 10.0  # an order's deadline to be sent lies seconds ahead
RECONCILED = timedelta(minutes=5)

health.expect("worker", "The worker, its queue and the sweep", timedelta(seconds=20))
health.expect("housekeeping", "The housekeeping", timedelta(minutes=3))


@check("queue")
def queue() -> Iterator[Finding]:
    """The queue broker takes a connection. Its address may hold a password and is not shown."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    address = settings.CELERY_BROKER_URL
    with Connection(address, connect_timeout=QUEUE_SECONDS, transport_options=options) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=QUEUE_SECONDS)
        yield green(f"{connection.transport_cls} answers")


@environment_check("credentials and account")
def account(name: str) -> Iterator[Finding]:
    """The broker takes the credentials and shows each allowed account."""
    for each in _accounts(name):
        try:
            broker = get_broker(name, each.number)
            broker.refresh()
            worth = broker.balance().net_liquidating_value
        except BrokerError as error:
            yield red(f"{each.number}: {error}")
        else:
            yield green(f"{each.number}: the broker shows it, worth {worth:,.2f}")


@environment_check("clock")
def clock(name: str) -> Iterator[Finding]:
    """Ours and the broker's agree."""
    first = _accounts(name).first()
    if first is None:
        yield red("no allowed account to ask with")
        return
    try:
        theirs = get_broker(name, first.number).server_time()
    except BrokerError as error:
        yield red(str(error))
        return
    yield skew_finding(theirs, timezone.now())


def skew_finding(theirs: datetime, ours: datetime) -> Finding:
    """Judge two clocks. The broker's is read from a header that holds whole seconds."""
    seconds = abs((ours - theirs).total_seconds())
    sentence = f"our clock and the broker's are {seconds:.0f} s apart"
    if seconds > SKEW_RED_SECONDS:
        return red(f"{sentence}: set this machine's clock")
    return amber(sentence) if seconds > SKEW_AMBER_SECONDS else green(sentence)


def while_on(made: EnvironmentCheck) -> EnvironmentCheck:
    """Wait with a check of what begins with the switch while production, which needs it green, is off."""

    @wraps(made)
    def asked(name: str) -> Iterable[Finding]:
        if name == EnvironmentName.PRODUCTION and not _is_enabled(name):
            return [amber("begins when production is switched on: look again then")]
        return made(name)

    return asked


def _is_enabled(name: str) -> bool:
    return Environment.objects.filter(pk=name, is_enabled=True).exists()


@environment_check("account stream")
@while_on
def stream(name: str) -> Iterator[Finding]:
    """Fills arrive at once while it is up, and at the next poll while it is not."""
    now = timezone.now()
    for each in _accounts(name):
        if looking.is_stream_up(each, now):
            since = Heartbeat.objects.get(pk=looking.stream_name(each)).since_at
            yield green(f"{each.number}: connected without a gap for {(now - since).total_seconds():.0f} s")
        else:
            yield red(f"{each.number}: not connected: is runstreamer running?")


@environment_check("reconciled")
@while_on
def reconciled(name: str) -> Iterator[Finding]:
    """Nothing is sent before one complete comparison with the broker, and one is made each minute."""
    now = timezone.now()
    for each in _accounts(name):
        if each.reconciled_at is None:
            yield red(f"{each.number}: not yet compared with the broker: nothing will be sent")
        elif now - each.reconciled_at > RECONCILED:
            yield amber(f"{each.number}: last compared with the broker at {each.reconciled_at:%H:%M} UTC")
        else:
            yield green(f"{each.number}: compared with the broker at {each.reconciled_at:%H:%M:%S} UTC")


@environment_check("session calendar")
@while_on
def calendar(name: str) -> Iterator[Finding]:
    """Written ahead by the worker each hour."""
    ahead = TradingSession.objects.filter(environment=name, closes_at__gt=timezone.now())
    days = ahead.values("day").distinct().count()
    yield green(f"{days} days ahead are written") if days else red("no session ahead is written")


def _accounts(name: str) -> QuerySet[Account]:
    return Account.objects.filter(environment=name, is_allowed=True).order_by("number")
