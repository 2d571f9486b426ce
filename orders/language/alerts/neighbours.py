"""The nearest word that says something, before or behind a number, within its clause."""

from typing import Final

from .evidence import Evidence, is_boundary
from .tokens import Kind, Token
from .words import Role

_NEUTRAL: Final = frozenset({Role.FILLER, Role.TAG, Role.EXPIRY, Role.SLANG, Role.REACHED})


_SIGNS: Final = "-:$,+#~*=>|"


def nearest_before(ev: Evidence, at: int) -> Token | None:
    """Return the nearest token before, fillers and signs skipped; None at the start of a clause."""
    here = at - 1
    while here >= 0 and not is_boundary(ev.tokens[here]):
        token = ev.tokens[here]
        if token.role not in _NEUTRAL and not (token.kind is Kind.MARK and token.text in _SIGNS):
            return token
        here -= 1
    return None


def nearest_behind(ev: Evidence, at: int) -> Token | None:
    here = at + 1
    while here < len(ev.tokens) and not is_boundary(ev.tokens[here]):
        token = ev.tokens[here]
        if token.role not in _NEUTRAL and not (token.kind is Kind.MARK and token.text in _SIGNS):
            return token
        here += 1
    return None
