"""Numerals of a command. A comma is never read: it may part decimals or thousands."""

from decimal import Decimal

from lark import Token

from .grammar import span
from .slip import Slip

LARGEST_QUANTITY = 100_000
LONGEST_NUMERAL = 12  # digits and point; no price or strike needs more


def price(token: Token) -> Decimal:
    """Return a price above zero, USD per share or point."""
    return _positive(token, span(token)[0], "A price", "a price such as 1.25")


def strike(text: str, start: int) -> Decimal:
    """Return the strike written in `text`, which begins at `start`."""
    return _positive(text, start, "A strike", "a strike such as 600")


def count(token: Token, what: str, *, low: int = 1, high: int = LARGEST_QUANTITY) -> int:
    """Return a whole number from `low` to `high`; `what` begins the sentence that says otherwise."""
    expected = f"a whole number from {low} to {high}"
    number = _decimal(token, span(token)[0], what, expected)
    if number != int(number) or "." in token or "$" in token:
        raise Slip(*span(token), f"{what} is a whole number.", expected=expected)
    if not low <= number <= high:
        raise Slip(*span(token), f"{what} lies between {low} and {high}.", expected=expected)
    return int(number)


def _positive(text: str, start: int, what: str, expected: str) -> Decimal:
    number = _decimal(text, start, what, expected)
    if number == 0:
        raise Slip(start, start + len(text), f"{what} is more than zero.", expected=expected)
    return number


def _decimal(text: str, start: int, what: str, expected: str) -> Decimal:
    digits = text.lstrip("$")
    if len(digits) > LONGEST_NUMERAL:
        message = f"{what} of {len(digits)} digits cannot be meant."
        raise Slip(start, start + len(text), message, expected=expected)
    return Decimal(digits)
