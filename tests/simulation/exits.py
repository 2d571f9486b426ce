"""Exits that follow their entry: what `orders/exits.py` does over rows, over the desk's memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orders.enums import OrderStatus, PriceRule, Side
from orders.exit_rules import OPPOSITE, exit_type
from orders.machine.leases import BY, LeaseLost
from orders.machine.state import Order, Work

if TYPE_CHECKING:
    from tests.simulation.desk import Store


def asleep(store: "Store", entry: Work, lease: str, now: datetime) -> Work | None:
    """Return the exit that is placed with its entry, leased to the same worker; made where there is none."""
    if not entry.order.is_bracket:
        return None
    known = [w for w in exits_of(store, entry) if w.order.waits_for_entry and not w.order.is_closed]
    work = known[0] if known else new_exit(store, entry, entry.order.quantity, now, waits=True)
    order = work.order
    if (order.leased_until and order.leased_until > now) or work.live():
        raise LeaseLost(f"{order} is worked by another")
    order.quantity = entry.order.quantity
    take_terms(store, order, entry)
    order.approved_at = order.next_action_at = now
    order.lease, order.leased_until = lease, now + timedelta(seconds=store.around.waits.lease)
    return work


def take_terms(store: "Store", order: Order, entry: Work) -> None:
    """Have the exit be what was approved last of its entry."""
    yes = store.approved[order.pk] = replace(store.approved[entry.order.pk], bound=None)
    order.order_type = exit_type(yes.target, yes.stop)
    order.target_price, order.stop_price = yes.target, yes.stop


def follow(store: "Store", entry: Work, now: datetime) -> None:
    """See that an exit covers what filled of a closed entry. Safe twice."""
    if not entry.order.wants_exits or entry.order.pk not in store.approved:
        return
    for work in exits_of(store, entry):
        if work.order.waits_for_entry:
            wake(store, work, entry, now)
    covered = sum(w.order.quantity for w in exits_of(store, entry) if w.order.cancel_requested_by != BY)
    if covered < entry.order.filled_quantity:
        new_exit(store, entry, entry.order.filled_quantity - covered, now)


def wake(store: "Store", work: Work, entry: Work, now: datetime) -> None:
    """Its entry has ended: the sleeping exit is for what filled, or for nothing."""
    order, filled = work.order, entry.order.filled_quantity
    order.waits_for_entry = False
    if order.is_closed:
        return
    if filled:
        take_terms(store, order, entry)
        if filled < order.quantity or was_taken_back(work, entry):
            order.quantity, order.approved_at = min(order.quantity, filled), now
        order.next_action_at, order.is_woken = now, True
        order.tell("entry filled", by=BY, now=now)
    else:
        order.cancel_requested_by = BY
        if work.live():
            order.next_action_at, order.is_woken = now, True
            order.tell("cancel asked", by=BY, now=now)
        else:
            order.move_to(OrderStatus.CANCELLED, by=BY, now=now, reason="its entry did not fill")
    store.keep(work)


def was_taken_back(work: Work, entry: Work) -> bool:
    bundle = work.placements[-1].complex_order_id
    asked = {p.complex_order_id for p in entry.placements if p.cancel_requested_at is not None}
    return bool(bundle) and bundle in asked


def exits_of(store: "Store", entry: Work) -> list[Work]:
    return [store.works[pk] for pk in store.exits.get(entry.order.pk, ())]


def new_exit(store: "Store", entry: Work, quantity: int, now: datetime, *, waits: bool = False) -> Work:
    """Record the exit of so many units of the entry, approved with it."""
    kept, pk = entry.order, len(store.works) + 1
    yes = store.approved[kept.pk]
    order = replace(
        kept, pk=pk, status=OrderStatus.APPROVED, side=Side(-kept.side), quantity=quantity,
        order_type=exit_type(yes.target, yes.stop), price_rule=PriceRule.EXIT, retries=0,
        start_price=None, bound_price=None, target_price=yes.target, stop_price=yes.stop,
        proposal_bid_price=None, proposal_ask_price=None, arrival_mid_price=None, version=1, rung=0, walks=1,
        filled_quantity=0, average_fill_price=None, cancel_requested_by="", amendment={},
        waits_for_entry=waits, note="", parked_reason="", needs_review=False, is_resend_confirmed=False,
        failures=0, approved_at=now, holding_since=None, closed_at=None, step_due_at=None,
        next_action_at=now, lease="", leased_until=None, notes=[], is_woken=True,
    )  # fmt: skip
    work = Work(order, tuple(replace(leg, action=OPPOSITE[leg.action]) for leg in entry.legs))
    store.works[pk], store.parents[pk] = work, kept.pk
    store.exits.setdefault(kept.pk, []).append(pk)
    store.approved[pk] = replace(yes, quantity=kept.quantity, bound=None)
    kept.tell("exit", by=BY, now=now, reason=f"{order} for {quantity}")
    store.keep(work)
    return work
