"""The instrument of a command: root, expiries and strikes as they stood, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from lark import Token

from orders.enums import InstrumentType, OptionType

from . import symbols
from .calendar import Calendar
from .doubt import Doubt
from .expiries import read_expiry, resolve
from .expiry_words import Kind, Written, read_words
from .grammar import Node, first, span, span_of, tokens
from .numerals import strike as read_strike
from .slip import Slip
from .ticket import Contract

EXPECTED_EXPIRY = "an expiry such as 18dec, 12/18, 0dte, fri or dec"
EXPECTED_STRIKE = "a strike with c or p, such as 600c"
_STRIKE = re.compile(r"(?P<number>[$\d.]+)(?P<right>[a-z]*)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Strike:
    value: Decimal
    option_type: OptionType | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Named:
    """What the trader named. `start` and `end` span all of it."""

    kind: InstrumentType
    root: str
    start: int
    end: int
    month: str = ""
    expiries: tuple[date, ...] = ()
    strikes: tuple[Strike, ...] = ()

    def option(self, strike: int, expiry: int = 0, option_type: OptionType | None = None) -> Contract:
        """Return the option of the strike and expiry with these numbers."""
        chosen = self.strikes[strike]
        right = option_type or chosen.option_type
        return Contract(self.kind, self.root, self.expiries[expiry], chosen.value, right, self.month)

    @property
    def is_option(self) -> bool:
        return bool(self.strikes)

    @property
    def is_single(self) -> bool:
        """Say whether it is one contract, rather than the strikes of a spread."""
        return not self.is_option or (len(self.expiries) == len(self.strikes) == 1)

    @property
    def contract(self) -> Contract:
        """Return the one contract. Raises Slip where the call or put is missing or there are several."""
        if not self.is_option:
            return Contract(self.kind, self.root, month=self.month)
        if not self.is_single:
            raise Slip(self.start, self.end, "This names several contracts where one is meant.",
                       expected="one expiry and one strike")  # fmt: skip
        strike = self.strikes[0]
        if strike.option_type is None:
            raise Slip(strike.start, strike.end, "Call or put? Write c or p behind the strike.",
                       expected=EXPECTED_STRIKE, sample=f"{strike.value:f}c")  # fmt: skip
        return self.option(0)


def instrument(node: Node, *, today: date, calendar: Calendar) -> Named:
    """Return what an instrument's node names. Raises Slip."""
    word = tokens(node)[0]
    start, end = span_of(node)
    if node.data in ("occ", "future_symbol"):
        return _from_symbol(word, today, calendar)
    if node.data == "shares":
        return Named(InstrumentType.EQUITY, symbols.equity_root(word), start, end)
    if node.data == "option":
        root, month, kind = symbols.equity_root(word), "", InstrumentType.EQUITY_OPTION
    else:
        root, month = _future(node, today)
        kind = InstrumentType.FUTURE_OPTION if node.data == "future_option" else InstrumentType.FUTURE
    if kind == InstrumentType.FUTURE:
        return Named(kind, root, start, end, month)
    dates = expiries(first(node, "EXPIRIES"), today=today, calendar=calendar, root=root)
    return Named(kind, root, start, end, month, dates, _strikes(node))


def expiries(token: Token, *, today: date, calendar: Calendar, root: str) -> tuple[date, ...]:
    """Return the one or two expiries of the word. Raises Slip at the one in doubt."""
    found = []
    for start, piece, written in _pieces(token):
        day = resolve(written, today=today, calendar=calendar, root=root) if written else None
        if not isinstance(day, date):
            raise _no_expiry(start, piece, day)
        found.append(day)
    return tuple(found)


def _no_expiry(start: int, piece: str, doubt: Doubt | None) -> Slip:
    """Return the slip on an expiry; only where a single one is near it is suggested."""
    message, near = (doubt.message, doubt.spellings) if doubt else (f"`{piece}` is no expiry.", ())
    return Slip(
        start,
        start + len(piece),
        message,
        expected=EXPECTED_EXPIRY,
        suggestion=near[0] if len(near) == 1 else "",
        sample=next(iter(near), ""),
    )


def _pieces(token: Token) -> list[tuple[int, str, Written | None]]:
    """Return the word's expiries and where they begin; `12/18/1/15` can be parted in one way only."""
    start, whole = span(token)[0], read_words(token)
    cuts = [] if whole is not None else list(_cuts(token))
    if len(cuts) > 1:
        message = "This can be parted into two expiries in more than one way."
        raise Slip(*span(token), message, expected="two expiries such as 18dec/15jan")
    if not cuts:
        return [(start, str(token), whole)]
    near, far = token[: cuts[0]], token[cuts[0] + 1 :]
    return [(start, near, read_words(near)), (start + cuts[0] + 1, far, read_words(far))]


