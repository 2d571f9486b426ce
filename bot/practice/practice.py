"""Everything one running practice server holds."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.practice.chat import Chat
from bot.practice.faults import Faults
from bot.practice.interactions import Interactions
from bot.practice.knobs import Abort, GatewayKnobs, InteractionKnobs
from bot.practice.limits import RateLimits
from bot.practice.messages import JSON
from bot.practice.page_feed import PageFeed
from bot.practice.sessions import Sessions
from bot.practice.store import Store

if TYPE_CHECKING:
    from bot.practice.gateway import Connection

LOGGED_REQUESTS = 2000


@dataclass
class Practice:
    """The parts of one server, wired together."""

    store: Store
    abort: Abort
    sessions: Sessions = field(default_factory=Sessions)
    page: PageFeed = field(default_factory=PageFeed)
    limits: RateLimits = field(default_factory=RateLimits)
    faults: Faults = field(default_factory=Faults)
    gateway: GatewayKnobs = field(default_factory=GatewayKnobs)
    interaction_knobs: InteractionKnobs = field(default_factory=InteractionKnobs)
    requests: deque[JSON] = field(default_factory=lambda: deque(maxlen=LOGGED_REQUESTS))
    connections: "set[Connection]" = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chat = Chat(self.store, self.sessions, self.page)
        self.interactions = Interactions(self.chat, self.interaction_knobs)

    def tell_presence(self) -> None:
        """Tell the pages how many bots are here."""
        self.page.publish({"type": "bots", "connected": len(self.sessions.connected())})


def open_practice(path: Path | str, abort: Abort) -> Practice:
    """Open the store and build a server's state around it."""
    return Practice(Store(path), abort)
