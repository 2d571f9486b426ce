"""The outermost layer: writes every request down, and lets the fault script have its way with it."""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import Fault
from orders.brokers.practice.wire import Json, Refusal
from orders.brokers.practice.wires import cut

ORDER_PATH = re.compile(r"/orders/(\d+)$")
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n"
    "<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
)
TITLES = {
    401: "401 Authorization Required", 500: "500 Internal Server Error", 502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out",
}  # fmt: skip


@dataclass(slots=True)
class Answer:
    """What the application answered, held back until the fault script lets it go."""

    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int | None:
        starts = (m for m in self.messages if m["type"] == "http.response.start")
        return next((int(m["status"]) for m in starts), None)

    @property
    def body(self) -> bytes:
        return b"".join(bytes(m.get("body", b"")) for m in self.messages)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request on its way in: `noted` is its number in the ledger."""

    scope: Scope
    body: bytes
    fault: Fault | None
    noted: int
    started: float


class FrontDoor:
    """ASGI middleware around everything; `/practice` is neither recorded nor disturbed."""

    def __init__(self, app: ASGIApp, exchange: Exchange) -> None:
        self.app = app
        self.exchange = exchange
        self._later: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/practice"):
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        started = time.monotonic()
        path, method = scope["path"], scope["method"]
        noted = self.exchange.ledger.arrived(method, path, _identifier(body), self.exchange.now())
        fault = self.exchange.faults.take_for_request(method, path)
        arrival = Arrival(scope, body, fault, noted, started)
        if fault is not None and fault.kind is FaultKind.LATE_ACCEPT:
            self._later.add(late := asyncio.create_task(self._accept_late(arrival, fault)))
            late.add_done_callback(self._later.discard)
            await cut(scope)
            return
        answer = await self._answer(arrival)
        if answer is None or (fault is not None and fault.kind in SILENT):
            await cut(scope)
            return
        await self._deliver(answer, arrival, send)

    async def _accept_late(self, arrival: Arrival, fault: Fault) -> None:
        """Do what was asked for long after its client was cut off."""
        await asyncio.sleep(fault.seconds(20))
        await self._answer(arrival)

    async def _answer(self, arrival: Arrival) -> Answer | None:
        """Let the request be done and write down how it was answered; None: nothing was done."""
        fault = arrival.fault
        answer = await self._done(arrival)
        self.exchange.ledger.answered(
            arrival.noted,
            answer.status if answer else None,
            seconds=time.monotonic() - arrival.started,
            fault=fault.kind.value if fault else None,
            order_id=_order_id(arrival.scope["path"], answer),
        )
        return answer

    async def _done(self, arrival: Arrival) -> Answer | None:
        """Let the application do its work, or what the fault says instead."""
        fault = arrival.fault
        if fault is not None:
            if fault.kind is FaultKind.DROP_BEFORE:
                return None
            if fault.kind is FaultKind.STATUS:
                return _status_answer(fault)
            if fault.kind is FaultKind.RATE_LIMIT:
                return _made_answer(429, *_usual(429))
            if fault.kind is FaultKind.EXPIRE_ON_REQUEST:
                self.exchange.ledger.void_tokens()
            if fault.kind in WAITING and not fault.options.get("after"):
                await asyncio.sleep(fault.seconds(5))
        answer = Answer()
        await self.app(arrival.scope, _replay(arrival.body), answer.send)
        return answer

    async def _deliver(self, answer: Answer, arrival: Arrival, send: Send) -> None:
        fault = arrival.fault
        if fault is not None and fault.kind is FaultKind.CUT_ANSWER:
            await _send_half(answer, send)
            await cut(arrival.scope)
            return
        if fault is not None and fault.kind is FaultKind.DELAY and fault.options.get("after"):
            await asyncio.sleep(fault.seconds(5))
        for message in answer.messages:
            await send(message)


SILENT = frozenset({FaultKind.ACCEPT_THEN_DROP, FaultKind.HOLD_THEN_ACCEPT})
WAITING = frozenset({FaultKind.DELAY, FaultKind.HOLD_THEN_ACCEPT})


async def _send_half(answer: Answer, send: Send) -> None:
    """Send the head and half of the body, and say that more will come."""
    await send(answer.messages[0])
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await asyncio.sleep(0.01)  # let the bytes leave


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        raise AssertionError("unreachable: nobody sets the event")

    return receive


def _parsed(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _identifier(body: bytes) -> str | None:
    """Return the order's identifier; of a bundle that of its trigger, else of its first order."""
    asked = _parsed(body)
    bundled = [asked, asked.get("trigger-order"), *_list(asked.get("orders"))]
    found = (each.get("external-identifier") for each in bundled if isinstance(each, dict))
    return next((each for each in found if isinstance(each, str)), None)


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _order_id(path: str, answer: Answer | None) -> int | None:
    """Return the order a request was about: named in the path, or made by it."""
    if match := ORDER_PATH.search(path):
        return int(match[1])
    if answer is None or answer.status != 201 or not path.endswith("/orders"):
        return None
    made = _parsed(answer.body).get("data", {}).get("order", {}).get("id")
    return made if isinstance(made, int) else None


def _status_answer(fault: Fault) -> Answer:
    status = int(fault.options.get("status", 502))
    kind, body = _usual(status) if "body" not in fault.options else _given(fault.options["body"])
    return _made_answer(status, kind, body)


def _made_answer(status: int, kind: str, body: bytes) -> Answer:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    return Answer(
        [
            {"type": "http.response.start", "status": status, "headers": headers},
            {"type": "http.response.body", "body": body},
        ]
    )


def _given(body: object) -> tuple[str, bytes]:
    if isinstance(body, str):
        return "text/html", body.encode()
    return "application/json", json.dumps(body).encode()


def _usual(status: int) -> tuple[str, bytes]:
    """Return the body usual for a status: 5xx come from nginx, 429 is bare, the rest are envelopes."""
    if status == 429:
        return "text/plain", b""
    if status in TITLES and status != 401:
        return "text/html", NGINX.format(TITLES[status]).encode()
    words = {
        401: ("token_invalid", "This token is invalid or has expired"),
        403: ("not_permitted", "User not permitted access"),
        404: ("record_not_found", "Couldn't find record"),
    }
    code, message = words.get(status, ("practice_fault", "Asked for by the fault script"))
    return "application/json", json.dumps(Refusal(status, code, message).body()).encode()