def _cuts(token: Token) -> Iterator[int]:
    """Yield the places of the signs that have an expiry on both sides."""
    for i, sign in enumerate(token):
        if sign in "/-" and read_words(token[:i]) and read_words(token[i + 1 :]):
            yield i


def _strikes(node: Node) -> tuple[Strike, ...]:
    """Return the strikes, a call or put written behind the last one standing for all."""
    found = list(_written_strikes(first(node, "STRIKES")))
    behind = next((token for token in tokens(node) if token.type == "RIGHT"), None)
    if behind is not None and found[-1].option_type is not None:
        raise Slip(*span(behind), "Call or put stands here twice.", expected="one of them")
    last = OptionType(behind[0].upper()) if behind is not None else found[-1].option_type
    kinds = [strike.option_type for strike in found[:-1]]
    if any(kinds) and not all((*kinds, last)):
        raise Slip(
            found[0].start,
            found[-1].end,
            "Write c or p behind each strike, or behind the last one for all.",
            expected="strikes such as 600c/610c or 600/610c",
        )
    return tuple(Strike(s.value, s.option_type or last, s.start, s.end) for s in found)


def _written_strikes(token: Token) -> Iterator[Strike]:
    for match in _STRIKE.finditer(token):
        start, end = (span(token)[0] + offset for offset in match.span())
        right = match["right"][:1].upper()
        value = read_strike(match["number"], start)
        yield Strike(value, OptionType(right) if right else None, start, end)


def _future(node: Node, today: date) -> tuple[str, str]:
    """Return root and month of a future's word, with the month that may follow it."""
    token = tokens(node)[0]
    found = symbols.parse_future(token.split(":")[0], today=today)
    if not isinstance(found, Contract):
        raise _no_future(token, found)
    front = next((other for other in tokens(node) if other.type == "FRONT"), None)
    if front is not None and found.month:
        raise Slip(
            *span(front), f"{token} already names its month.", expected="the front month or a month, not both"
        )
    if node.data == "future" and tokens(node)[-1].type == "EXPIRIES":
        return found.root, _month_behind(tokens(node)[-1], found, today)
    return found.root, found.month


def _no_future(token: Token, doubt: Doubt | None) -> Slip:
    near = doubt.spellings if doubt else ()
    similar = () if near else get_close_matches(token.upper(), symbols.FUTURES, n=1)
    return Slip(
        *span(token),
        doubt.message if doubt else f"{token} is no future.",
        expected=", ".join(near) or "a future such as /ES, /ESZ6 or /MES front",
        suggestion=next(iter(similar), ""),
        sample=next(iter(near), ""),
    )


def _month_behind(token: Token, future: Contract, today: date) -> str:
    """Return the month code of `dec` or `dec26` behind a futures root."""
    written = read_words(token)
    if written is None or written.kind not in (Kind.MONTHLY, Kind.MONTH_NUMBER) or future.month:
        raise Slip(*span(token), "A future has one month; an option on it needs a strike too.",
                   expected="a month such as dec, or an expiry and a strike")  # fmt: skip
    year = written.year or (
        2000 + written.number if written.number else today.year + (written.month < today.month)
    )
    found = symbols.future_of(symbols.FUTURES[future.root], written.month, year, today=today)
    if isinstance(found, Doubt):
        raise Slip(*span(token), found.message, expected=", ".join(found.spellings))
    return found.month


def _from_symbol(token: Token, today: date, calendar: Calendar) -> Named:
    """Return the option of a broker's symbol. Its day must be a session to come, as if it were typed."""
    start, end = span(token)
    found = symbols.parse_occ(token) or symbols.parse_future_option(token)
    if found is None or found.expiry is None or found.strike is None:
        raise Slip(start, end, "This looks like an option's symbol, but its date or strike cannot be.",
                   expected="a symbol such as SPY261218C00600000")  # fmt: skip
    day = read_expiry(found.expiry.isoformat(), today=today, calendar=calendar)
    if isinstance(day, Doubt):
        raise Slip(start, end, day.message, expected="an expiry to come")
    if found.kind == InstrumentType.FUTURE_OPTION and found.root not in symbols.FUTURES:
        message = f"{found.root} is no futures root the desk knows."
        raise Slip(start, end, message, expected="an option on a future such as /ES")
    strike = Strike(found.strike, found.option_type, start, end)
    return Named(found.kind, found.root, start, end, found.month, (found.expiry,), (strike,))
