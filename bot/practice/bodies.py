"""Read what clients send: JSON, or multipart with files."""

import json
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from starlette.requests import Request

from bot.practice.errors import invalid_form, invalid_json
from bot.practice.messages import JSON


@dataclass(frozen=True)
class Upload:
    """One file of a multipart body."""

    index: int  # of `files[index]`
    filename: str
    content: bytes


async def read_json(request: Request) -> JSON:
    """Return the body's JSON object; an empty body counts as an empty object."""
    return parse_object(await request.body())


def parse_object(raw: bytes) -> JSON:
    """Parse a JSON object, or raise Discord's error."""
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid_json() from None
    if not isinstance(body, dict):
        raise invalid_form(("_root", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"))
    return body


async def read_body(request: Request) -> tuple[JSON, list[Upload]]:
    """Return the JSON part and the files; without multipart there are no files."""
    content_type = request.headers.get("content-type", "")
    raw = await request.body()
    if not content_type.startswith("multipart/form-data"):
        return parse_object(raw), []
    # A multipart form is a MIME message whose headers came by HTTP.
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    payload: JSON = {}
    uploads: list[Upload] = []
    for part in form.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if name == "payload_json":
            payload = parse_object(content)
        elif name.startswith("files["):
            uploads.append(Upload(int(name[6:-1]), part.get_filename() or "file", content))
    return payload, uploads
