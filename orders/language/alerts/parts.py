"""How much of a position, what is kept of it, and what it made."""

from decimal import Decimal
from typing import Final

from .evidence import At, Evidence, Use, pass_by
from .tokens import Kind, Token

_PART_SIZES: Final = {
    "half": Decimal("0.5"), "third": Decimal("0.3333"), "one third": Decimal("0.3333"),
    "quarter": Decimal("0.25"),    "one half": Decimal("0.5"), "two thirds": Decimal("0.6667"),
}  # fmt: skip


def read_fraction(ev: Evidence, at: int) -> int:
    numbers = ev.tokens[at].numbers
    ev.take(Use.CORE, at)
    ev.parts.append(At(at, round(numbers[0] / numbers[1], 4) if numbers[1] else None))
    return at + 1


def read_part(ev: Evidence, at: int) -> int:
    ev.parts.append(At(at, _PART_SIZES.get(ev.tokens[at].word)))
    ev.take(Use.BESIDE, at)
    return at + 1


def read_all(ev: Evidence, at: int) -> int:
    ev.alls.append(at)
    return pass_by(ev, at)


def read_keep(ev: Evidence, at: int) -> int:
    ev.keeps.append(at)
    return pass_by(ev, at)


def read_up(ev: Evidence, at: int) -> int:
    """Take `up 50%`, `up $100`, `up 4.50`: a gain, not a price."""
    here = at + 1
    while (
        here < len(ev.tokens)
        and here - at < 4
        and ev.tokens[here].word in {"$", "+", "over", "about", "another", "to"}
    ):
        here += 1
    if here < len(ev.tokens) and ev.tokens[here].kind in (Kind.NUMBER, Kind.PERCENT):
        ev.gains.append(at)
        ev.take(Use.BESIDE, *range(at, here + 1))
        return here + 1
    return read_slang(ev, at)


def read_gain(ev: Evidence, at: int) -> int:
    ev.results.append(at)
    return read_slang(ev, at)


def read_slang(ev: Evidence, at: int) -> int:
    """Take a word of movement or result: harmless beside an exit, but it says no entry either."""
    ev.idle_cues.append(at)
    return pass_by(ev, at)


def read_from(ev: Evidence, at: int) -> int:
    here = at + 1
    while here < len(ev.tokens) and ev.tokens[here].text in "@$~":
        here += 1
    if here < len(ev.tokens) and ev.tokens[here].kind is Kind.NUMBER:
        ev.origins.append(here)
        ev.take(Use.BESIDE, *range(at, here + 1))
        return here + 1
    return pass_by(ev, at)


def read_filler(ev: Evidence, at: int) -> int:
    return read_reached(ev, at) if ev.tokens[at].word in _NOW else pass_by(ev, at)


def read_reached(ev: Evidence, at: int) -> int:
    """Take `hit 2.50`, or `now 2.50` behind a price: a result. Where the underlying stands is none."""
    is_now = ev.tokens[at].word in _NOW
    if is_now:
        ev.take(Use.BESIDE, at)
    here = at + 1
    while here < len(ev.tokens) and ev.tokens[here].text in "@$~":
        here += 1
    if here >= len(ev.tokens) or ev.tokens[here].kind not in (Kind.NUMBER, Kind.PERCENT):
        return at + 1
    if is_now and not ev.prices:
        return at + 1
    if not is_now or not _is_underlying(ev, ev.tokens[here]):
        ev.gains.append(at)
    ev.take(Use.BESIDE, *range(at, here + 1))
    return here + 1


_NOW: Final = frozenset({"now", "currently"})
_FAR: Final = 10  # times the price: no premium comes so far in a message


def _is_underlying(ev: Evidence, token: Token) -> bool:
    return token.value is not None and any(token.value > _FAR * price.value.value for price in ev.prices)
