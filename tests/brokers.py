"""An in-memory broker for unit tests: the Protocol, kept honest by mypy, without sockets.

It answers as the facts page says: a place makes a live order with an id, a cancel only requests,
`Filled` carries its fills. What a test wants to go wrong it says in `outcomes`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from orders.brokers.base import (
    Balance,
    Broker,
    BrokerBundle,
    BrokerError,
    BrokerFill,
    BrokerLeg,
    BrokerOrder,
    BrokerUnavailable,
    ComplexDraft,
    ComplexOutcome,
    Draft,
    DryRun,
    Expiration,
    Listing,
    NotFound,
    NotSent,
    Outcome,
    Phase,
    Position,
    PositionListing,
    Refused,
    Sent,
    SentComplex,
    Session,
    Transaction,
    TransactionListing,
    Unknown,
)
from orders.enums import InstrumentType
from orders.market import Instrument, Quote

D = Decimal


class WorkerDied(BaseException):
    """The process was killed here: nothing after it runs, not even an `except Exception`."""


@dataclass
class FakeBroker:
    """One account at a broker that keeps its promises unless told otherwise.

    `fills_at`: a placement at this price or worse for us trades at once (None: never).
    `outcomes`: what the next sends answer instead: "unknown" (taken, answer lost), "lost" (never
    taken, answer lost), "not sent", "refused", "dies before", "dies after".
    `during`: what else happens, once, while the call of that name is under way.
    `late_fills`: so many readings of a cancelled order show no fills yet.
    """

    environment: str = "practice"
    account_number: str = "5WX00001"
    bid: Decimal = D("1.20")
    ask: Decimal = D("1.30")
    fills_at: Decimal | None = None
    fills_quantity: int | None = None
    cancels_at_once: bool = True
    outcomes: list[str] = field(default_factory=list)
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    read_fails: BrokerError | None = None
    quote_age: timedelta = timedelta(0)
    is_halted: bool = False
    hidden: set[str] = field(default_factory=set)
    during: dict[str, Callable[[], object]] = field(default_factory=dict)
    late_fills: int = 0
    held: list[Position] = field(default_factory=list)
    entries: list[Transaction] = field(default_factory=list)  # of the books, besides the fills' own
    cash_besides: Decimal = D(0)  # that nothing explains
    unreadable_positions: list[dict[str, object]] = field(default_factory=list)
    unreadable_orders: list[dict[str, object]] = field(default_factory=list)
    bundles: dict[str, list[str]] = field(default_factory=dict)  # a trigger, if any, is the third
    instruments: dict[str, Instrument] = field(default_factory=dict)
    markets: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)  # of symbols of their own
    _ids: count = field(default_factory=lambda: count(1001))
    _clock: count = field(default_factory=lambda: count(1))

    @property
    def prices(self) -> list[Decimal | None]:
        return [draft.price for draft in self.drafts]

    @property
    def quantities(self) -> list[int]:
        return [draft.legs[0].quantity for draft in self.drafts]

    @property
    def live_ids(self) -> list[str]:
        """Which orders may still trade."""
        return [o.broker_order_id for o in self.orders.values() if o.phase is not Phase.TERMINAL]

    def _meanwhile(self, call: str) -> None:
        self.during.pop(call, lambda: None)()

    # changing
    def refresh(self) -> None:
        self._may_fail()
        self._meanwhile("refresh")

    def place(self, draft: Draft) -> Outcome:
        self.calls.append("POST")
        self._meanwhile("place")
        if draft.send_before is not None and timezone.now() > draft.send_before:
            return NotSent("too late to send")
        return self._send(draft)

    def replace(self, broker_order_id: str, draft: Draft) -> Outcome:
        self.calls.append("PUT")
        if broker_order_id not in self.orders:
            return self._unknown(broker_order_id)
        old = self.orders[broker_order_id]
        if old.status == "Filled":
            return Refused("cannot_update_order", "the order could not be updated", 422)
        return self._send(draft, replaces=broker_order_id)

    def cancel(self, broker_order_id: str) -> Outcome:
        self.calls.append("DELETE")
        if broker_order_id not in self.orders:
            return self._unknown(broker_order_id)
        order = self.orders[broker_order_id]
        if order.status in {"Filled", "Cancelled", "Expired", "Rejected"}:
            return Refused("cannot_update_order", "the order could not be cancelled", 422)
        status = "Cancelled" if self.cancels_at_once else "Cancel Requested"
        answered = replace(order, status="Cancel Requested")
        self.orders[broker_order_id] = self._stamped(replace(order, status=status))
        return Sent(answered, 1)

    def place_complex(self, draft: ComplexDraft) -> ComplexOutcome:
        self.calls.append("POST complex")
        wanted = self._wanted()
        if isinstance(wanted, NotSent | Refused | Unknown):
            return wanted
        bundle = self._take_bundle(draft)
        if wanted == "dies after":
            raise WorkerDied
        return Unknown("timeout") if wanted == "unknown" else SentComplex(bundle, 1)

    def cancel_complex(self, complex_order_id: str) -> ComplexOutcome:
        self.calls.append("DELETE complex")
        if complex_order_id not in self.bundles:
            return self._unknown(complex_order_id)
        for number in self.bundles[complex_order_id]:
            if self.orders[number].phase is not Phase.TERMINAL:
                self.end(number, "Cancelled")
        return SentComplex(self.complex_order(complex_order_id), 1)

    def complex_order(self, complex_order_id: str) -> BrokerBundle:
        self._may_fail()
        if complex_order_id not in self.bundles:
            raise NotFound(f"no complex order {complex_order_id}")
        target, stop, *trigger = (self.orders[n] for n in self.bundles[complex_order_id])
        return BrokerBundle(complex_order_id, (target, stop), trigger[0] if trigger else None)

    def _take_bundle(self, draft: ComplexDraft) -> BrokerBundle:
        number = str(next(self._ids))
        parts = [draft.target, draft.stop, *([draft.trigger] if draft.trigger is not None else [])]
        ids = [self._take(part, "", bundle=number).broker_order_id for part in parts]
        self.bundles[number] = ids
        if draft.trigger is not None:
            for waiting in ids[:2]:
                self.end(waiting, "Contingent")
            if self.orders[ids[2]].status == "Filled":
                self._follow(ids[2])
        return self.complex_order(number)

    def _follow(self, broker_order_id: str) -> None:
        """A filled half ends the other; a filled trigger lets both in, an ended one takes both along."""
        order = self.orders[broker_order_id]
        ids = self.bundles.get(order.complex_order_id, [])
        if len(ids) > 2 and broker_order_id == ids[2]:
            after = "Live" if order.status == "Filled" else "Cancelled"
        else:
            after = "Cancelled" if order.status == "Filled" else ""
        for other in ids[:2] if after else ():
            if other != broker_order_id and self.orders[other].phase is not Phase.TERMINAL:
                self.orders[other] = self._stamped(replace(self.orders[other], status=after))

    def _unknown(self, number: str) -> Refused:
        return Refused("record_not_found", f"no order {number}", 404)

    def _wanted(self) -> str | NotSent | Refused | Unknown:
        wanted = self.outcomes.pop(0) if self.outcomes else ""
        if wanted == "dies before":
            raise WorkerDied
        if wanted in {"not sent", "refused", "lost"}:
            return {
                "not sent": NotSent("connection refused"),
                "refused": Refused("margin_check_failed", "Not enough buying power.", 422),
                "lost": Unknown("timeout"),
            }[wanted]
        return wanted

    def _send(self, draft: Draft, replaces: str = "") -> Outcome:
        wanted = self._wanted()
        if isinstance(wanted, NotSent | Refused | Unknown):
            return wanted
        order = self._take(draft, replaces)
        if replaces:
            ended = {"status": "Cancelled", "replacing_order_id": order.broker_order_id}
            self.orders[replaces] = self._stamped(replace(self.orders[replaces], **ended))
        if wanted == "dies after":
            raise WorkerDied
        return Unknown("timeout") if wanted == "unknown" else Sent(order, 1)

    def _take(self, draft: Draft, replaces: str, bundle: str = "") -> BrokerOrder:
        self.drafts.append(draft)
        number = str(next(self._ids))
        legs = tuple(BrokerLeg(leg.symbol, leg.action, leg.quantity, leg.quantity) for leg in draft.legs)
        order = BrokerOrder(
            number, "Live", legs, draft.external_identifier, draft.price, replaces_order_id=replaces,
            complex_order_id=bundle, order_type=draft.order_type.value,
        )  # fmt: skip
        self.orders[number] = self._stamped(order)
        is_exit = bool(bundle) and draft.legs[0].action.closes
        if not is_exit and self._is_marketable(draft):
            quantity = self.fills_quantity or draft.legs[0].quantity
            self.fill(number, quantity)
        return self.orders[number]

    def _is_marketable(self, draft: Draft) -> bool:
        if draft.stop_trigger is not None:
            return False  # it waits until a test fills it
        if self.fills_at is None or draft.price is None:
            return draft.price is None
        return (draft.price - self.fills_at) * draft.side >= 0

    def _stamped(self, order: BrokerOrder) -> BrokerOrder:
        return replace(order, raw={"id": order.broker_order_id, "updated-at": next(self._clock)})

    # what the exchange does
    def appear(self, draft: Draft, replaces: str = "") -> str:
        """Have an order turn up that no answer told of; return its id."""
        return self._take(draft, replaces).broker_order_id

    def revive(self, broker_order_id: str) -> None:
        """Let an ended order be live after all: the end that was told of was not one."""
        order = replace(self.orders[broker_order_id], status="Live", replacing_order_id="")
        self.orders[broker_order_id] = self._stamped(order)

    def fill(self, broker_order_id: str, quantity: int, price: Decimal | None = None) -> None:
        """Fill so many units of a single-leg order, at its price unless told."""
        order = self.orders[broker_order_id]
        leg = order.legs[0]
        done = min(quantity, leg.remaining_quantity)
        at = price if price is not None else order.price or (self.bid + self.ask) / 2
        new = BrokerFill(f"f{broker_order_id}-{len(leg.fills)}", leg.symbol, done, at, timezone.now())
        leg = replace(leg, remaining_quantity=leg.remaining_quantity - done, fills=(*leg.fills, new))
        status = "Filled" if leg.remaining_quantity == 0 else order.status
        self.orders[broker_order_id] = self._stamped(
            replace(order, legs=(leg, *order.legs[1:]), status=status)
        )
        if status == "Filled":
            self._follow(broker_order_id)

    def end(self, broker_order_id: str, status: str, reason: str = "") -> None:
        """End an order as the broker would: Cancelled, Expired, Rejected."""
        order = replace(self.orders[broker_order_id], status=status, reject_reason=reason)
        self.orders[broker_order_id] = self._stamped(order)
        if order.phase is Phase.TERMINAL:
            self._follow(broker_order_id)

    @property
    def last_id(self) -> str:
        return list(self.orders)[-1]

    def take_back(self, broker_order_id: str, *, price: Decimal | None = None) -> None:
        """Bust the order's last fill, or with a price correct it; its status stays."""
        order = self.orders[broker_order_id]
        leg = order.legs[0]
        kept, last = leg.fills[:-1], leg.fills[-1]
        if price is not None:
            kept, remaining = (*kept, replace(last, price=price)), leg.remaining_quantity
        else:
            remaining = leg.remaining_quantity + last.quantity
        leg = replace(leg, fills=kept, remaining_quantity=remaining)
        self.orders[broker_order_id] = self._stamped(replace(order, legs=(leg, *order.legs[1:])))

    # reading
    def _may_fail(self) -> None:
        if self.read_fails is not None:
            raise self.read_fails

    def dry_run(self, draft: Draft) -> DryRun:
        self._may_fail()
        return DryRun(D("-262.00"), D("-2.26"))

    def order(self, broker_order_id: str) -> BrokerOrder:
        self._may_fail()
        if broker_order_id not in self.orders:
            raise NotFound(f"no order {broker_order_id}")
        order = self.orders[broker_order_id]
        if order.status == "Cancelled" and order.fills and self.late_fills:
            self.late_fills -= 1
            return replace(order, legs=tuple(replace(leg, fills=()) for leg in order.legs))
        return order

    def live_orders(self) -> Listing:
        self._may_fail()
        seen = tuple(o for o in self.orders.values() if o.external_identifier not in self.hidden)
        self._meanwhile("live_orders")
        return Listing(seen, tuple(self.unreadable_orders))

    def orders_since(self, day: date) -> Listing:
        return self.live_orders()

    def quotes(self, instruments: Sequence[Instrument]) -> Mapping[str, Quote]:
        self._may_fail()
        self._meanwhile("quotes")
        at = timezone.now() - self.quote_age
        sides = {i.symbol: self.markets.get(i.symbol, (self.bid, self.ask)) for i in instruments}
        return {symbol: Quote(*both, at, at, self.is_halted) for symbol, both in sides.items()}

    def equity(self, symbol: str) -> Instrument:
        raise NotFound(symbol)

    def option(self, occ_symbol: str) -> Instrument:
        if occ_symbol not in self.instruments:
            raise NotFound(occ_symbol)
        return self.instruments[occ_symbol]

    def option_chain(self, underlying: str) -> Sequence[Expiration]:
        raise NotFound(underlying)

    def futures(self, root: str) -> Sequence[Instrument]:
        raise NotFound(root)

    def future_option_chain(self, root: str) -> Sequence[Expiration]:
        raise NotFound(root)

    def balance(self) -> Balance:
        """Return what a hundred thousand, the entries and the fills make of the cash."""
        cash = D(100_000) + sum((t.net_value for t in self.transactions_since(date.min)), self.cash_besides)
        return Balance(cash, D(100_000), D(200_000), D(200_000))

    def positions(self) -> Sequence[Position]:
        self._may_fail()
        return self.held

    def position_listing(self) -> PositionListing:
        """Return what is `held`, and what the fills make of every other symbol."""
        self._may_fail()
        net: dict[str, int] = {}
        for leg in (leg for order in self.orders.values() for leg in order.legs):
            done = leg.action.sign * sum(fill.quantity for fill in leg.fills)
            net[leg.symbol] = net.get(leg.symbol, 0) + done
        for position in self.held:
            net.pop(position.symbol, None)
        traded = [option_position(symbol, quantity) for symbol, quantity in net.items() if quantity]
        self._meanwhile("position_listing")
        return PositionListing((*self.held, *traded), tuple(self.unreadable_positions))

    def transactions_since(self, day: date) -> TransactionListing:
        """Return a trade for each fill, without fees, and the `entries` that a test wrote itself."""
        self._may_fail()
        trades = [
            trade_of(order, leg, fill)
            for order in self.orders.values()
            for leg in order.legs
            for fill in leg.fills
        ]
        return TransactionListing((*self.entries, *reversed(trades)))

    def sessions(self, day: date) -> Mapping[InstrumentType, Session]:
        return {}

    def server_time(self) -> datetime:
        raise BrokerUnavailable("no clock here")


def trade_of(order: BrokerOrder, leg: BrokerLeg, fill: BrokerFill) -> Transaction:
    """Return the entry of a fill in the books, at a hundred of each contract and without fees."""
    value = -leg.action.sign * fill.quantity * fill.price * 100
    return Transaction(
        transaction_id=f"t-{fill.fill_id}",
        kind="Trade",
        sub_kind=leg.action.value,
        executed_at=fill.filled_at,
        value=value,
        net_value=value,
        fees=D(0),
        symbol=leg.symbol,
        action=leg.action,
        quantity=D(fill.quantity),
        price=fill.price,
        fill_id=fill.fill_id,
        broker_order_id=order.broker_order_id,
    )


def option_position(symbol: str, quantity: int) -> Position:
    """Return a holding of an option that the broker tells of."""
    underlying = symbol[:6].strip()
    return Position(symbol, InstrumentType.EQUITY_OPTION, underlying, quantity, D(1), D(100))


def keeps_the_protocol(broker: FakeBroker) -> Broker:
    """Let the type checker compare the fake with the Protocol."""
    return broker
