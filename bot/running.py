"""The bot's lives, one after the other: what discord.py gives up on begins anew, with patience."""

import asyncio
import logging
import random
from collections.abc import Callable

import discord

from bot.client import Desk
from bot.discord_errors import PASSING, said
from bot.ending import end

log = logging.getLogger(__name__)
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0

BAD_LOGIN = (
    "Discord refused the token in DISCORD_TOKEN: copy it anew from the developer portal "
    "(your application, Bot, Reset Token)."
)
NO_LOGIN = "DISCORD_TOKEN is empty: set it to the bot's token (developer portal, your application, Bot)."
NO_CONTENT = (
    "Discord does not let the bot read messages: switch on Message Content Intent in the developer "
    "portal (your application, Bot, Privileged Gateway Intents)."
)
# Close codes after which Discord says not to come back: nothing but a person changes them.
FATAL = {
    4004: BAD_LOGIN,
    4010: "Discord refused the bot's shard.",
    4011: "Discord asks the bot to use shards: it is in too many servers.",
    4012: "Discord no longer speaks this version of its gateway: update discord.py.",
    4013: "Discord refused the bot's intents: update discord.py.",
}


class Unusable(Exception):
    """The bot cannot run until a person changes something. The text is one sentence that says what."""


async def run(token: str, make_client: Callable[[], Desk], stop: asyncio.Event) -> None:
    """Keep the bot alive until `stop` is set. Raises Unusable."""
    if not token.strip():
        raise Unusable(NO_LOGIN)
    wait = FIRST_WAIT_SECONDS
    while not stop.is_set():
        client = make_client()
        await one_life(client, token, stop)
        wait = FIRST_WAIT_SECONDS if client.was_ready else min(wait * 2, LONGEST_WAIT_SECONDS)
        await _pause(wait * random.uniform(0.8, 1.2), stop)  # noqa: S311 -- spreads load, guards nothing


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def one_life(client: Desk, token: str, stop: asyncio.Event) -> None:
    """Run one client until it ends, gives up or is stopped. Raises Unusable; what passes is only logged."""
    life = asyncio.create_task(client.start(token))
    ends = [asyncio.create_task(event.wait()) for event in (stop, client.has_given_up)]
    try:
        await asyncio.wait({life, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            await _judge(life)
    finally:
        await end([life, *ends])
        await client.close()


async def _judge(life: "asyncio.Task[None]") -> None:
    """Say what ended a life. Raises Unusable where the next one would end the same way."""
    try:
        await life
    except discord.LoginFailure:
        raise Unusable(BAD_LOGIN) from None
    except discord.PrivilegedIntentsRequired:
        raise Unusable(NO_CONTENT) from None
    except discord.ConnectionClosed as error:
        if error.code in FATAL:
            raise Unusable(FATAL[error.code]) from None
        log.warning("the gateway closed the connection: %s", said(error))
    except PASSING as error:
        log.warning("Discord cannot be reached: %s", said(error))
    except Exception as error:
        # discord.py falls over its own feet where the very first connection to the gateway fails.
        if isinstance(error, AttributeError) and error.name == "sequence" and error.obj is None:
            log.warning("the gateway cannot be reached")
        else:
            log.exception("the bot fell over, beginning anew")
