"""REST: messages of a channel, reactions and typing, as the desk's bot uses them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice import render, world
from bot.practice.bodies import read_body, read_json
from bot.practice.channels import Channel
from bot.practice.drafts import read_draft
from bot.practice.errors import invalid_form, missing_permissions, not_the_author
from bot.practice.files import keep_uploads
from bot.practice.gate import practice_of, rest
from bot.practice.messages import Message

MOST_LISTED = 100
DEFAULT_LISTED = 50


def place_of(request: Request) -> Channel:
    """Return the channel in the path."""
    return practice_of(request).chat.channels.get(request.path_params["channel"])


def message_of(request: Request) -> Message:
    """Return the message in the path."""
    return practice_of(request).chat.find(place_of(request), request.path_params["message"])


def shown(request: Request, message: Message) -> JSONResponse:
    """Answer with a message."""
    return JSONResponse(render.message(message, practice_of(request).store))


async def create(request: Request) -> Response:
    """Post a message as the bot."""
    place = place_of(request)
    payload, uploads = await read_body(request)
    files = keep_uploads(request, place.id, payload, uploads)
    message = practice_of(request).chat.post(world.BOT, place, read_draft(payload, files))
    return shown(request, message)


async def listing(request: Request) -> Response:
    """List messages, newest first: around, before or after an id, or the newest."""
    limit = _number(request, "limit") or DEFAULT_LISTED
    if not 1 <= limit <= MOST_LISTED:
        raise invalid_form(
            ("limit", "NUMBER_TYPE_RANGE", f"int value should be between 1 and {MOST_LISTED}.")
        )
    store, channel_id = practice_of(request).store, place_of(request).id
    middle, half = _number(request, "around"), limit // 2
    if middle is not None:
        found = store.history(channel_id, limit=half, after=middle)
        found += store.history(channel_id, limit=limit - half, before=middle + 1)
    else:
        bounds = {key: _number(request, key) for key in ("before", "after")}
        found = store.history(channel_id, limit=limit, **bounds)
    return JSONResponse([render.message(message, store) for message in found])


def _number(request: Request, key: str) -> int | None:
    text = request.query_params.get(key)
    if text is None:
        return None
    if not text.isdecimal():
        raise invalid_form((key, "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.'))
    return int(text)


async def get(request: Request) -> Response:
    """Return one message."""
    return shown(request, message_of(request))


async def edit(request: Request) -> Response:
    """Edit one of the bot's own messages."""
    message = message_of(request)
    payload, uploads = await read_body(request)
    if message.author_id != world.BOT.id:
        raise not_the_author()
    files = keep_uploads(request, message.channel_id, payload, uploads)
    return shown(request, practice_of(request).chat.edit(message, payload, files))


async def delete(request: Request) -> Response:
    """Delete one of the bot's own messages; it may not manage others'."""
    message = message_of(request)
    if message.author_id != world.BOT.id:
        raise missing_permissions()
    practice_of(request).chat.delete(message)
    return Response(status_code=204)


async def bulk_delete(request: Request) -> Response:
    """Refuse: clearing a channel needs Manage Messages, which the desk's bot does not have."""
    await read_json(request)
    raise missing_permissions()


async def react(request: Request) -> Response:
    """Add or take back the bot's reaction."""
    emoji, add = request.path_params["emoji"], request.method == "PUT"
    practice_of(request).chat.react(world.BOT, message_of(request), emoji, add=add)
    return Response(status_code=204)


async def typing(request: Request) -> Response:
    """Show the bot as typing."""
    practice_of(request).chat.typing(world.BOT, place_of(request))
    return Response(status_code=204)


MESSAGES = "/channels/{channel:int}/messages"
MESSAGE = MESSAGES + "/{message:int}"
routes = [
    rest("POST", MESSAGES, create),
    rest("GET", MESSAGES, listing),
    rest("POST", MESSAGES + "/bulk-delete", bulk_delete),
    rest("GET", MESSAGE, get),
    rest("PATCH", MESSAGE, edit),
    rest("DELETE", MESSAGE, delete),
    rest("PUT", MESSAGE + "/reactions/{emoji}/@me", react),
    rest("DELETE", MESSAGE + "/reactions/{emoji}/@me", react),
    rest("POST", "/channels/{channel:int}/typing", typing),
]
