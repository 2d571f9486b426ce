"""Commands: the text behind the prefix in, a value or a mistake that points out."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from lark import Token, UnexpectedInput

from . import numerals, symbols, tails
from .calendar import NEW_YORK, Calendar
from .customs import read_custom
from .grammar import Node, first, nodes, parse, span, span_of, tokens
from .help import topic_of
from .instruments import expiries
from .mistakes import explain, mistake
from .proposals import INSTRUMENTS, Day, read_instrument, read_order, tradable
from .slip import Slip
from .ticket import Contract, Mistake
from .values import (
    Amend,
    CancelOrders,
    Close,
    Command,
    Help,
    Propose,
    ShowBalance,
    ShowChain,
    ShowOrder,
    ShowOrders,
    ShowPositions,
    ShowQuote,
)

LONGEST_COMMAND = 500  # characters; four legs with every wish need about 250


def parse_command(text: str, *, now: datetime, calendar: Calendar) -> Command | Mistake:
    """Return the command of the text behind the prefix, or the mistake in it. Never raises for any text.

    `now` is aware: its day in New York resolves expiries. Whether contracts exist is not looked at.
    """
    day = Day(now.astimezone(NEW_YORK).date(), calendar)
    try:
        return read(text, day)
    except Slip as slip:
        return mistake(text, slip, day, read)


def read(text: str, day: Day) -> Command:
    """Return the command. Raises Slip."""
    if len(text) > LONGEST_COMMAND:
        raise Slip(LONGEST_COMMAND, len(text), f"A command is at most {LONGEST_COMMAND} characters long.",
                   expected="the end")  # fmt: skip
    try:
        node = parse(text)
    except UnexpectedInput as error:
        raise explain(text, error) from None
    return READERS[str(node.data)](node, day)


def _propose(node: Node, day: Day) -> Command:
    return Propose(read_order(node, day))


def _custom(node: Node, day: Day) -> Command:
    return Propose(read_custom(node, day))


def _close(node: Node, day: Day) -> Command:
    named = [child for child in nodes(node) if child.data in INSTRUMENTS]
    rest = (child for child in nodes(node) if child.data not in INSTRUMENTS)
    found = tails.sort_tails(rest, allowed=tails.FOR_CLOSE, command="close")
    number = next((token for token in tokens(node) if token.type == "ORDER_NUMBER"), None)
    if named and number is not None:
        message = f"Is {number} an order's number, or how many? For how many write qty {number} at the end."
        raise Slip(*span(number), message, expected="an order's number alone, or a contract")
    share, quantity = _how_much(node, found)
    if {"stop", "target"} & found.keys() and {"price", "bound"} & found.keys():
        where = span_of(found.get("price") or found["bound"])
        raise Slip(*where, "An exit has a price or stop and target, not both.", expected="sl and tp alone")
    contract = _contract_to_close(node, day) if named else None
    return Close(
        order_number=_order_number(number) if number is not None else None,
        contract=contract,
        fraction=share,
        quantity=quantity,
        price=tails.unsided_price(found),
        terms=tails.terms(found),
    )


def _contract_to_close(node: Node, day: Day) -> Contract:
    named = read_instrument(node, day)
    if not named.is_single:
        message = (
            "This names several contracts; a spread is closed by its order's number, or with stc or btc."
        )
        raise Slip(named.start, named.end, message, expected="an order's number, or one contract")
    return tradable(named)


def _how_much(node: Node, found: tails.Tails) -> tuple[Fraction, int | None]:
    """Return the part of the position to close; it may be written once, before or behind. Raises Slip."""
    shares = [token for token in tokens(node) if token.type == "FRACTION"]
    shares += tokens(found["fraction"]) if "fraction" in found else []
    if "amount" in found and not shares:
        return Fraction(1), tails.quantity(found)
    if len(shares) + ("amount" in found) > 1:
        last = tokens(found["amount"])[1] if "amount" in found else shares[-1]
        raise Slip(*span(last), f"How much? {shares[0]} and {last} both say it.", expected="one of them")
    return (tails.fraction(shares[0], span(shares[0])[0]) if shares else Fraction(1)), None


def _cancel(node: Node, day: Day) -> Command:  # noqa: ARG001 -- every reader takes the day
    word = tokens(node)[1]
    return CancelOrders(everything=True) if word.type == "ALL" else CancelOrders(_order_number(word))


def _amend(node: Node, day: Day) -> Command:  # noqa: ARG001
    found = tails.sort_tails(nodes(node), allowed=tails.FOR_AMEND, command="amend")
    return Amend(
        number=_order_number(first(node, "ORDER_NUMBER")),
        quantity=tails.quantity(found),
        price=tails.amended_price(found),
        terms=tails.terms(found),
    )


def _quote(node: Node, day: Day) -> Command:
    return ShowQuote(read_instrument(node, day).contract)


def _chain(node: Node, day: Day) -> Command:
    words = {token.type: token for token in tokens(node)}
    root = _chain_root(words.get("ROOT") or words["FUTURE"], day.today)
    expiry = _one_expiry(words["EXPIRIES"], day, root) if "EXPIRIES" in words else None
    low, high = _range(words["RANGE"]) if "RANGE" in words else (None, None)
    return ShowChain(root, expiry, low, high)


def _chain_root(token: Token, today: date) -> str:
    if token.type == "ROOT":
        return symbols.equity_root(token)
    found = symbols.parse_future(token, today=today)
    if isinstance(found, Contract):
        return found.root
    raise Slip(
        *span(token),
        found.message if found else f"{token} is no future.",
        expected="a root such as SPY or /ES",
    )


def _one_expiry(token: Token, day: Day, root: str) -> date:
    found = expiries(token, today=day.today, calendar=day.calendar, root=root)
    if len(found) > 1:
        raise Slip(*span(token), "A chain is shown for one expiry.", expected="one expiry such as 18dec")
    return found[0]


def _range(token: Token) -> tuple[Decimal, Decimal]:
    sign = next(sign for sign in "-\u2013" if sign in token)
    start = span(token)[0]
    low, high = token.split(sign)
    found = (
        numerals.strike(low.strip(), start),
        numerals.strike(high.strip(), start + len(token) - len(high.strip())),
    )
    if found[0] > found[1]:
        turned = f"{found[1]:f}-{found[0]:f}"
        message = "The range begins with the lower strike."
        raise Slip(*span(token), message, expected="strikes such as 590-610", suggestion=turned)
    return found


def _listing(node: Node, day: Day) -> Command:  # noqa: ARG001
    word, rest = tokens(node)[0].lower(), nodes(node)
    account = tokens(rest[0])[1].upper() if rest else ""
    return LISTINGS[word](account)


def _detail(node: Node, day: Day) -> Command:  # noqa: ARG001
    return ShowOrder(_order_number(first(node, "ORDER_NUMBER")))


def _help(node: Node, day: Day) -> Command:  # noqa: ARG001
    topic = next((token for token in tokens(node) if token.type == "TOPIC"), None)
    return Help("" if topic is None else topic_of(topic))


def _order_number(token: Token) -> int:
    if len(token) > numerals.LONGEST_NUMERAL:
        raise Slip(
            *span(token), "No order has a number that long.", expected="an order's number such as 1042"
        )
    return int(token.lstrip("#"))


LISTINGS: Final[dict[str, Callable[[str], Command]]] = {
    "positions": ShowPositions,
    "orders": ShowOrders,
    "balance": ShowBalance,
}
READERS: Final[dict[str, Callable[[Node, Day], Command]]] = {
    "order": _propose,
    "custom": _custom,
    "close": _close,
    "cancel": _cancel,
    "amend": _amend,
    "quote": _quote,
    "chain": _chain,
    "listing": _listing,
    "detail": _detail,
    "help": _help,
}
