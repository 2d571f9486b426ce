"""Which words of a message are tickers: by a sign ($, a label), by being known, or by where they stand."""

from typing import Final

from .concerns import is_concern
from .english import COMMON
from .evidence import is_boundary
from .tickers import ALSO_WORDS, KNOWN, looks_like_ticker
from .tokens import STRETCHED, Kind, Token
from .words import Role

_BESIDE: Final = frozenset(
    {Kind.NUMBER, Kind.COUNT, Kind.STRIKE, Kind.CHAIN, Kind.EXPIRY, Kind.AT, Kind.PERCENT, Kind.FRACTION}
)
_ROLES_BESIDE: Final = frozenset(
    {Role.VERB, Role.TYPE, Role.TAKE, Role.PART, Role.ALL, Role.RUNNERS, Role.SHAPE, Role.TICKER_LABEL,
     Role.PRICE, Role.AVERAGE, Role.STOP, Role.COUNT, Role.STOPPED, Role.AT,
     Role.ABOVE, Role.BELOW, Role.BREAK}
)  # fmt: skip
_HARMLESS: Final = frozenset({Role.FILLER, Role.TAG, Role.SLANG, Role.EXPIRY, Role.STRIKE})
_AFTER: Final = frozenset({Kind.NUMBER, Kind.STRIKE, Kind.CHAIN, Kind.EXPIRY, Kind.AT, Kind.SYMBOL})


def mark_tickers(tokens: list[Token]) -> list[Token]:
    """Return the tokens with every word taken for a ticker as a TICKER token."""
    marked = [
        _as_ticker(token) if token.kind is Kind.WORD and _is_ticker(tokens, at) else token
        for at, token in enumerate(tokens)
    ]
    for at in range(2, len(marked)):
        if marked[at - 2].kind is Kind.TICKER and marked[at - 1].word in _JOINTS and _is_known(marked[at]):
            marked[at] = _as_ticker(marked[at])
    return marked


_JOINTS: Final = frozenset({"&", "and", "/", "+", ",", "or"})


def _as_ticker(token: Token) -> Token:
    return token._replace(kind=Kind.TICKER, text=token.text.upper(), role=None)


def _is_known(token: Token) -> bool:
    return token.kind is Kind.WORD and token.role is None and token.text in KNOWN


def _is_ticker(tokens: list[Token], at: int) -> bool:
    token = tokens[at]
    word = token.word
    if len(word) == 1 or token.role is not None:
        return _is_ticker_by_place(tokens, at)
    if len(word) > 5 or is_concern(word) or not looks_like_ticker(token.text):
        return False
    known = token.text.upper() in KNOWN
    if not known and STRETCHED.search(word):
        return False
    if known and (token.text.isupper() or word not in COMMON):
        return _is_beside_order(tokens, at)
    return token.text.isupper() and word not in COMMON and _is_in_slot(tokens, at)


def _is_ticker_by_place(tokens: list[Token], at: int) -> bool:
    """Judge a single letter, or a word with a part of its own (LOW, NOW): only right before a contract."""
    token = tokens[at]
    if not token.text.isupper() or (len(token.text) > 1 and token.text not in ALSO_WORDS):
        return False
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after is None or after.kind not in (Kind.STRIKE, Kind.EXPIRY, Kind.SYMBOL) or after.glued:
        return False
    if token.role is Role.TYPE and after.kind is not Kind.STRIKE:
        return False
    return at == 0 or _opens_slot(tokens[at - 1])


def _opens_slot(token: Token) -> bool:
    return (
        is_boundary(token)
        or token.kind in (Kind.NUMBER, Kind.COUNT, Kind.EXPIRY, Kind.STRIKE, Kind.PERCENT, Kind.FRACTION)
        or token.role in (Role.VERB, Role.TICKER_LABEL, Role.PART, Role.TAKE)
        or token.text in ":,-|"
    )


def _is_in_slot(tokens: list[Token], at: int) -> bool:
    """Say whether an unknown word stands where only a ticker stands: behind a verb, before a contract."""
    before_ok = at == 0 or _opens_slot(tokens[at - 1]) or tokens[at - 1].role in _HARMLESS
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    after_ok = (
        after is None
        or after.kind in _AFTER
        or after.role in (Role.TYPE, Role.VERB, Role.EXPIRY)
        or is_boundary(after)
        or after.text in ",-:|"
    )
    strong = (at > 0 and tokens[at - 1].role in (Role.VERB, Role.TICKER_LABEL)) or (
        after is not None and (after.kind in _AFTER or after.role is Role.TYPE)
    )
    return before_ok and after_ok and (strong or _is_before_dash_and_contract(tokens, at))


def _is_before_dash_and_contract(tokens: list[Token], at: int) -> bool:
    beyond = tokens[at + 2] if at + 2 < len(tokens) else None
    return (
        tokens[at + 1].text == "-" and beyond is not None and beyond.kind in _AFTER
        if at + 1 < len(tokens)
        else False
    )


def _is_beside_order(tokens: list[Token], at: int) -> bool:
    """Say whether a part of an order is the nearest word before or behind, harmless words skipped."""
    return _looks_at_order(tokens, at, 1) or _looks_at_order(tokens, at, -1)


def _looks_at_order(tokens: list[Token], at: int, step: int) -> bool:
    here = at + step
    for _ in range(4):
        if not 0 <= here < len(tokens):
            return False
        token = tokens[here]
        if token.kind in _BESIDE or token.kind is Kind.SYMBOL or token.role in _ROLES_BESIDE:
            return True
        if token.role not in _HARMLESS and not (token.kind is Kind.MARK and token.text in ":-,•$/&+|()[]#"):
            return token.role is Role.SLANG
        here += step
    return False
