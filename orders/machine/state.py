"""What is known of one order that is worked: its terms, where it stands, its placements and fills.

The caller owns the values: it makes them, under the order's lock, and keeps what came of them. A column of
a row and the field here have one name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders import lifecycle
from orders.enums import (
    Action,
    InstrumentType,
    OrderStatus,
    OrderType,
    PlacementStatus,
    PriceRule,
    Role,
    Side,
    TimeInForce,
)
from orders.ladder import Terms
from orders.market import TickTable
from orders.order_facts import OrderFacts
from orders.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Leg:
    """One instrument; `ratio` per unit of the order's quantity."""

    kind: InstrumentType
    symbol: str
    action: Action
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution, of the placement with that external identifier, or the entry that takes one back.

    `compensates` is the fill id that such an entry is about; its quantity may be negative.
    """

    fill_id: str
    external_identifier: str
    symbol: str
    quantity: int
    price: Decimal
    filled_at: datetime
    broker_order_id: str = ""
    compensates: str = ""


@dataclass(slots=True)
class Half:
    """One half of a pair that excludes each other at the broker."""

    role: Role
    external_identifier: str
    broker_order_id: str = ""
    broker_status: str = ""
    reject_reason: str = ""
    fills_missing: bool = False
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Placement:
    """One order at the broker. `replaces` is the external identifier of the one it takes over from."""

    external_identifier: str
    rung: int
    quantity: int
    limit_price: Decimal | None
    intended_at: datetime
    send_deadline_at: datetime
    stop_price: Decimal | None = None
    bid_price: Decimal | None = None
    ask_price: Decimal | None = None
    replaces: str = ""
    status: PlacementStatus = PlacementStatus.SENDING
    broker_order_id: str = ""
    complex_order_id: str = ""
    broker_status: str = ""
    cause: str = ""
    filled_quantity: int = 0
    answered_at: datetime | None = None
    latency_ms: int | None = None
    fills_missing: bool = False
    is_zombie: bool = False
    cancel_requested_at: datetime | None = None
    cancel_attempts: int = 0
    ended_at: datetime | None = None
    absent_reads: int = 0
    absent_since_at: datetime | None = None
    absent_read_at: datetime | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    read_at: datetime | None = None
    halves: tuple[Half, ...] = ()

    def __str__(self) -> str:
        return self.external_identifier

    @property
    def is_live(self) -> bool:
        return self.status in lifecycle.PLACEMENT_LIVE

    @property
    def is_named(self) -> bool:
        """Whether the broker has told what it is called there."""
        return bool(self.broker_order_id or self.complex_order_id)

    def move_to(self, status: PlacementStatus, *, now: datetime, cause: str = "") -> None:
        """Change status. Raises IllegalTransition if the table has no such arrow."""
        lifecycle.require_placement(self.status, status)
        self.status = status
        self.cause = cause[:300] or self.cause
        self.ended_at = now if status in lifecycle.PLACEMENT_TERMINAL else None


# --- notes: what the machine wants written or done beside the state itself ---------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the order, for its audit trail."""

    sequence: int
    kind: str
    by: str
    at: datetime
    old_status: str
    new_status: str
    reason: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A difference between the broker and us, for the list of breaks."""

    kind: str
    key: str
    sentence: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """Trading of the account has to stop, once this is kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outage:
    """The broker did not answer: compare everything before the next send of this account."""

    error: Exception


Note = Event | Broken | Halt | Outage | Verdict


# --- the order ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Order(OrderFacts):
    """The order's terms, fixed by its approval, and where it stands."""

    pk: int
    environment: str
    status: OrderStatus
    side: Side
    quantity: int
    order_type: OrderType
    time_in_force: TimeInForce
    price_rule: PriceRule
    tick_table: TickTable
    retries: int
    ticks: int
    wait_seconds: int
    method: str
    end: str
    before_open: str
    max_spread_percent: int
    max_move_ticks: int
    patience_seconds: int
    start_price: Decimal | None = None
    bound_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_price: Decimal | None = None
    proposal_bid_price: Decimal | None = None
    proposal_ask_price: Decimal | None = None
    arrival_mid_price: Decimal | None = None
    dry_run: bool = False

    version: int = 1
    rung: int = 0
    walks: int = 1
    filled_quantity: int = 0
    average_fill_price: Decimal | None = None
    cancel_requested_by: str = ""
    amendment: Mapping[str, Any] = field(default_factory=dict)
    waits_for_entry: bool = False
    note: str = ""
    parked_reason: str = ""
    needs_review: bool = False
    is_resend_confirmed: bool = False
    failures: int = 0
    lapses_at: datetime | None = None
    reminded_at: datetime | None = None
    approved_at: datetime | None = None
    holding_since: datetime | None = None
    closed_at: datetime | None = None
    step_due_at: datetime | None = None
    next_action_at: datetime | None = None
    lease: str = ""
    leased_until: datetime | None = None

    notes: list[Note] = field(default_factory=list)
    is_woken: bool = False  # a worker is to look at it as soon as this is kept

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def terms(self) -> Terms:
        return Terms(
            self.side, self.price_rule, self.tick_table, self.retries, self.ticks, self.start_price,
            self.bound_price,
        )  # fmt: skip

    def move_to(
        self, status: OrderStatus, *, by: str, now: datetime, reason: str = "", **detail: Any
    ) -> None:
        """Change status and tell so. Raises IllegalTransition if the table has no such arrow."""
        lifecycle.move(self, status, by=by, now=now, reason=reason, **detail)

    def tell(
        self, kind: str, *, by: str, now: datetime, old: str = "", reason: str = "", **detail: Any
    ) -> None:
        """Note an event and make the order's new version visible."""
        self.version += 1
        self.notes.append(Event(self.version, kind, by, now, old, self.status, reason, detail))


@dataclass(slots=True)
class Work:
    """An order with all that belongs to it. Placements are oldest first."""

    order: Order
    legs: tuple[Leg, ...]
    placements: list[Placement] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    known_fill_ids: set[str] = field(default_factory=set)  # of the whole account, as far as asked

    def live(self) -> list[Placement]:
        """Return the placements that may trade, or may come to."""
        return [p for p in self.placements if p.is_live]

    def placement(self, external_identifier: str) -> Placement:
        """Return one placement. Raises ValueError for one that is not of this order."""
        for each in self.placements:
            if each.external_identifier == external_identifier:
                return each
        raise ValueError(f"no placement of {self.order}: {external_identifier=}")

    def replacements(self, placement: Placement) -> list[Placement]:
        return [p for p in self.placements if p.replaces == placement.external_identifier]

    def filled_by_leg(self, fills: Iterable[Fill]) -> list[int]:
        """Return how much of each leg these fills are, in the order of the legs."""
        sums = dict.fromkeys((leg.symbol for leg in self.legs), 0)
        for fill in fills:
            sums[fill.symbol] += fill.quantity
        return [sums[leg.symbol] for leg in self.legs]

    def filled_units(self, fills: Iterable[Fill]) -> int:
        """Return how many whole units of the order have filled on every leg."""
        return min(done // leg.ratio for done, leg in zip(self.filled_by_leg(fills), self.legs, strict=True))

    def fills_of(self, placement: Placement) -> list[Fill]:
        return [f for f in self.fills if f.external_identifier == placement.external_identifier]

    def open_break(self, kind: str, key: str, sentence: str, *, symbol: str = "") -> None:
        self.order.notes.append(Broken(kind, key, sentence, symbol))

    def halt(self, reason: str) -> None:
        self.order.notes.append(Halt(reason))
