"""Commands that record an order of one leg or of a spread by name or by shape."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lark import Token

from orders.enums import Action, InstrumentType, OptionType, Side, TimeInForce

from . import numerals, shape_rules, shapes, tails
from .calendar import Calendar
from .grammar import Node, first, nodes, span, span_of, tokens
from .instruments import Named, instrument
from .pricing import PAYS, net_price, single_price
from .slip import Slip
from .symbols import is_index
from .tails import Tails
from .ticket import AskedPrice, Contract, Ticket, TicketLeg

INSTRUMENTS: Final = frozenset({"occ", "future_symbol", "shares", "option", "future", "future_option"})
ACTIONS: Final = {
    "bto": Action.BUY_TO_OPEN,
    "btc": Action.BUY_TO_CLOSE,
    "sto": Action.SELL_TO_OPEN,
    "stc": Action.SELL_TO_CLOSE,
}
_ACTION_OF: Final = {(action.sign, action.closes): action for action in ACTIONS.values()}


@dataclass(frozen=True, slots=True)
class Day:
    """What a command is read against: the day in New York and the sessions."""

    today: date
    calendar: Calendar


def read_order(node: Node, day: Day) -> Ticket:
    """Return the ticket of one instrument or spread. Raises Slip."""
    named, found = read_instrument(node, day), order_tails(node)
    verb = first(node, "ACTION")
    action = read_action(verb, named)
    quantity = numerals.count(first(node, "QUANTITY"), "The quantity")
    shape = _shape(node, found)
    if shape or not named.is_single or "ratio" in found:
        spread = _spread(named, shape, found)
        legs = turned(spread, named, action)
        price = _spread_price(node, named, found, spread, action)
        return ticket(legs, quantity, price, found, shape=spread.shape)
    legs = (TicketLeg(action, tradable(named)),)
    price = single_price(found, Side(action.sign), verb.lower())
    return ticket(legs, quantity, price, found)


def read_instrument(node: Node, day: Day) -> Named:
    """Return the instrument among the node's parts."""
    found = next(child for child in nodes(node) if child.data in INSTRUMENTS)
    return instrument(found, today=day.today, calendar=day.calendar)


def order_tails(node: Node) -> Tails:
    parts = (child for child in nodes(node) if child.data not in INSTRUMENTS)
    return tails.sort_tails(parts, allowed=tails.FOR_ORDER, command="an order")


def read_action(token: Token, named: Named) -> Action:
    """Return the leg's action; plain `sell` of shares or options is asked back. Raises Slip."""
    words = token.lower().split()
    verb = words[0] if len(words) == 1 else "".join(word[0] for word in words)
    if named.kind == InstrumentType.FUTURE:
        return _netted(token, verb)
    if verb == "buy":
        return Action.BUY_TO_OPEN
    if verb == "sell":
        message = "Does this sell close a long or open a short? Write stc to close, sto to open."
        raise Slip(*span(token), message, expected="stc or sto", sample="stc")
    return ACTIONS[verb]


def tradable(named: Named) -> Contract:
    """Return the one contract. Raises Slip where it is an index itself."""
    if named.kind == InstrumentType.EQUITY and is_index(named.root):
        raise Slip(named.start, named.end, f"{named.root} is an index: it has options, but no shares.",
                   expected="an expiry and a strike behind the index")  # fmt: skip
    return named.contract


def ticket(
    legs: tuple[TicketLeg, ...], quantity: int, price: AskedPrice, found: Tails, *, shape: str = ""
) -> Ticket:
    """Return the ticket with the wishes of its tails. Raises Slip where stop and target do not fit."""
    _check_exits(legs, price, found)
    asked = tails.terms(found)
    return Ticket(
        legs=legs,
        quantity=quantity,
        price=price,
        time_in_force=asked.time_in_force or TimeInForce.DAY,
        wait_seconds=asked.wait_seconds,
        ticks=asked.ticks,
        retries=asked.retries,
        account=asked.account,
        dry_run=asked.dry_run,
        again=asked.again,
        shape=shape,
        stop=asked.stop,
        target=asked.target,
    )


