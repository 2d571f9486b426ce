"""The bot on Discord: which events it hears, and which part of it answers them. No rule lives here."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from django.utils import timezone
from yarl import URL

from bot import changes, digests, interactions, listening, notices, pointing, slash, snowflakes
from bot.alerts import Alerts
from bot.catching_up import CatchingUp, heard_in
from bot.changes import Change
from bot.conversation import Conversation
from bot.db import in_thread, use_threads
from bot.discord_errors import PASSING, said
from bot.ending import end
from bot.intake import BrokerFor
from bot.listening import Heard
from bot.replies import LOOK_SECONDS, Replies
from bot.speaking import Place, Speaker, told
from bot.surroundings import Surroundings
from desk.models import Heartbeat
from orders.alerts import intake

log = logging.getLogger(__name__)
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # the desk does not talk
LATE_SECONDS = 60.0  # a message delivered later than this after it was written is not acted on
BEAT_SECONDS = 5.0
NOTICE_SECONDS = 1.0
MAKE_UP_SECONDS = 5.0
ALERTS_SECONDS = 1.0
# discord.py reconnects at once, for ever, when the socket closes before it is ready.
MOST_FAILED_CONNECTS = 3


def intents() -> discord.Intents:
    """Return what the desk listens to: messages in servers, and what they say."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.message_content = True
    return wanted


class Desk(discord.Client):
    """One life of the bot: from login to its end. `running` starts the next."""

    def __init__(self, *, broker_for: BrokerFor, guild_ready_timeout: float = 2.0) -> None:
        super().__init__(
            intents=intents(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_ready_timeout,
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(slash.tt_command())
        self.speaker = Speaker(self)
        self.conversation = Conversation(self.speaker, broker_for)
        self.replies = Replies(self.speaker)
        self.alerts = Alerts(self, self.speaker, broker_for)
        self.catching_up = CatchingUp(self, self.conversation, self._tell_change, self.alerts)
        self.is_connected = False
        self.was_ready = False
        self.has_given_up = asyncio.Event()  # this life is of no use any more: `running` ends it
        self._failed_connects = 0
        self._look = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    # --- its life --------------------------------------------------------------------------------

    async def setup_hook(self) -> None:
        """Between login and the gateway: threads, the gateway's address, and what runs by itself."""
        use_threads()
        if pointing.gateway_is_to_be_asked():
            _, url, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
        self._loops = [
            asyncio.create_task(every(seconds, step), name=name)
            for name, seconds, step in (
                ("replies", 0.0, self._look_for_replies),
                ("notices", NOTICE_SECONDS, self._say_notices),
                ("make up", MAKE_UP_SECONDS, self.conversation.make_up),
                ("alerts", ALERTS_SECONDS, self.alerts.say_due),
                ("heartbeat", BEAT_SECONDS, self._beat),
            )
        ]
        self._loops.append(asyncio.create_task(self._offer_slash(), name="slash"))

    async def close(self) -> None:
        """Stop what runs by itself, then leave Discord."""
        self.is_connected = False
        await end(self._loops)
        await self.catching_up.close()
        await self.replies.close()
        await super().close()

    async def _look_for_replies(self) -> None:
        await self.replies.look()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._look.wait()
        except TimeoutError:
            return
        self._look.clear()

    def look_soon(self) -> None:
        """Show what an order has to say without waiting for the next look."""
        self._look.set()

    async def _say_notices(self) -> None:
        await notices.say_due(self.speaker)
        await digests.say_due(self.speaker)

    async def _beat(self) -> None:
        if self.is_connected:
            await in_thread(Heartbeat.beat, "bot", now=timezone.now())

    async def _offer_slash(self) -> None:
        try:
            await self.tree.sync()
        except PASSING as error:
            log.warning("/tt could not be offered, !tt works: %s", said(error))

    # --- the connection --------------------------------------------------------------------------

    async def on_connect(self) -> None:
        """A new session: what was said since the last one did not and will not come by itself.

        Until its first await this runs before any message of the new session is looked at.
        """
        self.catching_up.start()
        self._connected()
        await in_thread(Heartbeat.beat, "bot", now=timezone.now(), restarted=True)

    async def on_resumed(self) -> None:
        self._connected()

    def _connected(self) -> None:
        self.is_connected = self.was_ready = True
        self._failed_connects = 0

    async def on_disconnect(self) -> None:
        self.is_connected = False
        self._failed_connects += 1
        if self._failed_connects > MOST_FAILED_CONNECTS and not self.has_given_up.is_set():
            log.warning("the gateway ended %s connections in a row", self._failed_connects)
            self.has_given_up.set()

    # --- what people do --------------------------------------------------------------------------

    async def on_message(self, message: discord.Message) -> None:
        heard, advances = heard_in(message), self.catching_up.is_done
        channel = await in_thread(listening.hear, heard, advances=advances) if heard is not None else None
        if heard is None or channel is None:
            late = intake.AWAY if is_late(message.id) else ""
            await self.alerts.hear(message, advances=advances, late=late)
            self.look_soon()
        elif is_late(heard.message_id):
            await self.conversation.say_away(heard, channel)
        else:
            await self.conversation.answer(heard, channel)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self.alerts.edited(payload.message)
        heard = heard_in(payload.message)
        if heard is None or payload.message.edited_at is None:
            return  # a link was resolved, or the like: nobody edited
        change = await in_thread(changes.edited, heard)
        if change is not None:
            await self._tell_change(heard, change)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._deleted(payload.message_id, payload.channel_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        for message_id in payload.message_ids:
            await self._deleted(message_id, payload.channel_id)

    async def _deleted(self, message_id: int, channel_id: int) -> None:
        await self.replies.repost(message_id)
        await self.alerts.deleted(message_id, channel_id)
        change = await in_thread(changes.deleted, message_id, channel_id)
        if change is not None:
            await self._tell_change(Heard(message_id, channel_id, 0, ""), change)

    async def _tell_change(self, heard: Heard, change: Change) -> None:
        content = told(change.text, Surroundings.of_channel(change.channel))
        await self.speaker.post(Place(heard.channel_id, heard.answers), content, nonce=f"e{heard.message_id}")
        await in_thread(listening.mark_answered, heard.message_id)

    async def on_interaction(self, interaction: "discord.Interaction[Desk]") -> None:
        await interactions.answer(interaction)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:  # noqa: ARG002
        """Log what no handler expected. A message it left unanswered is made up for."""
        log.error("%s failed", event_method, exc_info=sys.exception())


def is_late(message_id: int) -> bool:
    """Whether a message is delivered so late that the market it spoke of is gone."""
    return (timezone.now() - snowflakes.made_at(message_id)).total_seconds() > LATE_SECONDS


async def every(seconds: float, step: Callable[[], Awaitable[None]]) -> None:
    """Take the step again and again. A step that fails is logged, and taken again."""
    while True:
        try:
            await step()
        except PASSING as error:
            log.warning("%s, trying again: %s", step.__qualname__, said(error))
            await asyncio.sleep(1.0)
        except Exception:  # a loop that ended would be silence
            log.exception("%s, trying again", step.__qualname__)
            await asyncio.sleep(1.0)
        await asyncio.sleep(seconds)
