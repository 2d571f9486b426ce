"""The gateway: one websocket per client, in Discord's opcodes and close codes."""

import asyncio
import json
import time
import zlib
from collections import deque
from typing import Any, TypeAlias

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.practice import handshake, wire
from bot.practice.handshake import CloseGateway
from bot.practice.messages import JSON
from bot.practice.practice import Practice
from bot.practice.sessions import Session

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 8, 9, 10, 11
ACK_SECONDS = 0.02
ENDED = (1000, 1001)  # a client that closes so gives its session up

Close: TypeAlias = int


class Connection:
    """One client's websocket, from HELLO to its end."""

    def __init__(self, websocket: WebSocket, practice: Practice) -> None:
        self.websocket = websocket
        self.practice = practice
        self.session: Session | None = None
        self.client = (websocket.client.host, websocket.client.port) if websocket.client else ("", 0)
        self._outbox: asyncio.Queue[JSON | Close] = asyncio.Queue()
        self._received_at: deque[float] = deque()
        self._closed_by_us = False
        compress = websocket.query_params.get("compress") == "zlib-stream"
        self._deflate = zlib.compressobj() if compress else None

    def send(self, frame: JSON) -> None:
        """Put a frame on its way."""
        self._outbox.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close after the frames that already wait."""
        self._outbox.put_nowait(code)

    async def run(self) -> None:
        """Talk until either side ends it."""
        await self.websocket.accept()
        writer = asyncio.create_task(self._write())
        try:
            await self._converse()
        except WebSocketDisconnect as gone:
            if self.session and gone.code in ENDED and not self._closed_by_us:
                self.practice.sessions.close(self.session)
        except CloseGateway as refused:
            self.close(refused.code)
            await writer
        finally:
            writer.cancel()
            if self.session:
                self.session.detach(self)
                self.practice.tell_presence()

    async def _converse(self) -> None:
        if self.websocket.query_params.get("v", "10") != "10":
            raise CloseGateway(4012)
        interval = self.practice.gateway.heartbeat_interval_ms
        self.send({"op": HELLO, "s": None, "t": None, "d": {"heartbeat_interval": interval}})
        last_beat = time.monotonic()
        while True:
            patience = interval / 1000 * 1.5 - (time.monotonic() - last_beat)
            try:
                text = await asyncio.wait_for(self._receive(), max(patience, 0))
            except TimeoutError:
                raise CloseGateway(4009) from None
            self._count_sends()
            frame = _read(text)
            if frame["op"] == HEARTBEAT:
                last_beat = time.monotonic()
            self._obey(frame)

    async def _receive(self) -> str:
        message = await self.websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1006)
        return str(message.get("text") or (message.get("bytes") or b"").decode(errors="replace"))

    def _count_sends(self) -> None:
        now = time.monotonic()
        self._received_at.append(now)
        while self._received_at[0] < now - 60:
            self._received_at.popleft()
        if len(self._received_at) > self.practice.gateway.sends_per_minute:
            raise CloseGateway(4008)

    def _obey(self, frame: JSON) -> None:
        op, data = frame["op"], frame.get("d")
        if op == HEARTBEAT:
            if self.practice.gateway.ack:
                # One that answers at once overtakes discord.py's own note of when it asked: it would log
                # that it can't keep up.
                acknowledged = {"op": ACK, "s": None, "t": None, "d": None}
                asyncio.get_running_loop().call_later(ACK_SECONDS, self.send, acknowledged)
        elif op == IDENTIFY:
            self._identify(_fields(data))
        elif op == RESUME:
            self._resume(_fields(data))
        elif op not in (PRESENCE, VOICE, REQUEST_MEMBERS):
            raise CloseGateway(4001)
        elif self.session is None:
            raise CloseGateway(4003)
        elif op == REQUEST_MEMBERS:
            self.session.dispatch("GUILD_MEMBERS_CHUNK", handshake.members_chunk(_fields(data)))

    def _identify(self, data: JSON) -> None:
        if self.session is not None:
            raise CloseGateway(4005)
        handshake.check_identify(data, self.practice.gateway)
        self.session = self.practice.sessions.open(int(data["intents"]))
        self.session.attach(self)
        flags = self.practice.gateway.application_flags
        self.session.dispatch("READY", handshake.ready(self.session, self._url(), flags, data.get("shard")))
        all_members = bool(self.session.intents & handshake.MEMBERS)
        guild = wire.guild_create(self.practice.chat.channels, all_members=all_members)
        self.session.dispatch("GUILD_CREATE", guild)
        self.practice.tell_presence()

    def _resume(self, data: JSON) -> None:
        if self.session is not None:
            raise CloseGateway(4005)
        handshake.check_token(data, self.practice.gateway)
        session = self.practice.sessions.find(str(data.get("session_id")))
        sequence = int(data.get("seq") or 0)
        if session is None or not session.can_replay(sequence):
            self.send({"op": INVALID_SESSION, "s": None, "t": None, "d": False})
            return
        for missed in session.missed(sequence):
            self.send(missed)
        session.attach(self)
        self.session = session
        session.dispatch("RESUMED", {})
        self.practice.tell_presence()

    def _url(self) -> str:
        return f"ws://{self.websocket.headers['host']}/gateway"

    async def _write(self) -> None:
        while True:
            item = await self._outbox.get()
            try:
                if isinstance(item, int):
                    self._closed_by_us = True
                    await self.websocket.close(item)
                    return
                await self._send_frame(json.dumps(item))
            except (WebSocketDisconnect, RuntimeError):
                return  # the client left first; its session keeps the event

    async def _send_frame(self, text: str) -> None:
        if self._deflate is None:
            await self.websocket.send_text(text)
            return
        # One stream for the whole connection, each payload ended by a sync flush.
        data = self._deflate.compress(text.encode())
        await self.websocket.send_bytes(data + self._deflate.flush(zlib.Z_SYNC_FLUSH))


async def gateway(websocket: WebSocket) -> None:
    """Serve one gateway connection."""
    practice: Practice = websocket.app.state.practice
    if practice.gateway.down:
        await websocket.send_denial_response(JSONResponse({"message": "Service Unavailable"}, 503))
        return
    connection = Connection(websocket, practice)
    practice.connections.add(connection)
    try:
        await connection.run()
    finally:
        practice.connections.discard(connection)


def _read(text: str) -> JSON:
    try:
        frame = json.loads(text)
    except ValueError:
        raise CloseGateway(4002) from None
    if not isinstance(frame, dict) or not isinstance(frame.get("op"), int):
        raise CloseGateway(4002)
    return frame


def _fields(data: Any) -> JSON:
    if not isinstance(data, dict):
        raise CloseGateway(4002)
    return data
