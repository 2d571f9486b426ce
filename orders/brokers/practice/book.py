"""An order at the exchange as values, and how the broker's API writes it."""

import math
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from orders.brokers.practice.instruments import Kind
from orders.brokers.practice.wire import Json, Quantity, instant, millis, number, quantity

VENUE = "PRACTICE_EXCHANGE"


class Status(StrEnum):
    RECEIVED = "Received"  # taken in; waits for a session
    ROUTED = "Routed"  # on its way to the exchange
    IN_FLIGHT = "In Flight"  # handed to the exchange, not confirmed
    CONTINGENT = "Contingent"  # waits for another order
    LIVE = "Live"  # may trade
    CANCEL_REQUESTED = "Cancel Requested"  # may still trade
    REPLACE_REQUESTED = "Replace Requested"  # may still trade
    FILLED = "Filled"  # terminal: all traded
    CANCELLED = "Cancelled"  # terminal: withdrawn, perhaps partly traded
    EXPIRED = "Expired"  # terminal: its session ended
    REJECTED = "Rejected"  # terminal: refused after it was accepted
    REMOVED = "Removed"  # terminal: taken out by the broker
    PARTIALLY_REMOVED = "Partially Removed"  # terminal: the same, after a part had traded
    DEAD = "Dead"  # terminal: in the specification, unknown to the SDK

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_working(self) -> bool:
        return self in WORKING


