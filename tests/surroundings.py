"""What this machine cannot run is skipped and named at the end; CI sets RUN_EVERYTHING and skips nothing.

Hooks for pytest, taken over by `tests/conftest.py`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import pytest
from django.db import connection

from tests.chaos.servers import NotInstalled

T = TypeVar("T")

RUN_EVERYTHING = os.environ.get("RUN_EVERYTHING") == "1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing() -> dict[str, str]:
    """Return, by marker, what is not there and how to get it."""
    if any(shutil.which(name) for name in BROWSERS):
        return {}
    return {"browser": "no Chromium on this machine (Debian: apt install chromium)"}


@contextmanager
def needs(started: AbstractContextManager[T]) -> Iterator[T]:
    """Give what needs a server's program; where there is none the test is skipped, or fails in CI."""
    try:
        with started as found:
            yield found
    except NotInstalled as missing:
        if RUN_EVERYTHING:
            raise
        pytest.skip(str(missing))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if RUN_EVERYTHING:
        return
    for marker, reason in missing().items():
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not RUN_EVERYTHING:
        for marker, reason in missing().items():
            terminalreporter.write_line(f"Not run here: the {marker} tests, {reason}")
    if connection.vendor == "sqlite":
        terminalreporter.write_line("Run on SQLite. On PostgreSQL: DATABASE_URL=postgres://... make test")