def _netted(token: Token, verb: str) -> Action:
    if verb in ("buy", "sell"):
        return Action.BUY if verb == "buy" else Action.SELL
    plain = "buy" if verb.startswith("b") else "sell"
    raise Slip(*span(token), f"Futures are netted, not opened and closed: write {plain}.",
               expected="buy or sell", suggestion=plain)  # fmt: skip


def _shape(node: Node, found: Tails) -> str:
    """Return the shape's name wherever it stands, empty if nowhere. Raises Slip where two disagree."""
    written = [token for token in tokens(node) if token.type == "SHAPE_NAME"]
    written += tokens(found["shape"]) if "shape" in found else []
    names = {shape_rules.shape_name(token) for token in written}
    if len(names) > 1:
        raise Slip(
            *span(written[-1]), f"{written[-1]} is another shape than {written[0]}.", expected=written[0]
        )
    return names.pop() if names else ""


def _spread(named: Named, shape: str, found: Tails) -> shapes.Spread:
    if not named.is_option:
        raise Slip(named.start, named.end, "A spread needs an expiry and strikes behind the root.",
                   expected="an expiry and strikes, such as 18dec 600/610c")  # fmt: skip
    if "ratio" not in found:
        return shapes.build(named, shape, ())
    token = tokens(found["ratio"])[0]
    ratio = tuple(int(part) for part in token.lower().split("x"))
    return shapes.build(named, shape, ratio, ratio_at=span(token))


def _spread_price(
    node: Node, named: Named, found: Tails, spread: shapes.Spread, action: Action
) -> AskedPrice:
    if spread.doubt and "effect" not in found:
        start, end = named.strikes[0].start, named.strikes[-1].end
        raise Slip(start, end, spread.doubt, expected="db or cr behind the price")
    side = Side(action.sign)
    because = f"A {'bought' if action.buys else 'sold'} {spread.shape} {PAYS[side]}"
    return net_price(node, found, side if spread.pays else None, because)


def turned(spread: shapes.Spread, named: Named, action: Action) -> tuple[TicketLeg, ...]:
    """Return the legs of the bought spread as the verb wants them."""
    if spread.shape == "covered":
        _check_covered(named, action)
    return tuple(
        TicketLeg(_ACTION_OF[part.sign * action.sign, action.closes], part.contract, part.ratio)
        for part in spread.parts
    )


def _check_covered(named: Named, action: Action) -> None:
    """Refuse what would not cover: long shares cover a call, short ones a put."""
    if is_index(named.root):
        raise Slip(named.start, named.end, f"{named.root} is an index: it has no shares to cover with.",
                   expected="shares with options on them")  # fmt: skip
    call = named.strikes[0].option_type == OptionType.CALL
    long_shares = action in (Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE)
    if call == long_shares:
        return
    right = "bto or stc" if call else "sto or btc"
    what = "call" if call else "put"
    message = f"A covered {what} takes {right}; without the word covered the {what} is traded alone."
    raise Slip(named.start, named.end, message, expected=right)


def _check_exits(legs: tuple[TicketLeg, ...], price: AskedPrice, found: Tails) -> None:
    """Check stop and target: an exit has no other price, an entry stands between them."""
    side = price.effect or Side(legs[0].action.sign)
    if not {"stop", "target"} & found.keys():
        return
    if not all(leg.action.closes for leg in legs):
        tails.check_exits(found, side, price)
        return
    if priced := found.get("price") or found.get("bound"):
        raise Slip(*span_of(priced), "An exit has a price or stop and target, not both.",
                   expected="sl and tp alone; tp is the price")  # fmt: skip
    tails.check_exits(found, Side(-side), AskedPrice())
