"""People around the desk: they approve, amend, cancel, look at what is parked, and ask for what they want."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from orders.enums import OrderStatus
from orders.enums import PlacementStatus as P
from orders.machine import leases, requests
from orders.machine.state import Order, Work
from tests.simulation.desk import Approved, Around, Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

PENNY = Decimal("0.01")


@dataclass(slots=True)
class People:
    """What the shell does for a person, in one transaction each."""

    world: "World"

    def approve(self, pk: int) -> None:
        """Say yes to the order as it is proposed now; nobody decides once the walk could not begin any more."""
        if (
            self.world.is_too_late_to_walk
            or self.world.store.works[pk].order.status is not OrderStatus.PROPOSED
        ):
            return

        def change(work: Work, _: Around, now: datetime) -> None:
            order = work.order
            order.approved_at = order.next_action_at = now
            order.holding_since, order.rung, order.failures, order.walks = None, 0, 0, 1
            self.world.store.approved[pk] = Approved.of(order)
            order.move_to(OrderStatus.APPROVED, by="ada", now=now)

        self.world.store.commit(pk, change)
        self.world.wake(pk)

    def ask_to_cancel(self, pk: int) -> None:
        def change(work: Work, _: Around, now: datetime) -> None:
            order = work.order
            if order.waits_for_entry:
                return
            if order.status is OrderStatus.PROPOSED:
                order.move_to(OrderStatus.WITHDRAWN, by="tessa", now=now)
            elif not order.is_closed and not order.cancel_requested_by:
                order.cancel_requested_by, order.next_action_at, order.is_woken = "tessa", now, True
                order.tell("cancel asked", by="tessa", now=now)

        self.world.store.commit(pk, change)

    def amend(self, pk: int) -> None:
        """Its trader wants other terms: a proposal is changed in place, of anything else the wish is noted."""
        wanted = self.wish(self.world.store.works[pk].order)

        def change(work: Work, _: Around, now: datetime) -> None:
            order = work.order
            is_fixed = order.is_closed or order.cancel_requested_by or order.parked_reason
            if is_fixed or order.waits_for_entry or wanted["quantity"] <= order.filled_quantity:
                return
            if order.status is OrderStatus.PROPOSED:
                take(order, wanted)
            else:
                order.amendment = {"reason": "amended by tessa", "columns": wanted}
                order.next_action_at, order.is_woken = now, True
            order.tell("amend asked", by="tessa", now=now, reason=str(wanted))

        self.world.store.commit(pk, change)

    def wish(self, order: Order) -> dict[str, Any]:
        """Return what is wanted instead: another quantity, and a worse or better price."""
        rng = self.world.rng
        wanted: dict[str, Any] = {"quantity": max(1, order.quantity + rng.choice((-1, 0, 1)))}
        change = rng.choice((-2, 1, 3)) * PENNY
        if order.bound_price is not None:
            wanted["bound_price"] = order.bound_price + change
        if order.target_price is not None:
            wanted["target_price"] = order.target_price + change
        return wanted if not order.is_exit else wanted | {"quantity": order.quantity}

    def ask_again(self, pk: int, asked: requests.AskAgain) -> None:
        """Void the approval; what its trader amended comes true only now. Somebody decides a little later."""

        def change(work: Work, _: Around, now: datetime) -> None:
            order = leases.held(work, asked.lease, now)
            if order.version != asked.version:
                leases.reschedule(order, now, now=now)
                return
            if any(p.is_live and not p.is_zombie for p in work.placements):
                raise Violation(f"{order} is asked again while something of it is live")
            propose_anew(order, self.world.mid, asked.reason, now)
            order.lease, order.leased_until = "", None

        self.world.store.commit(pk, change)
        self.world.later(self.world.rng.uniform(1, 20), partial(self.approve, pk))

    def unpark(self, pk: int) -> None:
        """Somebody has looked, a while later, and lets it go on."""

        def change(work: Work, _: Around, now: datetime) -> None:
            order = work.order
            if order.parked_reason and not order.is_closed and not self.world.is_too_late_to_walk:
                order.parked_reason, order.needs_review, order.failures = "", False, 0
                order.is_resend_confirmed = (
                    bool(work.placements) and work.placements[-1].status is P.NOT_PLACED
                )
                order.next_action_at, order.walks, order.is_woken = now, order.walks + 1, True
                order.tell("unparked", by="ada", now=now)

        self.world.store.commit(pk, change)


def take(order: Order, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        setattr(order, name, value)


def propose_anew(order: Order, mid: Decimal, reason: str, now: datetime) -> None:
    order.proposal_bid_price, order.proposal_ask_price = mid - 5 * PENNY, mid + 5 * PENNY
    if order.amendment:
        take(order, order.amendment["columns"])
        order.quantity, order.amendment = max(order.quantity, order.filled_quantity), {}
    if order.leaves_quantity == 0:
        order.move_to(OrderStatus.FILLED, by="desk", now=now, reason="filled as far as it is wanted now")
        return
    order.approved_at, order.next_action_at = None, None
    order.lapses_at = now + timedelta(minutes=5)
    order.move_to(OrderStatus.PROPOSED, by="desk", now=now, reason=reason)
