"""A tiny HTTP server of raw sockets that answers as a test tells it, one connection a request."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ACCESS_TOKEN = "access-token-of-the-tests"
TOKEN_PATH = "/oauth/token"


@dataclass
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


Act = Callable[[socket.socket, Asked], bool | None]  # true: the connection stays open


def answer(
    body: object,
    status: int = 200,
    *,
    content_type: str = "application/json",
    claim: int | None = None,
    keep: bool = False,
) -> Act:
    """Answer with a body; `claim` announces a longer one than is sent; then hang up, or `keep` open."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def act(connection: socket.socket, _: Asked) -> bool:
        head = (
            f"HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {claim or len(raw)}\r\n"
            f"date: Mon, 23 Nov 2026 14:30:05 GMT\r\nconnection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        )
        connection.sendall(head.encode() + raw)
        return keep

    return act


def html(status: int) -> Act:
    return answer("<html><body>nginx</body></html>", status, content_type="text/html")


def reset(connection: socket.socket, _: Asked) -> None:
    """Hang up with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(connection: socket.socket, _: Asked) -> None:
    """Hang up politely, without a word."""


def hang(released: threading.Event) -> Act:
    def act(connection: socket.socket, _: Asked) -> None:
        released.wait(10)

    return act


NOT_FOUND = answer({"error": {"code": "not_found", "message": "no such page"}}, 404)
GRANT = answer({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 900})


@dataclass
class WireServer:
    """Acts by (method, path); a list of acts is used up one by one, the last one stays."""

    port: int
    acts: dict[tuple[str, str], list[Act]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    opened: int = 0  # connections

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, method: str, path: str, *acts: Act) -> None:
        self.acts[method, path] = list(acts)

    def paths(self) -> list[str]:
        return [f"{a.method} {a.path}" for a in self.asked]

    def serve(self, connection: socket.socket) -> None:
        self.opened += 1
        with connection:
            while (request := read_request(connection)) and self.acted(connection, request):
                pass

    def acted(self, connection: socket.socket, request: Asked) -> bool:
        """Act on a request; true if the connection stays open."""
        self.asked.append(request)
        acts = self.acts.get((request.method, request.path.split("?")[0]), [NOT_FOUND])
        act = acts.pop(0) if len(acts) > 1 else acts[0]
        return bool(act(connection, request))


def read_request(connection: socket.socket) -> Asked | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        if not (more := connection.recv(65536)):
            return None
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, body)


@contextmanager
def wire_server() -> Iterator[WireServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = WireServer(listener.getsockname()[1])
    server.on("POST", TOKEN_PATH, GRANT)
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=server.serve, args=(connection,), daemon=True)
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(2)
        for thread in threads:
            thread.join(2)


def free_port() -> int:
    """Return a loopback port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
