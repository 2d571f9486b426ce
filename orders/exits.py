"""Exits that follow their entry: what of it has filled is given up at its target or its stop.

An exit is an order of its own, covered by the approval of its entry. It is recorded when the entry has
ended, for what filled. Where the entry is one placement at a fixed price it is recorded, and placed,
together with it (OTOCO): an entry that is cancelled and placed again could not be the trigger.
"""

from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from orders import lifecycle, queue
from orders.approval import locked
from orders.enums import Action, OrderStatus, PriceRule, Side
from orders.exit_rules import OPPOSITE, exit_type, exit_words
from orders.machine.leases import BY, LeaseLost
from orders.models import Approval, Leg, Order

# What an exit takes over from its entry as it stands.
SHARED = (
    "trader", "channel", "account", "environment", "dry_run", "time_in_force", "underlying", "multiplier",
    "tick_table", "policy", "wait_seconds", "method", "end", "before_open", "max_spread_percent",
    "max_move_ticks", "patience_seconds",
)  # fmt: skip
SHARED_BY_LEGS = (
    "index", "kind", "symbol", "streamer_symbol", "root", "ratio", "multiplier", "expires_on", "strike",
    "option_type",
)  # fmt: skip


def approval_of(entry: Order) -> Approval | None:
    """Return the approval that covers its fills: the last yes, also where more was asked since."""
    return entry.approvals.filter(is_yes=True).select_related("by").order_by("-pk").first()


def approved_by(entry: Order) -> Approval:
    """Return the approval that covers its fills. Raises ValueError where there was none."""
    yes = approval_of(entry)
    if yes is None:
        raise ValueError(f"no exit without an approval: {entry=}")
    return yes


def asleep(entry: Order, lease: str, *, now: datetime, seconds: float) -> Order:
    """Return the exit that is placed with its entry, leased to the same worker; made where there is none.

    The caller holds the entry's row lock and its lease. Raises LeaseLost where another works it.
    """
    known = entry.exits.filter(waits_for_entry=True, status__in=lifecycle.OPEN).first()
    order = locked(known.pk) if known is not None else new_exit(entry, entry.quantity, now=now, waits=True)
    if (order.leased_until and order.leased_until > now) or order.placements.live().exists():
        raise LeaseLost(f"{order} is worked by another")
    order.quantity = order.asked_quantity = entry.quantity
    take_terms(order, entry)
    order.approved_at = order.next_action_at = now
    order.lease, order.leased_until = lease, now + timedelta(seconds=seconds)
    order.tell("amended", by=BY, now=now, reason=f"for {order.quantity}, as {entry} is now")
    return order


def follow(entry: Order) -> None:
    """See that an exit covers what filled of a closed entry. The caller holds its row lock. Safe twice."""
    now = timezone.now()
    if not entry.wants_exits or approval_of(entry) is None:
        return
    for sleeping in entry.exits.filter(waits_for_entry=True):
        wake(locked(sleeping.pk), entry, now)
    given_up = {"cancel_requested_by": BY}
    covered = entry.exits.exclude(**given_up).aggregate(sum=Sum("quantity"))["sum"] or 0
    if covered < entry.filled_quantity:
        order = new_exit(entry, entry.filled_quantity - covered, now=now)
        queue.wake(order)


def wake(order: Order, entry: Order, now: datetime) -> None:
    """Its entry has ended: the sleeping exit is for what filled, or for nothing."""
    order.waits_for_entry = False
    if order.is_closed:
        order.save()
    elif entry.filled_quantity == 0:
        give_up(order, entry, now)
    else:
        take_terms(order, entry)
        if entry.filled_quantity < order.quantity or was_taken_back(order, entry):
            # The broker has ended the whole pair, or may have: what is not live is placed anew.
            order.quantity, order.approved_at = min(order.quantity, entry.filled_quantity), now
        order.next_action_at = now
        order.tell("entry filled", by=BY, now=now, reason=f"{entry.filled_quantity} of {entry} filled")
        queue.wake(order)


def take_terms(order: Order, entry: Order) -> None:
    """Have the exit be what was approved last of its entry, which may have been amended while it slept."""
    yes, order.time_in_force = approved_by(entry), entry.time_in_force
    order.order_type = exit_type(yes.target_price, yes.stop_price)
    order.target_price, order.stop_price = yes.target_price, yes.stop_price


def was_taken_back(order: Order, entry: Order) -> bool:
    """Whether we asked for the bundle of its last pair to be cancelled, by the entry's placement in it."""
    pair = order.placements.last()
    bundle = pair.complex_order_id if pair is not None else ""
    asked = entry.placements.filter(cancel_requested_at__isnull=False).exclude(complex_order_id="")
    return asked.filter(complex_order_id=bundle).exists()


def give_up(order: Order, entry: Order, now: datetime) -> None:
    reason = f"its entry {entry} did not fill"
    order.cancel_requested_by, order.cancel_reason = BY, reason
    if order.placements.live().exists():
        order.next_action_at = now
        order.tell("cancel asked", by=BY, now=now, reason=reason)
        queue.wake(order)
    else:
        order.move_to(OrderStatus.CANCELLED, by=BY, now=now, reason=reason)


def new_exit(entry: Order, quantity: int, *, now: datetime, waits: bool = False) -> Order:
    """Record the exit of so many units of the entry, approved with it. The caller holds its row lock."""
    yes = approved_by(entry)
    words = exit_words(yes.target_price, yes.stop_price)
    order = Order.objects.create(
        **{name: getattr(entry, name) for name in SHARED},
        parent=entry,
        text=f"exit of {entry}: {words}",
        side=-Side(entry.side),
        quantity=quantity,
        asked_quantity=quantity,
        closes_position=True,
        order_type=exit_type(yes.target_price, yes.stop_price),
        price_rule=PriceRule.EXIT,
        target_price=yes.target_price,
        stop_price=yes.stop_price,
        retries=0,
        ticks=entry.ticks,
        waits_for_entry=waits,
        proposed_at=now,
        lapses_at=now,
        approved_at=now,
        next_action_at=now,
    )
    Leg.objects.bulk_create(exit_leg(order, leg) for leg in entry.legs.all())
    order.begin("recorded", by=BY, now=now, reason=order.text)
    order.approvals.create(
        is_yes=True,
        by=yes.by,
        via=yes.via,
        at=now,
        reason=f"with {entry}",
        quantity=quantity,
        target_price=yes.target_price,
        stop_price=yes.stop_price,
    )
    order.move_to(OrderStatus.APPROVED, by=yes.by.get_username(), now=now, reason=f"approved with {entry}",
                  via=yes.via, approver=yes.by_id)  # fmt: skip
    entry.tell("exit", by=BY, now=now, reason=f"{order} for {quantity}: {words}", exit=order.pk)
    return order


def exit_leg(order: Order, leg: Leg) -> Leg:
    shared = {name: getattr(leg, name) for name in SHARED_BY_LEGS}
    return Leg(order=order, action=OPPOSITE[Action(leg.action)], **shared)
