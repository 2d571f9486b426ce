"""What the plan sees of an order, and the moves it may decide on. Values only; pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from orders.enums import OrderStatus as O
from orders.enums import OrderType
from orders.enums import PlacementStatus as P
from orders.ladder import Terms
from orders.market import Quote

HOLD_SECONDS = 2.0
POLL_SECONDS = 30.0  # with the account stream up; fills come by it
POLL_WITHOUT_STREAM_SECONDS = 4.0
CANCEL_POLL_SECONDS = 0.5
READ_BACK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class OrderView:
    """What the plan has to know of an order. Quantities in the order's own units."""

    status: O
    terms: Terms
    order_type: OrderType
    quantity: int
    filled_quantity: int
    rung: int
    step_due_at: datetime | None
    wait_seconds: int
    replaces: bool  # policy: replace at the broker instead of cancel and resubmit
    cancels_at_end: bool  # policy: nothing rests
    waits_for_open: bool
    max_spread_percent: int
    max_move_ticks: int
    patience_seconds: int
    proposal_mid: Decimal | None
    last_price: Decimal | None  # of the last placement that left
    intents: int  # placements that may have left
    walks: int
    holding_since: datetime | None = None
    is_cancel_wanted: bool = False
    amend_reason: str = ""  # its trader wants it otherwise: stop, then ask again
    is_exit: bool = False  # rests at its target and its stop, no walk
    target: Decimal | None = None
    is_gtc: bool = False
    approved_at: datetime | None = None
    waits_for_entry: bool = False  # an exit that sleeps at the broker until its entry has filled
    is_dry_run: bool = False
    may_resend_after_absence: bool = True  # production waits for a person's click
    is_parked: bool = False  # a person has to look first: nothing new is sent
    is_uneven: bool = False  # its legs have filled in other proportions than it has

    @property
    def leaves(self) -> int:
        return max(self.quantity - self.filled_quantity, 0)


@dataclass(frozen=True, slots=True)
class PlacementView:
    status: P
    price: Decimal | None
    quantity: int
    filled_quantity: int
    rung: int
    broker_status: str = ""
    was_cancel_ours: bool = False
    cancel_requested_at: datetime | None = None
    cancel_attempts: int = 0
    cause: str = ""
    fills_missing: bool = False  # more was executed than the fills we were shown
    is_replacement: bool = False
    has_broker_id: bool = True


@dataclass(frozen=True, slots=True)
class MarketView:
    """The quote of the package, the session now or next, and when the last one closed; None without one."""

    quote: Quote | None = None
    quote_fault: str = ""  # why there is no quote
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    is_stream_up: bool = False
    is_sending_allowed: bool = True  # trading state, seal and first reconcile
    why_not: str = ""


# --- moves -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Commit the intent and POST; `price` is None for a market order."""

    rung: int
    price: Decimal | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Replace:
    rung: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Cancel:
    """DELETE. 2xx means requested; repeating it is safe."""

    reason: str
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class CountStep:
    """The next price equals the working one: keep the queue priority, count the step."""

    rung: int


@dataclass(frozen=True, slots=True)
class Rest:
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    reason: str
    until: datetime
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An unknown outcome: read the listings until it is found or proven absent."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    status: O
    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    """Stop until a person has looked."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskDryRun:
    """Ask the broker's dry-run endpoint, tell, and close: nothing is placed."""

    price: Decimal | None


Move: TypeAlias = (
    Place | Replace | Cancel | CountStep | Rest | Hold | Wait | ReadBack | AskAgain | Close | Park | AskDryRun
)
