"""HALT with cancel: take back everything of ours that lives at the broker, by the broker's own listing.

One pass lists, asks for every cancel at once, and records what was answered; passes repeat until nothing of
ours is left. Whoever is there makes them: the halt command, the streamer, a worker. No queue is needed, and
the bucket of the message rate is not asked. Contract: docs/execution.md.
"""

import logging
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from orders import recording
from orders.brokers.base import (
    Broker,
    BrokerError,
    ComplexOutcome,
    NotSent,
    Outcome,
    Refused,
    Sent,
    SentComplex,
)
from orders.brokers.throttle import Throttle
from orders.enums import PlacementStatus as P
from orders.halts import recalling
from orders.halts.recalling import Target
from orders.models import MassCancel, Order, Placement
from orders.reconciliation import breaks
from orders.reconciliation.differences import BreakKind

log = logging.getLogger(__name__)
AT_ONCE = 16  # cancels under way
TOGETHER = 10  # intents in one transaction
MOST_TRIES = 10  # of one cancel in one pass, while the broker answers 429
LONGEST_PAUSE_SECONDS = 15.0
GIVE_UP_AFTER = timedelta(minutes=10)
TOO_MANY = 429
NOT_FOUND = 404


@dataclass(slots=True)
class Found:
    """What a pass has found and done; `waits` while another pass has to follow."""

    left: list[str] = field(default_factory=list)
    taken: int = 0
    waits: bool = False


def step(mass_cancel_id: int, *, get_broker: Callable[[str, str], Broker]) -> None:
    """Make one pass, if one is due and nobody else makes it."""
    lease = Lease.claim(mass_cancel_id)
    if lease is None:
        return
    asked = MassCancel.objects.select_related("account").get(pk=mass_cancel_id)
    try:
        found = make_pass(asked, get_broker(asked.account.environment_id, asked.account.number), lease)
    except BrokerError as error:
        found = Found([f"the broker could not be asked: {error}"], waits=True)
    finish(asked, lease, found)


@dataclass(slots=True)
class Lease:
    """What makes a process the only one to make a pass. Kept alive while it goes on."""

    mass_cancel_id: int
    key: str
    until: datetime

    @classmethod
    def claim(cls, mass_cancel_id: int) -> "Lease | None":
        """Take the next pass: one conditional UPDATE, won by exactly one process."""
        now, key = timezone.now(), uuid.uuid4().hex
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        due = MassCancel.objects.due(now).filter(pk=mass_cancel_id)
        won = due.update(lease=key, leased_until=until, passes=F("passes") + 1)
        return cls(mass_cancel_id, key, until) if won else None

    def held(self) -> QuerySet[MassCancel]:
        return MassCancel.objects.filter(pk=self.mass_cancel_id, lease=self.key)

    def keep(self) -> None:
        """Begin it anew once half of it is over: so a pass may last, and one that died is soon another's."""
        now, whole = timezone.now(), timedelta(seconds=settings.LEASE_SECONDS)
        if now > self.until - whole / 2:
            self.until = now + whole
            self.held().update(leased_until=self.until)


# --- one pass --------------------------------------------------------------------------------------


def make_pass(asked: MassCancel, broker: Broker, lease: Lease) -> Found:
    """List, ask for every cancel, record what was answered. Raises BrokerError where nothing is listed."""
    broker.refresh()
    listing = broker.live_orders()
    with apart("what the listing settles"):
        recalling.settle(asked.account, listing)
    targets = recalling.targets(asked.account, listing)
    found = take_back(asked, targets, broker, lease)
    found.waits = bool(targets) or not listing.is_complete
    for placement in recalling.unresolved_of(asked.account):
        found.left.append(f"{placement} may have arrived or not: nobody knows yet")
        found.waits = found.waits or not recalling.is_late(placement)
    return found


def take_back(asked: MassCancel, targets: list[Target], broker: Broker, lease: Lease) -> Found:
    """Ask for every target to be cancelled, many at once. Each intent is committed before its DELETE.

    Rows are written on this thread alone, the pool's threads only speak to the broker.
    """
    found, throttle = Found(), Throttle()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        going = intended(asked, targets, lease)
        calls = {pool.submit(ask, broker, target, throttle): target for target in going}
        for call in as_completed(calls):
            lease.keep()
            target, outcome = calls[call], call.result()
            with apart(f"the answer about {target}"):
                record(asked, target, outcome)
            found.left.append(standing(target, outcome))
            found.taken += isinstance(outcome, Sent | SentComplex)
    return found


