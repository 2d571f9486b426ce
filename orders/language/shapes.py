"""Spreads by name and by shape: which legs a bought one has, and whether buying it surely pays.

Legs are given in the order written, signs as when the spread is bought; the verb turns them:
* vertical, butterfly, condor, iron ones, straddle, strangle: bought means the one that pays.
* calendar, diagonal: bought means long the later expiry.
* ratio `600/610c 1x2`: bought means long one of the first strike, short two of the second.
* covered: bought means shares and a short call; sold means short shares and a short put.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from orders.enums import InstrumentType

from .instruments import Named
from .shape_rules import (
    CALL,
    EXAMPLES,
    PUT,
    by_looks,
    check_counts,
    check_kinds,
    check_ratio,
)
from .slip import Slip
from .ticket import Contract

SHARES_PER_CONTRACT = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One leg of a bought spread: `sign` 1 is bought, -1 sold, `ratio` times."""

    sign: int
    contract: Contract
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class Spread:
    """A bought spread. `pays` is None where the prices decide; a `doubt` asks for db or cr."""

    shape: str
    parts: tuple[Part, ...]
    pays: bool | None = True
    doubt: str = ""


def build(named: Named, shape: str, ratio: tuple[int, ...], *, ratio_at: tuple[int, int] = (0, 0)) -> Spread:
    """Return the spread the strikes make, `shape` empty where it was not written. Raises Slip.

    `ratio` is what stood as 1x2, at the characters `ratio_at`; empty if it did not.
    """
    shape = shape or by_looks(named, ratio)
    check_counts(named, shape)
    check_kinds(named, shape)
    check_ratio(shape, ratio, ratio_at if ratio else (named.start, named.end))
    if shape == "ratio":
        return _ratio(named, ratio)
    return BUILDERS[shape](named)


def _vertical(named: Named) -> Spread:
    low_first = _ascending(named, strict=False)
    calls = named.strikes[0].option_type == CALL
    first_is_dearer = low_first == calls
    _check_distinct(named)
    signs = (1, -1) if first_is_dearer else (-1, 1)
    # Puts are commonly written low to high whichever is bought; calls written high to low are not.
    doubt = (
        "" if low_first or not calls else "Calls from high to low: write db or cr to say which one is bought."
    )
    return Spread("vertical", _parts(named, signs), doubt=doubt)


def _ratio(named: Named, ratio: tuple[int, ...]) -> Spread:
    _check_distinct(named)
    parts = (Part(1, named.option(0), ratio[0]), Part(-1, named.option(1), ratio[1]))
    return Spread("ratio", parts, pays=None)


def _calendar(named: Named) -> Spread:
    first, second = _later_first(named)
    return Spread("calendar", (Part(first, named.option(0, 0)), Part(second, named.option(0, 1))))


def _diagonal(named: Named) -> Spread:
    """Long the later expiry pays for certain where its strike is the better one too."""
    signs = _later_first(named)
    _check_distinct(named)
    later = 0 if signs[0] == 1 else 1
    gap = named.strikes[later].value - named.strikes[1 - later].value
    better = gap < 0 if named.strikes[0].option_type == CALL else gap > 0
    parts = (Part(signs[0], named.option(0, 0)), Part(signs[1], named.option(1, 1)))
    return Spread("diagonal", parts, pays=True if better else None)


def _straddle(named: Named) -> Spread:
    if len(named.strikes) == 2:
        if named.strikes[0].value != named.strikes[1].value:
            raise Slip(named.start, named.end, "A straddle has one strike; two make a strangle.",
                       expected="one strike, or strangle")  # fmt: skip
        return Spread("straddle", _parts(named, (1, 1)))
    return Spread("straddle", (Part(1, named.option(0, 0, CALL)), Part(1, named.option(0, 0, PUT))))


def _strangle(named: Named) -> Spread:
    if named.strikes[0].option_type is not None:
        _check_distinct(named)
        return Spread("strangle", _parts(named, (1, 1)))
    _ascending(named)
    return Spread("strangle", (Part(1, named.option(0, 0, PUT)), Part(1, named.option(1, 0, CALL))))


