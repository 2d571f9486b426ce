"""`amend 1042 max 1.45`: what its trader wants of an order instead. It always has to be approved again.

A proposal is changed where it stands. What was approved is stopped first: nothing of it changes while
anything of it is live. `amend` notes the wish, the worker takes back what works, then `apply` changes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from desk.models import Trader
from orders import queue
from orders.approval import NotAllowed, locked
from orders.brokers.base import Broker
from orders.enums import Action, InstrumentType, OptionType, OrderStatus, PriceRule, Side, TimeInForce
from orders.ladder import better
from orders.language.tails import BOUND_OF
from orders.language.ticket import AskedPrice, Contract, Ticket, TicketLeg
from orders.language.values import Amend
from orders.looking import instrument_of
from orders.machine.leases import BY
from orders.market import plain
from orders.models import Order
from orders.proposing import columns, prepare_legs, refuse_unauthorised
from orders.terms import ResolvedLeg

# The columns that an amendment may change; everything else stays as it was asked for.
AMENDED = (
    "quantity", "asked_quantity", "order_type", "time_in_force", "price_rule", "start_price", "bound_price",
    "asked_bound_price", "target_price", "stop_price", "retries", "ticks", "wait_seconds",
    "proposal_bid_price", "proposal_ask_price", "buying_power_effect_value", "fees_value", "warnings",
    "verdicts",
)  # fmt: skip
# Of these, the ones a person reads, in his words.
SPOKEN = {
    "quantity": "quantity", "bound_price": "bound", "start_price": "start", "target_price": "target",
    "stop_price": "stop", "wait_seconds": "wait", "ticks": "ticks", "retries": "retries",
    "time_in_force": "time in force", "price_rule": "price",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """An amendment that passed every control: the columns as they are to be, and how a person says it."""

    columns: Mapping[str, Any]
    words: str


def amend(asked: Amend, *, by: Trader, via: str, broker: Broker) -> Order:
    """Change a proposal, or have an approved order stopped and asked again with the new terms.

    Raises NotAllowed (the wrong person, closed, nothing to change), Denied or BrokerError; then nothing
    was changed.
    """
    order = Order.objects.select_related("account", "trader", "channel__policy").get(pk=asked.number)
    refuse(order, by)
    wish = wished(order, asked, by, broker)
    return note(order.pk, wish, version=order.version, by=by, via=via)


def refuse(order: Order, by: Trader) -> None:
    """Raise NotAllowed unless this person may amend the order now."""
    if order.trader_id != by.pk:
        raise NotAllowed("Only its trader can amend this order.")
    if order.is_closed:
        raise NotAllowed(f"{order} is already {order.get_status_display().lower()}.")
    if order.cancel_requested_by:
        raise NotAllowed(f"{order} is being cancelled.")
    if order.parked_reason:
        raise NotAllowed(f"{order} is parked: a person has to look at it first.")
    if order.waits_for_entry:
        entry = f"#{order.parent_id}"
        raise NotAllowed(f"{order} waits at the broker for {entry} to fill: amend {entry} instead.")


def wished(order: Order, asked: Amend, by: Trader, broker: Broker) -> Wish:
    """Price the order as it is wanted. Raises NotAllowed, Denied or BrokerError."""
    refuse_unauthorised(order.channel, by)
    ticket = ticket_of(order, asked)
    prepared = prepare_legs(
        ticket, legs_of(order), channel=order.channel, trader=by, broker=broker, closes=order.is_closing,
        instead_of=order,
    )  # fmt: skip
    found = {name: value for name, value in columns(prepared, order.channel).items() if name in AMENDED}
    words = changes(order, found)
    if not words:
        raise NotAllowed(f"Nothing of {order} would change.")
    return Wish(found, words)


def changes(order: Order, found: Mapping[str, Any]) -> str:
    """Return what changes: bound 1.45 instead of 1.31, quantity 1 instead of 2."""
    pairs = [(SPOKEN[name], getattr(order, name), found[name]) for name in SPOKEN]
    return ", ".join(f"{name} {said(new)} instead of {said(old)}" for name, old, new in pairs if old != new)


def said(value: object) -> str:
    if value is None:
        return "none"
    return plain(value) if isinstance(value, Decimal) else str(value)


@transaction.atomic
def note(order_id: int, wish: Wish, *, version: int, by: Trader, via: str) -> Order:
    """Change the proposal, or note the wish for the worker. Raises NotAllowed where it changed meanwhile."""
    order, now, who = locked(order_id), timezone.now(), by.user.get_username()
    refuse(order, by)
    if order.filled_quantity >= wish.columns["quantity"] or order.version != version:
        raise NotAllowed(f"{order} changed meanwhile: look at it again, then amend it.")
    if order.status == OrderStatus.PROPOSED:
        take(order, wish.columns)
        order.lapses_at = now + timedelta(seconds=settings.APPROVAL_SECONDS)
        order.reminded_at = None
        order.tell("amended", by=who, now=now, reason=wish.words, via=via)
        return order
    written = {name: str(v) if isinstance(v, Decimal) else v for name, v in wish.columns.items()}
    order.amendment = {"reason": f"amended by {who}: {wish.words}", "columns": written}
    order.next_action_at = now
    order.tell("amend asked", by=who, now=now, reason=wish.words, via=via)
    queue.wake(order)
    return order


def apply(order: Order) -> None:
    """Make the noted wish true, now that nothing of the order is live. The caller holds its row lock.

    What has filled meanwhile stays: of an order that was to become smaller than that nothing is left.
    """
    if not order.amendment:
        return
    wanted, reason, order.amendment = order.amendment["columns"], order.amendment["reason"], {}
    fields = {field.name: field for field in Order._meta.concrete_fields}
    take(order, {name: fields[name].to_python(value) for name, value in wanted.items()})
    order.quantity = order.asked_quantity = max(order.quantity, order.filled_quantity)
    order.tell("amended", by=BY, now=timezone.now(), reason=reason)


def take(order: Order, wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        setattr(order, name, value)


# --- the order as a ticket, and what is asked of it ------------------------------------------------


def ticket_of(order: Order, asked: Amend) -> Ticket:
    """Return the order as it is wanted. Raises NotAllowed for what does not fit it."""
    quantity = asked.quantity or order.quantity
    if quantity <= order.filled_quantity:
        raise NotAllowed(f"{order.filled_quantity} of {order} have filled already: cancel it to stop there.")
    terms = asked.terms
    return Ticket(
        legs=tuple(TicketLeg(leg.action, contract_of(leg), leg.ratio) for leg in legs_of(order)),
        quantity=quantity,
        price=price_of(order, asked.price),
        time_in_force=terms.time_in_force or TimeInForce(order.time_in_force),
        wait_seconds=terms.wait_seconds or order.wait_seconds,
        ticks=terms.ticks or order.ticks,
        retries=order.retries if terms.retries is None else terms.retries,
        dry_run=order.dry_run,
        stop=order.stop_price if terms.stop is None else terms.stop,
        target=order.target_price if terms.target is None else terms.target,
    )


def price_of(order: Order, asked: AskedPrice | None) -> AskedPrice:
    """Return the price as it is wanted; a bound alone leaves the rest as it was. Raises NotAllowed."""
    effect = Side(order.side) if order.legs.count() > 1 else None
    known = AskedPrice(PriceRule(order.price_rule), order.start_price, order.bound_price, effect)
    if order.is_exit:
        if asked is not None:
            raise NotAllowed(f"{order} is an exit: amend its sl or tp, it has no other price.")
        return AskedPrice(effect=effect)
    if asked is None:
        return known
    refuse_wrong_bound(order, asked)
    if asked.rule is not PriceRule.NONE:
        return replace(asked, effect=effect)
    if known.rule is PriceRule.MARKET:
        raise NotAllowed(f"{order} is a market order, which has no bound: write @ and a price.")
    start = known.start
    if start is not None and asked.bound is not None:
        start = better(start, asked.bound, Side(order.side))
    return replace(known, start=start, bound=asked.bound)


def refuse_wrong_bound(order: Order, asked: AskedPrice) -> None:
    if asked.effect is not None and asked.effect != order.side:
        verb = "pays" if order.side == Side.PAYS else "receives"
        right, wrong = BOUND_OF[Side(order.side)], BOUND_OF[asked.effect]
        raise NotAllowed(f"{order} {verb}: its bound is {right}, not {wrong}.")


def legs_of(order: Order) -> tuple[ResolvedLeg, ...]:
    """Return the legs with their instruments as recorded, on the tick table of the order."""
    return tuple(
        ResolvedLeg(Action(leg.action), leg.ratio, replace(instrument_of(leg), ticks=order.ticks_table))
        for leg in order.legs.all()
    )


def contract_of(leg: ResolvedLeg) -> Contract:
    found = leg.instrument
    option_type = OptionType(found.option_type) if found.option_type else None
    is_future = found.kind is InstrumentType.FUTURE
    return Contract(
        found.kind, found.root, None if is_future else found.expires_on, found.strike, option_type
    )
