"""What was asked of the broker in one call, and the gate that closes when the call is given up. Pure."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

TOKEN_PATH = "/oauth/token"  # noqa: S105 -- a path, not a secret


class TooLate(Exception):
    """The call was given up, or its time was over, before the first byte left."""


@dataclass(slots=True)
class RequestRecord:
    """One HTTP request. `body` is the whole answer, absent while it has not all arrived."""

    method: str
    path: str
    bytes_began: bool = False  # a connection stood and writing the request to it began
    status: int | None = None
    content_type: str = ""
    date: str = ""  # the answer's Date header
    body: bytes | None = None
    latency_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Call:
    """One call of ours, which may need several requests (a token first, pages).

    The caller's thread keeps it, so that it can be read even when the event loop hangs.
    """

    seconds: float
    send_before: datetime | None = None
    records: list[RequestRecord] = field(default_factory=list)
    is_abandoned: bool = False
    started: float = field(default_factory=time.monotonic)

    @property
    def remaining_seconds(self) -> float:
        return max(self.started + self.seconds - time.monotonic(), 0.0)

    def abandon(self) -> None:
        """Let no further request begin. Read `bytes_began` only after this."""
        self.is_abandoned = True

    def begin(self, record: RequestRecord) -> None:
        """Pass the gate just before the first byte. Raises TooLate, and then nothing was written.

        The mark is set before the look: a caller that abandons and then reads no mark can be sure
        that this side will see the gate closed.
        """
        record.bytes_began = True
        if why := self._shut():
            record.bytes_began = False
            raise TooLate(why)

    def _shut(self) -> str:
        if self.is_abandoned:
            return "the call was given up before its first byte"
        if not self.remaining_seconds:
            return "the time of the call was over before its first byte"
        if self.send_before and datetime.now(UTC) >= self.send_before:
            return "the send deadline passed before the first byte"
        return ""

    def own(self, method: str, path: str) -> RequestRecord | None:
        """Return the record of the request this call is about, never that of the token."""
        found = [r for r in self.records if (r.method, r.path) == (method, path)]
        return found[-1] if found else None

    def last(self) -> RequestRecord | None:
        return self.records[-1] if self.records else None


_CURRENT: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def recording(call: Call) -> Iterator[None]:
    """Make every request of this task part of `call`."""
    token = _CURRENT.set(call)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_call() -> Call:
    """Return the call under way; a request outside of one is recorded for nobody, without a deadline."""
    return _CURRENT.get() or Call(seconds=float("inf"))
