"""What must hold of an order's rows, whatever happened: docs/execution.md, I1 to I10. Reads only.

Each function yields one sentence for every row that breaks it. The order comes with its rows read: see
`auditing.whole_orders`. What only the broker's word can tell is compared by the reconcile (I5, I10); I3
and I4 are proven by the tests of the executor, here by the traces that they leave.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from django.conf import settings

from orders import lifecycle
from orders.audit.told import as_told
from orders.enums import OrderStatus, OrderType, TradingStateName
from orders.enums import PlacementStatus as P
from orders.ladder import better, toward_natural
from orders.looking import prefix
from orders.machine.views import NEVER_LEFT
from orders.market import is_on_tick, plain
from orders.models import Fill, Order, Placement

Invariant = Callable[[Order], Iterator[str]]
PROVEN_BY_A_READING: Final = lifecycle.ENDED_AT_BROKER | {P.WORKING, P.REPLACED}


def fills_of(order: Order) -> list[Fill]:
    return [fill for placement in order.placements.all() for fill in placement.fills.all()]


def units(order: Order, fills: list[Fill]) -> int:
    """Return how many whole units of the order these fills are, on every leg."""
    by_leg: Counter[int] = Counter()
    for fill in fills:
        by_leg[fill.leg_id] += fill.quantity
    return min((by_leg[leg.pk] // leg.ratio for leg in order.legs.all()), default=0)


def is_live(placement: Placement) -> bool:
    return placement.status in lifecycle.PLACEMENT_LIVE


def leaves(placement: Placement) -> int:
    return max(placement.quantity - placement.filled_quantity, 0)


def within_quantity(order: Order) -> Iterator[str]:
    """I1: filled, working, unknown and about to be sent are never more than was approved."""
    live = [p for p in order.placements.all() if is_live(p)]
    both = {p.replaces_id: p for p in live if p.replaces_id is not None}
    alone = [p for p in live if p not in both.values()]
    at_work = sum(max(leaves(p), leaves(both.get(p.pk, p))) for p in alone)
    at_work += sum(leaves(p) for old, p in both.items() if old not in {a.pk for a in alone})
    filled = units(order, fills_of(order))
    if filled + at_work > order.quantity:
        yield f"{filled} filled and {at_work} at work are more than its {order.quantity}"


def one_at_a_time(order: Order) -> Iterator[str]:
    """I2: at most one placement is live, the linked pair of a replace aside."""
    live = [p for p in order.placements.all() if is_live(p) and not p.is_zombie]
    numbers = {p.pk for p in live}
    alone = [p for p in live if p.replaces_id not in numbers]
    if len(alone) > 1:
        yield f"{len(alone)} of its placements are live: {', '.join(map(str, alone))}"


def intended_first(order: Order) -> Iterator[str]:
    """I3: every placement was intended before it was answered, under an approval, one intent for each."""
    placements = list(order.placements.all())
    first_yes = min((a.at for a in order.approvals.all() if a.is_yes), default=None)
    for placement in placements:
        if placement.answered_at is not None and placement.answered_at < placement.intended_at:
            yield f"{placement} was answered before it was intended"
        if first_yes is None or placement.intended_at < first_yes:
            yield f"{placement} was intended without an approval"
    told = sum(event.kind == "sending" for event in order.events.all())
    if told != len(placements):
        yield f"{len(placements)} placements were made and {told} were told"


def has_reading(placement: Placement) -> bool:
    return bool(placement.reading) or any(half.reading for half in placement.components.all())


def proven(order: Order) -> Iterator[str]:
    """I4: what is not in doubt any more is so by the broker's stored word."""
    for placement in order.placements.all():
        is_refused = placement.status == P.REJECTED and placement.answered_at is not None
        if placement.status in PROVEN_BY_A_READING and not has_reading(placement) and not is_refused:
            yield f"{placement} is {placement.status} without a reading of the broker's"
        if placement.status == P.NOT_PLACED and placement.absent_reads < settings.ABSENCE_READS:
            yield f"{placement} is taken for absent after {placement.absent_reads} listings without it"


def sums_agree(order: Order) -> Iterator[str]:
    """I5: the fills add up to what its rows and its events say was filled."""
    for placement in order.placements.all():
        filled = units(order, list(placement.fills.all()))
        if filled != placement.filled_quantity:
            yield f"{placement} says {placement.filled_quantity} filled, its fills are {filled}"
    filled = units(order, fills_of(order))
    if filled != order.filled_quantity:
        yield f"it says {order.filled_quantity} filled, its fills are {filled}"
    told, kept = told_fills(order), kept_fills(order)
    for symbol in sorted(told.keys() | kept.keys()):
        if told[symbol] != kept[symbol]:
            yield f"{told[symbol]} of {symbol} were told, its fills are {kept[symbol]}"


