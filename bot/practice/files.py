"""Attachments: what was uploaded, and where it is fetched from."""

import mimetypes

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.practice.bodies import Upload
from bot.practice.errors import unknown_message
from bot.practice.gate import practice_of
from bot.practice.messages import JSON


def keep_uploads(request: Request, channel_id: int, payload: JSON, uploads: list[Upload]) -> list[JSON]:
    """Store the files of a request and return their attachment objects."""
    practice = practice_of(request)
    described = {str(item.get("id")): item for item in payload.get("attachments") or []}
    attachments: list[JSON] = []
    for upload in uploads:
        file_id = practice.chat.snowflakes.next()
        practice.store.save_file(file_id, upload.content)
        note = described.get(str(upload.index), {})
        name = str(note.get("filename") or upload.filename)
        url = str(request.base_url.replace(path=f"/attachments/{channel_id}/{file_id}/{name}"))
        attachments.append(
            {
                "id": str(file_id),
                "filename": name,
                "description": note.get("description"),
                "content_type": mimetypes.guess_type(name)[0],
                "size": len(upload.content),
                "url": url,
                "proxy_url": url,
                "ephemeral": False,
            }
        )
    return attachments


async def fetch(request: Request) -> Response:
    """Give the bytes of an attachment, as a download."""
    content = practice_of(request).store.file(request.path_params["file"])
    if content is None:
        return JSONResponse(unknown_message().body, 404)
    # Never shown in place: an uploaded page must not run on the chat page's origin.
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)


routes = [Route("/attachments/{channel:int}/{file:int}/{name}", fetch)]
