"""Strikes, types, symbols and the shapes of spreads."""

from typing import Final

from orders.language.symbols import parse_occ

from .days_or_parts import is_part, is_size
from .evidence import At, Evidence, Strike, Strikes, Use
from .tokens import Kind, Token
from .words import ROLES, SIDES


def read_strike(ev: Evidence, at: int) -> int:
    token = ev.tokens[at]
    ev.take(Use.CORE, at)
    if at + 2 < len(ev.tokens) and ev.tokens[at + 1].text in "/-" and ev.tokens[at + 2].kind is Kind.STRIKE:
        return _strike_pair(ev, at)
    if not token.numbers or token.option_type is None or not is_certain_strike(token):
        ev.troubles.append(f"'{token.text}' is no certain strike")
    else:
        ev.strikes.append(At(at, Strike(token.numbers[0], token.option_type)))
    return at + 1


def _strike_pair(ev: Evidence, at: int) -> int:
    """Read `600c/610c`: the strikes of a spread, whatever their types."""
    here = at
    while (
        here + 2 < len(ev.tokens)
        and ev.tokens[here + 1].text in "/-"
        and ev.tokens[here + 2].kind is Kind.STRIKE
    ):
        here += 2
    found = [token for token in ev.tokens[at : here + 1 : 2] if token.numbers and token.option_type]
    types = tuple(token.option_type for token in found if token.option_type)
    ev.chains.append(At(at, Strikes(tuple(token.numbers[0] for token in found), types)))
    ev.take(Use.CORE, *range(at, here + 1))
    return here + 1


def read_symbol(ev: Evidence, at: int) -> int:
    contract = parse_occ(ev.tokens[at].text.strip())
    ev.take(Use.CORE, at)
    if contract is not None and contract.root.lower() in ROLES:  # "BTO 261218C600": the root is missing
        contract = None
    if contract is None or contract.strike is None or contract.option_type is None or contract.expiry is None:
        ev.troubles.append(f"'{ev.tokens[at].text}' is no option's symbol")
        return at + 1
    ev.tickers.append(At(at, contract.root))
    ev.strikes.append(At(at, Strike(contract.strike, contract.option_type)))
    ev.days.append(At(at, contract.expiry))
    return at + 1


def read_chain(ev: Evidence, at: int) -> int:
    """Take a spread's strikes, or a day with a stray letter and its strike elsewhere (`11/20c 18c`)."""
    token = ev.tokens[at]
    ev.take(Use.CORE, at)
    if token.day is not None and ev.has_whole_strike and not ev.day_places:
        ev.days.append(At(at, token.day))
    elif token.option_type is None and is_size(ev, at):
        ev.take(Use.BESIDE, at)
    elif token.option_type is None and is_part(ev, at):
        ev.parts.append(At(at, round(token.numbers[0] / token.numbers[1], 4)))
    else:
        ev.chains.append(At(at, Strikes(token.numbers, (token.option_type,) if token.option_type else ())))
    return at + 1


def read_type(ev: Evidence, at: int) -> int:
    """Take a type; the single letters c and p only beside a number (`C 230`, `470 C`)."""
    text = ev.tokens[at].word
    if len(text) <= 2 and not _has_number_beside(ev, at):
        return at + 1
    ev.types.append(At(at, SIDES[text]))
    ev.take(Use.BESIDE if ev.strikes else Use.CORE, at)
    return at + 1


def _has_number_beside(ev: Evidence, at: int) -> bool:
    before = ev.tokens[at - 1] if at else None
    after = at + 2 if at + 1 < len(ev.tokens) and ev.tokens[at + 1].text == "-" else at + 1
    behind = ev.tokens[after] if after < len(ev.tokens) else None
    return any(
        token is not None and token.kind in (Kind.NUMBER, Kind.CHAIN, Kind.EXPIRY)
        for token in (before, behind)
    )


def read_strike_label(ev: Evidence, at: int) -> int:
    """Take `strike: 600` and `600 strike`."""
    ev.take(Use.BESIDE, at)
    here = at + 1
    while here < len(ev.tokens) and ev.tokens[here].text in ":=-$":
        here += 1
    labelled = here > at + 1 or ev.tokens[at].word == "strike price"
    if here < len(ev.tokens) and ev.tokens[here].kind is Kind.NUMBER and labelled:
        return _bare_strike(ev, here)
    if at and ev.tokens[at - 1].kind is Kind.NUMBER and ev.uses[at - 1] is Use.UNKNOWN:
        _bare_strike(ev, at - 1)
    elif here < len(ev.tokens) and ev.tokens[here].kind is Kind.NUMBER:
        return _bare_strike(ev, here)
    return at + 1


def _bare_strike(ev: Evidence, at: int) -> int:
    token = ev.tokens[at]
    ev.take(Use.CORE, at)
    if token.value is None or token.value <= 0 or not is_certain_strike(token):
        ev.troubles.append(f"'{token.text}' is no certain strike")
    else:
        ev.bare_strikes.append(At(at, token.value))
    return at + 1


def read_shape(ev: Evidence, at: int) -> int:
    ev.shapes.append(At(at, ev.tokens[at].word))
    ev.take(Use.CORE, at)
    return at + 1


_STRIKE_DECIMALS: Final = frozenset({"5", "50", "25", "75"})


def is_certain_strike(token: Token) -> bool:
    """Say whether the strike has one reading.

    `6,000` is six thousand and `282,5` a half; `600,605` may be two, `6.000` six, `5,33` a slip.
    """
    raw = token.numeral.raw
    if token.value is None or token.value <= 0:
        return False
    if token.numeral.grouped:
        return "," in raw and len(raw) <= 6
    comma = raw.rfind(",")
    return comma < 0 or "." in raw or raw[comma + 1 :] in _STRIKE_DECIMALS
