"""Discord's JSON for people, channels and the guild.

Keys marked REQUIRED in the project's measurements of discord.py are all here, and so are the
other documented ones: a counterpart that sends only what one client needs breaks with the next.
Ids go out as strings, always.
"""

from datetime import datetime

from bot.practice import world
from bot.practice.channels import GUILD_CHANNELS, Channel, Channels
from bot.practice.messages import JSON
from bot.practice.snowflakes import iso, made_at
from bot.practice.world import Member

# View, send, embed, attach, history, react, own threads, application commands.
PERMISSIONS = str(
    1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31 | 1 << 35 | 1 << 36 | 1 << 38
)
ATTACHMENT_LIMIT = 10 * 1024 * 1024
MEMBER_BY_ID = {member.id: member for member in world.MEMBERS.values()}
OPENED_ON = iso(made_at(world.GUILD_ID))


def user(person: Member) -> JSON:
    """Return the user object."""
    return {
        "id": str(person.id),
        "username": person.username,
        "discriminator": "0",
        "global_name": None if person.is_bot else person.name,
        "avatar": None,
        "bot": person.is_bot,
        "public_flags": 0,
    }


def member(person: Member, *, with_user: bool = True, with_permissions: bool = False) -> JSON:
    """Return the guild member object; MESSAGE_CREATE carries it without its user."""
    payload: JSON = {
        "roles": [str(role_id) for role_id in person.role_ids],
        "nick": person.name,
        "avatar": None,
        "joined_at": OPENED_ON,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    if with_user:
        payload["user"] = user(person)
    if with_permissions:
        payload["permissions"] = PERMISSIONS
    return payload


def role(name: str, role_id: int, position: int) -> JSON:
    """Return a role object."""
    return {
        "id": str(role_id),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": position,
        "permissions": PERMISSIONS if role_id == world.EVERYONE_ID else "0",
        "managed": False,
        "mentionable": True,
        "flags": 0,
    }


def channel(place: Channel) -> JSON:
    """Return a channel object: text channel, direct messages or thread."""
    if place.thread is not None:
        return {**place.thread, "type": place.type}
    payload: JSON = {"id": str(place.id), "type": place.type, "last_message_id": None, "flags": 0}
    if place.recipient is not None:
        # No guild_id here, not even null: clients take null for a number.
        return payload | {"recipients": [user(place.recipient)]}
    return payload | {
        "guild_id": str(world.GUILD_ID),
        "name": place.name,
        "position": place.position,
        "permission_overwrites": [],
        "topic": world.TOPICS[place.name],
        "nsfw": False,
        "rate_limit_per_user": 0,
        "parent_id": None,
    }


def thread_fields(thread_id: int, parent_id: int, name: str, owner: Member, at: datetime) -> JSON:
    """Return what is stored of a new public thread."""
    return {
        "id": str(thread_id),
        "guild_id": str(world.GUILD_ID),
        "parent_id": str(parent_id),
        "owner_id": str(owner.id),
        "name": name,
        "last_message_id": None,
        "message_count": 0,
        "total_message_sent": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": iso(at),
            "locked": False,
            "create_timestamp": iso(at),
        },
        "member": {
            "id": str(thread_id),
            "user_id": str(owner.id),
            "join_timestamp": iso(at),
            "flags": 0,
        },
    }


def guild_summary() -> JSON:
    """Return the guild object of REST, with its roles and without channels and members."""
    return {
        "id": str(world.GUILD_ID),
        "name": world.GUILD_NAME,
        "icon": None,
        "owner_id": str(world.OWNER.id),
        "region": "us-east",
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role(name, role_id, n) for n, (name, role_id) in enumerate(world.ROLES.items())],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def guild_create(channels: Channels, *, all_members: bool) -> JSON:
    """Return GUILD_CREATE; without the members intent only the bot's own member is in it."""
    people = world.MEMBERS.values() if all_members else (world.BOT,)
    return guild_summary() | {
        "unavailable": False,  # false, or the client takes it for an invitation into a new guild
        "joined_at": OPENED_ON,
        "large": False,
        "member_count": len(world.MEMBERS),
        "members": [member(person) for person in people],
        "channels": [channel(place) for place in GUILD_CHANNELS],
        "threads": [channel(place) for place in channels.threads()],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application(flags: int) -> JSON:
    """Return the desk's application; without interactions_endpoint_url, so they come by the gateway."""
    return {
        "id": str(world.APPLICATION_ID),
        "name": world.BOT.name,
        "icon": None,
        "description": "Records orders, asks for approval, reports fills.",
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": user(world.OWNER),
        "team": None,
        "flags": flags,
        "hook": True,
        "type": None,
        "rpc_origins": [],
        "tags": [],
    }
