"""Messages that answer an interaction: posting and editing them."""

from dataclasses import replace

from bot.practice import wire, world
from bot.practice.drafts import Draft
from bot.practice.errors import unknown_message
from bot.practice.interactions import Interaction, Kind
from bot.practice.messages import CHAT_INPUT_COMMAND, EPHEMERAL, JSON, LOADING, REPLY, Message
from bot.practice.practice import Practice


def post_answer(practice: Practice, interaction: Interaction, draft: Draft, *, flags: int) -> Message:
    """Post a message in answer; with the ephemeral flag only the member who asked sees it."""
    slash = interaction.kind is Kind.COMMAND and interaction.original_id is None
    parent = interaction.message.id if interaction.message else interaction.original_id
    return practice.chat.post(
        world.BOT,
        interaction.place,
        draft,
        message_type=CHAT_INPUT_COMMAND if slash or parent is None else REPLY,
        flags=flags,
        reply_to=parent,
        interaction=_metadata(interaction),
        visible_to=interaction.member.id if flags & EPHEMERAL else None,
    )


def fill_deferred(practice: Practice, message: Message, draft: Draft) -> Message:
    """Put an answer where "thinking…" stands; what was deferred ephemeral stays so."""
    filled = draft.fill(replace(message, flags=message.flags & ~LOADING), replied_author=None)
    return practice.chat.replace(replace(filled, type=message.type, reply_to=message.reply_to))


def edit_answer(
    practice: Practice, interaction: Interaction, message_id: int | None, payload: JSON, files: list[JSON]
) -> Message:
    """Edit a message that the interaction may touch."""
    return practice.chat.edit(answer_of(practice, interaction, message_id), payload, files)


def answer_of(practice: Practice, interaction: Interaction, message_id: int | None) -> Message:
    """Return @original or a follow-up of this interaction, or raise Unknown Message."""
    known = (interaction.original_id, *interaction.followup_ids)
    message = practice.store.get(message_id) if message_id is not None and message_id in known else None
    if message is None:
        raise unknown_message()
    return message


def _metadata(interaction: Interaction) -> JSON:
    metadata: JSON = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": wire.user(interaction.member),
        "authorizing_integration_owners": {"0": str(world.GUILD_ID)},
    }
    if interaction.kind is Kind.COMMAND:
        metadata["name"] = interaction.data["name"]
    if interaction.message is not None:
        metadata["interacted_message_id"] = str(interaction.message.id)
    if interaction.original_id is not None:
        metadata["original_response_message_id"] = str(interaction.original_id)
    return metadata
