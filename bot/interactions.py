"""Buttons and forms: answer Discord in time, call one service, tell the presser what it said."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import discord

from bot import buttons, cards, pressing, repeating
from bot.buttons import Press, Verb
from bot.db import in_thread
from bot.discord_errors import PASSING, said, twice
from bot.errors import sentence_for
from bot.listening import Heard
from bot.speaking import told
from orders.models import Order

if TYPE_CHECKING:
    from bot.client import Desk

log = logging.getLogger(__name__)
KINDS = {discord.InteractionType.component, discord.InteractionType.modal_submit}
ALREADY_ACKNOWLEDGED = 40060


async def answer(interaction: "discord.Interaction[Desk]") -> None:
    """Answer a press or a form that is one of ours, whenever it was made and by whichever process."""
    data: Mapping[str, Any] = interaction.data or {}
    press = Press.read(str(data.get("custom_id", "")))
    if interaction.type not in KINDS or press is None:
        return
    try:
        await _act(interaction, press, fields_of(data.get("components", ())))
    except PASSING as error:  # Discord has told the presser that it failed
        log.warning("a press of %s could not be answered: %s", press.custom_id, said(error))
    except Exception as error:  # noqa: BLE001 -- the one handler: every error becomes a sentence
        await _refuse(interaction, press, sentence_for(error))


async def _act(interaction: "discord.Interaction[Desk]", press: Press, fields: dict[str, str]) -> None:
    is_button = interaction.type is discord.InteractionType.component
    if is_button and press.verb in {Verb.DENY, Verb.APPROVE_LESS}:
        await _ask(interaction, press)
        return
    await _acknowledge(interaction)
    await _serve(interaction, press, fields)
    if interaction.message is not None:
        interaction.client.speaker.lend(interaction.message.id, interaction)
    interaction.client.look_soon()


async def _ask(interaction: "discord.Interaction[Desk]", press: Press) -> None:
    """Open the form, which has to be the first answer; rights are looked at before anyone types."""
    order = await in_thread(pressing.before_form, press, interaction.user.id)
    form = buttons.deny_form(press) if press.verb is Verb.DENY else buttons.less_form(press, order)
    await interaction.response.send_modal(form)


async def _acknowledge(interaction: "discord.Interaction[Desk]") -> None:
    """Answer within Discord's 3 s. Raises where Discord has given up: its user was told that it failed."""
    try:
        await twice(interaction.response.defer)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:  # that one says that a lost answer had arrived
            raise


async def _serve(interaction: "discord.Interaction[Desk]", press: Press, fields: dict[str, str]) -> None:
    user_id = interaction.user.id
    match press.verb:
        case Verb.CANCEL:
            await in_thread(pressing.cancel, press, user_id)
        case Verb.WORK_AGAIN:
            await in_thread(pressing.work_again, press, user_id)
        case Verb.REPEAT:
            await _repeat(interaction, press)
        case _:
            await in_thread(pressing.decide, press, user_id, fields)


async def _repeat(interaction: "discord.Interaction[Desk]", press: Press) -> None:
    card_id = interaction.message.id if interaction.message else None
    heard = Heard(interaction.id, interaction.channel_id or 0, interaction.user.id, "", answers=card_id)
    conversation = interaction.client.conversation
    order = await in_thread(repeating.repeat, press, heard, conversation.broker_for)
    await conversation.show_order(order.pk)


async def _refuse(interaction: "discord.Interaction[Desk]", press: Press, sentence: str) -> None:
    """Tell the presser alone."""
    content = await in_thread(_with_environment, press, sentence)
    try:
        if interaction.response.is_done():
            await twice(partial(interaction.followup.send, content, ephemeral=True))
        else:
            await twice(partial(interaction.response.send_message, content, ephemeral=True))
    except PASSING as error:
        log.warning("the answer to a press of %s could not be posted: %s", press.custom_id, said(error))


def _with_environment(press: Press, sentence: str) -> str:
    try:
        return told(sentence, cards.read(press.order_id).surroundings)
    except Order.DoesNotExist:
        return sentence


def fields_of(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what was typed into a form, by custom id. Rows hold lists of fields, labels one."""
    found: dict[str, str] = {}
    for component in components:
        if "value" in component:
            found[str(component["custom_id"])] = str(component["value"])
        found |= fields_of(component.get("components", ()))
        if "component" in component:
            found |= fields_of([component["component"]])
    return found
