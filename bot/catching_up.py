"""After a lost session nothing that was missed comes by itself: the bot reads the channels.

What was said meanwhile is answered with "send it again" and never traded; alerts wait for a person.
Whatever a live event may still bring is left to it: messages are read first, then claimed a moment later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import discord
from django.db.models import F
from django.utils import timezone

from bot import changes, listening, snowflakes
from bot.alerts import Alerts
from bot.changes import Change
from bot.conversation import Conversation
from bot.db import in_thread
from bot.discord_errors import LASTING, PASSING, said
from bot.ending import end
from bot.listening import Heard
from desk.models import Channel
from orders.alerts.intake import AWAY
from orders.enums import OrderStatus
from orders.models import Order

log = logging.getLogger(__name__)
# Handlers run side by side: a message just before the newest one may not have been claimed yet.
OVERLAP = timedelta(seconds=60)
FIRST_LOOK = timedelta(minutes=5)  # how far back in a channel that was never read
SETTLE_SECONDS = 2.0  # until what the new session delivers live has been claimed
RETRY_SECONDS = 5.0

Tell = Callable[[Heard, Change], Awaitable[None]]


@dataclass
class Missed:
    """What one channel's history holds since the bot last read it."""

    channel: Channel
    newest_id: int
    commands: list[Heard] = field(default_factory=list)
    others: list[discord.Message] = field(default_factory=list)  # alerts among them


class CatchingUp:
    """Reads the channels once per new session. Until it has, no channel's last message moves on."""

    def __init__(
        self, client: discord.Client, conversation: Conversation, tell: Tell, alerts: Alerts
    ) -> None:
        self._client = client
        self._conversation = conversation
        self._tell = tell
        self._alerts = alerts
        self._task: asyncio.Task[None] | None = None
        self.settle_seconds = SETTLE_SECONDS
        self.is_done = False

    def start(self) -> None:
        """Begin for a new session; a run for an older one is dropped. Must not await: live messages wait."""
        self.is_done = False
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            await end([self._task])

    async def _run(self) -> None:
        while not self.is_done:
            try:
                channels = await in_thread(allowed_channels)
                await asyncio.gather(*map(self._until_read, channels))
                self.is_done = True
            except Exception:  # reading again is harmless, never reading would be silence
                log.exception("the channels cannot be read, trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def _until_read(self, channel: Channel) -> None:
        while True:
            try:
                await self._read(channel)
            except LASTING as error:
                log.warning("%s cannot be read: %s", channel, said(error))
            except PASSING as error:
                log.warning("%s cannot be read yet: %s", channel, said(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            return

    async def _read(self, channel: Channel) -> None:
        missed = await self._missed(channel)
        await self._look_for_changes(channel)
        await self._alerts.look_for_changes(channel)
        if missed.commands or missed.others:
            await asyncio.sleep(self.settle_seconds)
        for heard in missed.commands:
            if await in_thread(listening.claim, heard.message_id, heard.channel_id):
                await self._conversation.say_away(heard, channel)
        for message in missed.others:
            await self._alerts.hear(message, late=AWAY)
        await in_thread(listening.advance, channel, missed.newest_id)

    async def _missed(self, channel: Channel) -> Missed:
        missed = Missed(channel, channel.last_message_id)
        place = self._client.get_partial_messageable(channel.discord_channel_id)
        after = discord.Object(since(channel))
        async for message in place.history(limit=None, after=after, oldest_first=True):
            missed.newest_id = max(missed.newest_id, message.id)
            heard = heard_in(message)
            if heard is not None and heard.is_command:
                missed.commands.append(heard)
            elif channel.reads_alerts:
                missed.others.append(message)
        return missed

    async def _look_for_changes(self, channel: Channel) -> None:
        """Withdraw undecided orders whose messages were edited or deleted meanwhile."""
        for order in await in_thread(with_messages, channel):
            change = await self._change_of(order, channel)
            if change is not None:
                await self._tell(order_heard(order, channel), change)

    async def _change_of(self, order: Order, channel: Channel) -> Change | None:
        place = self._client.get_partial_messageable(channel.discord_channel_id)
        message_id = order.discord_message_id or 0
        try:
            message = await place.fetch_message(message_id)
        except discord.NotFound:
            return await in_thread(changes.deleted, message_id, channel.discord_channel_id)
        heard = heard_in(message)
        return await in_thread(changes.edited, heard) if heard is not None else None


def heard_in(message: discord.Message) -> Heard | None:
    """Return what a person wrote; None for bots, webhooks and Discord's own messages."""
    is_written = message.type in {discord.MessageType.default, discord.MessageType.reply}
    if message.author.bot or message.webhook_id is not None or not is_written:
        return None
    return Heard(message.id, message.channel.id, message.author.id, message.content, answers=message.id)


def order_heard(order: Order, channel: Channel) -> Heard:
    message_id = order.discord_message_id or 0
    return Heard(message_id, channel.discord_channel_id, 0, order.text, answers=message_id)


def allowed_channels() -> list[Channel]:
    channels = Channel.objects.select_related("account__environment", "policy")
    return list(channels.filter(is_enabled=True).order_by("pk"))


def with_messages(channel: Channel) -> list[Order]:
    """Return the undecided orders that came from a message; a slash command or a button leaves none."""
    undecided = Order.objects.filter(channel=channel, status=OrderStatus.PROPOSED)
    return list(undecided.filter(reply__answers_message_id=F("discord_message_id")))


def since(channel: Channel) -> int:
    """Return the id after which a channel is to be read."""
    if channel.last_message_id:
        return snowflakes.earlier(channel.last_message_id, OVERLAP)
    return snowflakes.first_at(timezone.now() - FIRST_LOOK)
