"""A TCP proxy on loopback in front of one server: it cuts, delays, deafens or holds connections on command."""

import asyncio
import ctypes
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
CHUNK = 65_536
SO_ATTACH_FILTER = 26  # of Linux's socket(7); Python has no name for it
DROP = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # a filter of one instruction: return 0
DROP_ALL = struct.pack("HL", 1, ctypes.addressof(DROP))


@dataclass(eq=False, slots=True)
class Line:
    """One connection: the client's end and the server's."""

    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    is_deaf: bool = False
    is_marked: bool = False  # its transaction is one whose end is to be held
    flows: asyncio.Event = field(default_factory=asyncio.Event)  # what the server says is passed on

    def cut(self) -> None:
        self.flows.set()
        for each in self.writers:
            each.transport.abort()

    def deafen(self) -> None:
        """Have the kernel drop all that arrives, unacknowledged, as where a cable was pulled."""
        self.is_deaf = True
        for each in self.writers:
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, DROP_ALL)


class Proxy:
    """Its commands may be called from any thread, and have happened when they return."""

    def __init__(self, server: int) -> None:
        """`server` is a port on loopback."""
        self.server = server
        self.port = 0
        self._delay_seconds = 0.0
        self._is_cut = False
        self._held_after = b""
        self._lines: set[Line] = set()
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def cut(self) -> int:
        """Break every connection and refuse new ones until `mend`; return how many were broken."""
        return self._told(self._cut)

    def half_open(self) -> int:
        """Drop what either side sends on the connections of now, for good; new ones work."""
        return self._told(self._deafen)

    def delay(self, seconds: float) -> int:
        """Pass everything on so many seconds late, until `mend`."""

        def late() -> int:
            self._delay_seconds = seconds
            return len(self._lines)

        return self._told(late)

    def hold_commits(self, word: bytes) -> int:
        """Keep back the answer to the COMMIT of every transaction that says this word, until `mend`."""

        def held() -> int:
            self._held_after = word
            return len(self._lines)

        return self._told(held)

    def mend(self) -> int:
        """Pass everything on at once again. What is deaf stays deaf."""

        def mended() -> int:
            self._is_cut, self._delay_seconds, self._held_after = False, 0.0, b""
            for line in self._lines:
                line.is_marked = False
                line.flows.set()
            return len(self._lines)

        return self._told(mended)

    def _cut(self) -> int:
        self._is_cut, broken = True, len(self._lines)
        for line in self._lines:
            line.cut()
        return broken

    def _deafen(self) -> int:
        for line in self._lines:
            line.deafen()
        return len(self._lines)

    def _told(self, command: Callable[[], int]) -> int:
        async def told() -> int:
            return command()

        return asyncio.run_coroutine_threadsafe(told(), self._loop).result(5)

    def serve(self, is_up: threading.Event) -> None:
        """Serve until `end`; runs in a thread of its own."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(is_up))

    def end(self) -> None:
        self._told(self._cut)
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self, is_up: threading.Event) -> None:
        listener = await asyncio.start_server(self._accept, HOST, 0)
        self.port = listener.sockets[0].getsockname()[1]
        is_up.set()
        await self._ended.wait()
        listener.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.server)
        except OSError:  # the server is down: so is the line
            writer.transport.abort()
            return
        line = Line((writer, far_writer))
        line.flows.set()
        self._lines.add(line)
        if self._is_cut:
            line.cut()
        try:
            await asyncio.gather(self._ask(line, reader, far_writer), self._answer(line, far_reader, writer))
        finally:
            line.cut()
            self._lines.discard(line)

    async def _ask(self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        async for chunk in self._heard(line, source):
            line.is_marked = line.is_marked or (self._held_after != b"" and self._held_after in chunk)
            if line.is_marked and b"COMMIT" in chunk:
                line.flows.clear()
            await self._pass(line, chunk, sink)

    async def _answer(self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        async for chunk in self._heard(line, source):
            await line.flows.wait()
            await self._pass(line, chunk, sink)

    async def _heard(self, line: Line, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                yield chunk
        if not line.is_deaf:  # one side ended it; to the deaf, nobody ever says so
            line.cut()

    async def _pass(self, line: Line, chunk: bytes, sink: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self._delay_seconds)
        if not line.is_deaf:
            with suppress(OSError):
                sink.write(chunk)
                await sink.drain()


@contextmanager
def proxied(server: int) -> Iterator[Proxy]:
    """Serve a proxy for as long as the block runs."""
    proxy, is_up = Proxy(server), threading.Event()
    thread = threading.Thread(target=proxy.serve, args=[is_up], name="proxy")
    thread.start()
    is_up.wait(5)
    try:
        yield proxy
    finally:
        proxy.end()
        thread.join(5)
