"""A whole desk for a test: what `make up` starts, in a directory of its own, on free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone

from desk.running.addresses import Addresses, is_listening
from desk.running.admin_hand import AdminHand
from desk.running.chat_hand import ChatHand
from desk.running.exchange_eye import ExchangeEye
from desk.running.place import Place
from desk.running.stage import Stage
from desk.running.supervision import Supervision
from desk.running.tenancy import is_alive

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 150
READY = "The desk is running"


class Late(AssertionError):
    """What was waited for did not come in time."""


def wait_until(seen: Callable[[], Any], what: str, seconds: float = 30, every: float = 0.05) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := seen()):
        if time.monotonic() > deadline:
            raise Late(f"waited {seconds} s for {what}")
        time.sleep(every)
    return found


class RunningDesk:
    """`manage.py up` as a child of the test; `told` is added to its environment."""

    def __init__(
        self, var: Path, addresses: Addresses | None = None, options: tuple[str, ...] = (), **told: str
    ) -> None:
        var.mkdir(exist_ok=True)
        self.options, self.told = options, told
        self.place = Place(var.resolve())
        self.addresses = addresses or Addresses.free()
        self.output = var / "up.out"
        self.supervision = Supervision(self.place, [], {})
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "manage.py", "up", "--port", str(self.addresses.web), *self.options]
        with self.output.open("wb") as output:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """The test's own environment without what pytest or the machine says of databases and queues."""
        own = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CELERY_BROKER_URL"}}
        return own | self.told | {"VAR_DIR": str(self.place.var)}

    def wait_ready(self) -> None:
        wait_until(lambda: READY in self.said() or self.process.poll() is not None, READY, START_SECONDS)
        assert READY in self.said(), self.said()

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def pids(self) -> list[int]:
        """Return every process of this desk, children of children too: they all know its VAR_DIR."""
        mark = f"VAR_DIR={self.place.var}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except (OSError, PermissionError):
                continue
        return [each for each in found if is_alive(each)]

    def stop(self, number: int = signal.SIGINT) -> float:
        """Signal `up` and return how long it took to end."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return time.monotonic() - began

    def running(self) -> list[str]:
        return [each.name for each in self.supervision.processes() if each.pid]

    def kill(self, name: str) -> int:
        """Kill -9 one supervised process, and return its old id once another one runs in its place."""
        old = self.supervision.pid(name)
        assert old, f"{name} does not run"
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.supervision.pid(name) not in (0, old), f"{name} to be restarted")
        return old

    def stage(self, look_back: int = 100) -> Stage:
        return Stage(
            ChatHand(self.addresses.chat_url, look_back),
            ExchangeEye(self.addresses.exchange_url),
            AdminHand(self.addresses.web_url),
            print,
            timezone.now(),
        )

    def differences(self) -> list[str]:
        """Compare the exchange's ledger with this desk's rows, read by a process with its settings."""
        answer = subprocess.run(
            [sys.executable, "-m", "tests.chaos.compare", self.addresses.exchange_url],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(answer.stdout)


@contextmanager
def running_desk(
    var: Path, addresses: Addresses | None = None, options: tuple[str, ...] = (), **told: str
) -> Iterator[RunningDesk]:
    desk = RunningDesk(var, addresses, options, **told)
    try:
        desk.wait_ready()
        yield desk
    finally:
        if desk.process.poll() is None:
            desk.stop()
        for port in (desk.addresses.web, desk.addresses.exchange, desk.addresses.chat):
            assert not is_listening(port), f"{port} is still served"
