"""The queue's tasks: ids in, one service call. The table is the schedule; the queue may forget."""

import logging
import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from django.db import close_old_connections
from django.utils import timezone

from desk.models import Account, Heartbeat
from orders import brokers, execution, queue
from orders.alerts import message_proposing
from orders.brokers.base import BrokerError
from orders.controls import breakers
from orders.halts import mass_cancelling
from orders.models import MassCancel, Message, Order
from orders.reconciliation import reconciling

log = logging.getLogger(__name__)
SWEEP_LIMIT = 200
HEARTBEAT = timedelta(seconds=5)


@shared_task(acks_late=True)
def work_order(order_id: int, version: int, *_: object, **__: object) -> None:
    """Make the order's next move; a stale version means that someone already did.

    What else a newer version may say with its wake-up call is for its own workers.
    """
    execution.step(order_id, version, get_broker=brokers.get_broker)


@shared_task
def sweep() -> None:
    """Wake every order, account and message whose turn has come."""
    now = timezone.now()
    beat("worker", now)
    for order_id, version in in_any_order(Order.objects.due(now)[:SWEEP_LIMIT].values_list("pk", "version")):
        queue.publish("orders.tasks.work_order", order_id, version)
    reconciling.mark_unstreamed(now)
    for account_id in Account.objects.filter(reconcile_due_at__lte=timezone.now()).values_list(
        "pk", flat=True
    ):
        queue.publish("orders.tasks.reconcile_account", account_id)
    for mass_cancel_id in MassCancel.objects.due(now).values_list("pk", flat=True):
        queue.publish("orders.tasks.take_back", mass_cancel_id)
    breakers.trip_all()
    message_proposing.refer_stale(now)
    for message_id in Message.objects.to_propose(now).values_list("pk", flat=True):
        queue.publish("orders.tasks.propose_message", message_id)


def in_any_order(due: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is due in any order, now and then one of them twice: a queue deals messages out in turn.

    In one and the same order it would deal a row to the same worker each second, though that worker is of an
    older version and leaves the row to others; and a single row, with the sweep before it, as well.
    """
    found = list(due)
    random.shuffle(found)
    return found + random.sample(found, k=random.randint(0, min(1, len(found))))  # noqa: S311 -- no secret


@shared_task(acks_late=True)
def take_back(mass_cancel_id: int) -> None:
    """Make one pass of a halt with cancel, if nobody else does: the streamer mostly is the first."""
    mass_cancelling.step(mass_cancel_id, get_broker=brokers.get_broker)


@shared_task(acks_late=True)
def propose_message(message_id: int) -> None:
    """Price and record what a person completed, if nobody else does."""
    if message_proposing.claim(message_id):
        message_proposing.propose(message_id, get_broker=brokers.get_broker)


def beat(name: str, now: Any) -> None:
    """Record a sign of life, at most every few seconds."""
    if not Heartbeat.objects.filter(pk=name, beat_at__gt=now - HEARTBEAT).exists():
        Heartbeat.beat(name, now=now)


@shared_task(acks_late=True)
def reconcile_account(account_id: int) -> None:
    """Compare one account with the broker, if it is due and nobody else does."""
    reconciling.pass_over(account_id, brokers.get_broker)


@shared_task
def write_calendar() -> None:
    """Write the next days' sessions of every enabled environment into the table."""
    from orders import calendars

    for account in Account.objects.filter(is_allowed=True, environment__is_enabled=True).order_by("pk"):
        try:
            calendars.write_sessions(
                account.environment, brokers.get_broker(account.environment_id, account.number)
            )
        except BrokerError as error:
            log.warning("the calendar of %s could not be read: %s", account.environment, error)


@worker_ready.connect
def compare_first(**_: Any) -> None:
    """No order is sent before one complete pass since this worker started."""
    close_old_connections()
    reconciling.change_each(Account.objects.all(), reconciled_at=None, reconcile_leased_until=None)
    reconciling.mark_due()
    queue.publish("orders.tasks.write_calendar")
    Heartbeat.beat("worker", now=timezone.now(), restarted=True)
    log.info("worker ready")


@worker_shutdown.connect
def close_sessions(**_: Any) -> None:
    """Close the broker sessions and their loop."""
    brokers.close_brokers()
