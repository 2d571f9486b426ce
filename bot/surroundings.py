"""Which environment a reply speaks of. Every reply shows it."""

from dataclasses import dataclass
from typing import Self

from desk import environments
from desk.models import Channel
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an answer comes from. `delay_seconds` is how old its quotes are at best."""

    environment: str
    is_dry_run: bool = False
    delay_seconds: int = 0

    @classmethod
    def of_channel(cls, channel: Channel) -> Self:
        environment = channel.account.environment
        return cls(environment.name, environments.is_dry_run(environment), environment.quote_delay_seconds)

    @classmethod
    def of_order(cls, order: Order) -> Self:
        return cls(order.environment, order.dry_run, order.account.environment.quote_delay_seconds)

    @property
    def tag(self) -> str:
        """Return the words every reply begins with: PRACTICE · DRY RUN · DELAYED 15 min."""
        words = [self.environment.upper()]
        if self.is_dry_run:
            words.append("DRY RUN")
        if self.delay_seconds:
            words.append(f"DELAYED {_length(self.delay_seconds)}")
        return " · ".join(words)


def _length(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
