"""What an account holds and has in flight, as numbers for the controls. Reads rows only.

An order counts from its first intent until it has ended, with all that it may still fill: between two of its
prices nothing of it is live, and its place is not given away.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from desk.limits import AccountReading
from desk.models import Account
from orders import lifecycle
from orders.brokers.base import Position
from orders.controls import worst_case
from orders.controls.account_readings import positions_of
from orders.controls.candidates import Candidate, contracts, of_order, piece_of
from orders.controls.worst_case import Piece
from orders.enums import Action, InstrumentType, OrderStatus, PlacementStatus
from orders.holdings import closes
from orders.language.symbols import parse_future_option, parse_occ
from orders.models import Fill, Leg, Order, Placement

OPENING = [action for action in Action if not action.closes]
WORKED = (OrderStatus.WALKING, OrderStatus.RESTING)


def reserving(account: Account, besides: int | None) -> list[Order]:
    """Return the orders that are at the broker, may come to be, or are between two of their placements."""
    live = Placement.objects.live().filter(account=account).values("order")
    found = Order.objects.filter(Q(status__in=WORKED) | Q(pk__in=live), account=account)
    return list(found.exclude(pk=besides or 0).prefetch_related("legs"))


def opened_lately(
    account: Account, symbols: Collection[str], at: datetime, besides: int | None
) -> Counter[str]:
    """Count by symbol the other orders that open it and of which something was sent since then."""
    sent = Placement.objects.filter(account=account, intended_at__gte=at).exclude(
        status=PlacementStatus.NOT_SENT
    )
    legs = Leg.objects.filter(order__in=sent.values("order"), symbol__in=symbols, action__in=OPENING)
    others = legs.exclude(order=besides or 0).exclude(order__closes_position=True)
    return Counter(others.values_list("symbol", flat=True))  # a symbol stands once in an order


# --- per underlying --------------------------------------------------------------------------------


def quantity_in(orders: Iterable[Candidate], underlying: str) -> int:
    """Return how many contracts of an underlying these orders may still open."""
    return sum(order.contracts for order in orders if order.underlying == underlying)


def value_in(orders: Iterable[Candidate], underlying: str) -> Decimal:
    """Return what these orders may still put at stake in an underlying."""
    return sum((order.loss for order in orders if order.underlying == underlying), Decimal(0))


def held_quantity(positions: Iterable[Position], fills: Iterable[Fill], underlying: str) -> int:
    """Return how many contracts of an underlying are held: as read, and what we opened since."""
    held = sum(contracts(p.kind, p.quantity) for p in positions if p.underlying == underlying)
    new = (contracts(InstrumentType(f.leg.kind), f.quantity) for f in opening_in(fills, underlying))
    return held + sum(new)


def held_value(positions: Iterable[Position], fills: Iterable[Fill], underlying: str) -> Decimal:
    """Return what is at stake in an underlying: all of it as one package at what it cost."""
    cost = Decimal(0)
    pieces = []
    for position in positions:
        if position.underlying == underlying and position.kind is not InstrumentType.FUTURE:
            piece = piece_held(position)
            pieces.append(piece)
            cost += piece.units * position.average_open_price
    for fill in opening_in(fills, underlying):
        if fill.leg.kind != InstrumentType.FUTURE:
            piece = piece_filled(fill)
            pieces.append(piece)
            cost += piece.units * Decimal(fill.price)
    return worst_case.loss(pieces, cost)


def piece_held(position: Position) -> Piece:
    units = position.quantity * position.multiplier
    option = parse_occ(position.symbol) or parse_future_option(position.symbol)
    if position.kind is InstrumentType.EQUITY or option is None:
        return Piece(units)
    return Piece(units, option.strike, option.option_type, option.expiry)


def piece_filled(fill: Fill) -> Piece:
    unit = piece_of(fill.leg, 1)
    return Piece(unit.units / fill.leg.ratio * fill.quantity, unit.strike, unit.option_type, unit.expires_on)


def opening_in(fills: Iterable[Fill], underlying: str) -> list[Fill]:
    found = [fill for fill in fills if fill.leg.order.underlying == underlying]
    return [f for f in found if not f.leg.order.closes_position and not Action(f.leg.action).closes]


def fills_since(account: Account, reading: AccountReading | None) -> list[Fill]:
    """Return what the reading may not show yet: whatever we were told after it was begun."""
    fills = Fill.objects.filter(account=account).select_related("leg__order")
    if reading is not None:
        fills = fills.filter(recorded_at__gt=reading.began_at)
    return list(fills)


# --- closing ---------------------------------------------------------------------------------------


def closable(
    leg: Leg, reading: AccountReading | None, fills: Iterable[Fill], others: Sequence[Order]
) -> tuple[int, int]:
    """Return how much there is to close the way this leg does, and how much others are closing.

    In doubt too little: what we closed counts since the reading was begun, what we opened since its end.
    """
    action = Action(leg.action)
    held = sum(p.quantity for p in positions_of(reading) if p.symbol == leg.symbol)
    for fill in fills:
        filled = Action(fill.leg.action).sign
        is_sure = reading is None or filled == action.sign or fill.filled_at > reading.read_at
        if fill.leg.symbol == leg.symbol and is_sure:
            held += filled * fill.quantity
    return max(-held * action.sign, 0), sum(_closing(order, leg.symbol, -action.sign) for order in others)


def _closing(order: Order, symbol: str, sign: int) -> int:
    """Return how much of a position an order would close; an exit asleep has nothing yet to close."""
    if order.waits_for_entry:
        return 0
    legs = [leg for leg in order.legs.all() if leg.symbol == symbol and closes(Action(leg.action), sign)]
    return sum(leg.ratio * order.leaves_quantity for leg in legs)


# --- buying power ----------------------------------------------------------------------------------


def buying_power_taken(account: Account, reading: AccountReading, besides: int | None) -> Decimal:
    """Return what orders took that the reading may not show: sent after it, or of unknown outcome."""
    unseen = Q(intended_at__gte=reading.began_at) | Q(status__in=lifecycle.UNRESOLVED)
    sent = Placement.objects.filter(unseen, account=account).values("order")
    orders = Order.objects.filter(pk__in=sent, buying_power_effect_value__lt=0).exclude(pk=besides or 0)
    return Decimal(-(orders.aggregate(sum=Sum("buying_power_effect_value"))["sum"] or 0))


def buying_power_needed(order: Order, reading: AccountReading) -> Decimal:
    """Return what sending the rest of an order takes, less what the reading had taken for it already."""
    effect = order.buying_power_effect_value
    if effect is None or effect >= 0:
        return Decimal(0)
    was_live = Q(ended_at=None) | Q(ended_at__gte=reading.began_at)
    seen = order.placements.filter(was_live, intended_at__lt=reading.began_at).last()
    missing = order.leaves_quantity - (seen.quantity if seen is not None else 0)
    return Decimal(-effect * max(missing, 0) / order.asked_quantity)


def candidates_of(orders: Iterable[Order]) -> list[Candidate]:
    return [of_order(order) for order in orders]
