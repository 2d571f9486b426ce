"""What orders have to say reaches Discord: at least once, the latest state only.

The bot looks for orders whose version it has not shown. One message at a time in a channel, read right
before it is sent: however slow Discord lets us be, what waits is a set of orders and never a queue of
states.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

import discord

from bot import reply_rows
from bot.db import in_thread
from bot.discord_errors import PASSING, said
from bot.ending import end
from bot.speaking import Speaker

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
SCAN_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0


@dataclass(slots=True)
class Rest:
    """A reply that Discord would not take: left alone until then, twice as long each time."""

    until: float = 0.0
    seconds: float = 0.5


class Replies:
    """Keeps every order's message up to date."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._event_id = 0
        self._scan_at = 0.0
        self._waiting: dict[int, dict[int, None]] = {}  # by channel, an ordered set of replies
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._rests: dict[int, Rest] = {}

    async def look(self) -> None:
        """Find what is stale and see that someone shows it."""
        stale = await in_thread(self._stale)
        self._event_id = stale.event_id
        for reply_id, channel_id in stale.replies:
            rest = self._rests.get(reply_id)
            if rest is None or time.monotonic() >= rest.until:
                self._expect(reply_id, channel_id)

    def _stale(self) -> reply_rows.Stale:
        if time.monotonic() < self._scan_at:
            return reply_rows.stale_since(self._event_id)
        self._scan_at = time.monotonic() + SCAN_SECONDS
        return reply_rows.all_stale()

    def _expect(self, reply_id: int, channel_id: int) -> None:
        self._waiting.setdefault(channel_id, {})[reply_id] = None
        worker = self._workers.get(channel_id)
        if worker is None or worker.done():
            self._workers[channel_id] = asyncio.create_task(self._work(channel_id))

    async def _work(self, channel_id: int) -> None:
        waiting = self._waiting[channel_id]
        while waiting:
            reply_id = next(iter(waiting))
            del waiting[reply_id]
            await self._bring_up_to_date(reply_id)

    async def _bring_up_to_date(self, reply_id: int) -> None:
        try:
            await self._show(reply_id)
        except PASSING as error:
            self._leave_alone(reply_id, error)
        except Exception:  # one order that cannot be shown must not silence the others
            log.exception("reply %s cannot be shown", reply_id)
            self._leave_alone(reply_id, None)
        else:
            self._rests.pop(reply_id, None)

    async def _show(self, reply_id: int) -> None:
        found = await in_thread(reply_rows.to_show, reply_id)
        if found is None:
            return
        reply, card = found
        try:
            message_id = await self._speaker.show(reply, card)
        except discord.NotFound:
            if reply.discord_message_id is None:
                raise  # not the message is gone but its channel
            await self.repost(reply.discord_message_id)
        else:
            await in_thread(reply_rows.mark_shown, reply, card, message_id)

    async def repost(self, discord_message_id: int) -> None:
        """Someone deleted this message: post it anew if it was the reply of an order that still needs one."""
        if await in_thread(reply_rows.forget_message, discord_message_id):
            self._scan_at = 0.0  # no event of the order's tells of it

    def _leave_alone(self, reply_id: int, error: BaseException | None) -> None:
        rest = self._rests.setdefault(reply_id, Rest())
        rest.until = time.monotonic() + rest.seconds
        rest.seconds = min(rest.seconds * 2, LONGEST_REST_SECONDS)
        if error is not None:
            log.warning("reply %s waits, Discord did not take it: %s", reply_id, said(error))

    async def close(self) -> None:
        """Stop showing; what is stale stays so in the database and is shown by the next process."""
        await end(self._workers.values())