def told_fills(order: Order) -> Counter[str]:
    """Return how much of each symbol the order's events say was filled."""
    found: Counter[str] = Counter()
    for event in order.events.all():
        for symbol, quantity, _ in event.detail.get("fills", ()):
            found[symbol] += quantity
    return found


def kept_fills(order: Order) -> Counter[str]:
    found: Counter[str] = Counter()
    for fill in fills_of(order):
        found[fill.leg.symbol] += fill.quantity
    return found


def sealed(order: Order) -> Iterator[str]:
    """I6: order, account, placements and external identifiers are of one environment."""
    if order.environment != order.account.environment_id:
        yield f"it is of {order.environment}, its account of {order.account.environment_id}"
    for placement in order.placements.all():
        if placement.account_id != order.account_id:
            yield f"{placement} is of another account"
        if not placement.external_identifier.startswith(f"{order.environment}-"):
            yield f"{placement} is named for another environment than {order.environment}"


def well_priced(order: Order) -> Iterator[str]:
    """I7: every limit is on the tick and inside the bound, and at most one step past the one before."""
    if order.is_exit or order.order_type != OrderType.LIMIT:
        return
    last: Placement | None = None
    for placement in order.placements.all():
        if placement.limit_price is None:
            yield f"{placement} has no limit"
            continue
        price = Decimal(placement.limit_price)
        if not is_on_tick(price, order.ticks_table):
            yield f"{placement} at {plain(price)} is not on the tick"
        yield from _inside(order, placement, last, price)
        last = last if placement.is_zombie or placement.status in NEVER_LEFT else placement


def _inside(order: Order, placement: Placement, last: Placement | None, price: Decimal) -> Iterator[str]:
    """The bound is that of the newest approval: older placements are only held to their own steps."""
    terms = order.terms
    is_current = order.approved_at is not None and placement.intended_at >= order.approved_at
    if not is_current:
        return
    if terms.bound is not None and better(price, terms.bound, terms.side) != price:
        yield f"{placement} at {plain(price)} is past the bound {plain(terms.bound)}"
    if last is None or last.limit_price is None or last.intended_at < (order.approved_at or last.intended_at):
        return
    furthest = toward_natural(Decimal(last.limit_price), terms)
    if better(price, furthest, terms.side) != price:
        yield f"{placement} at {plain(price)} is more than one step past {plain(last.limit_price)}"


def sent_while_open(order: Order) -> Iterator[str]:
    """I8: nothing was intended while its account or its environment was halted."""
    account = order.account
    of_environment = [c for c in account.environment.state_changes.all() if c.account_id is None]
    for placement in order.placements.all():
        for changes in (account.state_changes.all(), of_environment):
            before = [change for change in changes if change.at <= placement.intended_at]
            if before and max(before, key=lambda change: change.at).becomes == TradingStateName.HALTED:
                yield f"{placement} was intended while trading was halted"


def lawful(order: Order) -> Iterator[str]:
    """I9: its statuses follow each other as the table says, and an end has its time."""
    before: OrderStatus | None = None
    for event in order.events.all():
        new = OrderStatus(event.new_status)
        if before is not None and new is not before and new not in lifecycle.NEXT[before]:
            yield f"row {event.sequence} goes from {before} to {new}"
        before = new
    if before is not None and before != order.status:
        yield f"it is {order.status}, its newest row says {before}"
    for placement in order.placements.all():
        if (placement.ended_at is None) != is_live(placement):
            yield f"{placement} is {placement.status} and {'has' if placement.ended_at else 'lacks'} an end"


def known_by_one_id(order: Order) -> Iterator[str]:
    """I10: a placement that works is known to the broker by an id, and by our own prefix."""
    for placement in order.placements.all():
        is_known = placement.broker_order_id or placement.complex_order_id
        if placement.status in {P.WORKING, P.REPLACING} and not is_known:
            yield f"{placement} is {placement.status} and has no id of the broker's"
        if is_live(placement) and not placement.external_identifier.startswith(prefix(order.environment)):
            yield f"{placement} is live under a name that is not this desk's"


INVARIANTS: Final[dict[str, Invariant]] = {
    "I1": within_quantity,
    "I2": one_at_a_time,
    "I3": intended_first,
    "I4": proven,
    "I5": sums_agree,
    "I6": sealed,
    "I7": well_priced,
    "I8": sent_while_open,
    "I9": lawful,
    "I10": known_by_one_id,
    "terms": as_told,
}
