"""Percents: a size, a part that is sold, or a gain."""

from .evidence import At, Evidence, Use
from .tokens import Kind, Token
from .words import VERBS, Role


def place_percent(ev: Evidence, at: int, behind: Token | None) -> None:
    """Read a percent: a size, a part that is left, or a gain."""
    token = ev.tokens[at]
    ev.take(Use.BESIDE, at)
    sizes = at + 1 < len(ev.tokens) and ev.tokens[at + 1].word in ("risk", "position", "pos", "size")
    if sizes or (behind is not None and behind.role is Role.SIZE):
        return
    if behind is not None and behind.word in ("otm", "itm"):
        ev.troubles.append("a strike by its distance needs the chain")
        return
    if behind is not None and behind.role is Role.GAIN:
        ev.gains.append(at)
        return
    signed = at > 0 and ev.tokens[at - 1].text in ("+", "-", "(")
    if not signed and _is_share(ev, at) and token.value is not None and 0 < token.value <= 100:
        ev.parts.append(At(at, token.value / 100))
        return
    ev.gains.append(at)


def _is_share(ev: Evidence, at: int) -> bool:
    """Say whether the percent is what an exit sells: "trim PLTR 35%", "50% sold"."""
    if at + 1 < len(ev.tokens) and leaves(ev.tokens[at + 1]):
        return True
    here = at - 1
    while here >= 0 and (ev.tokens[here].role is Role.FILLER or ev.tokens[here].kind is Kind.TICKER):
        here -= 1
    return here >= 0 and leaves(ev.tokens[here])


def leaves(token: Token) -> bool:
    """Say whether the word leaves a position or takes a part of it."""
    if token.role is Role.TAKE:
        return True
    verb = VERBS.get(token.word) if token.role is Role.VERB else None
    return verb is not None and verb.buys is not True
