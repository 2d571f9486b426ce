"""What the machine may ask of the desk around it, inside the transaction that keeps its answer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from orders.machine.state import Order, Work
from orders.market import Quote
from orders.verdicts import Verdict


class Refusal(Exception):
    """The intent is not committed: a limit or a switch forbids it now."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.sentence} ({verdict.code})")
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Waits:
    """How long things may take; in seconds. Production's values are pinned by a test."""

    lease: float
    call: float  # the total deadline of one broker call
    send: float  # from the commit of an intent to its first byte
    absence_reads: int  # complete listings without it that prove absence
    absence_spacing: float
    absence_grace: float
    jitter: float  # about 1, another in each transaction


class Desk(Protocol):
    """The desk around one order, as it stands now. Asked for an intent, it holds the account's lock."""

    waits: Waits

    def refusal(self, price: Decimal | None, quote: Quote | None) -> Verdict | None:
        """Return why this may not be sent now: seal, rollout, trading state, reconcile, limits."""

    def is_in_session(self, now: datetime) -> bool: ...

    def is_stream_up(self, now: datetime, since: datetime | None = None) -> bool:
        """Whether the account's stream is connected, and has been without a gap since then."""

    def explanation(self, kind: str, key: str) -> str:
        """Return how a person explained this break of the account's, and who; empty while nobody has."""

    def identifier(self, order: Order, number: int) -> str:
        """Return the external identifier of an order's placement of that number, never given before."""

    def sleeping_exit(self, lease: str, now: datetime) -> Work | None:
        """Return the exit that is placed together with this entry (OTOCO), under the same lease.

        It is approved as of `now`: its placement counts from then on.
        """
