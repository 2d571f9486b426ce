"""Follow the account streams: fills reach the desk within a second."""

import asyncio
import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand

from orders import brokers, streaming


class Command(BaseCommand):
    help = "Follow the brokers' account streams until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT or SIGTERM."""
        self.stdout.write("streamer ready")
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self.follow())
        brokers.close_brokers()

    async def follow(self) -> None:
        task = asyncio.ensure_future(streaming.run())
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await task
