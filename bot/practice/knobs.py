"""What a test or a rehearsal may turn on a running server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.practice.intents import ALL_ALLOWED

# Cut the connection of that peer (host, port) without a farewell.
Abort: TypeAlias = Callable[[tuple[str, int]], None]


@dataclass
class GatewayKnobs:
    """How the gateway behaves."""

    heartbeat_interval_ms: int = 41_250
    ack: bool = True  # answer heartbeats
    down: bool = False  # refuse every connection
    application_flags: int = ALL_ALLOWED  # which privileged intents are allowed
    sends_per_minute: int = 120  # more from one client: close 4008
    close_before_ready: list[int] = field(default_factory=list)  # codes, one per coming IDENTIFY or RESUME


@dataclass
class InteractionKnobs:
    """Discord's deadlines for interactions."""

    ack_seconds: float = 3.0  # the first answer
    token_seconds: float = 900.0  # follow-ups
