"""A process with the running desk's settings: it is told a line of JSON at a time, and answers with one.

It compares the books, changes the channels' way of walking, floods and empties the queue: what a test
outside the desk can't do.
"""

import json
import random
import sys
import time
from collections.abc import Iterator

import django

from tests.chaos.compare import differences

MOST_DELIVERIES = 5


def broken(exchange_url: str) -> list[str]:
    """Return what the books have differently, and what `manage.py audit` objects to."""
    from orders.audit import auditing

    return [*differences(exchange_url), *auditing.faults()]


def walk_by(method: str) -> int:
    """Have every order that is proposed from now on take its next price in this way."""
    from desk.models import WalkPolicy

    return WalkPolicy.objects.update(method=method)


def sending() -> list[str]:
    """Return the identifiers of the intents whose outcome was not recorded yet."""
    from orders.enums import PlacementStatus
    from orders.models import Placement

    found = Placement.objects.filter(status=PlacementStatus.SENDING)
    return list(found.values_list("external_identifier", flat=True))


def approved() -> int:
    """Return how many orders have been approved and nothing more."""
    from orders.enums import OrderStatus
    from orders.models import Order

    return Order.objects.filter(status=OrderStatus.APPROVED).count()


def zombies() -> int:
    """Return how many orders live on after they were taken for gone, and no person has explained them."""
    from orders.models import Break
    from orders.reconciliation.differences import BreakKind

    return Break.objects.open().filter(kind=BreakKind.ZOMBIE).count()


def explain() -> int:
    """Let a person explain whatever differs; return how much that was."""
    from django.contrib.auth.models import User
    from django.db import transaction

    from orders.models import Break
    from orders.reconciliation import breaks

    found, person = list(Break.objects.open()), User.objects.get(username="ada")
    with transaction.atomic():
        for each in found:
            breaks.resolve(each.pk, by=person, cause="the broker was late")
    return len(found)


def flood(seconds: float, seed: int) -> int:
    """Deliver every wake-up call that is due one to five times, for so long; return how many that were."""
    return sum(_floods(seconds, random.Random(seed)))


def _floods(seconds: float, chance: random.Random) -> Iterator[int]:
    from django.utils import timezone

    from desk.celery import app
    from orders.models import Order

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        due = Order.objects.due(timezone.now()).values_list("pk", "version")
        repeated = [each for each in due for _ in range(chance.randint(1, MOST_DELIVERIES))]
        for arguments in repeated:
            app.send_task("orders.tasks.work_order", args=arguments)
        yield len(repeated)
        time.sleep(0.05)


def wake_all(seconds: float) -> int:
    """Wake every order that is open, with an argument more, for so long; return how many messages that were."""
    from desk.celery import app
    from orders.lifecycle import CLOSED
    from orders.models import Order

    sent, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for order_id, version in Order.objects.exclude(status__in=CLOSED).values_list("pk", "version"):
            app.send_task("orders.tasks.work_order", args=(order_id, version, "woken"))
            sent += 1
        time.sleep(0.2)
    return sent


def empty_queue() -> int:
    """FLUSHALL where the queue is a Redis, else a purge of the desk's queue."""
    from desk.celery import app

    with app.connection_for_write() as connection:
        if connection.transport.driver_type == "redis":
            return int(connection.default_channel.client.flushall())
        return app.control.purge(connection) or 1


ALL = (broken, walk_by, sending, approved, zombies, explain, flood, wake_all, empty_queue)
TOLD = {each.__name__: each for each in ALL}

if __name__ == "__main__":
    django.setup()
    from django.db import close_old_connections

    for line in sys.stdin:
        close_old_connections()  # a fault may have broken the last one
        name, *arguments = json.loads(line)
        print(json.dumps(TOLD[name](*arguments)), flush=True)
