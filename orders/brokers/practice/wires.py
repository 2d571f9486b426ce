"""Connections that can be cut: the transport under a request, found by the client's address."""

import asyncio
import socket
import struct
from typing import Any
from weakref import WeakValueDictionary

from uvicorn.protocols.http.h11_impl import H11Protocol

_open: WeakValueDictionary[tuple[str, int], asyncio.Transport] = WeakValueDictionary()


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also remembers its transport; websockets keep the same one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport


async def cut(scope: Any) -> None:
    """Reset the connection a request came on: the client sees a reset and no byte of an answer."""
    transport = _open.get(tuple(scope["client"]))
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # A linger time of zero makes the close a reset instead of an orderly end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0.01)  # the loss is told to the server in a later turn of the loop


def deafen(scope: Any) -> None:
    """Read nothing more from the connection a request came on: not even a ping is answered."""
    transport = _open.get(tuple(scope["client"]))
    if transport is not None:
        transport.pause_reading()
