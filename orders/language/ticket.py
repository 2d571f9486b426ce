"""What a trader asked for, as values: parsed, not yet resolved against a chain, not yet recorded."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from orders.enums import Action, InstrumentType, OptionType, PriceRule, Side, TimeInForce


@dataclass(frozen=True, slots=True)
class Contract:
    """The instrument as the trader named it.

    `root` is upper case, futures with their slash (`/ES`); `expiry` of an option; `month` of a future
    as code and one digit of the year (`Z6`), empty for the front month.
    """

    kind: InstrumentType
    root: str
    expiry: date | None = None
    strike: Decimal | None = None
    option_type: OptionType | None = None
    month: str = ""


@dataclass(frozen=True, slots=True)
class TicketLeg:
    action: Action
    contract: Contract
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """What stood behind the @. Prices are USD per share or point, never negative.

    With rule LIMIT and no `start`, `bound` is the worst price; with both, the walk starts at `start`.
    `effect` says debit or credit of several legs, written or certain from them; None of one leg, whose
    action says it.
    """

    rule: PriceRule = PriceRule.NONE
    start: Decimal | None = None
    bound: Decimal | None = None
    effect: Side | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One order as asked for. `quantity` counts contracts, shares or spreads."""

    legs: tuple[TicketLeg, ...]
    quantity: int
    price: AskedPrice = field(default_factory=AskedPrice)
    time_in_force: TimeInForce = TimeInForce.DAY
    wait_seconds: int | None = None
    ticks: int | None = None
    retries: int | None = None
    account: str = ""
    dry_run: bool = False
    again: bool = False  # meant, although the same was asked for a moment ago
    shape: str = ""  # "vertical", "iron condor" ... as read; empty for a single leg
    stop: Decimal | None = None  # on the position's own price
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a text is no command. `start` and `end` count characters of the text as typed."""

    text: str
    start: int
    end: int
    message: str  # one sentence: what is wrong
    expected: str = ""  # what could stand there
    suggestion: str = ""  # the nearest right spelling
    example: str = ""  # a whole command that works

    def pointing(self) -> str:
        """Return the line at fault with a caret under the word, for a fixed-width block."""
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line = self.text[line_start:].split("\n", 1)[0]
        width = max(1, min(self.end - self.start, len(line) - (self.start - line_start)))
        return f"{line}\n{' ' * (self.start - line_start)}{'^' * width}"
