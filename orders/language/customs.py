"""Orders whose legs are written one by one: `custom 1 bto SPY 18dec 600c + sto 2 SPY 18dec 620c @ 1 db`."""

from itertools import pairwise
from math import gcd

from orders.enums import InstrumentType, Side

from . import numerals, tails
from .grammar import Node, end_of, first, nodes, span, span_of, tokens
from .pricing import PAYS, net_price
from .proposals import Day, read_action, read_instrument, ticket, tradable
from .slip import Slip
from .symbols import underlying
from .ticket import Contract, Ticket, TicketLeg

MOST_LEGS = 4
FOR_CUSTOM = tails.FOR_ORDER - {"shape", "ratio"}


def read_custom(node: Node, day: Day) -> Ticket:
    """Return the ticket of two to four legs. Raises Slip."""
    written = [child for child in nodes(node) if child.data == "leg"]
    rest = (child for child in nodes(node) if child.data != "leg")
    legs = tuple(_leg(child, day) for child in written)
    _check_legs(node, written, legs)
    found = tails.sort_tails(rest, allowed=FOR_CUSTOM, command="a custom order")
    signs = {leg.action.sign for leg in legs}
    certain = Side(signs.pop()) if len(signs) == 1 else None
    price = net_price(node, found, certain, f"Every leg {PAYS[certain]}" if certain else "")
    quantity = numerals.count(first(node, "QUANTITY"), "The quantity")
    return ticket(legs, quantity, price, found, shape="custom")


def _leg(node: Node, day: Day) -> TicketLeg:
    named = read_instrument(node, day)
    action = read_action(first(node, "ACTION"), named)
    ratio = next((token for token in tokens(node) if token.type == "QUANTITY"), None)
    return TicketLeg(action, tradable(named), 1 if ratio is None else numerals.count(ratio, "A leg's number"))


def _check_legs(node: Node, written: list[Node], legs: tuple[TicketLeg, ...]) -> None:
    """Refuse too few or many legs, a contract twice, two underlyings, and numbers that share a divisor."""
    if len(legs) < 2:
        end = end_of(written[0])
        raise Slip(end, end, "A custom order has two legs or more.", expected="+ and another leg")
    if len(legs) > MOST_LEGS:
        raise Slip(*span_of(written[MOST_LEGS]), f"The broker takes at most {MOST_LEGS} legs in one order.",
                   expected="the price")  # fmt: skip
    for (i, leg), where in zip(enumerate(legs), written, strict=True):
        if any(leg.contract == other.contract for other in legs[:i]):
            raise Slip(*span_of(where), "The same contract stands in two legs.", expected="another contract")
    for (one, other), where in zip(pairwise(legs), written[1:], strict=True):
        if _underlying(one.contract) != _underlying(other.contract):
            message = "The legs of one order have one underlying."
            raise Slip(*span_of(where), message, expected=f"a leg of {one.contract.root}")
    divisor = gcd(*(leg.ratio for leg in legs))
    if divisor > 1:
        message = (
            f"Each leg's number can be divided by {divisor}: write the lowest, and how many of all here."
        )
        raise Slip(*span(first(node, "QUANTITY")), message, expected="legs in lowest terms")


def _underlying(contract: Contract) -> tuple[str, bool]:
    """Return what must be the same in all legs; futures and shares never mix."""
    return underlying(contract.root), contract.kind in (InstrumentType.FUTURE, InstrumentType.FUTURE_OPTION)
