"""What to say where a strike or expiry is not listed: the three nearest that are."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .expiry_words import show_day

NEAREST = 3


def nearest_strikes(wanted: Decimal, listed: Iterable[Decimal], count: int = NEAREST) -> tuple[Decimal, ...]:
    """Return the listed strikes nearest to the wanted one, rising; of two as near the lower one first."""
    near = sorted(set(listed), key=lambda strike: (abs(strike - wanted), strike))[:count]
    return tuple(sorted(near))


def nearest_expiries(wanted: date, listed: Iterable[date], count: int = NEAREST) -> tuple[date, ...]:
    """Return the listed expiries nearest to the wanted day, rising; of two as near the earlier one first."""
    near = sorted(set(listed), key=lambda day: (abs(day - wanted), day))[:count]
    return tuple(sorted(near))


def no_such_strike(wanted: Decimal, listed: Iterable[Decimal]) -> str:
    """Return the sentence on a strike that is not listed."""
    near = [f"{strike:f}" for strike in nearest_strikes(wanted, listed)]
    return f"There is no strike {wanted:f}; {_the_nearest(near)}."


def no_such_expiry(wanted: date, listed: Iterable[date]) -> str:
    """Return the sentence on an expiry that is not listed."""
    near = [show_day(day) for day in nearest_expiries(wanted, listed)]
    return f"Nothing expires on {show_day(wanted)}; {_the_nearest(near)}."


def _the_nearest(near: list[str]) -> str:
    if not near:
        return "none are listed"
    if len(near) == 1:
        return f"the only one listed is {near[0]}"
    return f"the nearest are {', '.join(near[:-1])} and {near[-1]}"
