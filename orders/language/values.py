"""What a command may be: one frozen value each. The bot obeys them; nothing here acts."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from orders.enums import TimeInForce

from .ticket import AskedPrice, Contract, Ticket


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is to be worked where the trader said so; None and empty mean the policy decides."""

    time_in_force: TimeInForce | None = None
    wait_seconds: int | None = None
    ticks: int | None = None
    retries: int | None = None
    account: str = ""
    dry_run: bool = False
    again: bool = False  # meant, although the same was asked for a moment ago
    stop: Decimal | None = None  # on the position's own price
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Propose:
    """Record this order and ask for approval."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Close:
    """Leave a position: that of one of our orders, or that in a contract; exactly one of both is given.

    `quantity` wins over `fraction`. The side is not known before the position is; `price.effect` is what
    `max` (pays) or `min` (receives) implied, to be checked against it. `terms` may hold stop and target.
    """

    order_number: int | None = None
    contract: Contract | None = None
    fraction: Fraction = Fraction(1)
    quantity: int | None = None
    price: AskedPrice = field(default_factory=AskedPrice)
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class CancelOrders:
    """Cancel one order, or every one of the trader's own where `everything` is set."""

    number: int | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Amend:
    """Change what was written of an order; its approval is void afterwards.

    `price` is as written: with rule NONE its `bound` alone changes. Its `effect` is what `max` or `min`
    implied.
    """

    number: int
    quantity: int | None = None
    price: AskedPrice | None = None
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class ShowQuote:
    contract: Contract


@dataclass(frozen=True, slots=True)
class ShowChain:
    """Show the strikes from `low` to `high`; without an expiry the nearest one."""

    root: str
    expiry: date | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShowPositions:
    account: str = ""


@dataclass(frozen=True, slots=True)
class ShowOrders:
    account: str = ""


@dataclass(frozen=True, slots=True)
class ShowBalance:
    account: str = ""


@dataclass(frozen=True, slots=True)
class ShowOrder:
    number: int


@dataclass(frozen=True, slots=True)
class Help:
    """Help on a topic; an empty one is the overview."""

    topic: str = ""


Command = (
    Propose
    | Close
    | CancelOrders
    | Amend
    | ShowQuote
    | ShowChain
    | ShowPositions
    | ShowOrders
    | ShowBalance
    | ShowOrder
    | Help
)
