"""Begin again with the running desk's settings: they are read once, when Django starts."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from desk.running import environment
from desk.running.addresses import Addresses
from desk.running.place import Place
from desk.running.programs import MANAGE, PYTHON, Cast

MARK = "DESK_SETTLED"


def settled() -> Addresses | None:
    """Return the desk's addresses if this process has its desk's settings already."""
    process, *ports = os.environ.get(MARK, "0").split()
    return Addresses(*map(int, ports)) if int(process) == os.getpid() else None


def settle(place: Place, addresses: Addresses, cast: Cast, **over: str) -> NoReturn:
    """Start this same command anew, in this same process, with the desk's settings and these."""
    os.umask(0o077)  # what the desk writes is for its owner alone
    place.prepare()
    mark = f"{os.getpid()} {addresses.web} {addresses.exchange} {addresses.chat}"
    own = environment.environment(place, addresses, cast) | {MARK: mark} | over
    sys.stdout.flush()
    os.execve(PYTHON, [PYTHON, MANAGE, *sys.argv[1:]], own)  # noqa: S606 - no shell is meant


def cast_now(place: Place, addresses: Addresses) -> Cast:
    """Return, in a settled process, which counterparts are the practice ones."""
    from django.conf import settings

    return Cast(
        has_queue=str(place.queue_socket) in settings.CELERY_BROKER_URL,
        has_chat=addresses.chat_url == settings.PRACTICE_CHAT_URL,
    )


def place_of(var: Path) -> Place:
    return Place(var.resolve())
