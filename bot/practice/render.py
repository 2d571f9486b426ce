"""Discord's JSON for messages and the reactions on them."""

from bot.practice import wire, world
from bot.practice.channels import Channel
from bot.practice.messages import JSON, REPLY, Message
from bot.practice.snowflakes import iso, made_at
from bot.practice.store import Store


def message(stored: Message, store: Store, *, viewer_id: int = world.BOT.id) -> JSON:
    """Return the message object as REST gives it to `viewer_id` (whose reactions are `me`)."""
    payload: JSON = {
        "id": str(stored.id),
        "type": stored.type,
        "channel_id": str(stored.channel_id),
        "author": wire.user(wire.MEMBER_BY_ID[stored.author_id]),
        "content": stored.content,
        "timestamp": iso(made_at(stored.id)),
        "edited_timestamp": stored.edited_at,
        "tts": False,
        "mention_everyone": stored.mention_everyone,
        "mentions": [wire.user(wire.MEMBER_BY_ID[user_id]) for user_id in stored.mention_ids],
        "mention_roles": [str(role_id) for role_id in stored.mention_role_ids],
        "attachments": stored.attachments,
        "embeds": stored.embeds,
        "components": stored.components,
        "pinned": False,
        "flags": stored.flags,
        "reactions": [_reaction(emoji, users, viewer_id) for emoji, users in stored.reactions.items()],
    }
    if stored.nonce is not None:
        payload["nonce"] = stored.nonce
    if stored.interaction is not None:
        payload |= {
            "interaction_metadata": stored.interaction,
            "application_id": str(world.APPLICATION_ID),
            "webhook_id": str(world.APPLICATION_ID),
        }
    return payload | _reference(stored, store)


def event_message(stored: Message, store: Store, place: Channel) -> JSON:
    """Return the message as the gateway sends it: in a guild also the guild's id and the member.

    In direct messages `guild_id` is absent, never null: clients take null for a number.
    """
    payload = message(stored, store)
    if place.is_direct:
        return payload
    author = wire.MEMBER_BY_ID[stored.author_id]
    mentioned = [
        wire.user(wire.MEMBER_BY_ID[user_id])
        | {"member": wire.member(wire.MEMBER_BY_ID[user_id], with_user=False)}
        for user_id in stored.mention_ids
    ]
    return payload | {
        "guild_id": str(world.GUILD_ID),
        "member": wire.member(author, with_user=False),
        "mentions": mentioned,
    }


def page_message(stored: Message, store: Store, place: Channel) -> JSON:
    """Return the message for the page and the control API, which also show ephemeral ones."""
    seen_by = str(stored.visible_to) if stored.visible_to is not None else None
    return event_message(stored, store, place) | {"visible_to": seen_by}


def without_content(payload: JSON) -> JSON:
    """Return an event's message as a bot sees it that lacks the message content intent."""
    return payload | {"content": "", "embeds": [], "attachments": [], "components": []}


def _reference(stored: Message, store: Store) -> JSON:
    if stored.reply_to is None:
        return {}
    original = store.get(stored.reply_to)
    reference: JSON = {
        "type": 0,
        "message_id": str(stored.reply_to),
        "channel_id": str(stored.channel_id),
    }
    if stored.channel_id not in world.DM_CHANNELS.values():
        reference["guild_id"] = str(world.GUILD_ID)
    payload: JSON = {"message_reference": reference}
    if stored.type == REPLY:
        # Null says that the original is deleted; a nested reply carries no reference of its own.
        payload["referenced_message"] = _flat(original, store) if original else None
    return payload


def _flat(original: Message, store: Store) -> JSON:
    payload = message(original, store)
    payload.pop("referenced_message", None)
    return payload


def _reaction(emoji: str, user_ids: list[int], viewer_id: int) -> JSON:
    return {
        "emoji": {"id": None, "name": emoji},
        "me": viewer_id in user_ids,
        "me_burst": False,
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
    }
