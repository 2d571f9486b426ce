"""Two times: the exchange's, real until somebody holds it, and the market's, which may run faster."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def aware(text: str) -> datetime:
    """Return an ISO time that has an offset. Raises ValueError for any other."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time needs its offset: {text}")
    return at


class Time:
    """The exchange's time. Held, it stands still and moves only when it is turned: never back.

    Released, it goes on at the pace of the real one from where it stood.
    """

    def __init__(self, held_at: datetime | None = None) -> None:
        self._held_at = held_at
        self._ahead = timedelta(0)  # of the real time

    def __call__(self) -> datetime:
        return real_now() + self._ahead if self._held_at is None else self._held_at

    @property
    def is_held(self) -> bool:
        return self._held_at is not None

    def hold(self, at: datetime | None = None) -> None:
        """Stand still, now or at a later time. Raises ValueError for an earlier one."""
        now = self()
        if at is not None and at < now:
            raise ValueError(f"time does not go back: it is {now.isoformat()}, asked for {at.isoformat()}")
        self._held_at = at or now

    def release(self) -> None:
        if self._held_at is not None:
            self._ahead, self._held_at = self._held_at - real_now(), None


@dataclass(slots=True)
class MarketClock:
    """Counts the market's seconds since its epoch.

    `speed` scales only how fast prices move and resting orders trade; tokens, heartbeats, sessions and
    time stamps follow the exchange's time. Paused, the market stands still and nothing more trades.
    """

    epoch: datetime
    speed: float = 1.0
    now: Callable[[], datetime] = field(default_factory=Time)
    _paused_at: float | None = field(default=None)
    _shift: float = 0.0

    def seconds(self) -> float:
        """Return market seconds since the epoch."""
        if self._paused_at is not None:
            return self._paused_at
        return self._running() - self._shift

    def _running(self) -> float:
        return (self.now() - self.epoch).total_seconds() * self.speed

    @property
    def paused(self) -> bool:
        return self._paused_at is not None

    def pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = self.seconds()

    def resume(self) -> None:
        """Go on from where the market stood still: prices do not jump."""
        if self._paused_at is not None:
            self._shift = self._running() - self._paused_at
            self._paused_at = None
