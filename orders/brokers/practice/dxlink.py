"""The quote stream: DXLink 0.1 over a websocket, as the dxLink AsyncAPI document and the SDK speak it.

A client sets up, authorizes, opens channels of its own odd numbers, and subscribes. Events are sent
when they differ from what was sent last, in the fields and the order the client asked for.
"""

import asyncio
import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from orders.brokers.practice.dx_events import MAKERS, NAN, Source
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.instruments import Instrument
from orders.brokers.practice.quotes import Wire
from orders.brokers.practice.wire import Json
from orders.brokers.practice.wires import cut, deafen

NAME = "dxlink"
VERSION = "1.0-1.2.1-20240722-153442"
SILENCE_SECONDS = 60  # of the client, after which it is taken for dead
KEEPALIVE_SECONDS = 30
BEAT_SECONDS = 0.1
TOKEN_LIFE = timedelta(hours=24)
BIG_FRAME = 65_536  # more than the SDK's client takes in one frame
MOST_VALUES = 2_500  # per frame: keeps frames far below the 65,536 bytes the SDK's client takes


class QuoteTokens:
    """The tokens that authorize a quote stream: good for a day, and after a restart."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def issue(self) -> str:
        token = f"quotes-{secrets.token_urlsafe(48)}"
        self._exchange.ledger.add_token(token, self._exchange.now() + TOKEN_LIFE)
        return token

    def holds(self, token: object) -> bool:
        known = self._exchange.ledger.holds_token(str(token), self._exchange.now())
        return known and str(token).startswith("quotes-")


@dataclass(slots=True)
class Channel:
    """One feed: which fields of which events it wants, what it subscribed to, what it was sent."""

    number: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    wanted: dict[tuple[str, str], Instrument | None] = field(default_factory=dict)
    sent: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    period: float = BEAT_SECONDS
    due: float = 0.0
    revision: int = -1  # of the quotes it was sent last; -1: something new was subscribed to
    is_configured: bool = False


class Protocol:
    """One client's conversation: messages in, messages out; no socket and no clock of its own."""

    def __init__(self, exchange: Exchange, wire: Wire, tokens: QuoteTokens) -> None:
        self.exchange = exchange
        self.wire = wire
        self.source = Source(exchange, wire)
        self.tokens = tokens
        self.is_authorized = False
        self.channels: dict[int, Channel] = {}

    def answer(self, message: Json) -> list[Json]:
        """Answer one message; an ERROR is the last thing said about it."""
        kind, number = message.get("type"), message.get("channel", 0)
        if kind == "KEEPALIVE":
            return []
        if kind == "SETUP":
            return [_setup(), _auth_state("UNAUTHORIZED")]
        if kind == "AUTH":
            return self._authorize(message)
        if not self.is_authorized:
            return [_error(0, "UNAUTHORIZED", "Authorize first")]
        return self._in_channel(str(kind), int(number), message)

    def _authorize(self, message: Json) -> list[Json]:
        if not self.tokens.holds(message.get("token")):
            return [_error(0, "UNAUTHORIZED", "Session not authorized")]
        self.is_authorized = True
        return [_auth_state("AUTHORIZED") | {"userId": str(uuid.uuid4())}]

    def _in_channel(self, kind: str, number: int, message: Json) -> list[Json]:
        if number % 2 == 0:
            problem = "Protocol violation with an even channel usage."
            return [_error(number, "BAD_ACTION", problem)]
        if kind == "CHANNEL_REQUEST":
            self.channels[number] = Channel(number)
            parameters = {"contract": "AUTO", "subFormat": "LIST"}
            return [
                {"type": "CHANNEL_OPENED", "channel": number, "service": "FEED", "parameters": parameters}
            ]
        channel = self.channels.get(number)
        if channel is None:
            return [_error(number, "BAD_ACTION", f"Channel {number} is not open.")]
        if kind == "CHANNEL_CANCEL":
            del self.channels[number]
            return [{"type": "CHANNEL_CLOSED", "channel": number}]
        if kind == "FEED_SETUP":
            return [self._configure(channel, message)]
        if kind == "FEED_SUBSCRIPTION":
            self._subscribe(channel, message)
            return []
        return [_error(number, "INVALID_MESSAGE", f"Unknown message type {kind}.")]

    def _configure(self, channel: Channel, message: Json) -> Json:
        """Settle the fields; the data format is always COMPACT, as in the broker's sandbox."""
        for event, fields in (message.get("acceptEventFields") or {}).items():
            channel.fields[event] = [str(f) for f in fields]
        channel.period = max(float(message.get("acceptAggregationPeriod") or BEAT_SECONDS), BEAT_SECONDS)
        channel.is_configured = True
        return {
            "type": "FEED_CONFIG",
            "channel": channel.number,
            "dataFormat": "COMPACT",
            "aggregationPeriod": channel.period,
            "eventFields": channel.fields,
        }

    def _subscribe(self, channel: Channel, message: Json) -> None:
        channel.revision = -1
        if message.get("reset"):
            channel.wanted.clear()
            channel.sent.clear()
        for gone in message.get("remove") or []:
            channel.wanted.pop((gone["type"], gone["symbol"]), None)
            channel.sent.pop((gone["type"], gone["symbol"]), None)
        for added in message.get("add") or []:
            plain = str(added["symbol"]).split("{", 1)[0]
            key = (str(added["type"]), str(added["symbol"]))
            channel.wanted[key] = self.exchange.instrument(plain)
            channel.sent.pop(key, None)

    def feed(self, clock: float) -> list[Json]:
        """Return what has changed for every channel whose aggregation period is over."""
        messages: list[Json] = []
        for channel in self.channels.values():
            revision = self.exchange.market.revision()
            if channel.wanted and clock >= channel.due and channel.revision != revision:
                channel.due, channel.revision = clock + channel.period, revision
                messages += self._changes(channel)
        return messages

    def _changes(self, channel: Channel) -> list[Json]:
        found: dict[str, list[Any]] = {}
        for (event, symbol), instrument in channel.wanted.items():
            values = self._values(channel, event, symbol, instrument)
            if values is not None and channel.sent.get((event, symbol)) != values:
                channel.sent[event, symbol] = values
                found.setdefault(event, []).extend(values)
        return [m for event, values in found.items() for m in _frames(channel, event, values)]

    def _values(
        self, channel: Channel, event: str, symbol: str, instrument: Instrument | None
    ) -> list[Any] | None:
        """Return an event's values in the client's order; None while there is nothing to say."""
        maker = MAKERS.get(event)
        if maker is None or instrument is None:
            return None
        if self.wire.is_stale(instrument) and (event, symbol) in channel.sent:
            return None
        made = maker(self.source, instrument)
        if made is None:
            return None
        made |= {"eventSymbol": symbol, "eventType": event}
        fields = channel.fields.setdefault(event, ["eventType", "eventSymbol", *made])
        return [made.get(name, NAN) for name in fields]


