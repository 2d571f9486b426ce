"""Run the practice Discord with uvicorn on a loopback port."""

import socket
from pathlib import Path

import uvicorn

from bot.practice.app import create_app
from bot.practice.practice import Practice, open_practice
from bot.practice.store import WrongVersionError

SHUTDOWN_SECONDS = 1


class ChatServer:
    """One server on a port that is bound before it starts, so its address is known at once."""

    def __init__(self, host: str, port: int, store: Path | str) -> None:
        self._socket = socket.create_server((host, port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        try:
            self.practice: Practice = open_practice(store, self.abort)
        except WrongVersionError:
            self._socket.close()
            raise
        self.server = uvicorn.Server(
            uvicorn.Config(
                create_app(self.practice),
                ws_per_message_deflate=False,  # Discord compresses by its own transport setting
                ws_ping_interval=None,  # and keeps alive by its own heartbeats
                http="h11",
                lifespan="off",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )

    async def serve(self) -> None:
        """Serve until `stop`, or SIGTERM in the main thread; then close the store."""
        try:
            await self.server.serve(sockets=[self._socket])
        finally:
            self.practice.store.close()

    def stop(self) -> None:
        """Ask the server to end; callable from any thread."""
        self.server.should_exit = True

    def abort(self, client: tuple[str, int]) -> None:
        """Cut that client's connection without a farewell (RST, not FIN)."""
        for connection in list(self.server.server_state.connections):
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()
