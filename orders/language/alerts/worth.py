"""What the legs of a spread are worth at most at their expiry: a price beyond that is a slip."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orders.enums import OptionType, Side


class Option(NamedTuple):
    """One leg of options. `number` is signed: below zero is sold."""

    number: int
    option_type: OptionType
    strike: Decimal
    expiry: date


def most_worth(legs: Collection[Option], side: Side) -> Decimal | None:
    """Return the most, per share, that whoever pays for the legs (or receives for them) can get back (owe).

    None where that is open-ended: calls or puts that are not sold as often as bought, or several days.
    """
    if len({leg.expiry for leg in legs}) != 1:
        return None
    for kind in OptionType:
        if sum(leg.number for leg in legs if leg.option_type is kind):
            return None
    # Between the strikes the value is a straight line, beyond them it stands still.
    return max(side * sum((_value(leg, at.strike) for leg in legs), Decimal(0)) for at in legs)


def _value(leg: Option, at: Decimal) -> Decimal:
    """Return what a leg is worth at its expiry where the underlying stands at this price."""
    inside = at - leg.strike if leg.option_type is OptionType.CALL else leg.strike - at
    return leg.number * max(inside, Decimal(0))
