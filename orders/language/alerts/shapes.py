"""The legs of named spreads. `buys` is the side of the first or principal leg; strikes as written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orders.enums import Action, OptionType, Side

from .reading import ReadLeg
from .worth import Option, most_worth

CALL, PUT = OptionType.CALL, OptionType.PUT


@dataclass(frozen=True, slots=True)
class Written:
    """What a spread's text gives: strikes, types and days in their order; ratios where they were written."""

    buys: bool
    closes: bool
    strikes: tuple[Decimal, ...]
    types: tuple[OptionType, ...]
    days: tuple[date, ...]
    ratios: tuple[int, ...] = ()

    def leg(self, *, buys: bool, strike: Decimal, kind: OptionType, day: date, ratio: int = 1) -> ReadLeg:
        return ReadLeg(leg_action(buys=buys, closes=self.closes), strike, kind, day, ratio)


def leg_action(*, buys: bool, closes: bool) -> Action:
    if buys:
        return Action.BUY_TO_CLOSE if closes else Action.BUY_TO_OPEN
    return Action.SELL_TO_CLOSE if closes else Action.SELL_TO_OPEN


Legs = tuple[ReadLeg, ...] | None


def vertical(text: Written) -> Legs:
    """The first strike on the order's side, the second against it."""
    if (len(text.strikes), len(text.types), len(text.days)) != (2, 1, 1) or text.strikes[0] == text.strikes[
        1
    ]:
        return None
    first, second = text.strikes
    return (
        text.leg(buys=text.buys, strike=first, kind=text.types[0], day=text.days[0]),
        text.leg(buys=not text.buys, strike=second, kind=text.types[0], day=text.days[0]),
    )


def backratio(text: Written) -> Legs:
    """`1/3 BACKRATIO 585/600`: a bought one sells the first strike and buys more of the second."""
    if (len(text.strikes), len(text.types), len(text.days), len(text.ratios)) != (2, 1, 1, 2):
        return None
    kind, day = text.types[0], text.days[0]
    return (
        text.leg(buys=not text.buys, strike=text.strikes[0], kind=kind, day=day, ratio=text.ratios[0]),
        text.leg(buys=text.buys, strike=text.strikes[1], kind=kind, day=day, ratio=text.ratios[1]),
    )


def butterfly(text: Written) -> Legs:
    """Wings on the order's side, the body against it; 1/2/1 unless ratios were written."""
    if (len(text.strikes), len(text.types), len(text.days)) != (3, 1, 1) or len(set(text.strikes)) != 3:
        return None
    if sorted(text.strikes) not in (list(text.strikes), list(reversed(text.strikes))):
        return None
    ratios = text.ratios or (1, 2, 1)
    if len(ratios) != 3:
        return None
    sides = (text.buys, not text.buys, text.buys)
    return tuple(
        text.leg(buys=buys, strike=strike, kind=text.types[0], day=text.days[0], ratio=ratio)
        for buys, strike, ratio in zip(sides, text.strikes, ratios, strict=True)
    )


def calendar(text: Written) -> Legs:
    """The first day on the order's side, the second against it."""
    if (len(text.strikes), len(text.types), len(text.days)) != (1, 1, 2) or text.days[0] == text.days[1]:
        return None
    return (
        text.leg(buys=text.buys, strike=text.strikes[0], kind=text.types[0], day=text.days[0]),
        text.leg(buys=not text.buys, strike=text.strikes[0], kind=text.types[0], day=text.days[1]),
    )


def diagonal(text: Written) -> Legs:
    """The first strike and day on the order's side, the second against it."""
    if (len(text.strikes), len(text.types), len(text.days)) != (2, 1, 2) or text.days[0] == text.days[1]:
        return None
    return (
        text.leg(buys=text.buys, strike=text.strikes[0], kind=text.types[0], day=text.days[0]),
        text.leg(buys=not text.buys, strike=text.strikes[1], kind=text.types[0], day=text.days[1]),
    )


def straddle(text: Written) -> Legs:
    if (len(text.strikes), len(text.days)) != (1, 1):
        return None
    return tuple(
        text.leg(buys=text.buys, strike=text.strikes[0], kind=kind, day=text.days[0]) for kind in (CALL, PUT)
    )


def strangle(text: Written) -> Legs:
    """The higher strike is the call's, the lower the put's, unless the types say otherwise."""
    if (len(text.strikes), len(text.days)) != (2, 1) or text.strikes[0] == text.strikes[1]:
        return None
    low, high = sorted(text.strikes)
    if len(text.types) == 2 and dict(zip(text.types, text.strikes, strict=True)) != {CALL: high, PUT: low}:
        return None
    return tuple(
        text.leg(buys=text.buys, strike=strike, kind=kind, day=text.days[0])
        for strike, kind in ((high, CALL), (low, PUT))
    )


