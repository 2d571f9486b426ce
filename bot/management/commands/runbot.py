"""Run the Discord bot."""

import asyncio
import logging
import os
import signal
import threading
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bot.pointing import point_discord
from bot.warming import WarmingUp
from orders import brokers

log = logging.getLogger(__name__)
WARMING_STOP_SECONDS = 1.0
LAST_RESORT_SECONDS = 3.0  # the supervisor's patience is 4


class Command(BaseCommand):
    help = "Run the Discord bot until it is told to stop."

    def handle(self, *_: Any, **__: Any) -> None:
        """End with 0 when told to stop, with 1 and one sentence where a person has to act."""
        from bot.running import Unusable

        point_discord()
        warming = WarmingUp()
        warming.start()
        try:
            asyncio.run(until_told())
        except Unusable as sentence:
            raise CommandError(str(sentence)) from None
        finally:
            warming.stop(WARMING_STOP_SECONDS)
            brokers.close_brokers()  # whoever opened one meanwhile: its thread would never end


def leave() -> None:
    """End at once: what the bot says and does outlives kill -9, so it need not wait for a call that hangs."""
    log.warning("something hangs: ending without it")
    logging.shutdown()
    os._exit(1)


async def until_told() -> None:
    from bot.client import Desk
    from bot.running import run

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    last_resort = threading.Timer(LAST_RESORT_SECONDS, leave)
    last_resort.daemon = True

    def end() -> None:
        if not stop.is_set():
            stop.set()
            last_resort.start()

    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, end)
    try:
        await run(settings.DISCORD_TOKEN, partial(Desk, broker_for=brokers.get_broker), stop)
    finally:
        brokers.close_brokers()  # a thread that waits for the broker would hold up the end
