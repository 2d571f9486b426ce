"""The HTTP transport under the SDK: keeps the seal, keeps the record, retries nothing."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from orders.brokers.records import TOKEN_PATH, Call, RequestRecord, current_call
from orders.brokers.sealing import Seal

# httpcore2 announces this right before it writes the request to a connection that stands. On a
# connection that had died unnoticed it is announced too, and then counts: nothing proves otherwise.
WRITE_BEGINS = "http11.send_request_headers.started"
SWITCHING_PROTOCOLS = 101
MOST_BYTES = 64 * 1024 * 1024  # unpacked; the largest chain is a tenth of it
HOP_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})

Trace = Callable[[str, dict[str, Any]], Awaitable[None]]


class SealedTransport(httpx2.AsyncBaseTransport):
    """Refuses every host outside the seal before a socket opens, and records each request.

    One per HTTP client: closing a streamer closes its transport, and with a shared one it would
    cut an order's request in flight.
    """

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._inner = httpx2.AsyncHTTPTransport(retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request; the whole answer is read here, so that the record has it.

        Raises HostNotSealed, TooLate and httpx2's errors.
        """
        call, record = current_call(), RequestRecord(request.method, request.url.path)
        call.records.append(record)
        self._lead(request)
        request.extensions = {**request.extensions, "trace": _gate(call, record)}
        started = time.monotonic()
        try:
            return await _note(record, await self._inner.handle_async_request(request))
        finally:
            record.latency_ms = round((time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _lead(self, request: httpx2.Request) -> None:
        request.url = httpx2.URL(self._seal.route(request.method, str(request.url)))
        request.headers["Host"] = request.url.netloc.decode("ascii")


def _gate(call: Call, record: RequestRecord) -> Trace:
    async def trace(event: str, info: dict[str, Any]) -> None:  # noqa: ARG001 -- httpcore2's signature
        if event == WRITE_BEGINS:
            call.begin(record)

    return trace


async def _note(record: RequestRecord, response: httpx2.Response) -> httpx2.Response:
    """Read the answer into the record, unpacked. Raises httpx2's errors."""
    record.status = response.status_code
    record.content_type = response.headers.get("content-type", "")
    record.date = response.headers.get("date", "")
    if response.status_code == SWITCHING_PROTOCOLS:
        return response
    body = await _body(response)
    if record.path != TOKEN_PATH or not record.is_success:  # a granted token is no part of a record
        record.body = body
    headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in HOP_HEADERS]
    return httpx2.Response(
        response.status_code, headers=headers, content=body, extensions=response.extensions
    )


async def _body(response: httpx2.Response) -> bytes:
    """Return the whole body, however it is packed, within a limit."""
    body = bytearray()
    try:
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise httpx2.ReadError(f"an answer of more than {MOST_BYTES} bytes")
    finally:
        await response.aclose()
    return bytes(body)
