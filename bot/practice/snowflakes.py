"""Discord's ids: 42 bits of milliseconds since 2015, then 22 bits to tell the rest apart."""

import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000  # 2015-01-01T00:00:00Z


def made_at(snowflake: int) -> datetime:
    """Return the moment written in an id."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


def iso(moment: datetime) -> str:
    """Write a moment as Discord does: ISO 8601, microseconds, explicit offset."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Hand out ids that grow, even when the clock steps back or the server restarts."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def next(self) -> int:
        """Return an id of this moment, larger than every one before it."""
        now = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last
