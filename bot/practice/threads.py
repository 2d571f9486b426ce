"""REST: threads under a channel, started from a message or alone, and archived."""

from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice import wire, world
from bot.practice.bodies import read_json
from bot.practice.channels import TEXT, Channel
from bot.practice.errors import ApiError, invalid_form, missing_permissions
from bot.practice.gate import practice_of, rest
from bot.practice.messages import JSON
from bot.practice.rest_messages import message_of, place_of
from bot.practice.validation import bad_length

HAS_THREAD = 1 << 5
NAME_LIMIT = 100


async def start(request: Request) -> Response:
    """Start a public thread without a message."""
    return await _open(request, practice_of(request).chat.snowflakes.next())


async def start_from_message(request: Request) -> Response:
    """Start a thread on a message; it takes the message's id, so there is one at most."""
    practice, message = practice_of(request), message_of(request)
    if message.flags & HAS_THREAD:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    answer = await _open(request, message.id)
    practice.chat.replace(replace(message, flags=message.flags | HAS_THREAD))
    return answer


async def change(request: Request) -> Response:
    """Archive, lock or rename a thread; the guild's own channels are not the bot's to change."""
    practice, place = practice_of(request), place_of(request)
    if place.thread is None:
        raise missing_permissions()
    payload = await read_json(request)
    thread = {**place.thread, "name": _name(payload) if "name" in payload else place.name}
    marks = {key: payload[key] for key in ("archived", "locked", "auto_archive_duration") if key in payload}
    thread["thread_metadata"] = {**thread["thread_metadata"], **marks}
    return _saved(request, practice.chat.channels.save_thread(thread), "THREAD_UPDATE", {})


async def _open(request: Request, thread_id: int) -> Response:
    parent = place_of(request)
    if parent.type != TEXT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    name = _name(await read_json(request))
    fields = wire.thread_fields(thread_id, parent.id, name, world.BOT, datetime.now(UTC))
    thread = practice_of(request).chat.channels.save_thread(fields)
    return _saved(request, thread, "THREAD_CREATE", {"newly_created": True})


def _saved(request: Request, thread: Channel, event: str, more: JSON) -> Response:
    practice = practice_of(request)
    payload = wire.channel(thread)
    practice.chat.gateway.dispatch(event, payload | more, intent=1)
    practice.page.publish({"type": "threads"})
    return JSONResponse(payload, 201 if event == "THREAD_CREATE" else 200)


def _name(payload: JSON) -> str:
    name = str(payload.get("name") or "")
    if not 1 <= len(name) <= NAME_LIMIT:
        raise invalid_form(bad_length("name", 1, NAME_LIMIT))
    return name


routes = [
    rest("POST", "/channels/{channel:int}/threads", start),
    rest("POST", "/channels/{channel:int}/messages/{message:int}/threads", start_from_message),
    rest("PATCH", "/channels/{channel:int}", change),
]
