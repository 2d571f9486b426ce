"""Numbers without a cue, read by where they stand: a quantity behind the verb, a price behind the contract.

A number that fits no place, or two, is a stray.
"""

from typing import Final

from .binding import add_strike, bind_types, is_free
from .counts import add_count
from .evidence import At, Evidence, Price, Use
from .neighbours import nearest_before, nearest_behind
from .percents import place_percent
from .prices import APPROXIMATE, check_sign, is_certain_price, range_end
from .tickers import BARE_FUTURES
from .tokens import Kind, Token
from .words import Role

_CONTRACT_KINDS: Final = frozenset({Kind.TICKER, Kind.STRIKE, Kind.SYMBOL, Kind.EXPIRY, Kind.CHAIN})
_LONGEST_COUNT = 5  # digits


def place_numbers(ev: Evidence) -> None:
    """Give every number nobody claimed its place, strikes first."""
    bind_types(ev)
    for at, token in enumerate(ev.tokens):
        if ev.uses[at] is Use.UNKNOWN and token.kind in (Kind.NUMBER, Kind.PERCENT):
            _place(ev, at)
    _take_tickers(ev)


def _take_tickers(ev: Evidence) -> None:
    """Take the tickers; one that only names whose level is meant ("if SPY breaks 600") is set aside."""
    for ticker in ev.tickers:
        after = ev.tokens[ticker.at + 1] if ticker.at + 1 < len(ev.tokens) else None
        levels = after is not None and after.role in (Role.ABOVE, Role.BELOW, Role.BREAK)
        ev.take(Use.BESIDE if levels else Use.CORE, ticker.at)


def _place(ev: Evidence, at: int) -> None:
    """Place one number: as a percent, a quantity, a strike, a price, as nothing, or as a stray."""
    token, before, behind = ev.tokens[at], nearest_before(ev, at), nearest_behind(ev, at)
    if token.kind is Kind.PERCENT:
        place_percent(ev, at, behind)
    elif _says_nothing(ev, at, behind) or _repeats_strike(ev, at, before, behind):
        ev.take(Use.BESIDE, at)
    elif _is_kept(ev, at):
        ev.kept.append(at)
        ev.take(Use.BESIDE, at)
    elif _is_count_place(ev, at, before, behind):
        add_count(ev, at)
    elif _names_shape(ev, at) and not ev.chains:
        add_strike(ev, at)
    elif token.dollar and before is not None and before.role is Role.VERB and behind is not None:
        ev.troubles.append("an amount in dollars instead of a quantity")
    elif _is_price_place(ev, at, before) and not _is_before_symbol(before, behind):
        check_sign(ev, at)
        _add_price(ev, at)
    else:
        ev.strays.append(at)


def _is_kept(ev: Evidence, at: int) -> bool:
    """Say whether the number stays: "leaving 2", "1 left"."""
    beside = ev.tokens[max(0, at - 2) : at] + ev.tokens[at + 1 : at + 2]
    return ev.tokens[at].numeral.is_whole and any(token.role is Role.KEEP for token in beside)


def _says_nothing(ev: Evidence, at: int, behind: Token | None) -> bool:
    """Say whether the number counts days, lines or entries."""
    token = ev.tokens[at]
    if token.doubt == "ordinal" or (at and ev.tokens[at - 1].text == "#") or _numbers_a_line(ev, at):
        return True
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    beyond = ev.tokens[at + 2] if at + 2 < len(ev.tokens) else None
    if after is not None and after.word == "pts" and (beyond is None or beyond.kind is not Kind.NUMBER):
        return True
    return behind is not None and behind.role is Role.TIME and ev.tokens[at + 1].role is Role.TIME


def _repeats_strike(ev: Evidence, at: int, before: Token | None, behind: Token | None) -> bool:
    """Say whether the number is the strike once more; a small one may be how many."""
    again = any(strike.value.value == ev.tokens[at].value for strike in ev.strikes)
    is_small = len(ev.tokens[at].numeral.raw) <= 2 and not ev.tokens[at].dollar
    return again and not is_small and not _is_count_place(ev, at, before, behind)


def _is_count_place(ev: Evidence, at: int, before: Token | None, behind: Token | None) -> bool:
    """Say whether a quantity stands here: before its noun, between verb and contract, behind "added"."""
    token = ev.tokens[at]
    if behind is not None and behind.role is Role.COUNT and not token.dollar:
        return True
    if not token.numeral.is_whole or token.dollar or len(token.numeral.raw) > _LONGEST_COUNT:
        return False
    if _names_shape(ev, at) and ev.chains:
        return True
    if before is not None and before.role not in (Role.VERB, Role.ALL):
        return False
    if behind is not None and (behind.kind in _CONTRACT_KINDS or behind.role is Role.SHAPE):
        return True
    return before is not None and bool(ev.strikes) and bool(ev.prices) and ev.strikes[0].at < at


def _is_before_symbol(before: Token | None, behind: Token | None) -> bool:
    """Say whether the number stands between verb and ticker, where no price stands."""
    return (
        before is not None and before.role is Role.VERB and behind is not None and behind.kind is Kind.TICKER
    )


def _numbers_a_line(ev: Evidence, at: int) -> bool:
    """Say whether the number only counts lines: `1) SPY ...`."""
    first = at == 0 or ev.tokens[at - 1].kind is Kind.LINE
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    return (
        first
        and after is not None
        and after.glued
        and after.text in (")", ".")
        and len(ev.tokens[at].text) == 1
    )


def _names_shape(ev: Evidence, at: int) -> bool:
    """Say whether a spread's name follows at once: `600 straddle`."""
    return (
        at + 1 < len(ev.tokens)
        and ev.tokens[at + 1].role is Role.SHAPE
        and not ev.tokens[at].numeral.raw.startswith(".")
    )


def _is_price_place(ev: Evidence, at: int, before: Token | None) -> bool:
    """Say whether a number behind the contract is its price: with decimals or a $, not a bare one."""
    token = ev.tokens[at]
    if before is None:
        return False
    if token.numeral.is_whole and not token.dollar:
        return _is_future(before) and len(token.numeral.raw) >= 3
    if before.kind in (Kind.STRIKE, Kind.EXPIRY, Kind.SYMBOL, Kind.COUNT) or before.role is Role.TYPE:
        return True
    if before.kind is Kind.NUMBER:
        place = at - 1
        while ev.tokens[place] is not before:
            place -= 1
        return any(strike.at == place for strike in ev.strikes)
    return before.kind is Kind.TICKER or before.role in (Role.VERB, Role.SHAPE)


def _is_future(token: Token) -> bool:
    """Say whether the token is a future, whose price may be a whole number."""
    return token.kind is Kind.TICKER and (token.text.startswith("/") or token.text in BARE_FUTURES)


def _add_price(ev: Evidence, at: int) -> None:
    token = ev.tokens[at]
    ev.take(Use.CORE, at)
    if not is_certain_price(ev, token) or token.value is None:
        ev.troubles.append(f"the price '{token.text}' is not one certain number")
        return
    end = range_end(ev, at)
    if end and ev.tokens[at + 1].text == "-" and is_free(ev, end):
        other = ev.tokens[end].value
        ev.prices.append(At(at, Price(token.value, other, firm=False)))
        ev.take(Use.CORE, at + 1, at + 2)
        return
    if ev.tokens[at - 1].word in APPROXIMATE:
        ev.troubles.append(f"the price {token.text} is approximate")
    ev.prices.append(At(at, Price(token.value, firm=False)))
