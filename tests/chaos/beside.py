"""Processes beside a running desk: a second worker, and one that does what a test outside can't."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from desk.running.programs import TIED
from tests.chaos.desks import ROOT, RunningDesk


def settings_of(desk: RunningDesk) -> dict[str, str]:
    """Return the environment of a process beside the running desk."""
    lines = desk.place.settings.read_text().splitlines()
    return desk.environment() | dict(line.split("=", 1) for line in lines)


def second_worker(desk: RunningDesk, code: Path = ROOT) -> "subprocess.Popen[bytes]":
    """Start one more worker beside the supervised one, of the code in this folder."""
    command = (*TIED, sys.executable, "-m", "celery", "--app=desk", "--quiet", "worker", "--loglevel=INFO",
               f"--hostname=second-{desk.place.digest}@%h", "--without-gossip", "--without-mingle",
               "--without-heartbeat")  # fmt: skip
    with (desk.place.logs / "second.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=code, env=settings_of(desk), stdout=log, stderr=subprocess.STDOUT
        )


class Inside:
    """`tests.chaos.inside` of a running desk; `told` is its own way to database and queue."""

    def __init__(self, desk: RunningDesk, **told: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.inside"], cwd=ROOT, env=settings_of(desk) | told,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def told(self, name: str, *arguments: Any) -> Any:
        """Have it done, and return the answer."""
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
