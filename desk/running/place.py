"""The files of one running desk, all below VAR_DIR, and its sockets, whose paths must be short."""

import hashlib
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The kernel takes 107 characters (103 on a Mac), and supervisor adds its process id while it binds.
LONGEST_SOCKET_PATH = 90


@dataclass(frozen=True, slots=True)
class Place:
    """Where one desk keeps what it writes."""

    var: Path

    @property
    def run(self) -> Path:
        """Sockets, process ids and the supervisor's configuration; emptied at each start."""
        wanted = self.var / "run"
        if len(str(wanted / "supervisor.sock")) <= LONGEST_SOCKET_PATH:
            return wanted
        return Path(tempfile.gettempdir()) / f"desk-{self.digest}"

    @property
    def digest(self) -> str:
        """A short name that no other place on this machine has."""
        return hashlib.sha256(str(self.var).encode()).hexdigest()[:12]

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def queue_data(self) -> Path:
        return self.var / "queue"

    @property
    def queue_socket(self) -> Path:
        return self.run / "queue.sock"

    @property
    def queue_config(self) -> Path:
        return self.run / "queue.conf"

    @property
    def supervisor_socket(self) -> Path:
        return self.run / "supervisor.sock"

    @property
    def supervisor_config(self) -> Path:
        return self.run / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        return self.run / "supervisord.pid"

    @property
    def lock(self) -> Path:
        return self.var / "up.lock"

    @property
    def settings(self) -> Path:
        """What a command typed beside the running desk needs to know to speak to it."""
        return self.var / "up.env"

    @property
    def secret_key(self) -> Path:
        return self.var / "secret_key"

    def prepare(self) -> None:
        """Make the directories, readable by their owner only, and the secret key. Safe twice."""
        for directory in (self.var, self.run, self.logs, self.queue_data):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.secret_key.exists():
            self.secret_key.touch(mode=0o600)
            self.secret_key.write_text(secrets.token_urlsafe(50))

    def clear_run(self) -> None:
        """Remove what the last run left behind; the caller holds the lock."""
        for each in self.run.glob("*"):
            each.unlink()
