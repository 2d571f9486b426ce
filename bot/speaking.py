"""Posting and editing messages, by ids alone: no cache of discord.py is needed."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot import buttons, embeds
from bot.cards import Card
from bot.discord_errors import twice
from bot.models import Reply
from bot.surroundings import Surroundings
from bot.wording import LONGEST_MESSAGE, cut
from orders.enums import OrderStatus

ROLES = discord.AllowedMentions(everyone=False, users=False, roles=True)
PEOPLE = discord.AllowedMentions(everyone=False, users=True, roles=False, replied_user=False)
NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a channel, and the message it replies to if that still exists."""

    channel_id: int
    answers: int | None = None


def told(text: str, surroundings: Surroundings) -> str:
    """Return a text as every reply begins: with its environment."""
    return cut(f"`{surroundings.tag}`\n{text}", LONGEST_MESSAGE)


def call(card: Card) -> str:
    """Return the line over an order's embed: while it waits, whom it waits for."""
    if card.status != OrderStatus.PROPOSED:
        return ""
    role = card.order.channel.approver_role_id
    whom = f"<@&{role}> " if role else ""
    return f"{whom}**{card.order}** waits for approval"


class Speaker:
    """Speaks through one client."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._lent: dict[int, discord.Interaction] = {}

    async def post(
        self,
        place: Place,
        content: str,
        *,
        nonce: str,
        mentions: discord.AllowedMentions = NOBODY,
        embed: discord.Embed | None = None,
        view: discord.ui.View | None = None,
    ) -> int:
        """Post and return the message's id; twice with one nonce gives the first one."""
        channel = self._client.get_partial_messageable(place.channel_id)
        more = _given(embed=embed, view=view, reference=_reference(place))
        sent = await twice(lambda: channel.send(content, nonce=nonce, allowed_mentions=mentions, **more))
        return sent.id

    async def show(self, reply: Reply, card: Card) -> int:
        """Post or edit an order's message so that it shows the card; return its id."""
        if reply.discord_message_id is None:
            return await self.post(
                Place(reply.discord_channel_id, reply.answers_message_id),
                call(card),
                nonce=reply.nonce,
                mentions=ROLES,
                embed=embeds.order_embed(card),
                view=buttons.view_of(card),
            )
        await self._edit(
            reply.discord_channel_id,
            reply.discord_message_id,
            content=call(card) or None,
            embed=embeds.order_embed(card),
            view=buttons.view_of(card),
            allowed_mentions=NOBODY,
        )
        return reply.discord_message_id

    def lend(self, message_id: int, interaction: discord.Interaction) -> None:
        """Edit this message through its interaction from now on, for as long as that lives: 15 minutes.

        Edits of a whole channel share one rate limit, 5 in 5 s; each interaction has its own.
        """
        self._lent = {key: lent for key, lent in self._lent.items() if not lent.is_expired()}
        self._lent[message_id] = interaction

    async def _edit(self, channel_id: int, message_id: int, **content: Any) -> None:
        lent = self._lent.get(message_id)
        if lent is not None and not lent.is_expired():
            try:
                await twice(partial(lent.edit_original_response, **content))
            except discord.HTTPException:  # no longer good: the channel's way is left
                self._lent.pop(message_id, None)
            else:
                return
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        await twice(partial(message.edit, **content))


def _given(**values: Any) -> dict[str, Any]:
    """Return what is there: discord.py takes an absent part, but no None."""
    return {name: value for name, value in values.items() if value is not None}


def _reference(place: Place) -> discord.MessageReference | None:
    if place.answers is None:
        return None
    return discord.MessageReference(
        message_id=place.answers, channel_id=place.channel_id, fail_if_not_exists=False
    )
