"""The reading of a whole message: which verbs it has decides who reads it."""

import re
from datetime import datetime

from orders.language.calendar import Calendar

from .concerns import Concern, Sign, find_signs
from .day_tokens import posted_at
from .days import find_days
from .evidence import Evidence
from .exits import read_exit
from .gather import gather
from .names import mark_tickers
from .normalise import Plain, normalise
from .openings import read_opening
from .phrases import tokenise
from .reading import Intent, OrderReading, Reading, noise, review
from .several import read_several
from .spreads import read_spread
from .thinkorswim import read_thinkorswim
from .tickers import KNOWN
from .tokens import Token, TooLongError
from .words import Effect, Role, Verb

LONGEST = 4000  # characters; Discord allows no more


def read_alert(text: str, *, embed_title: str = "", now: datetime, calendar: Calendar) -> Reading:
    """Return what the message is. Pure; never raises; bounded work whatever the text.

    `now` is when it was posted (aware). Only a reading whose `intent.is_order` may become a ticket.
    """
    message = f"{embed_title}\n{text}" if embed_title else text
    if len(message) > LONGEST + 300:
        return _too_long(message[:LONGEST])
    plain = normalise(message)
    posted = posted_at(now, calendar)
    if copied := read_thinkorswim(plain.text, posted):
        return _check_source(copied, plain)
    try:
        tokens = mark_tickers(find_days(tokenise(plain.text), posted))
    except TooLongError:
        return _too_long(plain.text)
    return _check_source(_read(tokens), plain)


_EXPLICIT = re.compile(r"\b(?:[bs]t[oc]|(?:buy|sell) to (?:open|close))\b", re.IGNORECASE)


def _too_long(text: str) -> Reading:
    """Refer a long text that speaks of orders; any other is prose."""
    if _EXPLICIT.search(text):
        return review("the message is too long to be an order")
    return noise("a long text")


def _check_source(reading: Reading, plain: Plain) -> Reading:
    """Refer an order that stands in a quotation or was struck out."""
    if not reading.intent.is_order:
        return reading
    signs = (
        (plain.quoted, "it quotes somebody"),
        (plain.struck, "some of it is struck out"),
        (plain.starred, Concern.CORRECTION.value),
    )
    reason = next((reason for found, reason in signs if found), "")
    return review(reason, *reading.orders) if reason else reading


def _read(tokens: list[Token]) -> Reading:
    ev, signs = gather(tokens), find_signs(tokens)
    if not ev.verbs and not ev.has_contract and not ev.shapes:
        return _without_order(ev, signs)
    return _idle(ev, signs) or _read_order(ev, signs)


def _without_order(ev: Evidence, signs: list[Sign]) -> Reading:
    """Read a message without verb and contract: levels move stops, the rest is talk."""
    firm = next((sign.concern for sign in signs if sign.firm), None)
    if firm is Concern.FILL:
        return review(firm.value)
    if firm and firm.is_noise:
        return noise(firm.value)
    if any(token.role is Role.STOPPED for token in ev.tokens):
        return review(Concern.STOPPED.value)
    if ev.tickers and (ev.prices or ev.averages):
        return review("a symbol and a price without a verb")
    if ev.stops or ev.targets:
        return Reading(Intent.UPDATE, reason="moves stop or targets")
    return review("a level without an order") if ev.triggers else noise("no order in it")


def _idle(ev: Evidence, signs: list[Sign]) -> Reading | None:
    """Return noise for talk that names a contract or a verb but nothing one could trade."""
    if any(token.role is Role.STOPPED for token in ev.tokens):
        return review(Concern.STOPPED.value)
    if ev.keeps and not ev.verbs:
        return noise("it keeps a position")
    if (ev.stops or ev.targets) and not (ev.verbs or ev.prices or ev.entries):
        return Reading(Intent.UPDATE, reason="moves stop or targets")
    explicit = any(verb.value.explicit for verb in ev.verbs)
    leaves = any(verb.value.effect in (Effect.CLOSE, Effect.TRIM) for verb in ev.verbs)
    whole = bool(ev.strikes and ev.prices)
    firm = next((sign for sign in signs if sign.firm and sign.concern.is_noise), None)
    if firm and not (explicit and whole):
        return noise(firm.concern.value)
    wish = next((sign for sign in signs if sign.concern.is_noise and not sign.mild), None)
    if wish and not (whole or explicit or leaves):
        return noise(wish.concern.value)
    if ev.verbs and wish and wish.concern is Concern.WISH and _stands_before(ev, wish.at, ev.verbs[0].at):
        return noise(wish.concern.value)
    if (ev.gains or ev.origins) and not leaves and not ev.strikes:
        return noise(Concern.BOAST.value)
    return noise("a verb without anything to trade") if _says_little(ev, leaves=leaves) else None


