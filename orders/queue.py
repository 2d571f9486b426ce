"""Wake-up calls. The table is the schedule; a message that is lost costs a second, never an order."""

import logging
from dataclasses import dataclass
from functools import partial
from time import monotonic

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from orders.models import Order

log = logging.getLogger(__name__)
QUIET_SECONDS = 1.0


@dataclass
class Down:
    """Until when nobody asks the queue again: for each of a hundred rows that would take seconds."""

    until: float = 0.0


_down = Down()


def wake(order: Order) -> None:
    """Wake a worker for this order once the transaction has committed; the sweep does it otherwise."""
    transaction.on_commit(partial(publish, "orders.tasks.work_order", order.pk, order.version))


def publish(task: str, *args: int | str) -> None:
    """Send one message, and only log when the queue is down: the sweep finds the row."""
    if monotonic() < _down.until:
        return
    try:
        current_app.send_task(task, args=args, expires=30, retry=False)
    except (OperationalError, OSError) as error:
        _down.until = monotonic() + QUIET_SECONDS
        log.warning("the queue did not take a wake-up call: %s", error)
