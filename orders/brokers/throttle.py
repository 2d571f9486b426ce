"""How fast many calls at once may be: as they come, until the broker says that it is too much."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# The broker publishes no quota; for a customer's own orders 20 requests a second are reported.
PER_SECOND = 18.0
REST_SECONDS = 1.0


@dataclass
class Throttle:
    """Thread-safe. After the first `slow_down` all rest a while, then go one by one at the pace."""

    per_second: float = PER_SECOND
    rest_seconds: float = REST_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_at: float = 0.0
    _is_slow: bool = False

    def wait(self) -> None:
        """Return when one more call may begin."""
        with self._lock:
            now = self.clock()
            begins = max(now, self._next_at)
            if self._is_slow:
                self._next_at = begins + 1 / self.per_second
        if begins > now:
            self.sleep(begins - now)

    def slow_down(self) -> None:
        """The broker answered 429."""
        with self._lock:
            self._is_slow = True
            self._next_at = max(self._next_at, self.clock() + self.rest_seconds)
