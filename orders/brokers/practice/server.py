"""Serving the exchange with uvicorn, on a loopback address only."""

import asyncio
import ipaddress
import json
import socket
from pathlib import Path

import uvicorn

from orders.brokers.practice.app import make_app
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.wires import CuttableProtocol

GRACE_SECONDS = 1  # for open websockets, when asked to stop


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine's own: an address in 127/8, ::1, or localhost."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """Open the listening socket; port 0 takes a free one. Raises ValueError for any but a loopback host."""
    if not is_loopback(host):
        raise ValueError(f"the practice exchange serves loopback only: {host=}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()  # from here on nobody is refused: early callers wait for the server
    return listener


def make_server(exchange: Exchange) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            make_app(exchange),
            http=CuttableProtocol,
            ws="websockets-sansio",
            ws_ping_interval=None,
            proxy_headers=False,
            access_log=False,
            log_level="warning",
            log_config=None,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def load_faults(exchange: Exchange, path: Path) -> None:
    """Take the fault script from a JSON file: a list of faults."""
    exchange.faults.add_all(json.loads(path.read_text()))


def serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until the server is told to exit."""
    asyncio.run(server.serve(sockets=[listener]))
