"""The control API's frame: JSON in, JSON out, and names instead of ids."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.practice import wire, world
from bot.practice.bodies import parse_object
from bot.practice.channels import Channel, direct_channel
from bot.practice.errors import ApiError
from bot.practice.messages import JSON, Message
from bot.practice.practice import Practice
from bot.practice.world import Member

Command: TypeAlias = Callable[[Practice, JSON], Awaitable[Any]]


class ControlError(ValueError):
    """The request names something that is not there, or makes no sense."""


def control(method: str, path: str, command: Command) -> Route:
    """Make a route: the query and the JSON body become one dict, the result becomes JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            words = dict(request.query_params) | parse_object(await _body(request))
            return JSONResponse(await command(request.app.state.practice, words))
        except ApiError as refusal:
            return JSONResponse(refusal.body, refusal.status)
        except ValueError as problem:  # ControlError, and numbers that are none
            return JSONResponse({"message": str(problem)}, 400)

    return Route("/practice" + path, endpoint, methods=[method])


async def _body(request: Request) -> bytes:
    raw = await request.body()
    # A page of another origin cannot send this type without asking first, and is never allowed to.
    if request.method != "GET" and raw and request.headers.get("content-type") != "application/json":
        raise ControlError("send Content-Type: application/json")
    return raw


def need(words: JSON, key: str) -> Any:
    """Return a word that must be there."""
    if words.get(key) in (None, ""):
        raise ControlError(f"{key!r} is missing")
    return words[key]


def person(words: JSON, key: str = "member") -> Member:
    """Return the member called by username, shown name or id."""
    name = str(need(words, key))
    for member in world.MEMBERS.values():
        if name in (member.username, member.name, str(member.id)):
            return member
    raise ControlError(f"no member {name!r}; there are {', '.join(world.MEMBERS)}")


def place(practice: Practice, words: JSON, member: Member | None = None) -> Channel:
    """Return the channel called by name (with or without #) or id; `dm` is the member's with the bot."""
    name = str(need(words, "channel")).removeprefix("#")
    if name == "dm" and member is not None and member.username in world.DM_CHANNELS:
        return direct_channel(member)
    channel_id = world.CHANNELS.get(name) or (int(name) if name.isdigit() else None)
    if channel_id is None:
        raise ControlError(f"no channel {name!r}; there are {', '.join(world.CHANNELS)} and dm")
    return practice.chat.channels.get(channel_id)


def message(practice: Practice, words: JSON, member: Member | None = None) -> Message:
    """Return the message of that id, if the member can see it."""
    found = practice.store.get(int(need(words, "message")))
    if found is None or (found.visible_to is not None and (member is None or found.visible_to != member.id)):
        raise ControlError(f"no message {words['message']}")
    return found


def may_read(member: Member, channel: Channel) -> bool:
    """Tell whether the member sees the channel: direct messages belong to two."""
    return channel.recipient is None or member.id in (channel.recipient.id, world.BOT.id)


def name_of(member_id: int) -> str:
    """Return the username of an id."""
    return wire.MEMBER_BY_ID[member_id].username
