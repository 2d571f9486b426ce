"""One answer to each message: never two, never silence, never a stack trace."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from bot import buttons, cards, embeds, intake, listening, reply_rows
from bot.cards import Card
from bot.db import in_thread
from bot.discord_errors import LASTING, PASSING, said
from bot.errors import sentence_for
from bot.intake import Answer, BrokerFor
from bot.listening import Heard
from bot.models import Reply
from bot.speaking import Place, Speaker, call, told
from bot.surroundings import Surroundings
from desk.models import Channel

log = logging.getLogger(__name__)
AWAY = "I was away when you wrote this and did nothing with it: send it again."
INTERRUPTED = "Something went wrong while I answered this, and nothing was recorded: send it again."


@dataclass(frozen=True, slots=True)
class Saying:
    """An answer ready to be posted: a text, or an order's card."""

    content: str
    card: Card | None = None
    reply: Reply | None = None  # of a new order: its message is edited from now on


Post = Callable[[Saying], Awaitable[int]]  # posts it, returns the message's id


class Conversation:
    """Answers what was heard."""

    def __init__(self, speaker: Speaker, broker_for: BrokerFor) -> None:
        self._speaker = speaker
        self.broker_for = broker_for
        self._answering: set[int] = set()

    async def answer(self, heard: Heard, channel: Channel, post: Post | None = None) -> None:
        """Answer a claimed message. What cannot be posted stays unanswered and is made up for later."""
        self._answering.add(heard.message_id)
        try:
            saying = await self._saying(heard, channel)
            await self._post(saying, post or self._replying(heard))
            await in_thread(listening.mark_answered, heard.message_id)
        except PASSING as error:
            log.warning("the answer to %s could not be posted: %s", heard.message_id, said(error))
        finally:
            self._answering.discard(heard.message_id)

    async def _saying(self, heard: Heard, channel: Channel) -> Saying:
        surroundings = Surroundings.of_channel(channel)
        try:
            answer = await in_thread(intake.answer_to, heard, channel, self.broker_for)
            return await in_thread(saying_of, answer, surroundings)
        except Exception as error:  # noqa: BLE001 -- the one handler: every error becomes a sentence
            return Saying(told(sentence_for(error), surroundings))

    async def _post(self, saying: Saying, post: Post) -> None:
        message_id = await post(saying)
        if saying.reply is not None and saying.card is not None:
            await in_thread(reply_rows.mark_shown, saying.reply, saying.card, message_id)

    def _replying(self, heard: Heard) -> Post:
        async def post(saying: Saying) -> int:
            if saying.reply is not None and saying.card is not None:
                return await self._speaker.show(saying.reply, saying.card)
            place = Place(heard.channel_id, heard.answers)
            embed = embeds.order_embed(saying.card) if saying.card is not None else None
            return await self._speaker.post(
                place, saying.content, nonce=nonce_of(heard.message_id), embed=embed
            )

        return post

    async def show_order(self, order_id: int) -> None:
        """Post a new order's first message."""
        reply, card = await in_thread(reply_rows.first_showing, order_id)
        message_id = await self._speaker.show(reply, card)
        await in_thread(reply_rows.mark_shown, reply, card, message_id)

    async def say_away(self, heard: Heard, channel: Channel) -> None:
        """Answer a message that comes too late to act on."""
        await self._tell(heard.message_id, Place(heard.channel_id, heard.answers), channel, AWAY)

    async def make_up(self) -> None:
        """Answer what was claimed and never answered: by a process that died, or when Discord was down."""
        for seen in await in_thread(listening.unanswered, but=frozenset(self._answering)):
            channel = await in_thread(listening.allowed_channel, seen.discord_channel_id)
            if channel is None:
                await in_thread(listening.mark_answered, seen.pk)
            else:
                await self._tell(seen.pk, Place(seen.discord_channel_id, seen.pk), channel, INTERRUPTED)

    async def _tell(self, message_id: int, place: Place, channel: Channel, text: str) -> None:
        content = told(text, Surroundings.of_channel(channel))
        try:
            await self._speaker.post(place, content, nonce=nonce_of(message_id))
        except LASTING as error:
            log.warning("%s will never be answered: %s", message_id, said(error))
        await in_thread(listening.mark_answered, message_id)


def nonce_of(message_id: int) -> str:
    """Return the nonce of the one answer to a message: whichever answer comes first is the only one."""
    return f"m{message_id}"


def saying_of(answer: Answer, surroundings: Surroundings) -> Saying:
    """Return what to post for an answer."""
    if answer.order_id is not None:
        reply, card = reply_rows.first_showing(answer.order_id)
        return Saying(call(card), card, reply)
    if answer.shown_order_id is not None:
        card = cards.read(answer.shown_order_id)
        return Saying(told(f"**{card.order}** as it stands", card.surroundings), card)
    return Saying(told(answer.text, surroundings))


async def edit_original(interaction: discord.Interaction, saying: Saying) -> int:
    """Put an answer where Discord shows that a slash command is being worked on; return its id."""
    if saying.card is None:
        sent = await interaction.edit_original_response(content=saying.content)
    elif saying.reply is None:
        sent = await interaction.edit_original_response(
            content=saying.content, embed=embeds.order_embed(saying.card)
        )
    else:
        sent = await interaction.edit_original_response(
            content=saying.content,
            embed=embeds.order_embed(saying.card),
            view=buttons.view_of(saying.card),
        )
    return sent.id
