"""A halt with cancel: passes that take back what lives at the broker, as `orders/halts/` makes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from orders.brokers.base import TERMINAL_STATUSES, Listing, Sent, SentComplex
from orders.enums import PlacementStatus as P
from orders.lifecycle import UNRESOLVED
from orders.machine import absence
from orders.machine.state import Placement, Work
from tests.simulation.desk import WAITS, Around, Violation

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(slots=True)
class Recall:
    """One mass cancel: passes until nothing of ours is left. It needs neither queue nor worker."""

    world: "World"
    passes: int = 0
    is_over: bool = False

    def make_pass(self) -> None:
        """List, settle, ask for every cancel; come again until nothing was left to ask for."""
        self.passes += 1
        if "outage" in self.world.off or self.is_waiting(self.world.exchange.listing(self.world.time)):
            self.world.later(min(2.0 ** (self.passes - 2), 15.0), self.make_pass)
            return
        self.is_over = True
        left = [number for number in self.world.exchange.live() if self.is_known(number)]
        if left:
            raise Violation(f"the mass cancel is over, and still live at the exchange: {left}")

    def is_known(self, number: str) -> bool:
        """Whether somebody was told how this ended; of an unknown outcome the mass cancel says so itself."""
        name = self.world.exchange.orders[number].draft.external_identifier
        return not any(name in names_of(placement) for _, placement in self.unresolved())

    def is_waiting(self, listing: Listing) -> bool:
        self.settle(listing)
        targets = [(w, p) for w in self.works() for p in w.placements if p.is_live and p.is_named]
        for work, placement in targets:
            self.take_back(work, placement)
        early = (absence.counting_starts_at(p.send_deadline_at, WAITS) for _, p in self.unresolved())
        return bool(targets) or any(self.world.now() < at for at in early)

    def works(self) -> list[Work]:
        return list(self.world.store.works.values())

    def unresolved(self) -> Iterator[tuple[Work, Placement]]:
        return ((w, p) for w in self.works() for p in w.placements if p.status in UNRESOLVED)

    def settle(self, listing: Listing) -> None:
        """Apply what ends, or resolves, one of ours."""
        for reading in listing:
            if reading.status in TERMINAL_STATUSES:
                self.world.hear(reading)
        for work, placement in list(self.unresolved()):
            found = absence.find(listing, work, placement)
            if found is not None:
                self.world.take((work, placement.external_identifier), found, "mass cancel")

    def take_back(self, work: Work, placement: Placement) -> None:
        """Commit the intent, then ask; one in ten is lost on its way."""
        name, world = placement.external_identifier, self.world
        world.store.commit(work.order.pk, partial(intend, name=name))
        if world.rng.random() < 0.9:
            world.later(world.rng.uniform(0.01, 1), partial(self.ask, work, placement))

    def ask(self, work: Work, placement: Placement) -> None:
        exchange, name = self.world.exchange, placement.external_identifier
        outcome = (
            exchange.cancel_complex(placement.complex_order_id)
            if placement.complex_order_id
            else exchange.cancel(placement.broker_order_id)
        )
        told = (outcome.order,) if isinstance(outcome, Sent) else ()
        for reading in outcome.bundle if isinstance(outcome, SentComplex) else told:
            self.world.take(self.world.store.placement_of(reading) or (work, name), reading, "mass cancel")


def names_of(placement: Placement) -> set[str]:
    return {part.external_identifier for part in (placement, *placement.halves)}


def intend(work: Work, _: Around, now: datetime, *, name: str) -> None:
    placement, cause = work.placement(name), "halt: by simulation"
    if not placement.is_live:
        return
    is_first = placement.status is not P.CANCELLING
    if is_first:
        placement.move_to(P.CANCELLING, now=now, cause=cause)
    placement.cancel_requested_at, placement.cancel_attempts = now, placement.cancel_attempts + 1
    if is_first:
        work.order.tell("cancelling", by="ada", now=now, reason=cause, placement=name)