def _butterfly(named: Named) -> Spread:
    _ascending(named)
    low, middle, high = (strike.value for strike in named.strikes)
    parts = (Part(1, named.option(0)), Part(-1, named.option(1), 2), Part(1, named.option(2)))
    return Spread("butterfly", parts, pays=True if middle - low == high - middle else None)


def _iron_butterfly(named: Named) -> Spread:
    _ascending(named)
    if named.strikes[0].option_type is not None:
        raise Slip(named.start, named.end, "An iron butterfly is made of calls and puts: leave c and p away.",
                   expected=f"strikes such as {EXAMPLES['iron butterfly']}")  # fmt: skip
    wings = (Part(-1, named.option(0, 0, PUT)), Part(-1, named.option(2, 0, CALL)))
    body = (Part(1, named.option(1, 0, PUT)), Part(1, named.option(1, 0, CALL)))
    return Spread("iron butterfly", (wings[0], *body, wings[1]))


def _condor(named: Named) -> Spread:
    _ascending(named)
    first, second, third, fourth = (strike.value for strike in named.strikes)
    even = second - first == fourth - third
    return Spread("condor", _parts(named, (1, -1, -1, 1)), pays=True if even else None)


def _iron_condor(named: Named) -> Spread:
    _ascending(named)
    kinds = (PUT, PUT, CALL, CALL)
    written = tuple(strike.option_type for strike in named.strikes)
    if written != kinds and any(written):
        raise Slip(named.start, named.end, "An iron condor is two puts below two calls, from low to high.",
                   expected=f"strikes such as {EXAMPLES['iron condor']}")  # fmt: skip
    signs = (-1, 1, 1, -1)
    parts = (
        Part(sign, named.option(i, 0, kind)) for i, (sign, kind) in enumerate(zip(signs, kinds, strict=True))
    )
    return Spread("iron condor", tuple(parts))


def _covered(named: Named) -> Spread:
    """Shares with a short call; a covered put is the sold one: its signs are turned once more by the verb."""
    if named.kind != InstrumentType.EQUITY_OPTION:
        raise Slip(named.start, named.end, "Covered means shares with an option; a future's option has none.",
                   expected="an option on shares")  # fmt: skip
    sign = 1 if named.strikes[0].option_type == CALL else -1
    shares = Part(1, Contract(InstrumentType.EQUITY, named.root), SHARES_PER_CONTRACT)
    return Spread("covered", (shares, Part(-sign, named.option(0))))


BUILDERS: Final[dict[str, Callable[[Named], Spread]]] = {
    "vertical": _vertical,
    "calendar": _calendar,
    "diagonal": _diagonal,
    "straddle": _straddle,
    "strangle": _strangle,
    "butterfly": _butterfly,
    "iron butterfly": _iron_butterfly,
    "condor": _condor,
    "iron condor": _iron_condor,
    "covered": _covered,
}


def _parts(named: Named, signs: tuple[int, ...]) -> tuple[Part, ...]:
    return tuple(Part(sign, named.option(i)) for i, sign in enumerate(signs))


def _values(named: Named) -> list[Decimal]:
    return [strike.value for strike in named.strikes]


def _ascending(named: Named, *, strict: bool = True) -> bool:
    """Say whether the strikes rise; raise Slip if they must and do not."""
    values = _values(named)
    rising = all(low < high for low, high in pairwise(values))
    if strict and not rising:
        first, last = named.strikes[0], named.strikes[-1]
        near = "/".join(f"{value:f}" for value in sorted(set(values)))
        raise Slip(first.start, last.end, "Write the strikes from low to high, each once.", expected=near)
    return rising


def _check_distinct(named: Named) -> None:
    if len(set(_values(named))) != len(named.strikes):
        raise Slip(named.strikes[0].start, named.strikes[-1].end, "The same strike stands here twice.",
                   expected="strikes that differ")  # fmt: skip


def _later_first(named: Named) -> tuple[int, int]:
    """Return the signs of the two expiries: the later one is bought."""
    first, second = named.expiries
    if first == second:
        raise Slip(named.start, named.end, "Both expiries are the same day.",
                   expected="two expiries such as 18dec/15jan")  # fmt: skip
    return (1, -1) if first > second else (-1, 1)
