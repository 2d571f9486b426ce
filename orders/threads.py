"""From the event loop to the database and the broker, which are synchronous."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")
# A call to the broker may take seconds: a few of them must not hold up what only reads the database.
THREADS = 16


def use_threads() -> None:
    """Give the running loop its threads; asyncio.run ends them with the loop."""
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="desk")
    asyncio.get_running_loop().set_default_executor(executor)


async def in_thread(service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a synchronous service, on a thread with a live connection.

    The bot and the streamer have no requests: nobody else drops connections that the server has closed.
    """

    def run() -> R:
        close_old_connections()
        try:
            return service(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.to_thread(run)
