"""Follow-ups: what the bot says after its first answer, for fifteen minutes, by the interaction's token."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice import render, world
from bot.practice.bodies import read_body
from bot.practice.drafts import read_draft
from bot.practice.errors import unknown_webhook
from bot.practice.files import keep_uploads
from bot.practice.gate import practice_of, rest
from bot.practice.interactions import Interaction, State
from bot.practice.messages import EPHEMERAL, LOADING, Message
from bot.practice.replies import answer_of, fill_deferred, post_answer


def _interaction(request: Request) -> Interaction:
    if request.path_params["application"] != world.APPLICATION_ID:
        raise unknown_webhook()
    return practice_of(request).interactions.by_token(request.path_params["token"])


def _target(request: Request, interaction: Interaction) -> Message:
    name = request.path_params["message"]
    message_id = interaction.original_id if name == "@original" else int(name)
    return answer_of(practice_of(request), interaction, message_id)


def _shown(request: Request, message: Message) -> JSONResponse:
    return JSONResponse(render.message(message, practice_of(request).store))


async def create(request: Request) -> Response:
    """Post a follow-up; the first one after "thinking…" takes its place."""
    practice, interaction = practice_of(request), _interaction(request)
    payload, uploads = await read_body(request)
    draft = read_draft(payload, keep_uploads(request, interaction.place.id, payload, uploads))
    original = practice.store.get(interaction.original_id) if interaction.original_id else None
    if original is not None and original.flags & LOADING:
        message = fill_deferred(practice, original, draft)
    else:
        flags = int(payload.get("flags") or 0) & EPHEMERAL
        message = post_answer(practice, interaction, draft, flags=flags)
        interaction.followup_ids.append(message.id)
    if interaction.state is State.DEFERRED:
        interaction.move(State.REPLIED)
    return _shown(request, message)


async def get(request: Request) -> Response:
    """Return @original or a follow-up."""
    return _shown(request, _target(request, _interaction(request)))


async def edit(request: Request) -> Response:
    """Edit @original (also the "thinking…" one) or a follow-up."""
    practice, interaction = practice_of(request), _interaction(request)
    message = _target(request, interaction)
    payload, uploads = await read_body(request)
    files = keep_uploads(request, message.channel_id, payload, uploads)
    if message.flags & LOADING:
        message = fill_deferred(practice, message, read_draft(payload, files))
    else:
        message = practice.chat.edit(message, payload, files)
    if interaction.state is State.DEFERRED:
        own = interaction.message is None or interaction.original_id != interaction.message.id
        interaction.move(State.REPLIED if own else State.UPDATED)
    return _shown(request, message)


async def delete(request: Request) -> Response:
    """Delete @original or a follow-up."""
    practice, interaction = practice_of(request), _interaction(request)
    practice.chat.delete(_target(request, interaction))
    if interaction.state is State.DEFERRED:
        interaction.move(State.REPLIED)
    return Response(status_code=204)


WEBHOOK = "/webhooks/{application:int}/{token}"
MESSAGE = WEBHOOK + "/messages/{message}"
routes = [
    rest("POST", WEBHOOK, create, anonymous=True),
    rest("GET", MESSAGE, get, anonymous=True),
    rest("PATCH", MESSAGE, edit, anonymous=True),
    rest("DELETE", MESSAGE, delete, anonymous=True),
]
