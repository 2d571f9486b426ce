"""Where the desk's servers listen: the web port and two beside it, on loopback."""

import random
import socket
from contextlib import closing
from dataclasses import dataclass

HOST = "127.0.0.1"
EXCHANGE_OFFSET = 10
CHAT_OFFSET = 20
FREE = range(20_000, 32_000)  # systems hand out those above to connections


@dataclass(frozen=True, slots=True)
class Addresses:
    """The three ports of a running desk."""

    web: int
    exchange: int
    chat: int

    @classmethod
    def beside(cls, web: int) -> "Addresses":
        """Return the ports that go with this web port."""
        return cls(web, web + EXCHANGE_OFFSET, web + CHAT_OFFSET)

    @classmethod
    def free(cls) -> "Addresses":
        """Return three ports that nobody listens on right now, and that no connection is ever given."""
        while True:
            found = cls.beside(random.choice(FREE))  # noqa: S311 -- not a secret
            if not found.taken():
                return found

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web}"

    @property
    def exchange_url(self) -> str:
        return f"http://{HOST}:{self.exchange}"

    @property
    def chat_url(self) -> str:
        return f"http://{HOST}:{self.chat}"

    @property
    def gateway_url(self) -> str:
        return f"ws://{HOST}:{self.chat}/gateway"

    def taken(self) -> dict[str, int]:
        """Return, by name, the ports that somebody listens on already."""
        ports = {"web": self.web, "practice exchange": self.exchange, "practice chat": self.chat}
        return {name: port for name, port in ports.items() if is_listening(port)}


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on this port of loopback."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
