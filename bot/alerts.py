"""Alerts in the channels that read them: what the bot hears of them, and what it says to them."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

import discord
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bot import listening
from bot.db import in_thread
from bot.discord_errors import LASTING, PASSING, said
from bot.intake import BrokerFor
from bot.listening import command_in
from bot.speaking import Place, Speaker, told
from bot.surroundings import Surroundings
from desk.models import Channel
from orders import lifecycle
from orders.alerts import intake, message_changes
from orders.alerts.intake import Posted
from orders.enums import MessageState
from orders.models import Message

log = logging.getLogger(__name__)
LOOK_BACK: Final = timedelta(days=1)  # older messages without an open order are not looked at for changes
MOST_LOOKED_AT: Final = 50
EDITED_AWAY: Final = "message edited while the desk was away"
# What a person or a program posts; the rest are Discord's own words about pins, joins and the like.
WRITTEN: Final = {
    discord.MessageType.default,
    discord.MessageType.reply,
    discord.MessageType.chat_input_command,
}


class Alerts:
    """Hears alerts, and says what became of them where the channel wants that."""

    def __init__(self, client: discord.Client, speaker: Speaker, broker_for: BrokerFor) -> None:
        self._client = client
        self._speaker = speaker
        self._broker_for = broker_for
        self._saying = asyncio.Lock()

    async def hear(self, message: discord.Message, *, advances: bool = False, late: str = "") -> None:
        """Read a new message. `late`: nothing of it is proposed any more, and why."""
        posted = self._posted(message)
        if posted is None or command_in(posted.text) is not None:
            return
        await in_thread(take_in, posted, message.channel.id, self._broker_for, advances=advances, late=late)
        await self.say_due()

    async def edited(self, message: discord.Message, *, late: str = "") -> None:
        """Read a message whose author changed it."""
        posted = self._posted(message)
        if posted is None or message.edited_at is None:
            return
        await in_thread(change, posted, message.channel.id, self._broker_for, late=late)
        await self.say_due()

    async def deleted(self, message_id: int, channel_id: int) -> None:
        await in_thread(take_back, message_id, channel_id)
        await self.say_due()

    def _posted(self, message: discord.Message) -> Posted | None:
        """Return what was posted; None for the bot's own messages and Discord's."""
        user = self._client.user
        is_own = user is not None and message.author.id == user.id
        return None if is_own or message.type not in WRITTEN else posted_in(message)

    async def look_for_changes(self, channel: Channel) -> None:
        """Act on what was edited or deleted while nobody listened. Raises what Discord raises."""
        place = self._client.get_partial_messageable(channel.discord_channel_id)
        for message_id in await in_thread(open_messages, channel):
            try:
                message = await place.fetch_message(message_id)
            except discord.NotFound:
                await self.deleted(message_id, channel.discord_channel_id)
            else:
                await self.edited(message, late=EDITED_AWAY)

    async def say_due(self) -> None:
        """Tell channels what became of their messages. Twice is once, by the nonce."""
        async with self._saying:
            for message in await in_thread(due):
                await self._say(message)

    async def _say(self, message: Message) -> None:
        channel = message.channel
        place = Place(channel.discord_channel_id, message.discord_message_id)
        content = told(message.answer, Surroundings.of_channel(channel))
        try:
            await self._speaker.post(place, content, nonce=f"a{message.pk}.{message.version}")
        except LASTING as error:
            log.warning("%s will never be answered: %s", message, said(error))
        except PASSING as error:
            log.warning("%s cannot be answered yet: %s", message, said(error))
            return
        await in_thread(mark_said, message)


def posted_in(message: discord.Message) -> Posted:
    """Return a message as the desk reads it. Only a program's embeds count: a person's are previews."""
    is_person = not message.author.bot and message.webhook_id is None
    embeds = [] if is_person else message.embeds
    # The first title is the message's own; a later one says what its embed is about, and stays with it.
    title, *lines = [line for embed in embeds for line in lines_of(embed)] or [""]
    return Posted(
        message_id=message.id,
        author_id=message.author.id,
        author_name=message.author.name,
        text="\n".join(line for line in (message.content, *lines) if line),
        posted_at=message.created_at,
        embed_title=title,
        is_person=is_person,
    )


def lines_of(embed: discord.Embed) -> list[str]:
    """Return an embed's text: its title, its description (both may be empty), then a line for each field."""
    fields = (f"{field.name}: {field.value}" for field in embed.fields)
    return [embed.title or "", embed.description or "", *fields]


def take_in(
    posted: Posted, channel_id: int, broker_for: BrokerFor, *, advances: bool, late: str
) -> Message | None:
    """Record a message with its channel's progress, then read it."""
    channel = listening.allowed_channel(channel_id)
    if channel is None:
        return None
    with transaction.atomic():
        message = intake.hear(posted, channel)
        if message is not None and advances:
            listening.advance(channel, posted.message_id)
    return None if message is None else intake.read(message, broker_for, late=late)


def change(posted: Posted, channel_id: int, broker_for: BrokerFor, *, late: str) -> None:
    """Act on an edited message. One that became a command is an alert no more, and not read as one."""
    channel = listening.allowed_channel(channel_id)
    if channel is None:
        return
    if command_in(posted.text) is None:
        message_changes.edited(posted, channel, broker_for, late=late)
    else:
        message_changes.deleted(posted.message_id, channel)


def take_back(message_id: int, channel_id: int) -> None:
    channel = listening.allowed_channel(channel_id)
    if channel is not None:
        message_changes.deleted(message_id, channel)


def open_messages(channel: Channel) -> list[int]:
    """Return the ids of messages whose change would matter: with an open order, or lately and undecided."""
    undecided = Q(state__in=message_changes.ITS_OWN, posted_at__gt=timezone.now() - LOOK_BACK)
    open_ = Q(parts__order__status__in=lifecycle.OPEN)
    said_here = (
        Message.objects.filter(undecided | open_, channel=channel)
        .exclude(discord_message_id=None)
        .distinct()
        .order_by("-pk")[:MOST_LOOKED_AT]
    )
    return [message.discord_message_id for message in said_here if message.discord_message_id]


def due() -> list[Message]:
    """Return messages of which a channel is still to be told; at most a handful at once."""
    waiting = Message.objects.unanswered().exclude(state=MessageState.HEARD)
    return list(waiting.select_related("channel__account__environment")[:20])


def mark_said(message: Message) -> None:
    said_version = Message.objects.filter(pk=message.pk, version=message.version)
    said_version.update(answered_at=timezone.now())
