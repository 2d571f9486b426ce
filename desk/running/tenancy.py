"""One desk in one place: the second one is told so, and what a killed one left behind is ended."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from desk.running.addresses import Addresses
from desk.running.place import Place

LEFTOVER_SECONDS = 10.0


class Occupied(Exception):
    """A desk runs here already, or a port is taken. The text says what to do."""


@contextmanager
def sole_tenant(place: Place, addresses: Addresses) -> Iterator[None]:
    """Hold the place's lock, with the ports free, for as long as the block runs. Raises Occupied."""
    place.prepare()
    with place.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(_running_already(place)) from None
        end_leftovers(place)
        refuse_taken(addresses)
        lock.truncate(0)
        lock.write(f"{os.getpid()} {addresses.web_url}/")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _running_already(place: Place) -> str:
    owner, _, url = place.lock.read_text().partition(" ")
    stop = f", or with: kill {owner}" if owner else ""
    return (
        f"A desk is running from {place.var} already{f', at {url}' if url else ''}. "
        f"Stop it with Ctrl-C in its window{stop}"
    )


def refuse_taken(addresses: Addresses) -> None:
    """Raise Occupied if somebody listens on one of the ports."""
    taken = addresses.taken()
    if taken:
        which = ", ".join(f"{port} ({name})" for name, port in taken.items())
        raise Occupied(
            f"Another program listens on port {which}. Choose other ports, for example: "
            f"make up PORT={addresses.web + 100}"
        )


def end_leftovers(place: Place) -> None:
    """End the supervisor of a desk whose parent was killed; its children end with it."""
    owner = _leftover(place)
    if owner is None:
        return
    os.kill(owner, signal.SIGTERM)
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while is_alive(owner) and time.monotonic() < deadline:
        time.sleep(0.1)
    if is_alive(owner):
        raise Occupied(f"An older desk of {place.var} does not end: kill -9 {owner}, then try again")


def _leftover(place: Place) -> int | None:
    """Return the process id of a supervisor that still runs with this place's configuration."""
    try:
        owner = int(place.supervisor_pid.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return owner if str(place.supervisor_config) in command_of(owner) else None


def command_of(process: int) -> str:
    """Return a process's command line; empty if there is no such process, or only its remains."""
    status = Path(f"/proc/{process}/cmdline")
    if Path("/proc/self/cmdline").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return status.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    found = subprocess.run(  # noqa: S603 - a number is all that varies
        ["/bin/ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def is_alive(process: int) -> bool:
    """Whether a process of this id runs; one that ended and was not yet reaped does not."""
    return bool(command_of(process))
