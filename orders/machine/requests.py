"""What a turn's script may want: to read, to commit, to call. Answered by whoever runs it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from orders import moves
from orders.brokers.base import BrokerOrder
from orders.machine.desk import Desk
from orders.machine.state import Order, Work
from orders.market import Quote


@dataclass(frozen=True, slots=True)
class Read:
    """Read the order as it stands, without a lock; answered with Work."""


class Seen(NamedTuple):
    """The order as it stands, not locked; the market as far as the desk knows it; the time."""

    work: Work
    market: moves.MarketView
    now: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """Read the order and, without a quote, the market around it; answered with Seen."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Run `change(work, desk, now)` under the order's lock and keep what came of it, all or nothing.

    `order` names another order than the one whose turn it is. An intent takes the account's lock first.
    """

    change: Callable[[Work, Desk, datetime], Any]
    order: int | None = None
    is_intent: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    """Commit a reading to the placement it is of; `otherwise` to this one."""

    reading: BrokerOrder
    by: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call the broker: a method's name and its arguments. Answered with what it returns."""

    method: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadQuote:
    """Read the package's quote; answered with the market around it, as (MarketView, the time)."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Have a person decide again: void the approval, make noted amendments true.

    Void itself where the order is not of that version any more.
    """

    reason: str
    quote: Quote | None
    lease: str
    version: int


@dataclass(frozen=True, slots=True)
class Finish:
    """A closed order has one thing left to do: what filled of it gets its exit."""

    lease: str


Request = Read | Look | Commit | Take | Call | ReadQuote | AskAgain | Finish
Script = Generator[Request, Any, None]


@dataclass(slots=True)
class Turn:
    """The lease, the order as it was looked at, and the quote if one was read."""

    lease: str
    work: Work
    quote: Quote | None = None

    def has_changed(self, order: Order) -> bool:
        """Whether someone wrote to the order since it was looked at: then it is looked at again."""
        return order.version != self.work.order.version
