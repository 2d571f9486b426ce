"""Prices behind a cue: `@ 1.25`, `for 1.25-1.30`, `max 1.40`, `@ mkt`. Never guessed."""

from typing import Final

from orders.enums import PriceRule, Side

from .evidence import At, Evidence, Price, Use, is_boundary
from .links import skip_links
from .tokens import Kind, Token
from .wordlist import words
from .words import Role

_PLAIN_LINKS: Final = words("is the a of : - = $ @ at limit price entry around ~ about approx approximately")


APPROXIMATE: Final = frozenset({"around", "~", "about", "approx", "approximately", "roughly", "near", "ish"})


_RULES: Final = {
    "m": PriceRule.MARKET, "mkt": PriceRule.MARKET, "market": PriceRule.MARKET, "mid": PriceRule.MID,
    "nat": PriceRule.NATURAL, "natural": PriceRule.NATURAL,
}  # fmt: skip


def read_price(ev: Evidence, at: int) -> int:
    """Read what stands behind @, at, for, entry: a price, a range, a rule; else only the word is used."""
    ev.take(Use.BESIDE, at)
    here = skip_links(ev, at + 1, _PLAIN_LINKS)
    vague = any(token.word in APPROXIMATE for token in ev.tokens[at + 1 : here])
    if here >= len(ev.tokens) or is_boundary(ev.tokens[here]):
        return _unfinished(ev, at)
    token = ev.tokens[here]
    if token.kind is Kind.WORD:
        return _read_rule(ev, at, here)
    if token.kind is not Kind.NUMBER or not _is_price(ev, here):
        return _malformed(ev, at, here)
    if _quotes_underlying(ev, at):
        ev.take(Use.BESIDE, here)
        return here + 1
    if vague:
        ev.troubles.append(f"the price {token.text} is approximate")
    check_sign(ev, here)
    ev.take(Use.BESIDE, *range(at, here))
    return _read_amount(ev, here)


def _quotes_underlying(ev: Evidence, at: int) -> bool:
    """Say whether a second "at" tells where the underlying stands: "(stock at 138.20)", "NVDA @ 138"."""
    before = ev.tokens[at - 1] if at else None
    if before is None or not (ev.prices and ev.strikes):
        return False
    return before.kind is Kind.TICKER or before.word in ("stock", "shares", "underlying", "spot")


def check_sign(ev: Evidence, at: int) -> None:
    """Note a price with a sign of its own: `@ -1.25`; `puts-.75` and `entry - 1.25` only part words."""
    before = ev.tokens[at - 1] if at else None
    signed = before is not None and before.text in ("-", "+") and ev.tokens[at].glued
    parted = at > 1 and before is not None and before.glued and ev.tokens[at - 2].kind is not Kind.AT
    if signed and not parted:
        ev.troubles.append(f"the price {before.text if before else ''}{ev.tokens[at].text} has a sign")


def read_bound(ev: Evidence, at: int) -> int:
    """Read `max 1.40`: the worst price of the entry."""
    here = skip_links(ev, at + 1, _PLAIN_LINKS)
    ev.take(Use.BESIDE, at)
    token = ev.tokens[here] if here < len(ev.tokens) else None
    if token is None or token.kind is not Kind.NUMBER or not _is_price(ev, here):
        return at + 1
    ev.take(Use.BESIDE, *range(at, here + 1))
    if token.value is None or not token.numeral.is_certain:
        ev.troubles.append(f"the price '{token.text}' is not one certain number")
    else:
        ev.bounds.append(At(at, token.value))
    return here + 1


def _is_price(ev: Evidence, at: int) -> bool:
    """Say whether the number is no count, share or time: `for 5 contracts`, `at 10 am`."""
    after = ev.tokens[at + 1] if at + 1 < len(ev.tokens) else None
    if after is None or after.kind is not Kind.WORD:
        return True
    if after.role in (Role.COUNT, Role.TYPE, Role.STRIKE):
        return not ev.tokens[at].numeral.is_whole and after.role is Role.COUNT
    return after.role is not Role.TIME or not ev.tokens[at].numeral.is_whole


def _read_rule(ev: Evidence, at: int, here: int) -> int:
    token = ev.tokens[here]
    after = ev.tokens[here + 1] if here + 1 < len(ev.tokens) else None
    if (
        len(token.text) == 1
        and token.glued
        and after is not None
        and after.kind is Kind.NUMBER
        and after.glued
    ):
        return _read_slip(ev, here)
    rule = _RULES.get(token.word)
    if rule is None and ev.tokens[at].kind is Kind.AT:
        return _unfinished(ev, at)
    if rule is None or (len(token.text) == 1 and ev.tokens[at].kind is not Kind.AT):
        return at + 1
    ev.rules.append(At(here, rule))
    ev.take(Use.CORE, here)
    return here + 1


