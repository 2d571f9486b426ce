"""The broker as the desk sees it: our own values, and outcomes instead of exceptions.

`tastytrade.py` beside this file is the only implementation; the SDK's types stop there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol, TypeAlias

from orders.enums import Action, InstrumentType, OrderType, Side, TimeInForce
from orders.market import Instrument, Quote


class Phase(Enum):
    """What a broker's order status means for us. An unknown status counts as WORKING: it may trade."""

    SUBMITTED = "submitted"  # Received, Routed, In Flight, Contingent: already live risk
    WORKING = "working"  # Live, Cancel Requested, Replace Requested, and any word we don't know
    TERMINAL = "terminal"  # Filled, Cancelled, Expired, Rejected, Removed, Partially Removed, Dead


SUBMITTED_STATUSES = frozenset({"Received", "Routed", "In Flight", "Contingent"})
TERMINAL_STATUSES = frozenset(
    {"Filled", "Cancelled", "Expired", "Rejected", "Removed", "Partially Removed", "Dead"}
)


def phase_of(status: str) -> Phase:
    if status in TERMINAL_STATUSES:
        return Phase.TERMINAL
    return Phase.SUBMITTED if status in SUBMITTED_STATUSES else Phase.WORKING


@dataclass(frozen=True, slots=True)
class DraftLeg:
    """One leg of what we ask for; `quantity` in contracts or shares (ratio times order quantity)."""

    kind: InstrumentType
    symbol: str
    action: Action
    quantity: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One order as it will be sent. `price` is never negative; `side` says debit or credit.

    Closing legs are sent with strict position-effect validation: the broker must reject, not
    relabel, a close without a position.
    """

    external_identifier: str
    legs: tuple[DraftLeg, ...]
    side: Side
    price: Decimal | None  # None only for a market order
    order_type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.DAY
    send_before: datetime | None = None  # aware; no byte of it leaves after this: NotSent instead
    stop_trigger: Decimal | None = None  # of a Stop, which has no price


@dataclass(frozen=True, slots=True)
class ComplexDraft:
    """Orders that the broker ties together: one ends the other (OCO), an entry lets both in (OTOCO)."""

    target: Draft  # a limit
    stop: Draft  # a stop
    trigger: Draft | None = None  # the entry of an OTOCO
    send_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrokerFill:
    fill_id: str
    symbol: str
    quantity: int
    price: Decimal
    filled_at: datetime


@dataclass(frozen=True, slots=True)
class BrokerLeg:
    symbol: str
    action: Action
    quantity: int
    remaining_quantity: int
    fills: tuple[BrokerFill, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """One order as the broker reports it; `raw` is its JSON, kept as the reading of record."""

    broker_order_id: str
    status: str
    legs: tuple[BrokerLeg, ...]
    external_identifier: str = ""
    price: Decimal | None = None
    reject_reason: str = ""
    replaces_order_id: str = ""  # the one it took over from
    replacing_order_id: str = ""  # the one that took over from it
    complex_order_id: str = ""  # the bundle it is a part of
    order_type: str = ""  # in the broker's words
    source: str = ""  # which program sent it: tells ours from a person's own
    received_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def phase(self) -> Phase:
        return phase_of(self.status)

    @property
    def fills(self) -> tuple[BrokerFill, ...]:
        return tuple(fill for leg in self.legs for fill in leg.fills)

    @property
    def lacks_fills(self) -> bool:
        """Whether more was executed, by the remainders, than the fills that are attached."""
        return any(
            leg.quantity - leg.remaining_quantity > sum(fill.quantity for fill in leg.fills)
            for leg in self.legs
        )


@dataclass(frozen=True, slots=True)
class BrokerBundle:
    """A complex order as the broker reports it; `trigger` only where one waits for its fill."""

    complex_order_id: str
    orders: tuple[BrokerOrder, ...]
    trigger: BrokerOrder | None = None

    def __iter__(self) -> Iterator[BrokerOrder]:
        return iter((self.trigger, *self.orders) if self.trigger is not None else self.orders)


# --- the outcome of a call that changes something --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """2xx: the broker has it (which is not yet the exchange)."""

    order: BrokerOrder
    latency_ms: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentComplex:
    """2xx: the broker has the whole bundle."""

    bundle: BrokerBundle
    latency_ms: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A definitive 4xx in the broker's own JSON envelope: certainly not created."""

    code: str
    message: str
    http_status: int


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not created, and the same call may be made later: no byte left, or 401, or 429."""

    cause: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes left and no definitive answer came back: may exist. Only ever read back."""

    cause: str
    http_status: int | None = None


Outcome: TypeAlias = Sent | Refused | NotSent | Unknown
ComplexOutcome: TypeAlias = SentComplex | Refused | NotSent | Unknown


# --- reading ---------------------------------------------------------------------------------------


class BrokerError(Exception):
    """A read, or a token refresh, failed. The text is one sentence for people, without secrets."""


class BrokerUnavailable(BrokerError):
    """Nothing answered, or 5xx or 429: the same read may succeed later."""


class CredentialsRefused(BrokerError):
    """The grant is revoked, or the credentials are of the other environment: a person must act."""


class NotFound(BrokerError):
    """The broker does not know this symbol or order."""


