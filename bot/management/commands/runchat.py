"""Run the practice Discord."""

import asyncio
import ipaddress
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bot.practice.server import ChatServer
from bot.practice.store import WrongVersionError


class Command(BaseCommand):
    """Serve the practice Discord and its chat page, on this machine only."""

    help = "Run the practice Discord: the real discord.py's counterpart, with a chat page."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address and the file of the messages."""
        parser.add_argument("--host", default="127.0.0.1", help="A loopback address.")
        parser.add_argument("--port", type=int, default=8820, help="0 takes a free one.")
        parser.add_argument("--store", type=Path, default=settings.VAR_DIR / "chat.sqlite3")

    def handle(self, *_: object, host: str, port: int, store: Path, **__: Any) -> None:
        """Serve until a signal ends it."""
        if not _is_loopback(host):
            raise CommandError(f"{host} is not a loopback address: the practice chat has no passwords")
        store.parent.mkdir(parents=True, exist_ok=True)
        try:
            server = ChatServer(host, port, store)
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error}") from error
        except WrongVersionError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"practice chat ready at {server.url}/ (messages in {store})")
        self.stdout.flush()
        # uvicorn raises the signal that ended it once more when it is done: a plain exit is wanted.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        asyncio.run(server.serve())


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