def _unfinished(ev: Evidence, at: int) -> int:
    """Note an @ with nothing behind it: a price was meant and is not there."""
    if ev.tokens[at].kind is Kind.AT:
        ev.troubles.append("no price behind @")
    return at + 1


def _read_slip(ev: Evidence, here: int) -> int:
    """Read `@c1.3`: the contract's own letter slipped before the price; any other letter is a trouble."""
    letter = ev.tokens[here].word
    kinds = {strike.value.option_type.value.lower() for strike in ev.strikes}
    if {letter} != kinds:
        ev.troubles.append(f"'{ev.tokens[here].text}{ev.tokens[here + 1].text}' is no price")
    ev.take(Use.BESIDE, here)
    return _read_amount(ev, here + 1)


def _malformed(ev: Evidence, at: int, here: int) -> int:
    """Note a price nobody can read: behind @ nothing but a price, a percent or a day may stand."""
    token = ev.tokens[here]
    behind_at = ev.tokens[at].kind is Kind.AT
    if (
        behind_at
        and token.kind in (Kind.CHAIN, Kind.MARK, Kind.STRIKE, Kind.COUNT)
        and not is_boundary(token)
    ):
        ev.troubles.append(f"'{token.text}' behind @ is no price")
    return at + 1


def _read_amount(ev: Evidence, at: int) -> int:
    """Read one price or a range of entry; `to` of it is the other end."""
    token = ev.tokens[at]
    if ev.prices and any(token.value == strike.value.value for strike in ev.strikes):
        ev.take(Use.BESIDE, at)  # the strike again, as a level: "at 8, ready for 6950"
        return at + 1
    ev.take(Use.CORE, at)
    if not is_certain_price(ev, token) or token.value is None:
        ev.troubles.append(f"the price '{token.text}' is not one certain number")
        return at + 1
    other = range_end(ev, at)
    if other and (end := ev.tokens[other].value) is not None:
        ev.prices.append(At(at, Price(token.value, end)))
        ev.take(Use.CORE, *range(at, other + 1))
        return other + 1
    ev.prices.append(At(at, Price(token.value)))
    return at + 1


# Futures quoted in thousands, so that `6,100` cannot be 6.1.
_THOUSANDS: Final = words(
    "/ES /MES /NQ /MNQ /RTY /M2K /YM /MYM /GC /MGC /BTC /MBT ES NQ MNQ MES RTY M2K YM MYM MGC"
)


def is_certain_price(ev: Evidence, token: Token) -> bool:
    """Say whether the price has one magnitude; futures have three decimals, and some trade in thousands."""
    if token.numeral.is_certain:
        return True
    if token.value is None or not ev.tickers:
        return False
    symbol = ev.tickers[0].value
    if "," in token.numeral.raw:
        return symbol.rstrip("0123456789") in _THOUSANDS or symbol.rstrip("0123456789")[:-1] in _THOUSANDS
    return symbol.startswith("/")


def range_end(ev: Evidence, at: int) -> int:
    """Return the place of the number that ends a range `2.50-2.75`, `2.50 to 2.75`; 0 where none does.

    In `2.50 - 5` and `2.50 - 5 contracts` the other number is a quantity.
    """
    between = at > 0 and ev.tokens[at - 1].word == "between"
    if at + 2 >= len(ev.tokens) or ev.tokens[at + 1].word not in ("-", "to", "and" if between else "-"):
        return 0
    end = ev.tokens[at + 2]
    apart = ev.tokens[at + 1].text == "-" and not end.glued
    counts = at + 3 < len(ev.tokens) and ev.tokens[at + 3].role is Role.COUNT
    if end.kind is not Kind.NUMBER or counts:
        return 0
    return 0 if apart and end.numeral.is_whole and not ev.tokens[at].numeral.is_whole else at + 2


def read_effect(ev: Evidence, at: int) -> int:
    """Read debit or credit, and the price behind it where one stands (`credit 2.10`)."""
    side = Side.PAYS if ev.tokens[at].role is Role.DEBIT else Side.RECEIVES
    ev.effects.append(At(at, side))
    ev.take(Use.CORE, at)
    here = skip_links(ev, at + 1, frozenset({":", "of", "$", "=", "@", "at"}))
    token = ev.tokens[here] if here < len(ev.tokens) else None
    if (
        token is not None
        and token.kind is Kind.NUMBER
        and not ev.prices
        and (token.dollar or not token.numeral.is_whole)
    ):
        return _read_amount(ev, here)
    return at + 1
