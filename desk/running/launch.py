"""From nothing to a desk that answers, and back: what `up`, `demo` and the chaos tests share."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django_q.tasks import async_task

from desk.running import environment, practice_rows, readiness
from desk.running.addresses import Addresses
from desk.running.place import Place
from desk.running.programs import Cast, programs
from desk.running.supervision import Supervision

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that runs."""

    place: Place
    addresses: Addresses
    cast: Cast
    supervision: Supervision

    def wait(self) -> None:
        """Return when the supervisor ends; a signal ends the wait by its exception."""
        while self.supervision.is_running:
            self.supervision.look()
            time.sleep(1)


@contextmanager
def running(place: Place, addresses: Addresses, cast: Cast, say: Say) -> Iterator[Desk]:
    """Run every process for as long as the block runs, and leave none behind.

    The caller holds the place's lock, and this process has the desk's own settings. Raises NotReady or
    NoQueueServer.
    """
    _prepare(say)
    started_at = timezone.now()
    async_task("orders.housekeeping.beat")  # its schedule looks every 30 s only
    connections.close_all()
    supervision = Supervision(
        place, programs(place, addresses, cast), environment.environment(place, addresses, cast)
    )
    try:
        environment.write(place, environment.told(place, addresses, cast))
        supervision.start()
        _wait(supervision, readiness.parts(addresses, supervision, started_at), say)
        yield Desk(place, addresses, cast, supervision)
    finally:
        supervision.stop()
        place.settings.unlink(missing_ok=True)


def _prepare(say: Say) -> None:
    logging.getLogger("django-q").setLevel(logging.WARNING)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("database tables", lambda: call_command("migrate", verbosity=0, interactive=False)),
        ("static files", lambda: call_command("collectstatic", verbosity=0, interactive=False)),
        ("environments, schedules, practice people", practice_rows.fill),
    ]
    for name, step in steps:
        began = time.monotonic()
        step()
        say(f"  {name} ({time.monotonic() - began:.1f} s)")


def _wait(supervision: Supervision, parts: list[readiness.Part], say: Say) -> None:
    say(f"Starting {len(parts)} processes; their logs are in {supervision.place.logs}")
    began = time.monotonic()
    for name in readiness.wait(supervision, parts):
        say(f"  {name} is ready ({time.monotonic() - began:.1f} s)")
