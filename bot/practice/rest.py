"""REST: who the bot is, the guild and its channels, users, commands and the gateway's address."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice import wire, world
from bot.practice.bodies import read_json
from bot.practice.channels import GUILD_CHANNELS, direct_channel
from bot.practice.command_rules import checked_commands
from bot.practice.errors import (
    cannot_message_user,
    missing_access,
    unknown_guild,
    unknown_member,
    unknown_user,
)
from bot.practice.gate import practice_of, rest
from bot.practice.world import Member


def _person(user_id: int) -> Member:
    if user_id not in wire.MEMBER_BY_ID:
        raise unknown_user()
    return wire.MEMBER_BY_ID[user_id]


def _require_guild(request: Request) -> None:
    if request.path_params["guild"] != world.GUILD_ID:
        raise unknown_guild()


async def me(_: Request) -> Response:
    """Return the bot's own user."""
    return JSONResponse(wire.user(world.BOT) | {"verified": True, "mfa_enabled": True, "flags": 0})


async def user(request: Request) -> Response:
    """Return any user."""
    return JSONResponse(wire.user(_person(request.path_params["user"])))


async def open_direct(request: Request) -> Response:
    """Return the direct-message channel with a person."""
    payload = await read_json(request)
    person = _person(int(payload.get("recipient_id") or 0))
    if person.is_bot:
        raise cannot_message_user()
    return JSONResponse(wire.channel(direct_channel(person)))


async def application(request: Request) -> Response:
    """Return the desk's application."""
    return JSONResponse(wire.application(practice_of(request).gateway.application_flags))


async def gateway_address(request: Request) -> Response:
    """Return where the gateway listens: the same port as this answer."""
    limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    url = f"ws://{request.headers['host']}/gateway"
    return JSONResponse({"url": url, "shards": 1, "session_start_limit": limits})


async def channel(request: Request) -> Response:
    """Return a channel."""
    return JSONResponse(wire.channel(practice_of(request).chat.channels.get(request.path_params["channel"])))


async def guild(request: Request) -> Response:
    """Return the guild."""
    _require_guild(request)
    counts = {"approximate_member_count": len(world.MEMBERS), "approximate_presence_count": 1}
    return JSONResponse(wire.guild_summary() | counts)


async def guild_channels(request: Request) -> Response:
    """Return the guild's channels."""
    _require_guild(request)
    return JSONResponse([wire.channel(place) for place in GUILD_CHANNELS])


async def guild_roles(request: Request) -> Response:
    """Return the guild's roles."""
    _require_guild(request)
    return JSONResponse(wire.guild_summary()["roles"])


async def guild_members(request: Request) -> Response:
    """Return the members after an id, oldest id first."""
    _require_guild(request)
    after = int(request.query_params.get("after", 0))
    limit = int(request.query_params.get("limit", 1))
    found = sorted((m for m in world.MEMBERS.values() if m.id > after), key=lambda m: m.id)
    return JSONResponse([wire.member(person) for person in found[:limit]])


async def guild_member(request: Request) -> Response:
    """Return one member."""
    _require_guild(request)
    if request.path_params["user"] not in wire.MEMBER_BY_ID:
        raise unknown_member()
    return JSONResponse(wire.member(wire.MEMBER_BY_ID[request.path_params["user"]]))


async def commands(request: Request) -> Response:
    """List, add to or replace the application commands of a guild, or the global ones."""
    guild_id = request.path_params.get("guild")
    if request.path_params["application"] != world.APPLICATION_ID:
        raise missing_access()
    if guild_id is not None:
        _require_guild(request)
    practice = practice_of(request)
    stored = practice.store.commands(guild_id)
    if request.method == "GET":
        return JSONResponse(stored)
    given: Any = await request.json()
    fresh = checked_commands(
        given if isinstance(given, list) else [given], guild_id, practice.chat.snowflakes.next
    )
    if request.method == "PUT":
        practice.store.replace_commands(guild_id, fresh)
        return JSONResponse(fresh)
    others = [command for command in stored if command["name"] != fresh[0]["name"]]
    practice.store.replace_commands(guild_id, others + fresh)
    return JSONResponse(fresh[0], 201)


GLOBAL_COMMANDS = "/applications/{application:int}/commands"
GUILD_COMMANDS = "/applications/{application:int}/guilds/{guild:int}/commands"
routes = [
    rest("GET", "/users/@me", me),
    rest("POST", "/users/@me/channels", open_direct),
    rest("GET", "/users/{user:int}", user),
    rest("GET", "/oauth2/applications/@me", application),
    rest("GET", "/applications/@me", application),
    rest("GET", "/gateway", gateway_address),
    rest("GET", "/gateway/bot", gateway_address),
    rest("GET", "/channels/{channel:int}", channel),
    rest("GET", "/guilds/{guild:int}", guild),
    rest("GET", "/guilds/{guild:int}/channels", guild_channels),
    rest("GET", "/guilds/{guild:int}/roles", guild_roles),
    rest("GET", "/guilds/{guild:int}/members", guild_members),
    rest("GET", "/guilds/{guild:int}/members/{user:int}", guild_member),
    *(
        rest(method, path, commands)
        for path in (GLOBAL_COMMANDS, GUILD_COMMANDS)
        for method in ("GET", "PUT", "POST")
    ),
]
