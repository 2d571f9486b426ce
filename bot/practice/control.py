"""Control API, talk: say, edit, delete, react and type as any member; read channels and the log."""

from fnmatch import fnmatchcase
from typing import Any

from bot.practice import render, wire, world
from bot.practice.channels import GUILD_CHANNELS, Channel
from bot.practice.control_words import ControlError, control, may_read, message, person, place
from bot.practice.drafts import read_draft
from bot.practice.errors import not_the_author
from bot.practice.messages import JSON, Message
from bot.practice.practice import Practice
from bot.practice.world import Member

MOST_LISTED = 1000


def shown(practice: Practice, found: Message) -> JSON:
    """Return a message as the control API and the page show it."""
    return render.page_message(found, practice.store, practice.chat.channels.get(found.channel_id))


async def say(practice: Practice, words: JSON) -> Any:
    """Post as a member: `content`, `embeds`, `reply_to`, `nonce`."""
    member = person(words)
    channel = place(practice, words, member)
    _require_reader(member, channel)
    payload = dict(words)
    if words.get("reply_to"):
        payload["message_reference"] = {"message_id": words["reply_to"]}
    return shown(practice, practice.chat.post(member, channel, read_draft(payload)))


async def edit(practice: Practice, words: JSON) -> Any:
    """Edit a member's own message: `content`, `embeds`."""
    return shown(practice, practice.chat.edit(_own(practice, words), _without_names(words)))


async def delete(practice: Practice, words: JSON) -> Any:
    """Delete a member's own message, or put away an ephemeral one."""
    member = person(words)
    found = message(practice, words, member)
    if found.visible_to != member.id:
        found = _own(practice, words)
    practice.chat.delete(found)
    return {"deleted": str(found.id)}


async def react(practice: Practice, words: JSON) -> Any:
    """Add a member's reaction `emoji`, or take it back with `remove`; `toggle` does whichever is left."""
    member = person(words)
    found = message(practice, words, member)
    add = not words.get("remove")
    if words.get("toggle"):
        add = member.id not in found.reactions.get(str(words.get("emoji")), [])
    return shown(practice, practice.chat.react(member, found, str(words.get("emoji")), add=add))


async def typing(practice: Practice, words: JSON) -> Any:
    """Show a member as typing."""
    member = person(words)
    practice.chat.typing(member, place(practice, words, member))
    return {}


async def messages(practice: Practice, words: JSON) -> Any:
    """List a channel's newest messages, oldest first, as `member` sees them (without: as everyone)."""
    member = person(words) if words.get("member") else None
    channel = place(practice, words, member)
    if member is not None:
        _require_reader(member, channel)
    after, before = (int(words[key]) if words.get(key) else None for key in ("after", "before"))
    limit = min(int(words.get("limit", 100)), MOST_LISTED)
    viewer_id = member.id if member else None
    found = practice.store.history(channel.id, limit=limit, before=before, after=after, viewer_id=viewer_id)
    return [shown(practice, one) for one in reversed(found)]


async def clear(practice: Practice, _: JSON) -> Any:
    """Forget every message and thread."""
    practice.store.clear()
    practice.chat.channels.forget_threads()
    practice.page.publish({"type": "reload"})
    return {}


async def requests(practice: Practice, words: JSON) -> Any:
    """Return the log of REST requests, oldest first, narrowed by `method` and `path` pattern."""
    method, pattern = str(words.get("method", "*")), str(words.get("path", "*"))
    return [
        entry
        for entry in practice.requests
        if fnmatchcase(entry["method"], method.upper()) and fnmatchcase(entry["path"], pattern)
    ]


async def forget_requests(practice: Practice, _: JSON) -> Any:
    """Empty the log of requests."""
    practice.requests.clear()
    return {}


async def health(practice: Practice, _: JSON) -> Any:
    """Say that the server lives and whether the bot is here."""
    connected = len(practice.sessions.connected())
    return {
        "status": "ok",
        "bots": connected,
        "pages": len(practice.page.viewers),
        "messages": practice.store.count(),
    }


async def world_now(practice: Practice, _: JSON) -> Any:
    """Return who and what there is."""
    people = [
        wire.member(member) | {"colour": f"#{member.colour:06x}", "name": member.name}
        for member in world.MEMBERS.values()
    ]
    return {
        "guild": {"id": str(world.GUILD_ID), "name": world.GUILD_NAME},
        "members": people,
        "roles": {name: str(role_id) for name, role_id in world.ROLES.items()},
        "channels": [wire.channel(channel) for channel in GUILD_CHANNELS],
        "threads": [wire.channel(channel) for channel in practice.chat.channels.threads()],
        "direct": {username: str(channel_id) for username, channel_id in world.DM_CHANNELS.items()},
        "bots": len(practice.sessions.connected()),
        "commands": practice.store.commands(world.GUILD_ID) + practice.store.commands(None),
    }


def _own(practice: Practice, words: JSON) -> Message:
    member = person(words)
    found = message(practice, words, member)
    if found.author_id != member.id:
        raise not_the_author()
    return found


def _without_names(words: JSON) -> JSON:
    return {key: value for key, value in words.items() if key in ("content", "embeds", "components")}


def _require_reader(member: Member, channel: Channel) -> None:
    if not may_read(member, channel):
        raise ControlError(f"{member.name} does not see that channel")


routes = [
    control("POST", "/say", say),
    control("POST", "/edit", edit),
    control("POST", "/delete", delete),
    control("POST", "/react", react),
    control("POST", "/typing", typing),
    control("GET", "/messages", messages),
    control("DELETE", "/messages", clear),
    control("GET", "/requests", requests),
    control("DELETE", "/requests", forget_requests),
    control("GET", "/health", health),
    control("GET", "/world", world_now),
]
