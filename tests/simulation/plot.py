"""What shall happen in a story, drawn from its seed beforehand, so that a part can be left out again."""

from dataclasses import dataclass, replace
from random import Random

# What may go wrong around one request of a worker: the n-th of its story.
AT_A_REQUEST = (
    "crash before",  # kill -9: the request is never made
    "crash after",  # kill -9: it is made, and its answer never seen
    "pause",  # SIGSTOP for some seconds, then on as if nothing were
)
# What may go wrong with one call of the broker: the n-th of its story.
AT_A_CALL = (
    "drop",  # nothing arrives, no answer
    "accept then drop",  # it is done, the answer is lost
    "late accept",  # it is done 5 to 25 s later, the answer is lost
    "refuse",  # a definitive 4xx
    "not sent",  # the connection is refused, or 401, or 429
    "reject later",  # accepted, then Rejected by the exchange
    "fail",  # a read answers 5xx
    "slow",  # the answer takes 3 to 5 s
)
# What may happen at any time, `seconds` from the start; for some, how long it lasts.
AT_A_TIME = (
    "stream down",
    "outage",  # reads answer 5xx
    "listing lag",  # nothing new is listed
    "queue down",  # no wake-up call arrives; the sweep goes on
    "cancelled by its trader",
    "cancelled at the broker",
    "amended by its trader",
    "both halves fill",  # of a pair, before either has ended the other
    "halt",
    "halt with cancel",
    "quotes gone",
    "market runs away",
    "every wake-up call five times",
)


@dataclass(frozen=True, slots=True)
class Mischief:
    """One thing that goes wrong: at the n-th request or call, or at a time."""

    kind: str
    at: float
    lasts: float = 0.0

    def __str__(self) -> str:
        where = f"at {self.at:.1f} s" if self.kind in AT_A_TIME else f"at number {self.at:.0f}"
        return f"{self.kind} {where}" + (f" for {self.lasts:.1f} s" if self.lasts else "")


@dataclass(frozen=True, slots=True)
class Plot:
    """One story: a seed for all that is by chance, and what goes wrong."""

    seed: int
    orders: int
    mischief: tuple[Mischief, ...]

    def without(self, each: Mischief) -> "Plot":
        return replace(self, mischief=tuple(m for m in self.mischief if m is not each))


def plot_of(seed: int) -> Plot:
    """Draw a story: a few orders, and from nothing to six things that go wrong."""
    rng = Random(seed)
    return Plot(seed, rng.choice((1, 1, 2, 3)), tuple(mischief(rng) for _ in range(rng.randint(0, 6))))


def mischief(rng: Random) -> Mischief:
    kind = rng.choice((*AT_A_REQUEST, *AT_A_CALL, *AT_A_CALL, *AT_A_TIME))
    if kind in AT_A_REQUEST:
        return Mischief(kind, rng.randint(1, 60), rng.uniform(0.5, 15) if kind == "pause" else 0.0)
    if kind in AT_A_CALL:
        return Mischief(kind, rng.randint(1, 25))
    return Mischief(kind, rng.uniform(0, 60), rng.uniform(1, 40))
