"""Stops, targets and triggers: a cue word and the levels behind it.

Each reader marks what it used in the evidence and returns the place to go on from.
"""

from typing import Final

from orders.enums import OptionType

from .evidence import At, Evidence, Level, Use
from .links import skip_links
from .reading import Trigger
from .tokens import Kind, Token
from .wordlist import words
from .words import Role

_LINKS: Final = words(
    """
    at is to of on set around near now the my a our be was will = : - + > ~ @ $ below under above over #
    about approx price level premium moved moving raised up hit close ( initial mental hard tight i'm in
    for it's
    """
)


_BREAKEVEN: Final = frozenset({"be", "breakeven", "break-even", "even", "entry", "b"})


def level_at(ev: Evidence, at: int) -> Level | None:
    """Return the price or percent written here; a malformed or grouped one is a trouble."""
    if at >= len(ev.tokens):
        return None
    token = ev.tokens[at]
    if token.kind not in (Kind.NUMBER, Kind.PERCENT) or token.doubt == "ordinal":
        return None
    if token.value is None or token.numeral.grouped:
        ev.troubles.append(f"'{token.text}' is not one certain number")
        return None
    return f"{token.numeral.raw}%" if token.kind is Kind.PERCENT else token.value


def read_stop(ev: Evidence, at: int) -> int:
    here = skip_links(ev, at + 1, _LINKS)
    ev.take(Use.BESIDE, at)
    level = level_at(ev, here)
    if level is None:
        return _read_breakeven(ev, at, here)
    ev.stops.append(At(at, level))
    ev.take(Use.BESIDE, *range(at, here + 1))
    return _skip_percent(ev, here + 1)


def _read_breakeven(ev: Evidence, at: int, here: int) -> int:
    """Read `SL to BE`; the word may have been skipped as a link."""
    for place in (here - 1, here):
        if at < place < len(ev.tokens) and ev.tokens[place].word in _BREAKEVEN:
            ev.stops.append(At(at, "breakeven"))
            ev.take(Use.BESIDE, *range(at, place + 1))
            return place + 1
    ev.idle_cues.append(at)
    return at + 1


def _skip_percent(ev: Evidence, at: int) -> int:
    """Take a percent in brackets behind a level: `1.00 (-20%)`."""
    here = at
    while here < len(ev.tokens) and here - at < 3 and ev.tokens[here].text in ("(", "-", "+"):
        here += 1
    if here > at and here < len(ev.tokens) and ev.tokens[here].kind is Kind.PERCENT:
        ev.take(Use.BESIDE, *range(at, here + 1))
        return here + 1
    return at


def read_targets(ev: Evidence, at: int) -> int:
    here = at + 1
    if _is_ordinal(ev, here):
        here += 1
    here = skip_links(ev, here, _LINKS)
    if _is_ordinal(ev, here):  # PT 1: 3.72
        here = skip_links(ev, here + 1, _LINKS)
    ev.take(Use.BESIDE, at)
    return _read_list(ev, at, here)


def _is_ordinal(ev: Evidence, at: int) -> bool:
    """Say whether a small number counts targets (`PT1: 3.72`) instead of being one."""
    if at >= len(ev.tokens) or ev.tokens[at].kind is not Kind.NUMBER or len(ev.tokens[at].text) != 1:
        return False
    behind = at + 1
    while behind < len(ev.tokens) and ev.tokens[behind].text in ":=-) $@":
        behind += 1
    follows = behind < len(ev.tokens) and ev.tokens[behind].kind in (Kind.NUMBER, Kind.PERCENT)
    return follows and (behind > at + 1 or ev.tokens[at].glued)


def _read_list(ev: Evidence, at: int, here: int) -> int:
    """Read levels parted by commas, slashes, dashes or "and"."""
    begin = here
    while here < len(ev.tokens):
        token = ev.tokens[here]
        if token.kind is Kind.CHAIN or (token.kind is Kind.EXPIRY and token.numbers):
            ev.targets.extend(At(at, level) for level in _levels_of(token))
        else:
            level = level_at(ev, here)
            if level is None or _was_reached(ev, here):
                break
            ev.targets.append(At(at, level))
        ev.take(Use.BESIDE, *range(at, here + 1))
        begin = here + 1
        here = begin
        while here < len(ev.tokens) and here - begin < 3 and _parts_levels(ev.tokens[here]):
            here += 1
    if begin > at + 1:
        return _skip_percent(ev, begin)
    ev.idle_cues.append(at)
    return at + 1


def _levels_of(token: Token) -> list[Level]:
    """Return the levels of `1.5/2/3`, or the percents of `20/40/60%`."""
    is_percent = token.doubt == "%"
    return [f"{number}%" if is_percent else number for number in token.numbers]


def _was_reached(ev: Evidence, at: int) -> bool:
    """Say whether the number only counts a target that is done: "target 1 hit"."""
    return at + 1 < len(ev.tokens) and ev.tokens[at + 1].word in ("hit", "reached", "done", "achieved")


def _parts_levels(token: Token) -> bool:
    return token.word in {",", "/", "-", "&", "and", "then", "+", ">", "to", "$", "|"}


def read_beside(ev: Evidence, at: int) -> int:
    """Take a cue whose number does not matter to the order: trails, quotes, greeks."""
    here = skip_links(ev, at + 1, _LINKS)
    if ev.tokens[at].word != "iv":  # without a number it may be a four
        ev.take(Use.BESIDE, at)
    if here < len(ev.tokens) and ev.tokens[here].kind in (Kind.NUMBER, Kind.PERCENT):
        ev.take(Use.BESIDE, *range(at, here + 1))
        return here + 1
    ev.idle_cues.append(at)
    return at + 1


def read_average(ev: Evidence, at: int) -> int:
    here = skip_links(ev, at + 1, _LINKS)
    ev.take(Use.BESIDE, at)
    if here < len(ev.tokens) and ev.tokens[here].kind is Kind.NUMBER:
        value = ev.tokens[here].value
        if value is not None and ev.tokens[at].word in (
            "avg",
            "average",
        ):  # not the new one of the whole position
            ev.averages.append(At(here, value))
        ev.take(Use.BESIDE, *range(at, here + 1))
        return here + 1
    return at + 1


def read_trigger(ev: Evidence, at: int) -> int:
    """Read `over 399`: trade only there."""
    here = skip_links(ev, at + 1, frozenset({"$", "the", ":", "price"}))
    token = ev.tokens[here] if here < len(ev.tokens) else None
    if token is None or token.kind is not Kind.NUMBER or token.value is None:
        ev.open_levels.append(at)
        return at + 1
    above = ev.tokens[at].role is Role.ABOVE
    if ev.tokens[at].role is Role.BREAK:  # calls want it to break upward, puts downward
        above = not any(kind.option_type is OptionType.PUT for kind in ev.tokens if kind.option_type)
    ev.triggers.append(At(at, Trigger(above, token.value)))
    ev.take(Use.BESIDE, *range(at, here + 1))
    if token.numeral.grouped and not token.numeral.raw.endswith("000") and len(token.numeral.raw) < 5:
        ev.troubles.append(f"'{token.text}' is not one certain number")
    return here + 1
