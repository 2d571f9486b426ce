"""Is it up yet? Each part of the desk is asked until it answers, or said to have failed."""

import socket
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from desk.models import Heartbeat
from desk.running.addresses import Addresses
from desk.running.place import Place
from desk.running.supervision import Process, Supervision, last_lines

READY_SECONDS = 120.0  # a machine that is busy with other things takes long to start ten processes
HOPELESS_STARTS = 5  # what ended four times already will not come up


class NotReady(Exception):
    """A part did not come up. The text names it and shows the end of its log."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the desk and how to see that it works."""

    name: str
    is_ready: Callable[[], bool]


# The sign of life of each process, or how its name begins where it has one for each account.
SIGNS = {"worker": "worker", "qcluster": "housekeeping", "streamer": "stream ", "bot": "bot"}


def parts(addresses: Addresses, supervision: Supervision, started_at: datetime) -> list[Part]:
    """Return the parts to wait for, one for each program."""
    probes: dict[str, Callable[[], bool]] = {
        "queue": lambda: queue_answers(supervision.place),
        "exchange": lambda: answers(f"{addresses.exchange_url}/practice/ledger?since=999999999"),
        "chat": lambda: answers(f"{addresses.chat_url}/practice/health"),
        "web": lambda: answers(f"{addresses.web_url}/admin/login/"),
    }
    probes |= {name: _beats_since(sign, started_at) for name, sign in SIGNS.items()}
    programs = (each.name for each in supervision.programs)
    return [Part(name, probes.get(name) or _runs(supervision, name)) for name in programs]


def answers(url: str) -> bool:
    """Whether a GET is answered with 200 within a second."""
    with suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own http
        return int(answer.status) == 200
    return False


def queue_answers(place: Place) -> bool:
    """Whether the queue broker answers a PING on its socket."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        line.connect(str(place.queue_socket))
        line.sendall(b"PING\r\n")
        return line.recv(16) == b"+PONG\r\n"
    return False


def _beats_since(sign: str, started_at: datetime) -> Callable[[], bool]:
    return lambda: Heartbeat.objects.filter(name__startswith=sign, beat_at__gte=started_at).exists()


def _runs(supervision: Supervision, name: str) -> Callable[[], bool]:
    """Beat shows itself by nothing but its sweeps: that it stays up is what can be seen of it."""
    return lambda: any(each.name == name and each.state == "RUNNING" for each in supervision.processes())


def wait(supervision: Supervision, waited: list[Part], *, seconds: float = READY_SECONDS) -> Iterator[str]:
    """Yield the name of each part as it becomes ready. Raises NotReady."""
    missing = {part.name: part for part in waited}
    deadline = time.monotonic() + seconds
    failing = Failing()
    while missing:
        for part in list(missing.values()):
            if part.is_ready():
                del missing[part.name]
                yield part.name
        _refuse(supervision, failing.hopeless(supervision.processes()))
        if missing and time.monotonic() > deadline:
            raise NotReady(_story(supervision, next(iter(missing)), f"was not ready within {seconds:.0f} s"))
        time.sleep(0.1)


def _refuse(supervision: Supervision, hopeless: str) -> None:
    if not supervision.is_running:
        raise NotReady(_story(supervision, "supervisord", "ended"))
    if hopeless:
        raise NotReady(_story(supervision, hopeless, "ends again and again"))


class Failing:
    """How often each process has been started so far."""

    def __init__(self) -> None:
        """Begin with no process seen."""
        self._seen: dict[str, set[int]] = defaultdict(set)

    def hopeless(self, processes: list[Process]) -> str:
        """Return the name of a process that was started too often by now, or nothing."""
        for each in processes:
            self._seen[each.name] |= {each.pid} - {0}
        return next((name for name, pids in self._seen.items() if len(pids) >= HOPELESS_STARTS), "")


def _story(supervision: Supervision, name: str, what: str) -> str:
    log = supervision.place.logs / f"{name}.log"
    shown = "\n".join(f"    {line}" for line in last_lines(log)) or "    (its log is empty)"
    return f"{name} {what}. The end of {log}:\n{shown}"
