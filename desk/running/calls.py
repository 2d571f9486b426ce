"""JSON over HTTP to the practice servers on this machine."""

import json
import urllib.error
import urllib.request
from typing import Any

CALL_SECONDS = 10


class CallFailed(Exception):
    """A practice server refused. The text is its answer."""


def get(url: str) -> Any:
    """GET and return the JSON. Raises CallFailed."""
    return _asked(urllib.request.Request(url))  # noqa: S310 - our own http addresses


def send(url: str, body: Any, method: str = "POST") -> Any:
    """Send JSON and return the JSON of the answer. Raises CallFailed."""
    headers = {"Content-Type": "application/json"}
    data = json.dumps(body).encode()
    return _asked(urllib.request.Request(url, data, headers, method=method))  # noqa: S310 - as above


def _asked(request: urllib.request.Request) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310 - as above
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise CallFailed(f"{request.full_url} answered {error.code}: {error.read().decode()}") from None
