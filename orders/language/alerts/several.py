"""A message with several contracts: cut into one order each, or the legs of one spread. All or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from orders.enums import PriceRule, Side

from .evidence import Evidence, is_boundary
from .reading import ROLL, Asset, Intent, OrderReading, Reading, ReadLeg, review
from .shapes import most_worth_of
from .tokens import Kind, Token
from .words import Role

MOST_ORDERS = 6
MOST_LEGS = 4
_JOINTS = frozenset({",", ";", "&", "+", "and", "|", ".", "then", "/"})

ReadOne = Callable[[list[Token]], tuple[Reading, bool]]  # the reading, and whether a verb was written


@dataclass(frozen=True, slots=True)
class Cut:
    """A place to cut; `by_line` cuts part orders, others may part the legs of a spread."""

    at: int
    by_line: bool


def read_several(ev: Evidence, read_one: ReadOne) -> Reading:
    """Return the orders of a message with several contracts, the spread they make, or a review."""
    cuts = _cuts(ev)
    if cuts is None or len(cuts) >= MOST_ORDERS:
        return review("several contracts that do not part into orders")
    places = [0, *(cut.at for cut in cuts), len(ev.tokens)]
    readings = [read_one(ev.tokens[start:end]) for start, end in pairwise(places)]
    orders = [order for reading, _ in readings for order in reading.orders]
    doubtful = next((reading for reading, _ in readings if not reading.intent.is_order), None)
    if doubtful or any(len(reading.orders) != 1 for reading, _ in readings):
        return review(f"one of several orders: {doubtful.reason if doubtful else 'unclear'}", *orders)
    if _mixes_implied(readings) or _shares_verb(readings, cuts):
        return review("only some of several orders have a verb", *orders)
    return _combine(orders, any(not cut.by_line for cut in cuts))


def _mixes_implied(readings: list[tuple[Reading, bool]]) -> bool:
    """Say whether orders without a verb stand beside others than buys, whose verb they might share."""
    implied = any(not has_verb for _, has_verb in readings)
    others = any(
        has_verb
        and not (reading.intent is Intent.OPEN and reading.orders[0].action and reading.orders[0].action.buys)
        for reading, has_verb in readings
    )
    return implied and others


def _shares_verb(readings: list[tuple[Reading, bool]], cuts: list[Cut]) -> bool:
    """Say whether orders on one line may share a verb: only one of two has it, on one symbol or the later."""
    for (reading, has_verb), (later, later_has), cut in zip(readings, readings[1:], cuts, strict=False):
        same = reading.orders[0].symbol == later.orders[0].symbol
        if has_verb is not later_has and not cut.by_line and (same or later_has):
            return True
    return any(later and not readings[0][1] for _, later in readings[1:])


def _cuts(ev: Evidence) -> list[Cut] | None:
    """Return where one order ends and the next begins; None where that is not certain."""
    heads = _heads(ev)
    cuts = [_cut(ev.tokens, first, second) for first, second in pairwise(heads)]
    found = [cut for cut in cuts if cut is not None]
    return found if found and len(found) == len(cuts) else None


def _heads(ev: Evidence) -> list[int]:
    """Return one place for each order: its strike, or its ticker where nothing has a strike."""
    if not ev.strikes:
        return sorted(ticker.at for ticker in ev.tickers)
    heads: list[int] = []
    last = None
    for strike in sorted(ev.strikes, key=lambda found: found.at):
        repeated = strike.value == last and not _part(ev.tokens[heads[-1] : strike.at])
        if not repeated:
            heads.append(strike.at)
        last = strike.value
    return heads


def _part(tokens: list[Token]) -> bool:
    return any(token.kind is Kind.LINE or token.word in _JOINTS for token in tokens)


def _cut(tokens: list[Token], first: int, second: int) -> Cut | None:
    """Return the last line end between two heads, else the verb or joint that begins the second order."""
    between = range(second - 1, first, -1)
    line = next((at for at in between if tokens[at].kind is Kind.LINE), None)
    if line is not None:
        return Cut(line, by_line=True)
    verb = next((at for at in between if tokens[at].role is Role.VERB), None)
    if verb is not None:
        return Cut(verb, by_line=False)
    joint = next((at for at in between if tokens[at].word in _JOINTS or is_boundary(tokens[at])), None)
    return Cut(joint, by_line=False) if joint is not None else None


def _combine(orders: list[OrderReading], joined: bool) -> Reading:
    """Return separate orders, or the one spread that opposite legs on one line are."""
    if len(
        {order.intent for order in orders} & {Intent.OPEN, Intent.CLOSE, Intent.TRIM}
    ) > 1 and _share_symbol(orders):
        return review(ROLL, *orders)
    if any(order.intent is Intent.CONDITIONAL for order in orders):
        return review("several orders, one of them conditional", *orders)
    sides = {(order.symbol, order.action.buys) for order in orders if order.action}
    opposite = any((symbol, not buys) in sides for symbol, buys in sides)
    if not opposite:
        return Reading(orders[0].intent, tuple(orders))
    if not joined or not _share_symbol(orders):
        return review("bought and sold legs that may be a spread", *orders)
    return _spread(orders)


def _share_symbol(orders: list[OrderReading]) -> bool:
    return len({order.symbol for order in orders}) == 1


def _spread(orders: list[OrderReading]) -> Reading:
    """Return the legs as one order at the sum of their prices."""
    legs = [_leg(order) for order in orders]
    found = tuple(leg for leg in legs if leg is not None)
    quantities = {order.quantity for order in orders}
    prices = [order.price for order in orders if order.price is not None]
    if (
        len(found) != len(orders)
        or len(orders) > MOST_LEGS
        or len(quantities) != 1
        or len(prices) != len(orders)
    ):
        return review("legs that do not make one spread", *orders)
    net = sum(
        (price if leg.action.buys else -price for price, leg in zip(prices, found, strict=True)), Decimal(0)
    )
    side = Side.PAYS if net > 0 else Side.RECEIVES
    most = most_worth_of(found, side)
    is_open_ended = most is None and len({leg.expiry for leg in found}) == 1
    if net == 0 or is_open_ended or (most is not None and abs(net) >= most):
        return review(f"legs that cost {net} together", *orders)
    order = OrderReading(
        intent=orders[0].intent,
        action=found[0].action
        if (net > 0) == found[0].action.buys
        else next(x.action for x in found if x.action.buys == (net > 0)),
        quantity=orders[0].quantity,
        symbol=orders[0].symbol,
        asset=Asset.SPREAD,
        price=abs(net),
        price_rule=PriceRule.LIMIT,
        effect=side,
        legs=found,
        shape="custom",
    )
    return Reading(order.intent, (order,))


def _leg(order: OrderReading) -> ReadLeg | None:
    if order.action is None or order.strike is None or order.option_type is None or order.expiry is None:
        return None
    return ReadLeg(order.action, order.strike, order.option_type, order.expiry)
