"""Signs of life: which processes must show one, how often, and which have fallen silent.

A registry, like preflight's: `orders` and `bot` add theirs at start-up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.models import Heartbeat


@dataclass(frozen=True, slots=True)
class Expected:
    """A process that writes a Heartbeat under this name, at least this often while it lives."""

    name: str
    what: str  # for people
    silence: timedelta


@dataclass(frozen=True, slots=True)
class Sign:
    """What is known of one expected process; `beat_at` is None if it never showed itself."""

    expected: Expected
    beat_at: datetime | None
    now: datetime

    @property
    def is_alive(self) -> bool:
        return self.beat_at is not None and self.now - self.beat_at <= self.expected.silence

    @property
    def sentence(self) -> str:
        if self.beat_at is None:
            return f"{self.expected.what} has never shown a sign of life"
        age = max((self.now - self.beat_at).total_seconds(), 0)
        return f"{self.expected.what}: last sign of life {age:.0f} s ago"


_expected: dict[str, Expected] = {}


def expect(name: str, what: str, silence: timedelta) -> None:
    """Have a process watched; a second call under the same name replaces the first."""
    _expected[name] = Expected(name, what, silence)


def signs(now: datetime) -> list[Sign]:
    """Return what is known of every expected process, in one query."""
    beats = dict(Heartbeat.objects.filter(pk__in=_expected).values_list("name", "beat_at"))
    return [Sign(each, beats.get(each.name), now) for each in _expected.values()]