TERMINAL = frozenset(
    {
        Status.FILLED,
        Status.CANCELLED,
        Status.EXPIRED,
        Status.REJECTED,
        Status.REMOVED,
        Status.PARTIALLY_REMOVED,
        Status.DEAD,
    }
)
WORKING = frozenset({Status.LIVE, Status.CANCEL_REQUESTED, Status.REPLACE_REQUESTED})
CANCELLABLE = frozenset({Status.RECEIVED, Status.ROUTED, Status.IN_FLIGHT, Status.CONTINGENT, Status.LIVE})
EDITABLE = frozenset({Status.RECEIVED, Status.CONTINGENT, Status.LIVE})


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of one leg; the price is as quoted and never negative."""

    fill_id: str
    quantity: Quantity
    price: Decimal
    at: datetime

    def wire(self) -> Json:
        return {
            "ext-group-fill-id": "0",
            "ext-exec-id": self.fill_id.split("_", 1)[0],
            "fill-id": self.fill_id,
            "quantity": quantity(self.quantity),
            "fill-price": number(self.price),
            "filled-at": instant(self.at),
            "destination-venue": VENUE,
        }


@dataclass(slots=True)
class Leg:
    symbol: str
    kind: Kind
    action: str
    quantity: Quantity
    fills: list[Fill] = field(default_factory=list)

    @property
    def sign(self) -> int:
        return 1 if self.action.startswith("Buy") else -1

    @property
    def closes(self) -> bool:
        return self.action.endswith("Close")

    @property
    def remaining(self) -> Quantity:
        return self.quantity - sum(f.quantity for f in self.fills)

    def wire(self, *, hides_fills: bool = False) -> Json:
        return {
            "action": self.action,
            "instrument-type": self.kind.value,
            "quantity": quantity(self.quantity),
            "remaining-quantity": quantity(self.remaining),
            "symbol": self.symbol,
            "fills": [] if hides_fills else [f.wire() for f in self.fills],
        }


@dataclass(slots=True)
class Order:
    """One order. `price` is what one unit costs: positive pays (Debit), negative receives (Credit).

    A unit is the legs divided by `size`, the greatest common divisor of their quantities; with a part
    of a share there is one unit, of all of it.
    """

    account: str
    order_type: str
    time_in_force: str
    legs: list[Leg]
    underlying: str
    underlying_kind: str
    received_at: datetime
    updated_at: datetime
    id: int = 0
    status: Status = Status.RECEIVED
    price: Decimal | None = None
    stop_trigger: Decimal | None = None
    value: Decimal | None = None  # what a Notional Market order shall cost (positive) or bring
    gtc_date: date | None = None
    external_identifier: str | None = None
    source: str | None = None
    live_at: datetime | None = None
    in_flight_at: datetime | None = None
    cancelled_at: datetime | None = None
    terminal_at: datetime | None = None
    reject_reason: str | None = None
    contingent_status: str | None = None
    edited: bool = False
    replaces: int | None = None
    replaced_by: int | None = None
    complex_id: int | None = None
    complex_tag: str | None = None
    preflight_id: str | None = None
    rules: Json | None = None
    triggered: bool = False
    due_at: datetime | None = None
    session_ends_at: datetime | None = None
    matched_slot: int = 0
    listed_from: datetime | None = None
    fills_shown_from: datetime | None = None
    behaviours: Json = field(default_factory=dict)

    @property
    def size(self) -> int:
        whole = [leg.quantity for leg in self.legs if isinstance(leg.quantity, int)]
        return math.gcd(*whole) if len(whole) == len(self.legs) else 1

    @property
    def remaining_units(self) -> int:
        """Whole units still to trade: all legs trade together."""
        return min(int(leg.remaining // self.ratio(leg)) for leg in self.legs)

    @property
    def filled_units(self) -> int:
        return self.size - self.remaining_units

    @property
    def has_terms(self) -> bool:
        return self.price is not None

    def ratio(self, leg: Leg) -> Quantity:
        return leg.quantity // self.size if isinstance(leg.quantity, int) else leg.quantity

    def touch(self, now: datetime) -> None:
        self.updated_at = now

    def finish(self, status: Status, now: datetime) -> None:
        self.status, self.terminal_at, self.due_at = status, now, None
        self.contingent_status = None
        if status is Status.CANCELLED:
            self.cancelled_at = now
        self.touch(now)

    def wire(self, now: datetime) -> Json:
        """Write the order as `GET /orders/{id}` does; absent values are absent keys."""
        return {k: v for k, v in {**self._identity(), **self._terms(), **self._history(now)}.items()
                if v is not None}  # fmt: skip

    def _identity(self) -> Json:
        return {
            "id": self.id or None,
            "account-number": self.account,
            "cancellable": self.status in CANCELLABLE,
            "editable": self.status in EDITABLE,
            "edited": self.edited,
            "ext-client-order-id": self._ext("client") if self.live_at else None,
            "ext-exchange-order-number": self._ext("exchange") if self.live_at else None,
            "ext-global-order-number": self.id if self.live_at else None,
            "global-request-id": f"{self.id:032x}" if self.id else None,
            "external-identifier": self.external_identifier,
            "source": self.source,
            "complex-order-id": self.complex_id,
            "complex-order-tag": self.complex_tag,
            "preflight-id": self.preflight_id,
            "user-id": "practice",
            "username": "practice",
        }

    def _ext(self, prefix: str) -> str:
        return f"{prefix[0]}{self.id:012d}"

    def _terms(self) -> Json:
        trigger = None if self.stop_trigger is None else number(self.stop_trigger)
        return {
            "order-type": self.order_type,
            "time-in-force": self.time_in_force,
            "gtc-date": self.gtc_date.isoformat() if self.gtc_date else None,
            "price": None if self.price is None else number(abs(self.price)),
            "price-effect": price_effect(self.price),
            "stop-trigger": trigger,
            "value": None if self.value is None else number(abs(self.value)),
            "value-effect": price_effect(self.value),
            "size": self.size,
            "underlying-instrument-type": self.underlying_kind,
            "underlying-symbol": self.underlying,
            "order-rule": deepcopy(self.rules),
        }

    def _told_status(self, now: datetime) -> str:
        """Return the status as it is told: for a while it may be a word that nobody expects."""
        odd = self.behaviours.get("odd_status")
        if odd is None or self.live_at is None or self.status is not Status.LIVE:
            return self.status.value
        if now - self.live_at >= timedelta(seconds=float(odd.get("seconds", 5))):
            return self.status.value
        return str(odd.get("status", "Remove Pending"))

    def _history(self, now: datetime) -> Json:
        hidden = self.fills_shown_from is not None and now < self.fills_shown_from
        times = {
            "received-at": self.received_at,
            "in-flight-at": self.in_flight_at,
            "live-at": self.live_at,
            "cancelled-at": self.cancelled_at,
            "terminal-at": self.terminal_at,
        }
        return {
            "status": self._told_status(now),
            "contingent-status": self.contingent_status,
            "reject-reason": self.reject_reason,
            "replaces-order-id": self.replaces,
            "replacing-order-id": self.replaced_by,
            "destination-venue": VENUE if self.live_at else None,
            **{name: instant(at) if at else None for name, at in times.items()},
            "updated-at": millis(self.updated_at) if self.id else 0,
            # The word "Filled" is set with the first leg: the others' fills may follow later.
            "legs": [leg.wire(hides_fills=hidden and (n > 0 or len(self.legs) == 1))
                     for n, leg in enumerate(self.legs)],
        }  # fmt: skip


def price_effect(price: Decimal | None) -> str | None:
    if price is None:
        return None
    return "Debit" if price > 0 else "Credit" if price < 0 else "None"
