"""The faults, each with a name and what must come of its orders."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import servers
from tests.chaos.ground import Ground

Play = Callable[[Ground], int]
MOST_PLACEMENTS = 4  # of a practice order: one, and one more for each of its retries
NO_STEP = 600  # seconds at one price: the first placement is the only one
QUEUES = {"RabbitMQ": servers.rabbitmq, "Redis": servers.redis}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `play` approves the orders, strikes, and returns how often the fault struck."""

    name: str
    play: Play
    quantity: int
    wait_seconds: int
    placements: int | None  # that the exchange takes of each order; None: as many as it takes
    queues: tuple[str, ...]  # the servers to play it on


FAULTS: dict[str, Fault] = {}


def fault(
    name: str,
    *,
    quantity: int = 2,
    walks: bool = False,
    placed: int | None = 1,
    queues: tuple[str, ...] = ("RabbitMQ",),
) -> Callable[[Play], Play]:
    """Add a fault: of orders that walk a price each second, or of such that are placed exactly so often."""

    def added(play: Play) -> Play:
        wait_seconds, placements = (1, None) if walks else (NO_STEP, placed)
        FAULTS[name] = Fault(name, play, quantity, wait_seconds, placements, queues)
        return play

    return added


def plays() -> list[tuple[str, str]]:
    """Return every play: the queue's server and the fault's name."""
    return [(queue, name) for name, each in FAULTS.items() for queue in each.queues]


def part(named: str, seed: str) -> list[tuple[str, str]]:
    """Return the plays of one desk in the order of a seed: those on a server, or every n-th: `RabbitMQ 1/2`."""
    queue, _, share = named.partition(" ")
    found = [each for each in plays() if each[0] == queue]
    shuffled = random.Random(seed).sample(found, len(found))
    nth, _, of = share.partition("/")
    return shuffled[int(nth) - 1 :: int(of)] if share else shuffled


def title(queue: str, name: str) -> str:
    """Return what the page calls a play."""
    return name if queue == "RabbitMQ" else f"{name}, on {queue}"
