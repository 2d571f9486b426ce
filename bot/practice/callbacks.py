"""The bot's first answer to an interaction: a message, an edit, a modal, or "later"."""

import time
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice import render
from bot.practice.bodies import read_body
from bot.practice.component_rules import modal_problems, numbered
from bot.practice.drafts import Draft, read_draft
from bot.practice.errors import already_acknowledged, invalid_form
from bot.practice.files import keep_uploads
from bot.practice.gate import practice_of, rest
from bot.practice.interactions import Interaction, Kind, State
from bot.practice.messages import EPHEMERAL, JSON, LOADING, Message
from bot.practice.practice import Practice
from bot.practice.replies import edit_answer, post_answer

PONG, REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
MOST_CHOICES = 25


async def callback(request: Request) -> Response:
    """Take the first answer; `with_response` asks for what became of it, else there is no body."""
    practice = practice_of(request)
    path = request.path_params
    interaction = practice.interactions.answerable(path["interaction"], path["token"])
    if interaction.state is not State.WAITING:
        raise already_acknowledged()
    payload, uploads = await read_body(request)
    kind, data = int(payload.get("type") or 0), payload.get("data") or {}
    _require_allowed(interaction, kind)
    files = keep_uploads(request, interaction.place.id, data, uploads)
    message = ANSWERS[kind](practice, interaction, data, files)
    if request.query_params.get("with_response", "").lower() not in ("1", "true"):
        return Response(status_code=204)
    return JSONResponse(_response(practice, interaction, kind, message))


def _require_allowed(interaction: Interaction, kind: int) -> None:
    on_message = interaction.message is not None
    allowed = {
        Kind.COMMAND: {REPLY, DEFER_REPLY, MODAL},
        Kind.COMPONENT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, MODAL},
        Kind.AUTOCOMPLETE: {CHOICES},
        Kind.MODAL: {REPLY, DEFER_REPLY} | ({DEFER_UPDATE, UPDATE} if on_message else set()),
    }[interaction.kind]
    if kind not in allowed:
        choices = ", ".join(str(one) for one in sorted(allowed))
        raise invalid_form(("type", "BASE_TYPE_CHOICES", f"Value must be one of {{{choices}}}."))


def _reply(practice: Practice, interaction: Interaction, data: JSON, files: list[JSON]) -> Message:
    draft = read_draft(data, files)
    message = post_answer(practice, interaction, draft, flags=int(data.get("flags") or 0) & EPHEMERAL)
    interaction.original_id = message.id
    interaction.move(State.REPLIED)
    return message


def _defer_reply(practice: Practice, interaction: Interaction, data: JSON, _: list[JSON]) -> Message:
    flags = LOADING | (int(data.get("flags") or 0) & EPHEMERAL)
    message = post_answer(practice, interaction, Draft(), flags=flags)
    interaction.original_id = message.id
    interaction.move(State.DEFERRED)
    return message


def _defer_update(_: Practice, interaction: Interaction, __: JSON, ___: list[JSON]) -> None:
    interaction.original_id = interaction.message.id if interaction.message else None
    interaction.move(State.DEFERRED)


def _update(practice: Practice, interaction: Interaction, data: JSON, files: list[JSON]) -> Message:
    interaction.original_id = interaction.message.id if interaction.message else None
    message = edit_answer(practice, interaction, interaction.original_id, data, files)
    interaction.move(State.UPDATED)
    return message


def _choices(_: Practice, interaction: Interaction, data: JSON, __: list[JSON]) -> None:
    choices = data.get("choices") or []
    if len(choices) > MOST_CHOICES:
        sentence = f"Must be {MOST_CHOICES} or fewer in length."
        raise invalid_form(("data.choices", "BASE_TYPE_MAX_LENGTH", sentence))
    interaction.choices = choices
    interaction.move(State.CHOICES)


def _modal(_: Practice, interaction: Interaction, data: JSON, __: list[JSON]) -> None:
    if problems := modal_problems(data):
        raise invalid_form(*problems)
    interaction.modal = {**data, "components": numbered(data["components"])}
    interaction.modal_at = time.monotonic()
    interaction.move(State.MODAL)


Answer = Callable[[Practice, Interaction, JSON, list[JSON]], Message | None]
ANSWERS: Mapping[int, Answer] = {
    REPLY: _reply,
    DEFER_REPLY: _defer_reply,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _choices,
    MODAL: _modal,
}


def _response(practice: Practice, interaction: Interaction, kind: int, message: Message | None) -> JSON:
    about: JSON = {"id": str(interaction.id), "type": int(interaction.kind)}
    if message is not None:
        about |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & LOADING),
            "response_message_ephemeral": message.is_ephemeral,
        }
    if message is None or kind not in (REPLY, UPDATE):
        return {"interaction": about}
    resource = {"type": kind, "message": render.message(message, practice.store)}
    return {"interaction": about, "resource": resource}


routes = [rest("POST", "/interactions/{interaction:int}/{token}/callback", callback, anonymous=True)]
