"""Types and their strikes, where they are two words: `600 calls`, `calls $600`, `600 12/18 C`."""

from orders.enums import OptionType

from .contracts import is_certain_strike
from .evidence import At, Evidence, Strike, Use
from .neighbours import nearest_before
from .tokens import Kind, Token
from .words import SIDES, Role


def bind_types(ev: Evidence) -> None:
    """Join a type with the free number before it, else with the one behind it."""
    free = [at for at in range(len(ev.tokens)) if is_free(ev, at)]
    apart = next((at for at in free if _is_strike_place(ev, at)), len(ev.tokens))  # "SPY 600 12/18 calls"
    for kind in ev.types:
        before, behind = kind.at - 1, kind.at + 1
        while behind < len(ev.tokens) and ev.tokens[behind].text in ("-", ":"):
            behind += 1
        if is_free(ev, before) and not _is_price_like(ev.tokens[before], ev, behind):
            _bind(ev, before, kind)
        elif apart < kind.at or ev.strikes or not is_free(ev, behind):
            continue
        elif not _is_rather_price(ev, behind, free):
            _bind(ev, behind, kind)
    _adopt_bare_strikes(ev)


def is_free(ev: Evidence, at: int) -> bool:
    return 0 <= at < len(ev.tokens) and ev.tokens[at].kind is Kind.NUMBER and ev.uses[at] is Use.UNKNOWN


def _is_rather_price(ev: Evidence, at: int, free: list[int]) -> bool:
    """Say whether the number behind a type is the only one there could be a price: "sold all calls 4.80"."""
    return "." in ev.tokens[at].numeral.raw and not ev.prices and free == [at]


def _is_price_like(token: Token, ev: Evidence, behind: int) -> bool:
    """Say whether the number before a type is rather a count: `2 calls $600`, or a price: `.75 C`."""
    small = token.numeral.is_whole and len(token.numeral.raw) <= 2 and not token.dollar
    return token.numeral.raw.startswith(".") or (small and is_free(ev, behind) and ev.tokens[behind].dollar)


def _bind(ev: Evidence, at: int, kind: At[OptionType]) -> None:
    token = ev.tokens[at]
    option_type = SIDES[ev.tokens[kind.at].word]
    ev.take(Use.CORE, at)
    if token.value is None or not is_certain_strike(token):
        ev.troubles.append(f"'{token.text}' is no certain strike")
        return
    ev.strikes.append(At(at, Strike(token.value, option_type)))
    if _follows_verb(ev, at) and token.numeral.is_whole and len(token.numeral.raw) <= 2 and kind.at > at:
        ev.troubles.append(f"'{token.text} {ev.tokens[kind.at].text}' is a quantity or a strike")


def _follows_verb(ev: Evidence, at: int) -> bool:
    before = nearest_before(ev, at)
    return before is not None and before.role is Role.VERB


def _adopt_bare_strikes(ev: Evidence) -> None:
    """Join a type with a strike apart from it: `SPY 600 12/18 calls`, `Strike: 600 / Type: Call`."""
    if ev.strikes or ev.chains or not ev.types:
        return
    option_type = ev.types[0].value
    if not ev.bare_strikes:
        for at in range(len(ev.tokens)):
            if is_free(ev, at) and _is_strike_place(ev, at):
                add_strike(ev, at)
    ev.strikes.extend(At(bare.at, Strike(bare.value, option_type)) for bare in ev.bare_strikes)


def _is_strike_place(ev: Evidence, at: int) -> bool:
    """Say whether the number stands right behind the ticker or the day, before the price's cue."""
    token, before = ev.tokens[at], ev.tokens[at - 1] if at else None
    if before is None or not token.numeral.is_certain or token.numeral.raw.startswith("."):
        return False
    return before.kind in (Kind.TICKER, Kind.EXPIRY) and before.role is None


def add_strike(ev: Evidence, at: int) -> None:
    value = ev.tokens[at].value
    ev.take(Use.CORE, at)
    if value is None or not is_certain_strike(ev.tokens[at]):
        ev.troubles.append(f"'{ev.tokens[at].text}' is no certain strike")
    else:
        ev.bare_strikes.append(At(at, value))
