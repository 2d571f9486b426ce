"""The desk's memory: what the database is to the shell, with the same promises."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from operator import attrgetter
from typing import Any

from orders.brokers.base import BrokerOrder
from orders.enums import PlacementStatus as P
from orders.enums import TradingStateName
from orders.lifecycle import CLOSED, OPEN, PLACEMENT_LIVE, PLACEMENT_TERMINAL
from orders.machine.desk import Waits
from orders.machine.state import Broken, Event, Half, Halt, Note, Order, Placement, Work
from orders.market import Quote, is_on_tick
from orders.plan import STEP
from orders.verdicts import Verdict, first_refusal
from tests.simulation import exits, limits

WAITS = Waits(
    lease=8.0, call=6.0, send=2.0, absence_reads=3, absence_spacing=10.0, absence_grace=30.0, jitter=1.0
)


class Violation(Exception):
    """An invariant does not hold. The text says which, and what was seen."""


def copier(kind: type) -> Callable[[Any], Any]:
    """Return a copier of a value's fields; `copy.copy` takes three times as long."""
    values = attrgetter(*(each.name for each in fields(kind)))
    return lambda value: kind(*values(value))


copy_order, copy_placement, copy_half = copier(Order), copier(Placement), copier(Half)


# What the store watches of a placement: where it stands, its price, and what the broker calls it.
Mark = tuple[Any, ...]
NEW: Mark = (None,)


def mark(placement: Placement) -> Mark:
    names = (
        [half.broker_order_id for half in placement.halves] if placement.halves else placement.broker_order_id
    )
    return placement.status, placement.limit_price, placement.is_zombie, names


def snapshot(work: Work) -> Work:
    """Return the order as a reader without a lock sees it: nothing later shows."""
    placements = [copy_placement(p) for p in work.placements]
    for placement in placements:
        if placement.halves:
            placement.halves = tuple(copy_half(half) for half in placement.halves)
    return Work(copy_order(work.order), work.legs, placements, list(work.fills))


@dataclass(frozen=True, slots=True)
class Approved:
    """What a person said yes to."""

    quantity: int
    bound: Decimal | None
    target: Decimal | None
    stop: Decimal | None

    @classmethod
    def of(cls, order: Order) -> "Approved":
        return cls(order.quantity, order.bound_price, order.target_price, order.stop_price)


@dataclass(slots=True)
class Account:
    """The account's row: its lock is the world's single thread."""

    state: TradingStateName = TradingStateName.ACTIVE
    halted_at: float = -1.0
    is_reconciled: bool = True
    reconcile_due: bool = False
    stream_since: datetime | None = None
    most_contracts: int = 0  # opened in its underlying; 0: not limited
    breaks: list[Broken] = field(default_factory=list)


@dataclass(slots=True)
class Around:
    """Answers the machine's questions inside a transaction. `waits` as in production."""

    account: Account
    closes_at: datetime
    store: "Store | None" = None  # None where there is no other order
    waits: Waits = WAITS
    work: Work | None = None  # the order that is asked about
    sleeping: Work | None = None  # the exit that is kept with it

    def refusal(self, price: Decimal | None, quote: Quote | None) -> Verdict | None:
        """Return why this is not sent: the account's state, then its limit with all that is in flight."""
        del price, quote
        closed, most = self.closed(), self.account.most_contracts
        if closed is None and most and self.work is not None and self.store is not None:
            return first_refusal([limits.verdict(self.work, self.store.works.values(), most)])
        return closed

    def closed(self) -> Verdict | None:
        if self.account.state is not TradingStateName.ACTIVE:
            return Verdict("TRADING_NOT_ACTIVE", False, "trading is halted")
        return None if self.account.is_reconciled else Verdict("RECONCILE_PENDING", False, "not compared yet")

    def is_in_session(self, now: datetime) -> bool:
        return now < self.closes_at

    def is_stream_up(self, now: datetime, since: datetime | None = None) -> bool:
        del now
        began = self.account.stream_since
        return began is not None and (since is None or began <= since)

    def explanation(self, kind: str, key: str) -> str:
        del kind, key
        return ""  # nobody resolves a break here

    def identifier(self, order: Any, number: int) -> str:
        return f"practice-d1-{order.pk}-{number}"

    def sleeping_exit(self, lease: str, now: datetime) -> Work | None:
        if self.work is not None and self.store is not None:
            self.sleeping = exits.asleep(self.store, self.work, lease, now)
        return self.sleeping


