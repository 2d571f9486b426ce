"""From tokens to evidence: every word plays its part once, numbers nobody claims are placed last."""

from collections.abc import Callable
from typing import Final

from .contracts import (
    read_chain,
    read_shape,
    read_strike,
    read_strike_label,
    read_symbol,
    read_type,
)
from .counts import read_count, read_count_label
from .days_or_parts import is_part, read_day
from .evidence import At, Evidence, Use, is_boundary, pass_by, split_clauses
from .levels import read_average, read_beside, read_stop, read_targets, read_trigger
from .normalise import ILLEGIBLE
from .parts import (
    read_all,
    read_filler,
    read_fraction,
    read_from,
    read_gain,
    read_keep,
    read_part,
    read_reached,
    read_slang,
    read_up,
)
from .places import place_numbers
from .prices import read_bound, read_effect, read_price
from .tokens import Kind, Token
from .words import VERBS, Effect, Role, Verb

Reader = Callable[[Evidence, int], int]


def gather(tokens: list[Token]) -> Evidence:
    """Return everything the tokens mention."""
    ev = Evidence(tokens, [Use.UNKNOWN] * len(tokens), split_clauses(tokens))
    ev.day_places = [at for at, token in enumerate(tokens) if token.kind is Kind.EXPIRY and token.day]
    ev.has_whole_strike = any(token.kind in (Kind.STRIKE, Kind.SYMBOL) for token in tokens)
    at = 0
    while at < len(tokens):
        at = _read(ev, at)
    place_numbers(ev)
    return ev


def _read(ev: Evidence, at: int) -> int:
    token = ev.tokens[at]
    if token.text == ILLEGIBLE:
        ev.troubles.append("a digit in disguise")
    if is_boundary(token):
        ev.take(Use.BOUNDARY, at)
        return at + 1
    if ev.uses[at] is not Use.UNKNOWN:
        return at + 1
    by_kind = _BY_KIND.get(token.kind)
    if by_kind:
        return by_kind(ev, at)
    reader = _BY_ROLE.get(token.role) if token.role else None
    return reader(ev, at) if reader else at + 1


def _ticker(ev: Evidence, at: int) -> int:
    ev.tickers.append(At(at, ev.tokens[at].text))
    return at + 1


def _verb(ev: Evidence, at: int) -> int:
    if ev.verbs and _is_planned(ev, at):
        return pass_by(ev, at)
    ev.verbs.append(At(at, VERBS[ev.tokens[at].word]))
    ev.take(Use.CORE, at)
    return at + 1


_MODALS: Final = frozenset(
    {"will", "might", "may", "could", "would", "gonna", "can", "i'll", "we'll", "should"}
)


def _is_planned(ev: Evidence, at: int) -> bool:
    """Say whether the verb behind the order is a plan: "will add lower", "might trim some"."""
    return any(token.word in _MODALS for token in ev.tokens[max(0, at - 2) : at])


def _take(ev: Evidence, at: int) -> int:
    """Take "taking 40%", "took half", "taking 1/3rd": a trim. Without its part the word says too little."""
    here = at + 1
    while here < len(ev.tokens) and ev.tokens[here].role is Role.FILLER:
        here += 1
    token = ev.tokens[here] if here < len(ev.tokens) else None
    parts = (Kind.PERCENT, Kind.FRACTION)
    if token is not None and (
        token.kind in parts or token.role is Role.PART or (token.numbers and is_part(ev, here))
    ):
        ev.verbs.append(At(at, Verb(Effect.TRIM)))
        ev.take(Use.CORE, at)
    return at + 1


def _in(ev: Evidence, at: int) -> int:
    """Take "In MARA $18.50", "OPEN: MARA": an entry where a ticker follows the first word of a clause."""
    begins = at == 0 or is_boundary(ev.tokens[at - 1])
    behind = at + 2 if at + 1 < len(ev.tokens) and ev.tokens[at + 1].text in (":", "-") else at + 1
    follows = behind < len(ev.tokens) and ev.tokens[behind].kind is Kind.TICKER
    if begins and follows:
        ev.verbs.append(At(at, Verb(Effect.OPEN)))
        ev.take(Use.CORE, at)
        return at + 1
    return pass_by(ev, at)


def _entry(ev: Evidence, at: int) -> int:
    """Take a price label; `entry` also says that this opens. `$.12 Entry $.3 TARGET` labels from behind."""
    if ev.tokens[at].word.startswith("entr"):
        ev.entries.append(at)
    if ev.tokens[at].word in ("limit", "lmt") and [t.word for t in ev.tokens[max(0, at - 2) : at - 1]] == [
        "stop"
    ]:
        ev.troubles.append("a stop limit order")
    after, label = at + 1, at + 2
    if (
        label < len(ev.tokens)
        and ev.tokens[after].kind is Kind.NUMBER
        and ev.tokens[label].role in (Role.TARGET, Role.STOP)
    ):
        beyond = ev.tokens[label + 1] if label + 1 < len(ev.tokens) else None
        labels_behind = beyond is None or is_boundary(beyond)
        if labels_behind and at and ev.tokens[at - 1].kind is Kind.NUMBER:
            return _labelled_from_behind(ev, at)
    return read_price(ev, at)


def _labelled_from_behind(ev: Evidence, at: int) -> int:
    """Read `$.12 entry $.3 target`: each label names the number before it."""
    level = ev.tokens[at + 1].value
    stop_or_target = ev.stops if ev.tokens[at + 2].role is Role.STOP else ev.targets
    if level is not None:
        stop_or_target.append(At(at + 2, level))
    ev.take(Use.BESIDE, at, at + 1, at + 2)
    return at + 3


_BY_KIND: Final[dict[Kind, Reader]] = {
    Kind.TICKER: _ticker,
    Kind.STRIKE: read_strike,
    Kind.SYMBOL: read_symbol,
    Kind.EXPIRY: read_day,
    Kind.CHAIN: read_chain,
    Kind.FRACTION: read_fraction,
    Kind.COUNT: read_count,
    Kind.SKIP: pass_by,
}


_BY_ROLE: Final[dict[Role, Reader]] = {
    Role.VERB: _verb,
    Role.STOP: read_stop,
    Role.TARGET: read_targets,
    Role.TRAIL: read_beside,
    Role.AVERAGE: read_average,
    Role.PRICE: _entry,
    Role.AT: read_price,
    Role.COUNT_LABEL: read_count_label,
    Role.EXPIRY: pass_by,
    Role.STRIKE: read_strike_label,
    Role.TAKE: _take,
    Role.IN: _in,
    Role.BREAK: read_trigger,
    Role.TYPE: read_type,
    Role.TICKER_LABEL: pass_by,
    Role.SHAPE: read_shape,
    Role.SPREAD: read_shape,
    Role.DEBIT: read_effect,
    Role.CREDIT: read_effect,
    Role.ABOVE: read_trigger,
    Role.BELOW: read_trigger,
    Role.PART: read_part,
    Role.ALL: read_all,
    Role.RUNNERS: read_all,
    Role.KEEP: read_keep,
    Role.UP: read_up,
    Role.GAIN: read_gain,
    Role.FROM: read_from,
    Role.REACHED: read_reached,
    Role.BOUND: read_bound,
    Role.QUOTE: read_beside,
    Role.FILLER: read_filler,
    Role.TAG: pass_by,
    Role.SLANG: read_slang,
    Role.TIME: pass_by,
    Role.COUNT: pass_by,
    Role.SIZE: pass_by,
    Role.MARKET: pass_by,
    Role.NOTES: pass_by,
}
