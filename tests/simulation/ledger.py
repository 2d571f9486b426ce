"""What the exchange has of the desk's orders at any moment, judged as each comes to where it may trade."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orders.machine.state import Work
from tests.simulation import limits
from tests.simulation.desk import Violation
from tests.simulation.exchange import Resting

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(slots=True)
class Ledger:
    """Looks at the exchange's own book, and asks the desk only whose an order is, and what was approved."""

    world: "World"

    def of(self, work: Work) -> list[Resting]:
        whose = self.world.store.by_identifier
        return [
            r for r in self.world.exchange.orders.values() if whose.get(r.draft.external_identifier) is work
        ]

    def filled(self, work: Work) -> int:
        return sum(resting.filled for resting in self.of(work))

    def has_raced(self, work: Work) -> bool:
        return any(resting.bundle in self.world.exchange.raced for resting in self.of(work))

    def check(self, new: Resting) -> None:
        """Raise Violation where this order, which may trade from now on, is one too many."""
        work = self.world.store.by_identifier.get(new.draft.external_identifier)
        if work is None:
            raise Violation(f"I3: {new.draft.external_identifier} was sent without an intent")
        if self.world.is_taken_back:
            raise Violation(f"{new.number} of {work.order} came after the mass cancel was over")
        for sentence in (*self.alone(work, new), *self.covered(work, new), *self.limited(new)):
            raise Violation(sentence)

    def nothing_left(self, pk: int) -> None:
        """Raise Violation where an order is closed and the exchange goes on with it."""
        work = self.world.store.works[pk]
        left = [resting.number for resting in self.of(work) if resting.is_live]
        if left:
            raise Violation(
                f"{work.order} is closed as {work.order.status}, and live at the exchange: {left}"
            )

    def alone(self, work: Work, new: Resting) -> Iterator[str]:
        theirs, yes = self.of(work), self.world.store.approved[work.order.pk]
        for other in theirs:
            is_partner = other.bundle == new.bundle != ""
            if other.is_live and other is not new and not is_partner and other.number != new.replaces:
                yield f"I2: {new.number} and {other.number} of {work.order} are live at the exchange at once"
        if sum(each.filled for each in theirs) + new.units > yes.quantity:
            yield f"I1: {new.number} of {work.order} may fill beyond the {yes.quantity} that were approved"

    def covered(self, work: Work, new: Resting) -> Iterator[str]:
        """An exit never closes more than its entry has opened."""
        store = self.world.store
        parent = store.parents.get(work.order.pk)
        if parent is None:
            return
        exits = [store.works[pk] for pk in store.exits[parent]]
        closed, opened = sum(self.filled(each) for each in exits), self.filled(store.works[parent])
        if closed + new.units > opened and not any(self.has_raced(each) for each in exits):
            yield f"{new.number} of {work.order} closes {new.units}, and {opened - closed} are held"

    def limited(self, new: Resting) -> Iterator[str]:
        most, orders = self.world.account.most_contracts, self.world.exchange.orders
        if most:
            opened = limits.at_exchange(r for r in orders.values() if r.number != new.replaces)
            if opened > most:
                yield f"{opened} contracts are open or in flight at the exchange, at most {most} allowed"