class Store:
    """Orders by number. A transaction is one call: nothing else runs meanwhile, as under the row's lock."""

    def __init__(self, account: Account, closes_at: datetime, clock: Callable[[], datetime]) -> None:
        self.works: dict[int, Work] = {}
        self.approved: dict[int, Approved] = {}
        self.exits: dict[int, list[int]] = {}  # by their entry
        self.parents: dict[int, int] = {}  # and back
        self.by_identifier: dict[str, Work] = {}
        self.by_broker_id: dict[str, tuple[Work, str]] = {}
        self.last_taken: dict[str, BrokerOrder] = {}  # by the broker's id
        self._marks: dict[str, Mark] = {}
        self._read: dict[int, Work] = {}  # since the last commit
        self.around = Around(account, closes_at, self)
        self.account = account
        self.wake: Callable[[int], None] = lambda pk: None
        self.is_due: Callable[[int, datetime], None] = lambda pk, at: None
        self.parked: Callable[[int], None] = lambda pk: None
        self.closed: Callable[[int], None] = lambda pk: None
        self.compare: Callable[[], None] = lambda: None
        self.log: Callable[[str], None] = lambda text: None
        self.now, self._leases = clock, count()

    def commit(
        self, pk: int, change: Callable[[Work, Around, datetime], Any], *, is_intent: bool = False
    ) -> Any:
        work = self.works[pk]
        self.around.work, self.around.sleeping = work, None
        answer = change(work, self.around, self.now())
        if is_intent and self.account.state is not TradingStateName.ACTIVE:
            raise Violation("I8: an intent was committed after the halt")
        for each in (work, self.around.sleeping):
            if each is not None:
                self.keep(each)
        return answer

    def read(self, pk: int) -> Work:
        """Return the order as it stands; nobody changes what he reads."""
        if pk not in self._read:
            self._read[pk] = snapshot(self.works[pk])
        return self._read[pk]

    def keep(self, work: Work) -> None:
        """Keep what became of an order, and judge it."""
        order = work.order
        self._read.pop(order.pk, None)
        if order.notes:
            for note in order.notes:
                self._note(order, note)
            order.notes = []
        changed = [p for p in work.placements if self._marks.get(p.external_identifier) != mark(p)]
        if changed:
            self._check(work, changed)
        for placement in changed:
            self._name(work, placement)
        if order.is_woken:
            order.is_woken = False
            self.wake(order.pk)
        if order.next_action_at is not None:  # the lease too: its holder may die
            self.is_due(order.pk, max(order.next_action_at, order.leased_until or order.next_action_at))

    def _note(self, order: Order, note: Note) -> None:
        if isinstance(note, Event):
            self.log(f"#{order.pk} {note.kind}: {note.old_status}>{note.new_status} {note.reason}")
            if note.kind == "parked":
                self.parked(order.pk)
            if note.old_status in OPEN and note.new_status in CLOSED:
                self.closed(order.pk)
        elif isinstance(note, Broken):
            self.account.breaks.append(note)
        elif isinstance(note, Halt):
            self.halt()
        else:
            self.account.is_reconciled, self.account.reconcile_due = False, True
            self.compare()

    def _name(self, work: Work, placement: Placement) -> None:
        """Keep how it stands, and by which names the broker's orders of it are found."""
        self._marks[placement.external_identifier] = mark(placement)
        for part in (placement, *placement.halves):
            self.by_identifier[part.external_identifier] = work
            if part.broker_order_id:
                self.by_broker_id[part.broker_order_id] = (work, placement.external_identifier)

    def halt(self) -> None:
        self.account.state = TradingStateName.HALTED

    def _check(self, work: Work, changed: list[Placement]) -> None:
        """I2, I7 and I9, of every placement that a commit has changed."""
        live = [p for p in work.placements if p.status in PLACEMENT_LIVE and not p.is_zombie]
        if len(live) > 1 and (len([p for p in live if not p.replaces]) > 1 or len(live) > 2):
            raise Violation(f"I2: more than one live placement: {[str(p) for p in live]}")
        for placement in changed:
            was = self._marks.get(placement.external_identifier, NEW)[0]
            if was in PLACEMENT_TERMINAL and was is not placement.status and not placement.is_zombie:
                raise Violation(f"I9: {placement} left {was} for {placement.status}")
            if was is None:
                self._check_terms(work, placement)
            if was is P.WORKING and steps(placement):
                waits = placement.intended_at + timedelta(seconds=work.order.wait_seconds)
                if self.now() < waits:
                    raise Violation(f"{placement} makes way for the next price before {waits}")

    def _check_terms(self, work: Work, placement: Placement) -> None:
        """I1 and I7, of a new placement: what was approved, not what the order says of itself."""
        order, price, yes = work.order, placement.limit_price, self.approved[work.order.pk]
        if order.approved_at is None or order.amendment:
            raise Violation(f"{placement} was sent, and nobody has approved the order as it is")
        if not placement.replaces and order.filled_quantity + placement.quantity > yes.quantity:
            raise Violation(f"I1: {placement} is for more than is left of {yes.quantity}")
        if order.is_exit and price is not None and price != yes.target:
            raise Violation(f"{placement} leaves at {price}, and {yes.target} was approved")
        if price is not None and not is_on_tick(price, order.tick_table):
            raise Violation(f"I7: {price} is off the tick")
        if price is not None and yes.bound is not None and (price - yes.bound) * order.side > 0:
            raise Violation(f"I7: {price} is past the bound {yes.bound}")

    def placement_of(self, reading: BrokerOrder) -> tuple[Work, str] | None:
        """Return whose word this is, by the broker's id, else by our identifier on one not named yet."""
        found = self.by_broker_id.get(reading.broker_order_id)
        if found is not None or not reading.external_identifier:
            return found
        work = self.by_identifier.get(reading.external_identifier)
        for placement in work.placements if work is not None else ():
            for part in (placement, *placement.halves):
                if part.external_identifier == reading.external_identifier and not part.broker_order_id:
                    return (work, placement.external_identifier) if work is not None else None
        return None

    def claim(self, pk: int, version: int, now: datetime) -> str:
        """Take the lease of a due order and return it: what one conditional UPDATE does."""
        order = self.works[pk].order
        if order.version != version or not is_to_be_worked(order, now):
            return ""
        self._read.pop(pk, None)
        order.lease, order.leased_until = f"lease {next(self._leases)}", now + timedelta(seconds=WAITS.lease)
        self.is_due(pk, order.leased_until)  # should it die
        return order.lease

    def due(self, now: datetime) -> list[int]:
        return [pk for pk, work in self.works.items() if is_to_be_worked(work.order, now)]


def steps(placement: Placement) -> bool:
    """Whether it makes way for the next price of its walk."""
    return placement.status is P.REPLACING or (placement.status is P.CANCELLING and placement.cause == STEP)


def is_to_be_worked(order: Order, now: datetime) -> bool:
    """Whether the order is due, and nobody works it."""
    is_due = order.next_action_at is not None and order.next_action_at <= now
    return is_due and (order.leased_until is None or order.leased_until < now)