def _stands_before(ev: Evidence, sign: int, verb: int) -> bool:
    return sign < verb and ev.clauses[sign] == ev.clauses[verb]


# Exits that mean little alone: "cut losses", "into the close".
_BARE_EXITS = frozenset({"cut", "cutting", "close", "exit", "exits", "out", "reduce", "cover"})


def _says_little(ev: Evidence, *, leaves: bool) -> bool:
    """Say whether a verb stands without contract, symbol and terms: "BTO HTZ", "cut losses"."""
    if ev.has_contract or ev.shapes or ev.stops or ev.troubles:
        return False
    terms = bool(ev.triggers or ev.prices or ev.averages or ev.counts or ev.parts or ev.alls or ev.strays)
    if leaves:
        names = bool(ev.tickers) or any(token.text in KNOWN for token in ev.tokens)
        certain = any(ev.tokens[verb.at].word not in _BARE_EXITS for verb in ev.verbs)
        return not (names or terms or certain)
    adds = any(ev.tokens[verb.at].word.startswith("add") for verb in ev.verbs)
    return not ((ev.tickers or adds) and terms)


def _read_order(ev: Evidence, signs: list[Sign]) -> Reading:
    verbs = _verbs(ev)
    if ev.is_spread:
        return read_spread(ev, signs, verbs)
    several = len(ev.contracts) > 1 or (len(ev.strikes) > 1 and len(ev.expiries) > 1)
    if several or (not ev.strikes and len(ev.symbols) > 1 and len(ev.prices) > 1):
        return read_several(ev, _read_part)
    return _read_one(ev, signs, verbs)


def _read_part(tokens: list[Token]) -> tuple[Reading, bool]:
    """Read one of several orders; the second value says whether it has a verb of its own."""
    ev = gather(tokens)
    if ev.is_spread:
        return review("a spread among several orders"), True
    return _read_one(ev, find_signs(tokens), _verbs(ev)), bool(ev.verbs)


def _verbs(ev: Evidence) -> list[Verb]:
    """Return the verbs; in "covering the short" the second is what is covered."""
    leaves = any(verb.value.effect in (Effect.CLOSE, Effect.TRIM) for verb in ev.verbs)
    short = any(ev.tokens[verb.at].word == "short" for verb in ev.verbs)
    if not (leaves and short):
        return [verb.value for verb in ev.verbs]
    others = [verb.value for verb in ev.verbs if ev.tokens[verb.at].word != "short"]
    return [verb._replace(buys=True) if verb.buys is None else verb for verb in others]


def _read_one(ev: Evidence, signs: list[Sign], verbs: list[Verb]) -> Reading:
    opens = [verb for verb in verbs if verb.effect is Effect.OPEN or (verb.effect is None and verb.buys)]
    leaves = [verb for verb in verbs if verb.effect in (Effect.CLOSE, Effect.TRIM)]
    sells = [verb for verb in verbs if verb.effect is None and not verb.buys]
    if opens and (leaves or sells):
        return review("it opens and closes")
    if len(ev.strikes) > 1 and sum(verb.explicit for verb in verbs) > 1:
        return review("the same order twice")
    if opens:
        return _opening(ev, signs, opens)
    if len({verb.buys for verb in [*leaves, *sells] if verb.buys is not None}) > 1:
        return review("it buys and sells")
    if leaves or sells:
        return read_exit(ev, signs, _strongest([*leaves, *sells]))
    return read_opening(ev, signs, None)


def _opening(ev: Evidence, signs: list[Sign], verbs: list[Verb]) -> Reading:
    if len({verb.buys for verb in verbs if verb.buys is not None}) > 1:
        return review("it buys and sells")
    return read_opening(ev, signs, _strongest(verbs))


def _strongest(verbs: list[Verb]) -> Verb:
    """Return the verb that says most: an explicit one, then one with a side; a trim anywhere makes it one."""
    verb = max(verbs, key=lambda verb: (verb.explicit, verb.buys is not None, verb.effect is not None))
    trims = any(other.effect is Effect.TRIM for other in verbs)
    return verb._replace(effect=Effect.TRIM) if trims else verb


__all__ = ["OrderReading", "Reading", "read_alert"]