def condor_by_pairs(text: Written) -> Legs:
    """`780/790/750/740 CALL/PUT`: a call pair and a put pair, each inner strike on the order's side."""
    if (len(text.strikes), len(text.days)) != (4, 1) or text.types != (CALL, PUT):
        return None
    call_inner, call_outer, put_inner, put_outer = text.strikes
    if not put_outer < put_inner <= call_inner < call_outer:
        return None
    rows = ((text.buys, call_inner, CALL), (not text.buys, call_outer, CALL), (text.buys, put_inner, PUT),
            (not text.buys, put_outer, PUT))  # fmt: skip
    return tuple(
        text.leg(buys=buys, strike=strike, kind=kind, day=text.days[0]) for buys, strike, kind in rows
    )


def condor_by_height(text: Written) -> Legs:
    """Four strikes from low to high: puts below, calls above; the two inner ones on the order's side."""
    if (len(text.strikes), len(text.days)) != (4, 1) or text.types not in ((), (PUT, CALL), (CALL, PUT)):
        return None
    if list(text.strikes) not in (sorted(text.strikes), sorted(text.strikes, reverse=True)):
        return None
    low, put, call, high = sorted(text.strikes)
    if not low < put <= call < high:
        return None
    rows = (
        (not text.buys, low, PUT),
        (text.buys, put, PUT),
        (text.buys, call, CALL),
        (not text.buys, high, CALL),
    )
    return tuple(
        text.leg(buys=buys, strike=strike, kind=kind, day=text.days[0]) for buys, strike, kind in rows
    )


def double_diagonal(text: Written) -> Legs:
    """`20 JAN/16 JAN a/b/c/d CALL/PUT/CALL/PUT`: the first pair on the order's side, the second against."""
    if (len(text.strikes), len(text.days)) != (4, 2) or text.types != (CALL, PUT, CALL, PUT):
        return None
    sides = (text.buys, text.buys, not text.buys, not text.buys)
    days = (text.days[0], text.days[0], text.days[1], text.days[1])
    return tuple(
        text.leg(buys=buys, strike=strike, kind=kind, day=day)
        for buys, strike, kind, day in zip(sides, text.strikes, text.types, days, strict=True)
    )


Builder = Callable[[Written], Legs]
THINKORSWIM: Final[dict[str, Builder]] = {
    "VERTICAL": vertical, "BACKRATIO": backratio, "BUTTERFLY": butterfly, "CALENDAR": calendar,
    "DIAGONAL": diagonal,
    "STRADDLE": straddle, "STRANGLE": strangle, "IRON CONDOR": condor_by_pairs, "DBL DIAG": double_diagonal,
}  # fmt: skip


def certain_effect(legs: Sequence[ReadLeg]) -> Side | None:
    """Return debit or credit where the strikes alone decide it: a vertical, an even condor or strangle.

    None where prices decide (calendars, ratios, broken wings).
    """
    if len({leg.expiry for leg in legs}) != 1:
        return None
    bought = [leg for leg in legs if leg.action.buys]
    sold = [leg for leg in legs if not leg.action.buys]
    if not sold or not bought:
        return Side.PAYS if bought else Side.RECEIVES
    if len(legs) == 2 and len({(leg.option_type, leg.ratio) for leg in legs}) == 1:
        dearer_is_bought = (bought[0].strike < sold[0].strike) == (bought[0].option_type is CALL)
        return Side.PAYS if dearer_is_bought else Side.RECEIVES
    return _condor_effect(legs)


def _condor_effect(legs: Sequence[ReadLeg]) -> Side | None:
    """Two verticals of different types, each paying or each receiving, do so together."""
    if len(legs) != 4:
        return None
    effects = {certain_effect([leg for leg in legs if leg.option_type is kind]) for kind in (CALL, PUT)}
    pairs = all(len([leg for leg in legs if leg.option_type is kind]) == 2 for kind in (CALL, PUT))
    return effects.pop() if pairs and len(effects) == 1 else None


def most_worth_of(legs: Sequence[ReadLeg], side: Side) -> Decimal | None:
    """Return the most one can pay (or receive) for the legs with sense; None where that is open-ended."""
    return most_worth(
        [Option(leg.action.sign * leg.ratio, leg.option_type, leg.strike, leg.expiry) for leg in legs],
        side,
    )
