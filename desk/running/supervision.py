"""Start the supervisor with every process of the desk, ask it about them, end them all."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from desk.running import queue_server
from desk.running.place import Place
from desk.running.programs import PYTHON, TIED, Program
from desk.running.supervisor_config import render

ORPHAN_SECONDS = 5.0  # for processes whose supervisor was killed to end by themselves
STOP_SECONDS = 8.0  # the groups stop one after the other: 4 s and 2 s at most


@dataclass(frozen=True, slots=True)
class Process:
    """One supervised process as the supervisor sees it. `pid` is 0 while it does not run."""

    name: str
    state: str  # STARTING, RUNNING, BACKOFF (ended too soon, tried again) ...
    pid: int
    word: str  # the supervisor's own description
    log: Path


@dataclass
class Supervision:
    """The supervisor of one desk, as a child of this process."""

    place: Place
    programs: list[Program]
    environment: dict[str, str]
    daemon: "subprocess.Popen[bytes] | None" = None
    groups: dict[str, int] = field(default_factory=dict)  # each process leads one, with its children

    def start(self) -> None:
        """Write the configuration files and start everything. The caller holds the place's lock.

        The supervisor gets a session of its own: a Ctrl-C in the terminal reaches us alone.
        """
        self.place.clear_run()
        queue_server.write_config(self.place)
        self.place.supervisor_config.write_text(render(self.place, self.programs))
        command = (*TIED, PYTHON, "-m", "supervisor.supervisord", "-c", str(self.place.supervisor_config))
        self.daemon = subprocess.Popen(  # noqa: S603 - our own command
            command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def is_running(self) -> bool:
        return self.daemon is not None and self.daemon.poll() is None

    def processes(self) -> list[Process]:
        """Return every process; none while the supervisor itself does not answer."""
        address = f"unix://{self.place.supervisor_socket}"
        with closing(SupervisorTransport(None, None, serverurl=address)) as transport:
            asked = ServerProxy("http://supervisor", transport=transport)
            with suppress(OSError, HTTPException, Error):
                found: Any = asked.supervisor.getAllProcessInfo()
                return [_process(info, self.place) for info in found]
        return []

    def pid(self, name: str) -> int:
        """Return the process id of one running process, 0 if it does not run."""
        return next((each.pid for each in self.processes() if each.name == name), 0)

    def stop(self) -> None:
        """End everything within 10 s; what does not end by itself is killed. Safe twice."""
        if self.daemon is None:
            return
        if not self.groups:
            self.look()
        began = time.monotonic()
        with suppress(ProcessLookupError):
            self.daemon.send_signal(signal.SIGTERM)
        try:
            self.daemon.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
        end_groups(self.groups.values(), began + ORPHAN_SECONDS)
        self.place.clear_run()
        self.daemon = None

    def look(self) -> None:
        """Remember which processes there are: a supervisor that was killed can't be asked any more."""
        self.groups |= {each.name: each.pid for each in self.processes() if each.pid}


def _process(info: dict[str, Any], place: Place) -> Process:
    word = info["spawnerr"] or info["description"]
    name = str(info["name"])
    return Process(name, str(info["statename"]), int(info["pid"]), str(word), place.logs / f"{name}.log")


def end_groups(groups: Iterable[int], deadline: float) -> None:
    """Wait until the deadline for what is left of these process groups, then kill it."""
    left = {group for group in groups if _signalled(group, 0)}
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if _signalled(group, 0)}
    for group in left:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    """Signal a group; return whether there is anybody in it. Signal 0 only asks."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def last_lines(log: Path, count: int = 15) -> list[str]:
    """Return the end of a log."""
    with suppress(FileNotFoundError):
        return log.read_text(errors="replace").splitlines()[-count:]
    return []
