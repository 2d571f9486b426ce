"""What a message mentions, each with the place of its token; nothing decided yet."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from orders.enums import OptionType, PriceRule, Side

from .reading import Trigger
from .tokens import Kind, Token
from .words import Verb

T = TypeVar("T")


class Use(Enum):
    UNKNOWN = "nobody explains it"
    CORE = "a part of the order itself"
    BESIDE = "stop, target, style, filler: harmless beside the order"
    BOUNDARY = "parts sentences"


@dataclass(frozen=True, slots=True)
class At(Generic[T]):
    """A mention and the place of its token."""

    at: int
    value: T


class Price(NamedTuple):
    """`to` is the other end of an entry range; `firm` prices stood behind a cue (@, at, entry)."""

    value: Decimal
    to: Decimal | None = None
    firm: bool = True


class Strike(NamedTuple):
    value: Decimal
    option_type: OptionType


class Strikes(NamedTuple):
    """The strikes of a spread in their order; one type for all, one for each, or none written."""

    values: tuple[Decimal, ...]
    types: tuple[OptionType, ...] = ()


Level = Decimal | str  # on the premium, or percent of it


@dataclass(slots=True)
class Evidence:
    """Filled by `gather`, read by the readings. `troubles` are reasons to refer the message."""

    tokens: list[Token]
    uses: list[Use] = field(default_factory=list)
    clauses: list[int] = field(default_factory=list)
    day_places: list[int] = field(default_factory=list)  # tokens that are a day
    has_whole_strike: bool = False  # a strike with its type, as one token
    verbs: list[At[Verb]] = field(default_factory=list)
    tickers: list[At[str]] = field(default_factory=list)
    strikes: list[At[Strike]] = field(default_factory=list)
    chains: list[At[Strikes]] = field(default_factory=list)
    types: list[At[OptionType]] = field(default_factory=list)
    bare_strikes: list[At[Decimal]] = field(default_factory=list)
    shapes: list[At[str]] = field(default_factory=list)
    days: list[At[date]] = field(default_factory=list)
    prices: list[At[Price]] = field(default_factory=list)
    bounds: list[At[Decimal]] = field(default_factory=list)  # "max 1.40"
    minuses: list[int] = field(default_factory=list)  # quantities with a minus of their own
    averages: list[At[Decimal]] = field(default_factory=list)
    rules: list[At[PriceRule]] = field(default_factory=list)
    effects: list[At[Side]] = field(default_factory=list)
    counts: list[At[int]] = field(default_factory=list)
    parts: list[At[Decimal | None]] = field(default_factory=list)  # None: a part of unknown size
    alls: list[int] = field(default_factory=list)
    keeps: list[int] = field(default_factory=list)
    gains: list[int] = field(default_factory=list)  # "up 50%"
    results: list[int] = field(default_factory=list)  # "profit", "loss"
    origins: list[int] = field(default_factory=list)  # "from 1.25"
    stops: list[At[Level]] = field(default_factory=list)
    targets: list[At[Level]] = field(default_factory=list)
    triggers: list[At[Trigger]] = field(default_factory=list)
    idle_days: list[int] = field(default_factory=list)  # "tomorrow", "friday" that are no expiry
    open_levels: list[int] = field(default_factory=list)  # "over" without a number: "over VWAP"
    idle_cues: list[int] = field(default_factory=list)  # "stop", "profit", "boom": no number behind them
    kept: list[int] = field(default_factory=list)  # quantities that stay: "leaving 2"
    strays: list[int] = field(default_factory=list)  # numerals nobody explains
    troubles: list[str] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)  # labels that say an entry follows

    def take(self, use: Use, *places: int) -> None:
        for place in places:
            self.uses[place] = use

    @property
    def symbols(self) -> list[str]:
        """Return the different tickers, in their order."""
        return list(dict.fromkeys(ticker.value for ticker in self.tickers))

    @property
    def contracts(self) -> list[Strike]:
        return list(dict.fromkeys(strike.value for strike in self.strikes))

    @property
    def expiries(self) -> list[date]:
        return list(dict.fromkeys(day.value for day in self.days))

    @property
    def is_spread(self) -> bool:
        """Say whether anything speaks of several legs."""
        return bool(self.shapes or self.chains)

    @property
    def has_contract(self) -> bool:
        return bool(self.strikes or self.types or self.chains)

    def core(self) -> tuple[int, int]:
        """Return the first and the last place of the order itself; (-1, -1) where there is none."""
        places = [at for at, use in enumerate(self.uses) if use is Use.CORE]
        return (places[0], places[-1]) if places else (-1, -1)


def pass_by(ev: Evidence, at: int) -> int:
    """Set a token aside as harmless and return the place behind it."""
    ev.take(Use.BESIDE, at)
    return at + 1


def split_clauses(tokens: list[Token]) -> list[int]:
    """Return for each token the number of its clause; lines, emoji, full stops and brackets part them."""
    clauses, clause = [], 0
    for token in tokens:
        if is_boundary(token):
            clause += 1
        clauses.append(clause)
    return clauses


def is_boundary(token: Token) -> bool:
    if token.kind in (Kind.LINE, Kind.BREAK):
        return True
    return token.kind is Kind.MARK and token.text in '.!?;()[]"'