class HostNotSealed(BrokerError):
    """A request to a host outside the environment's sealed set: refused before a socket opened."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing read item by item: what could not be read is a break to show, not an exception."""

    orders: tuple[BrokerOrder, ...]
    unreadable: tuple[Mapping[str, Any], ...] = ()
    is_complete: bool = True  # every page was read

    def __iter__(self) -> Iterator[BrokerOrder]:
        return iter(self.orders)

    def by_external_identifier(self, external_identifier: str) -> BrokerOrder | None:
        found = [o for o in self.orders if o.external_identifier == external_identifier]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the broker says an order would do. Money signed from our side: negative pays.

    `errors` are (code, sentence) of the preflight checks that failed; with any, it would be refused.
    """

    buying_power_effect: Decimal | None
    fees: Decimal | None
    warnings: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    cash: Decimal
    net_liquidating_value: Decimal
    option_buying_power: Decimal
    equity_buying_power: Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """One holding; `quantity` is signed, short negative."""

    symbol: str
    kind: InstrumentType
    underlying: str
    quantity: int
    average_open_price: Decimal
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class PositionListing:
    """Holdings read item by item: what could not be read is a break to show, not an exception."""

    positions: tuple[Position, ...]
    unreadable: tuple[Mapping[str, Any], ...] = ()

    def __iter__(self) -> Iterator[Position]:
        return iter(self.positions)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One entry in the account's books. Money signed from our side: negative pays.

    A trade is booked once per fill, and `fill_id` says which. What is taken back (a bust, or the
    first half of a correction) is an entry of its own that names the one it `reverses_id`.
    """

    transaction_id: str
    kind: str  # in the broker's words: Trade, Receive Deliver, Money Movement
    sub_kind: str
    executed_at: datetime
    value: Decimal
    net_value: Decimal  # after fees
    fees: Decimal  # all of them together
    description: str = ""
    symbol: str = ""
    action: Action | None = None  # None where nothing was traded, and for actions we don't know
    quantity: Decimal | None = None
    price: Decimal | None = None
    fill_id: str = ""
    broker_order_id: str = ""
    reverses_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_trade(self) -> bool:
        return self.kind == "Trade"


@dataclass(frozen=True, slots=True)
class TransactionListing:
    """Entries read item by item, newest first; the unreadable ones are breaks to show."""

    transactions: tuple[Transaction, ...]
    unreadable: tuple[Mapping[str, Any], ...] = ()
    is_complete: bool = True  # every page was read

    def __iter__(self) -> Iterator[Transaction]:
        return iter(self.transactions)


@dataclass(frozen=True, slots=True)
class Expiration:
    """One expiry of a chain: `root` is SPX or SPXW, `strikes` ascending, with both option symbols."""

    root: str
    expires_on: date
    strikes: tuple[Decimal, ...]
    calls: Mapping[Decimal, Instrument]
    puts: Mapping[Decimal, Instrument]
    is_am_settled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One trading session; times are aware UTC."""

    opens_at: datetime
    closes_at: datetime


class Broker(Protocol):
    """One account in one environment. Sync, thread-safe; every call has a total deadline.

    Calls that change something return an Outcome and never raise for what the broker or the wire
    did. Reads raise BrokerError.
    """

    environment: str
    account_number: str

    def refresh(self) -> None:
        """Make the access token good for the next minute. Raises BrokerUnavailable, CredentialsRefused."""

    def place(self, draft: Draft) -> Outcome: ...
    def replace(self, broker_order_id: str, draft: Draft) -> Outcome: ...
    def cancel(self, broker_order_id: str) -> Outcome: ...
    def place_complex(self, draft: ComplexDraft) -> ComplexOutcome: ...
    def cancel_complex(self, complex_order_id: str) -> ComplexOutcome:
        """Ask for everything of a bundle that is still open to be cancelled; repeating it is safe."""

    def dry_run(self, draft: Draft) -> DryRun: ...

    def complex_order(self, complex_order_id: str) -> BrokerBundle: ...
    def order(self, broker_order_id: str) -> BrokerOrder: ...
    def live_orders(self) -> Listing:
        """Every order of today, any status, and older ones still live."""

    def orders_since(self, day: date) -> Listing: ...

    def quotes(self, instruments: Sequence[Instrument]) -> Mapping[str, Quote]:
        """Return quotes by symbol; an instrument without one is absent."""

    def equity(self, symbol: str) -> Instrument: ...
    def option(self, occ_symbol: str) -> Instrument: ...
    def option_chain(self, underlying: str) -> Sequence[Expiration]:
        """Return every expiry of every root of the underlying (SPX: SPX and SPXW), by date."""

    def futures(self, root: str) -> Sequence[Instrument]:
        """Return the tradeable contracts of a root (`/ES`), nearest first."""

    def future_option_chain(self, root: str) -> Sequence[Expiration]: ...
    def balance(self) -> Balance: ...
    def positions(self) -> Sequence[Position]:
        """Return the holdings of the kinds the desk trades; one that can't be read raises BrokerError."""

    def position_listing(self) -> PositionListing:
        """Return the same, without losing the others to one that can't be read."""

    def transactions_since(self, day: date) -> TransactionListing:
        """Return the entries of the account's books since the broker's day."""

    def sessions(self, day: date) -> Mapping[InstrumentType, Session]:
        """Return the sessions of a day, by what is traded; a closed day has none."""

    def server_time(self) -> datetime:
        """Return the broker's clock, from the Date header of an answer."""
