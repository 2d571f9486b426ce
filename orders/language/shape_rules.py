"""The rules of the shapes: their names, how many expiries and strikes they have, calls or puts, ratios."""

from math import gcd
from typing import Final

from orders.enums import OptionType

from .instruments import EXPECTED_STRIKE, Named
from .slip import Slip

CALL, PUT = OptionType.CALL, OptionType.PUT

# name -> (expiries, strikes)
COUNTS: Final = {
    "vertical": (1, 2),
    "calendar": (2, 1),
    "diagonal": (2, 2),
    "straddle": (1, 1),
    "strangle": (1, 2),
    "butterfly": (1, 3),
    "iron butterfly": (1, 3),
    "condor": (1, 4),
    "iron condor": (1, 4),
    "ratio": (1, 2),
    "covered": (1, 1),
}
ABBREVIATIONS: Final = {
    "ic": "iron condor",
    "ib": "iron butterfly",
    "fly": "butterfly",
    "ironfly": "iron butterfly",
}
EXAMPLES: Final = {
    "vertical": "18dec 600/610c",
    "calendar": "18dec/15jan 600c",
    "diagonal": "18dec/15jan 610/600c",
    "straddle": "18dec 600",
    "strangle": "18dec 590/610",
    "butterfly": "18dec 590/600/610c",
    "iron butterfly": "18dec 590/600/610",
    "condor": "18dec 580/590/600/610c",
    "iron condor": "18dec 580/590/610/620",
    "ratio": "18dec 600/610c 1x2",
    "covered": "18dec 610c",
}
OWN_RATIOS: Final = {"butterfly": ((1, 2, 1),), "vertical": ((1, 1),)}
MADE_OF_BOTH: Final = frozenset({"straddle", "strangle", "iron butterfly", "iron condor"})
NUMBERS: Final = ("no", "one", "two", "three", "four")


def shape_name(word: str) -> str:
    """Return the one name of a shape's word."""
    joined = "".join(word.lower().split())
    full = {name.replace(" ", ""): name for name in COUNTS}
    return ABBREVIATIONS.get(joined) or full[joined]


def by_looks(named: Named, ratio: tuple[int, ...]) -> str:
    """Return the shape that expiries, strikes, calls and puts make by themselves. Raises Slip."""
    kinds = [strike.option_type for strike in named.strikes]
    if len(named.expiries) == 2:
        return "calendar" if len(kinds) == 1 else "diagonal"
    if len(kinds) == 2 and set(kinds) == {CALL, PUT}:
        return "straddle" if named.strikes[0].value == named.strikes[1].value else "strangle"
    if kinds == [PUT, PUT, CALL, CALL]:
        return "iron condor"
    if None in kinds or len(set(kinds)) > 1:
        start, end = named.strikes[0].start, named.strikes[-1].end
        raise Slip(start, end, "Which shape? Write c or p behind the strikes, or its name.",
                   expected="c, p, straddle, strangle, ic or another shape")  # fmt: skip
    names = {
        1: "straddle",
        2: "ratio" if ratio not in ((), (1, 1)) else "vertical",
        3: "butterfly",
        4: "condor",
    }
    return names[len(kinds)]


def check_counts(named: Named, shape: str) -> None:
    """Raise Slip where the shape has another number of expiries or strikes."""
    days, strikes = COUNTS[shape]
    explicit_straddle = shape == "straddle" and len(named.strikes) == 2 and named.strikes[0].option_type
    if (len(named.expiries), len(named.strikes)) == (days, strikes) or explicit_straddle:
        return
    message = (
        f"{with_article(shape)} has {NUMBERS[days]} expir{'y' if days == 1 else 'ies'} and "
        f"{NUMBERS[strikes]} strike{'s' * (strikes > 1)}."
    )
    raise Slip(named.start, named.end, message, expected=f"strikes such as {EXAMPLES[shape]}")


def check_kinds(named: Named, shape: str) -> None:
    """Refuse calls and puts where the shape cannot have them, ask for them where it must."""
    first, last = named.strikes[0], named.strikes[-1]
    kinds = {strike.option_type for strike in named.strikes}
    if shape in MADE_OF_BOTH:
        if len(kinds) == 1 and None not in kinds:
            message = f"{with_article(shape)} is made of calls and puts: leave c and p away."
            raise Slip(first.start, last.end, message, expected=f"strikes such as {EXAMPLES[shape]}")
    elif None in kinds:
        message, sample = (
            f"Calls or puts? {with_article(shape)} has c or p behind its strikes.",
            f"{last.value:f}c",
        )
        raise Slip(last.start, last.end, message, expected=EXPECTED_STRIKE, sample=sample)
    elif len(kinds) > 1:
        raise Slip(first.start, last.end, f"{with_article(shape)} is all calls or all puts.",
                   expected=f"strikes such as {EXAMPLES[shape]}")  # fmt: skip


def check_ratio(shape: str, ratio: tuple[int, ...], at: tuple[int, int]) -> None:
    """Raise Slip at the characters `at` where the shape has no ratio, or one not in lowest terms."""
    if shape == "ratio":
        if len(ratio) != 2 or ratio[0] == ratio[1] or gcd(*ratio) != 1 or min(ratio) < 1:
            message = "A ratio says how many of each strike, in lowest terms."
            raise Slip(*at, message, expected="1x2, 2x3 or the like")
    elif ratio not in ((), *OWN_RATIOS.get(shape, ())):
        raise Slip(*at, f"{with_article(shape)} has no ratio of its own; write the legs with custom.",
                   expected="the shape alone, or custom")  # fmt: skip


def with_article(shape: str) -> str:
    return f"A{'n' * (shape[0] in 'aeiou')} {shape}" if shape != "covered" else "A covered order"
