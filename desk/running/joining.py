"""A command typed beside a running desk speaks to that desk: it takes over the desk's settings.

Read by `manage.py` before Django starts, so nothing heavy is imported here.
"""

import fcntl
import os
from pathlib import Path

# These start a desk of their own.
STARTS_ITS_OWN = frozenset({"up", "demo"})


def join(base: Path, command: str) -> None:
    """Add the running desk's settings to this process's environment; what is set already wins."""
    var = Path(os.environ.get("VAR_DIR") or base / "var")
    if command in STARTS_ITS_OWN or not is_running(var):
        return
    for line in (var / "up.env").read_text().splitlines():
        name, _, value = line.partition("=")
        if not os.environ.get(name.removesuffix("_FILE")):
            os.environ.setdefault(name, value)


def is_running(var: Path) -> bool:
    """Whether a desk holds the lock of this place and has written its settings."""
    if not (var / "up.env").exists() or not (var / "up.lock").exists():
        return False
    with (var / "up.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