def _setup() -> Json:
    timeouts = {"keepaliveTimeout": SILENCE_SECONDS, "acceptKeepaliveTimeout": SILENCE_SECONDS}
    return {"type": "SETUP", "channel": 0, **timeouts, "version": VERSION}


def _auth_state(state: str) -> Json:
    return {"type": "AUTH_STATE", "channel": 0, "state": state}


def _error(channel: int, error: str, message: str) -> Json:
    return {"type": "ERROR", "channel": channel, "error": error, "message": message}


def _frames(channel: Channel, event: str, values: list[Any]) -> list[Json]:
    """Cut a long list of events into frames, never inside an event."""
    width = len(channel.fields[event])
    step = max(MOST_VALUES // width, 1) * width
    return [
        {"type": "FEED_DATA", "channel": channel.number, "data": [event, values[n : n + step]]}
        for n in range(0, len(values), step)
    ]


class QuoteStreams:
    """All open quote streams."""

    def __init__(self, exchange: Exchange, wire: Wire, tokens: QuoteTokens) -> None:
        self.exchange = exchange
        self.wire = wire
        self.tokens = tokens
        self.sockets: set[WebSocket] = set()

    async def drop(self) -> None:
        for socket in list(self.sockets):
            await cut(socket.scope)

    def deafen(self) -> None:
        """Let every open stream stay open, deaf and dumb, as when the network between has gone."""
        for socket in self.sockets:
            deafen(socket.scope)
        self.sockets.clear()

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        self.sockets.add(socket)
        protocol = Protocol(self.exchange, self.wire, self.tokens)
        lock = asyncio.Lock()
        feeder = asyncio.create_task(self._feed(socket, protocol, lock))
        try:
            while True:
                raw = await asyncio.wait_for(socket.receive_text(), SILENCE_SECONDS)
                for message in protocol.answer(json.loads(raw)):
                    await self._send(socket, lock, message)
        except TimeoutError:
            await self._send(socket, lock, _error(0, "TIMEOUT", "No message for too long."))
            await socket.close()
        except (WebSocketDisconnect, ValueError, RuntimeError):
            return  # gone, or not JSON: either way there is nobody to talk to
        finally:
            feeder.cancel()
            self.sockets.discard(socket)

    async def _send(self, socket: WebSocket, lock: asyncio.Lock, message: Json) -> None:
        async with lock:
            await socket.send_text(json.dumps(message, separators=(",", ":")))

    async def _feed(self, socket: WebSocket, protocol: Protocol, lock: asyncio.Lock) -> None:
        loop = asyncio.get_running_loop()
        alive_at = loop.time()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if self.exchange.faults.silences(NAME):
                continue
            if socket not in self.sockets:
                return  # deafened
            for message in protocol.feed(loop.time()):
                if self.exchange.faults.take(FaultKind.BIG_FRAME):
                    message |= {"padding": "x" * BIG_FRAME}
                await self._send(socket, lock, message)
            if loop.time() - alive_at > KEEPALIVE_SECONDS:
                alive_at = loop.time()
                await self._send(socket, lock, {"type": "KEEPALIVE", "channel": 0})
