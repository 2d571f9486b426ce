"""Discord's failures, told apart: those that pass by themselves, and those that stay."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

# Any of these may be gone at the next try: a refusal (a permission may come back) as much as an outage.
PASSING = (discord.DiscordException, aiohttp.ClientError, OSError, asyncio.TimeoutError)
# What stands in the way stays: no permission there, or the place is gone.
LASTING = (discord.Forbidden, discord.NotFound)
T = TypeVar("T")


async def twice(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask, and once more where the connection that was kept open had ended: discord.py does not.

    Only for what may be asked twice: edits, acknowledgements, and posts with a nonce.
    """
    try:
        return await ask()
    except aiohttp.ServerDisconnectedError:
        return await ask()


def said(error: BaseException) -> str:
    """Return an error in one line for the log."""
    return f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else 'no details'}"
