"""Days, and the parts that look like them: `12/18` is an expiry, `1/2` behind an exit is a half."""

from typing import Final

from .evidence import At, Evidence, Use, pass_by
from .tokens import Kind, Token
from .words import VERBS, Effect, Role


def read_day(ev: Evidence, at: int) -> int:
    """Take a day; a soft one ("today") only beside a contract, and `1/2` behind an exit is a part."""
    token = ev.tokens[at]
    if token.role is Role.DATE and not _is_beside_contract(ev, at):
        if token.word not in ("today", "leap", "leaps"):
            ev.idle_days.append(at)
        return pass_by(ev, at)
    if token.numbers and is_size(ev, at):
        return pass_by(ev, at)
    if token.numbers and _is_day_or_part(ev, at):
        ev.troubles.append(f"'{token.text}' is a day or a part")
    if token.numbers and is_part(ev, at):
        ev.parts.append(At(at, round(token.numbers[0] / token.numbers[1], 4)))
        ev.take(Use.CORE, at)
        return at + 1
    ev.take(Use.CORE, at)
    if token.day is None:
        ev.troubles.append(token.doubt or "an unreadable expiry")
    else:
        if token.doubt:
            ev.troubles.append(token.doubt)
        ev.days.append(At(at, token.day))
    return at + 1


_CONTRACT_KINDS: Final = frozenset({Kind.STRIKE, Kind.CHAIN, Kind.NUMBER, Kind.TICKER})


_TIMES: Final = frozenset({"today", "todays", "tomorrow", "tomorrows", "tmrw", "tmr", "tmw", "tomm"})


def _is_beside_contract(ev: Evidence, at: int) -> bool:
    """Say whether a word that may be an expiry is one: said so ("exp", "for"), or beside a contract.

    "Today" and "tomorrow" rather tell when; behind an exit every such word does.
    """
    before = ev.tokens[at - 1] if at else None
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    if any(token is not None and token.role is Role.EXPIRY for token in (before, after)):
        return True
    if before is not None and before.word == "for":
        return ev.has_whole_strike or bool(ev.types)
    tells_when = ev.tokens[at].word in _TIMES or any(map(_exits, ev.tokens))
    if tells_when:
        return False
    beside = [token for token in (before, after) if token is not None]
    if any(token.role is Role.TYPE or token.kind in (Kind.STRIKE, Kind.CHAIN) for token in beside):
        return True
    ends = after is None or after.kind in _CONTRACT_KINDS or after.kind is Kind.AT
    return before is not None and before.kind in _CONTRACT_KINDS and ends


def is_size(ev: Evidence, at: int) -> bool:
    """Say whether `1/2` is a size: "1/2 size"."""
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    sizes = after is not None and (after.role is Role.SIZE or after.word in ("position", "pos"))
    return sizes and len(ev.tokens[at].numbers) == 2


def is_part(ev: Evidence, at: int) -> bool:
    """Say whether `1/2` is a part: "1/2 off", behind a trim, or behind an exit whose day stands elsewhere."""
    numbers = ev.tokens[at].numbers
    if len(numbers) != 2 or not 0 < numbers[0] < numbers[1] <= _SMALLEST_PART:
        return False
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    if after is not None and after.word in ("off", "of", "out"):
        return True
    exit_word = _exit_before(ev, at)
    return exit_word is not None and (_trims(exit_word) or _has_other_day(ev, at))


_SMALLEST_PART = 5  # a fifth


def _exit_before(ev: Evidence, at: int) -> Token | None:
    """Return the exit word right before, fillers skipped: "trimming another 1/4"."""
    here = at - 1
    while here >= 0 and ev.tokens[here].role is Role.FILLER:
        here -= 1
    token = ev.tokens[here] if here >= 0 else None
    return token if token is not None and (token.role is Role.TAKE or _exits(token)) else None


def _trims(token: Token) -> bool:
    return token.role is Role.TAKE or VERBS[token.word].effect is Effect.TRIM


def _has_other_day(ev: Evidence, at: int) -> bool:
    return any(
        t.kind is Kind.EXPIRY and t.day is not None and place != at for place, t in enumerate(ev.tokens)
    )


def _is_day_or_part(ev: Evidence, at: int) -> bool:
    """Say whether `1/2` behind an exit word is the only day there is, and as well a half."""
    numbers = ev.tokens[at].numbers
    small = len(numbers) == 2 and 0 < numbers[0] < numbers[1] <= _SMALLEST_PART
    return small and _exit_before(ev, at) is not None and not is_part(ev, at)


def _exits(token: Token) -> bool:
    verb = VERBS.get(token.word) if token.role is Role.VERB else None
    return verb is not None and verb.buys is not True and (verb.effect is not None or verb.buys is False)
