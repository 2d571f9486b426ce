"""Every process of the desk and how it is started and stopped."""

import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from desk.running.addresses import HOST, Addresses
from desk.running.place import Place
from desk.running.queue_server import queue_server

PYTHON = sys.executable
MANAGE = str(settings.BASE_DIR / "manage.py")
TIED = (PYTHON, "-S", "-E", str(Path(__file__).with_name("tied.py")))


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process. Those of the desk stop before their counterparts do."""

    name: str
    command: tuple[str, ...]
    is_counterpart: bool = False
    starts_seconds: int = 3  # alive that long counts as started; less and the next try waits longer


@dataclass(frozen=True, slots=True)
class Cast:
    """Which of the counterparts are the practice ones, and which of them are somebody else's."""

    has_queue: bool = True  # false where CELERY_BROKER_URL names a served one
    has_chat: bool = True  # false where DISCORD_TOKEN names a real bot
    keeps_hours: bool = False  # the practice exchange closes when the real ones do


def programs(place: Place, addresses: Addresses, cast: Cast) -> list[Program]:
    """Return what to run, counterparts first. Raises NoQueueServer."""
    return [*_counterparts(place, addresses, cast), *_desk(place, addresses)]


def _counterparts(place: Place, addresses: Addresses, cast: Cast) -> list[Program]:
    found = [_exchange(place, addresses, cast)]
    if cast.has_queue:
        found.insert(0, Program("queue", (str(queue_server()), str(place.queue_config)), True, 1))
    if cast.has_chat:
        found.append(_chat(place, addresses))
    return found


def _exchange(place: Place, addresses: Addresses, cast: Cast) -> Program:
    ledger = str(place.var / "exchange.sqlite3")
    port = str(addresses.exchange)
    hours = () if cast.keeps_hours else ("--always-open",)
    command = _manage("runexchange", "--port", port, "--ledger", ledger, *hours)
    return Program("exchange", command, is_counterpart=True)


def _chat(place: Place, addresses: Addresses) -> Program:
    store = str(place.var / "chat.sqlite3")
    command = _manage("runchat", "--port", str(addresses.chat), "--store", store)
    return Program("chat", command, is_counterpart=True)


def _desk(place: Place, addresses: Addresses) -> list[Program]:
    return [
        Program("web", _web(addresses)),
        Program("worker", _worker(place)),
        Program("beat", _celery("beat", "--pidfile=", f"--schedule={place.var / 'beat'}")),
        Program("qcluster", _manage("qcluster")),
        Program("streamer", _manage("runstreamer")),
        Program("bot", _manage("runbot")),
    ]


def _worker(place: Place) -> tuple[str, ...]:
    # Two desks of one machine on one served queue must not both be celery@machine.
    name = f"--hostname=desk-{place.digest}@%h"
    return _celery("worker", name, "--without-gossip", "--without-mingle", "--without-heartbeat")


def _manage(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, MANAGE, *arguments)


def _celery(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "celery", "--app=desk", "--quiet", *arguments, "--loglevel=INFO")


def _web(addresses: Addresses) -> tuple[str, ...]:
    return (
        PYTHON, "-m", "gunicorn", "desk.wsgi:application",
        f"--bind={HOST}:{addresses.web}",
        "--worker-class=gthread", "--workers=1", "--threads=8",
        "--graceful-timeout=3",
        "--no-control-socket",  # it would lie in the home directory, one for all desks
        "--access-logfile=-",
    )  # fmt: skip
