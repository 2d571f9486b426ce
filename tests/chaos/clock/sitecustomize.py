"""Imported by each Python that starts with this folder on its path: its calendar follows CHAOS_CLOCK.

That file says by how many seconds the time of day is ahead of the machine's; it may change at any moment, as where
a clock is set. What counts seconds (time.monotonic) is left alone, so nothing waits longer or shorter.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

LOOK_SECONDS = 0.1
MACHINE = time.time() - time.monotonic()  # what the time of day is without us, at a monotonic 0


def follow() -> None:
    """Take over what the file says, now and from now on."""
    take("")  # the first time takes long, and the clock is late by that
    said = take("")
    threading.Thread(target=follow_on, args=[said], name="clock", daemon=True).start()


def follow_on(said: str) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        said = take(said)


def take(said: str) -> str:
    """Set the clock where the file says something new; return what it says."""
    found = Path(os.environ["CHAOS_CLOCK"]).read_text()
    if found and found != said:
        now = datetime.fromtimestamp(MACHINE + time.monotonic(), UTC)
        time_machine.travel(now + timedelta(seconds=float(found))).start()
    return found


if "CHAOS_CLOCK" in os.environ:
    follow()
    os.register_at_fork(after_in_child=follow)