def intended(asked: MassCancel, targets: list[Target], lease: Lease) -> Iterator[Target]:
    """Commit the intents, some in one transaction, and yield each target once its own is committed."""
    waiting = deque(targets)
    while waiting:
        together = [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
        lease.keep()
        with apart("the intents to cancel"):
            commit(asked, [placement for target in together for placement in target.placements])
        yield from together


@contextmanager
def apart(what: str) -> Iterator[None]:
    """Let a row that cannot be written keep no other order from being taken back."""
    try:
        yield
    except Exception:
        log.exception("%s could not be recorded", what)


@transaction.atomic
def commit(asked: MassCancel, placements: list[Placement]) -> None:
    """Commit that these are to go, with who and why; of an order without a row the mass cancel's says it.

    Locks their orders, the oldest first: so does whoever locks an entry and its exit.
    """
    orders = Order.objects.select_for_update(of=("self",)).order_by("pk")
    held = {order.pk: order for order in orders.filter(pk__in={row.order_id for row in placements})}
    for placement in Placement.objects.live().filter(pk__in=[row.pk for row in placements]):
        with apart(f"the intent to cancel {placement}"), transaction.atomic():
            intend(asked, held[placement.order_id], placement)


def intend(asked: MassCancel, order: Order, placement: Placement) -> None:
    """Write one intent. The caller holds the order's row lock."""
    now, cause, is_first = timezone.now(), f"halt: {asked.reason}", placement.status != P.CANCELLING
    if is_first:
        placement.move_to(P.CANCELLING, now=now, cause=cause)
    placement.cancel_requested_at, placement.cancel_attempts = now, placement.cancel_attempts + 1
    placement.save()
    if is_first:
        order.tell("cancelling", by=asked.by, now=now, reason=cause, placement=str(placement))


def ask(broker: Broker, target: Target, throttle: Throttle) -> Outcome | ComplexOutcome:
    """DELETE, again and more slowly while the broker answers 429. Repeating a DELETE is safe."""
    for _ in range(MOST_TRIES):
        throttle.wait()
        outcome: Outcome | ComplexOutcome = (
            broker.cancel_complex(target.complex_order_id)
            if target.complex_order_id
            else broker.cancel(target.broker_order_id)
        )
        if not (isinstance(outcome, NotSent) and outcome.http_status == TOO_MANY):
            break
        throttle.slow_down()
    return outcome


def record(asked: MassCancel, target: Target, outcome: Outcome | ComplexOutcome) -> None:
    """Record the answer to a DELETE."""
    if isinstance(outcome, Sent | SentComplex):
        for reading in (outcome.order,) if isinstance(outcome, Sent) else outcome.bundle:
            row = recording.placement_of(asked.account, reading) or next(iter(target.placements), None)
            if row is not None:
                recording.apply_reading(row, reading, by=recalling.BY)
        return
    log.warning("%s", standing(target, outcome))
    if isinstance(outcome, Refused) and outcome.http_status == NOT_FOUND:
        for placement in target.placements:
            recording.vanish(placement)


def standing(target: Target, outcome: Outcome | ComplexOutcome) -> str:
    """Return in words what became of a cancel."""
    if isinstance(outcome, Sent | SentComplex):
        return f"{target}: the cancel was taken and is not confirmed yet"
    why = f"{outcome.message} ({outcome.code})" if isinstance(outcome, Refused) else outcome.cause
    return f"{target}: the cancel was not taken: {why}"


@transaction.atomic
def finish(asked: MassCancel, lease: Lease, found: Found) -> None:
    """Give the pass back: the end, or the next one soon, with growing patience."""
    now = timezone.now()
    row = lease.held().select_for_update().first()
    if row is None:
        return
    row.left, row.taken, row.lease, row.leased_until = found.left, row.taken + found.taken, "", None
    row.due_at = now + timedelta(seconds=min(2 ** (row.passes - 2), LONGEST_PAUSE_SECONDS))
    if not found.waits or now > asked.asked_at + GIVE_UP_AFTER:
        row.ended_at = now
        log.warning("%s: %s", row, row.told)
    row.save()
    if row.ended_at and row.left:
        breaks.open_break(asked.account, BreakKind.LEFT_BY_HALT, str(row.pk), "; ".join(row.left))
