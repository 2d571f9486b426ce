"""How what runs on the loop is ended."""

import asyncio
from collections.abc import Iterable
from typing import Any

CANCEL_SECONDS = 0.5


async def end(tasks: "Iterable[asyncio.Task[Any]]") -> None:
    """Cancel until every task has ended: asyncio.wait_for of Python 3.11, which discord.py waits with,
    loses a cancellation that comes together with what it waits for."""
    ending = set(tasks)
    left = {task for task in ending if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_SECONDS)
    await asyncio.gather(*ending, return_exceptions=True)  # all have ended: their errors count as seen
