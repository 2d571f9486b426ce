"""`/tt`, the same words as `!tt`. Its message id is the interaction's."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot import listening
from bot.conversation import Saying, edit_original
from bot.db import in_thread
from bot.listening import Heard

if TYPE_CHECKING:
    from bot.client import Desk

NOT_HERE = "The desk does not work in this channel."


def tt_command() -> "app_commands.Command[app_commands.Group, ..., None]":
    """Return the one slash command of the desk."""

    @app_commands.command(name="tt", description="Speak to the desk: bto 2 SPY 18dec 600c, quote SPY, help")
    @app_commands.describe(text="What you would write behind !tt")
    async def tt(interaction: "discord.Interaction[Desk]", text: str = "help") -> None:
        await answer(interaction, text)

    return tt


async def answer(interaction: "discord.Interaction[Desk]", text: str) -> None:
    """Answer a slash command as if it had been typed."""
    heard = Heard(interaction.id, interaction.channel_id or 0, interaction.user.id, f"/tt {text}")
    if await in_thread(listening.allowed_channel, heard.channel_id) is None:
        await interaction.response.send_message(NOT_HERE, ephemeral=True)
        return
    channel = await in_thread(listening.hear, heard, advances=False)
    if channel is None:
        return  # a replayed event: it was answered before
    await interaction.response.defer(thinking=True)  # Discord wants a first answer within 3 s

    async def post(saying: Saying) -> int:
        message_id = await edit_original(interaction, saying)
        interaction.client.speaker.lend(message_id, interaction)
        return message_id

    await interaction.client.conversation.answer(heard, channel, post)
