"""Numerals and what is glued to them: `600c`, `5x`, `50%`, `1.5k`, `18th`, `530+C`, `57 .00`, `85 cents`."""

from typing import Final

from .numerals import Numeral, read_numeral
from .tokens import Kind, Token
from .words import SIDES, Role

_MAGNITUDES: Final = frozenset({"k", "m", "mm", "b", "bn", "mil", "mio", "million", "billion", "thousand"})


_COUNTS: Final = frozenset(
    {"x", "cons", "con", "contracts", "contract", "lots", "lot", "shares", "sh", "shs", "cts", "ct"}
)


_VAGUE: Final = frozenset({"ish", "s"})  # 1.25ish, in the 1.20s


_ORDINALS: Final = frozenset({"st", "nd", "rd", "th"})


def join_numbers(tokens: list[Token]) -> list[Token]:
    """Join a numeral with what is glued to it: `600c`, `5x`, `50%`, `1.5k`, `18th`, `530+C`, `57 .00`."""
    joined: list[Token] = []
    at = 0
    while at < len(tokens):
        token, taken = _joined(tokens, at)
        joined.append(token)
        at += taken
    return joined


def _joined(tokens: list[Token], at: int) -> tuple[Token, int]:
    """Return the token that begins here and how many of the old ones it takes."""
    token = tokens[at]
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after is None:
        return token, 1
    if token.kind is Kind.NUMBER:
        return _number_with(tokens, at, after)
    if token.kind is Kind.WORD:
        return _word_with(token, after)
    if token.kind is Kind.CHAIN and after.text == "%":
        return token._replace(doubt=after.text), 2
    if token.kind is Kind.CHAIN and after.glued and after.kind is Kind.WORD:
        return _chain_with(token, after.word)
    return token, 1


def _word_with(token: Token, after: Token) -> tuple[Token, int]:
    """Read `five contracts` and `x 5`."""
    if token.word in _NUMBER_WORDS and _is_counted(after):
        digits = str(_NUMBER_WORDS[token.word])
        return token._replace(kind=Kind.COUNT, numeral=read_numeral(digits)), 1
    if token.word == "x" and after.kind is Kind.NUMBER and (token.text == "x" or after.glued):
        return _times(token, after)
    return token, 1


def _number_with(tokens: list[Token], at: int, after: Token) -> tuple[Token, int]:
    """Join a numeral with the sign, scale or word behind it."""
    token = tokens[at]
    if after.kind is Kind.NUMBER and _is_parted_zeros(token, after):
        whole = f"{token.numeral.raw}{after.numeral.raw}"
        return token._replace(text=whole, word=whole, numeral=read_numeral(whole)), 2
    if after.text == "%":
        return token._replace(kind=Kind.PERCENT), 2
    if after.word in _SCALES:
        return _scaled(token, after), 2
    return _glued(tokens, at) if after.glued else _spaced(token, after)


def _spaced(token: Token, after: Token) -> tuple[Token, int]:
    """Read `3 x`."""
    is_count = after.word == "x" and token.numeral.is_whole and not token.dollar
    return (token._replace(kind=Kind.COUNT), 2) if is_count else (token, 1)


def _glued(tokens: list[Token], at: int) -> tuple[Token, int]:
    token, after = tokens[at], tokens[at + 1]
    if after.text == "+" and at + 2 < len(tokens) and tokens[at + 2].word in SIDES and tokens[at + 2].glued:
        return _strike(token, tokens[at + 2]), 3
    if _is_price_times_count(tokens, at) or after.kind is not Kind.WORD:
        return token, 1
    return _suffixed(token, after)


def _is_price_times_count(tokens: list[Token], at: int) -> bool:
    """Say whether `1.85x10` stands here: the count is read from its own two tokens."""
    last = tokens[at + 2] if at + 2 < len(tokens) else None
    return tokens[at + 1].word == "x" and last is not None and last.glued and last.numeral.is_whole


def _is_parted_zeros(token: Token, after: Token) -> bool:
    """Say whether `57 .00` is one price: the second half alone would be a price of nothing."""
    return token.numeral.is_whole and after.text == ".00" and not after.glued and not after.dollar


_NUMBER_WORDS: Final = {
    word: number
    for number, word in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=2
    )
}


def _is_counted(after: Token) -> bool:
    """Say whether a number in words counts what follows: a ticker, shares, contracts."""
    return after.kind is Kind.TICKER or after.role is Role.COUNT or after.text.isupper()


def _times(token: Token, number: Token) -> tuple[Token, int]:
    """Join `x5` and `x 5`."""
    if number.numeral.is_whole and not number.dollar:
        return number._replace(kind=Kind.COUNT, glued=token.glued), 2
    return token, 1


def _suffixed(token: Token, word: Token) -> tuple[Token, int]:
    suffix = word.word
    if suffix in SIDES:
        return _strike(token, word), 2
    if suffix in _COUNTS:
        return token._replace(kind=Kind.COUNT), 2
    if word.text == "m" and not token.dollar:  # a chart of five minutes
        return Token(Kind.SKIP, token.text, token.word, token.glued), 2
    if suffix in _MAGNITUDES:
        return token._replace(
            kind=Kind.NUMBER,
            text=token.text + word.text,
            word=token.text + word.word,
            numeral=Numeral(token.text, None),
            doubt=suffix,
        ), 2
    if suffix in _ORDINALS:
        return token._replace(doubt="ordinal"), 2
    if suffix in _VAGUE:
        vague = token.text + word.text
        return token._replace(text=vague, word=vague, numeral=Numeral(vague, None)), 2
    if suffix == "dte" or word.role is not Role.TIME:
        return token, 1
    return Token(Kind.SKIP, token.text, token.word, token.glued), 2


_SCALES: Final = frozenset({"cent", "cents", "hundred", "thousand", "million", "billion", "percent", "pct"})


def _scaled(token: Token, scale: Token) -> Token:
    """Read whole cents as such; any other scale in words is not one certain number."""
    if scale.word in ("percent", "pct"):
        return token._replace(kind=Kind.PERCENT)
    if (
        scale.word in ("cent", "cents")
        and token.numeral.is_whole
        and not token.dollar
        and token.value is not None
    ):
        cents = Numeral(f"{token.numeral.raw} cents", token.value / 100)
        return token._replace(text=cents.raw, numeral=cents)
    return token._replace(text=f"{token.text} {scale.text}", numeral=Numeral(token.text, None), doubt="scale")


def _strike(token: Token, side: Token) -> Token:
    numbers = (token.value,) if token.value is not None else ()
    return token._replace(kind=Kind.STRIKE, numbers=numbers, option_type=SIDES[side.word])


def _chain_with(token: Token, suffix: str) -> tuple[Token, int]:
    """Keep the type behind `600/610c`, which may be a day with a stray letter; `1/3rd` is a part."""
    if suffix in SIDES:
        return token._replace(option_type=SIDES[suffix]), 2
    if suffix in _ORDINALS:
        return token._replace(kind=Kind.FRACTION), 2
    return token, 1
