"""The account streamer: full orders, positions and balances over a websocket, never diffs, no replay."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from orders.brokers.practice.accounts import ACCOUNT_NUMBERS
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.gate import BEARER, token_of
from orders.brokers.practice.wire import Json, millis
from orders.brokers.practice.wires import cut, deafen

NAME = "account"
UNKNOWN_MESSAGE = {"type": "OrderChain", "data": {"id": 1}, "timestamp": 0}
LATER = frozenset({"public-watchlists-subscribe", "quote-alerts-subscribe", "user-message-subscribe"})


@dataclass(eq=False, slots=True)
class Line:
    """One websocket: what it listens to, and what waits to be sent."""

    socket: WebSocket
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    accounts: frozenset[str] = frozenset()
    outgoing: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)


class AccountStreams:
    """All open account streams."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.lines: set[Line] = set()
        self._held_back: Json | None = None  # a message that goes after the next one
        exchange.listeners.append(self.announce)

    def announce(self, account: str, kind: str, data: Json) -> None:
        """Send a message to every stream that listens to the account, as the fault script allows."""
        message = {"type": kind, "data": data, "timestamp": millis(self.exchange.now())}
        listening = [line for line in self.lines if account in line.accounts]
        if not listening:
            return
        late = self.exchange.faults.take_for_message(FaultKind.STREAM_LATE, message)
        if late is not None:
            send = partial(_send, listening, [message])
            asyncio.get_running_loop().call_later(late.seconds(1), send)
        else:
            _send(listening, self._bent(message))

    def _bent(self, message: Json) -> list[Any]:
        """Return the frames that go out for a message."""
        faults, take = self.exchange.faults, self.exchange.faults.take_for_message
        if faults.silences(NAME) or take(FaultKind.STREAM_LOSE, message):
            return []
        if self._held_back is None and take(FaultKind.STREAM_SWAP, message):
            self._held_back = message
            return []
        frames: list[Any] = [message]
        if (noise := take(FaultKind.STREAM_NOISE, message)) is not None:
            frames.insert(0, noise.options.get("frame", UNKNOWN_MESSAGE))
        if take(FaultKind.RESULTS_BATCH, message):
            frames = [{"results": frames}]
        if take(FaultKind.STREAM_DUPLICATE, message):
            frames *= 2
        if self._held_back is not None:
            frames.append(self._held_back)
            self._held_back = None
        return frames

    async def drop(self) -> None:
        """Break every account stream, as a failing network does."""
        for line in list(self.lines):
            await cut(line.socket.scope)

    def deafen(self) -> None:
        """Let every open stream stay open, deaf and dumb, as when the network between has gone."""
        for line in self.lines:
            deafen(line.socket.scope)
        self.lines.clear()

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        line = Line(socket)
        self.lines.add(line)
        writer = asyncio.create_task(_write(line))
        try:
            while True:
                self._answer(line, await socket.receive_json())
        except (WebSocketDisconnect, ValueError, RuntimeError):
            return  # gone, or not JSON: either way there is nobody to talk to
        finally:
            self.lines.discard(line)
            writer.cancel()

    def _answer(self, line: Line, message: Json) -> None:
        action = str(message.get("action", ""))
        reply: Json = {"action": action, "web-socket-session-id": line.id}
        if "request-id" in message:
            reply["request-id"] = message["request-id"]
        problem = self._problem(line, action, message)
        if problem:
            line.outgoing.put_nowait({"status": "error", **reply, "message": problem})
            return
        if action == "connect":
            line.accounts = frozenset(_accounts(message))
            reply["value"] = message["value"]
        if action == "connect" or not self.exchange.faults.silences(NAME):
            line.outgoing.put_nowait({"status": "ok", **reply})

    def _problem(self, line: Line, action: str, message: Json) -> str | None:
        token = str(message.get("auth-token", ""))
        if not token.startswith(BEARER):
            return "Unknown domain"
        if not self.exchange.ledger.holds_token(token_of(token), self.exchange.now()):
            return "failed"
        if action == "connect":
            named = _accounts(message)
            return None if named and set(named) <= set(ACCOUNT_NUMBERS) else "value missing or not valid"
        if action == "heartbeat":
            return None if line.accounts else "not-implemented"
        if action in LATER:
            return None if line.accounts else "connect-not-completed"
        return "not-implemented"


def _accounts(message: Json) -> list[str]:
    value: Any = message.get("value")
    if isinstance(value, str):
        return [value]
    return [str(v) for v in value] if isinstance(value, list) else []


async def _write(line: Line) -> None:
    while True:
        frame = await line.outgoing.get()
        await line.socket.send_text(frame if isinstance(frame, str) else json.dumps(frame))


def _send(lines: list[Line], frames: list[Any]) -> None:
    for line in lines:
        for frame in frames:
            line.outgoing.put_nowait(frame)
