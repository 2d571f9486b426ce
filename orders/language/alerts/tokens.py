"""A plain text as tokens: words with their part, numerals, tickers, signs; at most `MOST` of them.

One pass of one expression without nested repetition: time is linear.
"""

import re
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from orders.enums import OptionType

from .normalise import BREAK, ILLEGIBLE
from .numerals import MALFORMED, Numeral, read_numeral
from .words import ROLES, Role

MOST: Final = 250  # a message of more tokens is prose, not an order


class Kind(Enum):
    WORD = "letters"
    NUMBER = "a numeral"
    PERCENT = "a numeral and a percent sign"
    COUNT = "a numeral that counts: x5, 5x, 10 lots"
    CHAIN = "numerals parted by slashes: a day, strikes, a fraction, a ratio"
    STRIKE = "a strike with its type, or several"
    TICKER = "a ticker beyond doubt, or a word taken for one"
    EXPIRY = "a day on which options expire, or a doubtful one"
    SYMBOL = "an option's whole symbol"
    FRACTION = "a part of a position"
    AT = "@"
    MARK = "any other sign"
    LINE = "the end of a line"
    BREAK = "an emoji or bullet"
    SKIP = "something that says nothing: a time, a reference, key=None"


class Token(NamedTuple):
    """One token; `word` is its text in lower case, stretched letters drawn in.

    `glued` says that nothing stands between it and the one before.
    """

    kind: Kind
    text: str
    word: str
    glued: bool = False
    role: Role | None = None
    numeral: Numeral = MALFORMED
    dollar: bool = False
    numbers: tuple[Decimal, ...] = ()
    option_type: OptionType | None = None
    day: date | None = None
    doubt: str = ""

    @property
    def value(self) -> Decimal | None:
        return self.numeral.value


# Of any script, so that a foreign word is one nobody explains; signs and the stand-ins lie between.
LETTER: Final = "[A-Za-z\u00c0-\u024f\u0250-\u036f\u0371-\u1fff\u2c00-\ud7ff\uf900-\U0010ffff]"
_SCAN = re.compile(
    rf"""
      (?P<line>\n\s*)
    | (?P<break>{BREAK})
    | (?P<symbol>(?<![\w/])\.?(?!\d)[A-Za-z]{{1,6}}[ ]{{0,5}}\d{{6}}[CPcp]\d{{1,8}}(?:\.\d{{1,3}})?(?!\w))
    | (?P<setting>[A-Za-z]{{2,20}}=(?![\d$.@+-])[^\s,]{{0,60}})
    | (?P<stamp>\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?,?[ ]\d{{1,2}}:\d\d(?::\d\d)?(?!\d))
    | (?P<clock>(?<![A-Za-z\d.])\d{{1,2}}:\d{{1,2}}(?::\d\d)?(?![.\d]))
    | (?P<iso>20\d\d-\d\d-\d\d(?!\d))
    | (?P<cash>\$[A-Za-z]{{1,5}}(?:[./][A-Za-z](?![A-Za-z]))?(?![A-Za-z]))
    | (?P<future>(?<![\w/.)])/(?=[A-Za-z0-9]{{0,2}}[A-Za-z])[A-Za-z0-9]{{1,3}}?
        (?:[FGHJKMNQUVXZfghjkmnquvxz]\d{{1,2}})?(?![A-Za-z0-9]))
    | (?P<chain>\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+(?![./]?\d))
    | (?P<dots>\d{{1,2}}\.\d{{1,2}}\.(?:20)?\d\d(?![.\d]))
    | (?P<number>(?:\$[ ]?)?\.?\d(?:[\d.,]*\d)?)
    | (?P<share>(?:BRK|BF|HEI|LEN|MOG|UHAL)[./][AB](?![A-Za-z]))
    | (?P<word>{LETTER}+(?:'[A-Za-z]+)?)
    | (?P<at>@)
    | (?P<mark>\S)
    """,
    re.VERBOSE | re.ASCII,
)


class TooLongError(ValueError):
    """The text has more than `MOST` tokens."""


def scan(text: str) -> list[Token]:
    tokens: list[Token] = []
    end = -1
    for match in _SCAN.finditer(text):
        if len(tokens) >= MOST:
            raise TooLongError(f"more than {MOST} tokens")
        tokens.append(_token(match, glued=match.start() == end))
        end = match.end()
    return tokens


def _token(match: re.Match[str], *, glued: bool) -> Token:
    text = match[0]
    match match.lastgroup:
        case "word":
            word = _draw_in(text.lower())
            return Token(Kind.WORD, text, word, glued, ROLES.get(word))
        case "number":
            digits = text.lstrip("$ ")
            return Token(Kind.NUMBER, digits, digits, glued, None, read_numeral(digits), "$" in text)
        case "line":
            return Token(Kind.LINE, "\n", "\n")
        case "mark":
            return Token(Kind.BREAK if text == ILLEGIBLE else Kind.MARK, text, text, glued)
        case "at":
            return Token(Kind.AT, text, text, glued, Role.AT)
        case "chain":
            return Token(Kind.CHAIN, text, text, glued, numbers=tuple(map(Decimal, text.split("/"))))
        case "cash" | "share" | "future":
            name = text.upper().lstrip("$")
            return Token(Kind.TICKER, name, name.lower(), glued, dollar=True)
        case kind:
            return Token(_PLAIN_KINDS[kind or "clock"], text, text.lower(), glued)


_PLAIN_KINDS: Final = {
    "symbol": Kind.SYMBOL, "iso": Kind.EXPIRY, "dots": Kind.EXPIRY, "break": Kind.BREAK, "setting": Kind.SKIP,
    "stamp": Kind.SKIP, "clock": Kind.SKIP,
}  # fmt: skip


STRETCHED = re.compile(r"([A-Za-z])\1{2,}")


def _draw_in(word: str) -> str:
    """Return the word with a stretched letter (`addded`, `sooold`) drawn in, if that is a word."""
    if word in ROLES or not STRETCHED.search(word):
        return word
    twice, once = (STRETCHED.sub(shorter, word) for shorter in (r"\1\1", r"\1"))
    return twice if twice in ROLES else once if once in ROLES else word
