"""Slips that one word gives away: commas in numerals, signs, turned strikes, misspelt names."""

import re
from difflib import get_close_matches

from .expiry_words import MONTHS, WEEKDAYS, read_words
from .slots import words_of

LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
SECOND_COMMAND = "One command at a time: a second one begins here."
LONGEST_WORD = 24  # a longer one is no misspelling

_COMMA = re.compile(r"\$?(?P<digits>\d[\d.]*(?:,\d+)+(?:\.\d+)?)(?P<right>[cp]?)", re.IGNORECASE | re.ASCII)
_SIGNED = re.compile(r"[-+]\$?[\d.]+", re.ASCII)
_NUMBER = re.compile(r"\$?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_TURNED_STRIKE = re.compile(r"([cp])(\d+(?:\.\d+)?)", re.IGNORECASE | re.ASCII)
_GLUED_NUMBER = re.compile(
    r"(max|min|wait|ticks|retries|sl|tp|stop|target|qty|acct)(\d\S*)", re.IGNORECASE | re.ASCII
)
_GLUED_ROOT = re.compile(r"([a-z]{1,5})(\d\S*)", re.IGNORECASE | re.ASCII)
_VERB = re.compile(r"bto|sto|stc|btc|buy|sell|close|cancel|amend|custom", re.IGNORECASE)
_DATED = re.compile(
    r"(?P<before>\d{0,3})(?P<letters>[a-z]{2,9})(?P<behind>'?\d{0,4})", re.IGNORECASE | re.ASCII
)


def known_slip(before: str, word: str, accepted: set[str]) -> tuple[str, str] | None:
    """Return the sentence on a slip the word alone gives away, and what to write instead if that is sure.

    `before` is the text in front of it, `accepted` the terminals that could have stood there.
    """
    if comma := _COMMA.fullmatch(word):
        return _comma(comma["digits"], comma["right"])
    if _SIGNED.fullmatch(word) and "PRICE" in accepted:
        return "A price has no sign; db or cr says who pays.", word.lstrip("-+")
    if _SIGNED.fullmatch(word) and "QUANTITY" in accepted:
        return "A quantity has no sign; the action says who buys.", word.lstrip("-+")
    if _NUMBER.fullmatch(word) and "_AT" in accepted and "STRIKES" not in accepted:
        return _bare_price(before, word)
    if _VERB.fullmatch(word) and accepted.isdisjoint({"ACTION", "QUANTITY"}) and before.strip():
        return SECOND_COMMAND, ""
    if (turned := _TURNED_STRIKE.fullmatch(word)) and "STRIKES" in accepted:
        return "The strike stands before c or p.", f"{turned[2]}{turned[1].lower()}"
    return _glued(word, accepted)


def nearest_word(word: str, accepted: set[str]) -> str:
    """Return the nearest spelling that could stand there, empty if none is near."""
    if len(word) > LONGEST_WORD:
        return ""
    if "EXPIRIES" in accepted and (near := _nearest_expiry(word)):
        return near
    found = get_close_matches(word.lower(), words_of(accepted), n=1, cutoff=0.65)
    return found[0].replace("ironcondor", "iron condor") if found else ""


def _comma(digits: str, right: str) -> tuple[str, str]:
    """Return the sentence on a numeral with a comma; only one that has a single reading is suggested."""
    plain, pointed = digits.replace(",", ""), digits.replace(",", ".")
    grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) is not None
    rule = "decimals take a point, thousands nothing."
    if grouped and digits.count(",") == 1 and "." not in digits:
        return f"{digits}{right} can be {plain}{right} or {pointed}{right}: {rule}", ""
    single = re.fullmatch(r"\d+,\d+", digits) is not None
    suggestion = f"{plain}{right}" if grouped else f"{pointed}{right}" if single else ""
    return f"{digits}{right} has a comma: {rule}", suggestion


def _glued(word: str, accepted: set[str]) -> tuple[str, str] | None:
    if (parts := _GLUED_NUMBER.fullmatch(word)) and "BOUND" in accepted:
        return "A blank parts the word from its number.", f"{parts[1].lower()} {parts[2]}"
    if (parts := _GLUED_ROOT.fullmatch(word)) and "ROOT" in accepted:
        return "A blank parts the symbol from what follows.", f"{parts[1]} {parts[2]}"
    return None


def _bare_price(before: str, word: str) -> tuple[str, str]:
    if "@" in before:
        return "A second price says what it is: max when paying, min when receiving.", f"max {word}"
    return "A price stands behind an @.", f"@ {word}"


def _nearest_expiry(word: str) -> str:
    """Return the expiry a misspelt one most resembles: 18dce is 18dec."""
    dashed = (word.replace("-", ""), word.replace("-", "/")) if word.count("-") == 1 else ()
    for made in dashed:
        if read_words(made):
            return made
    match = _DATED.fullmatch(word)
    if match is None:
        return ""
    dated = match["before"] or match["behind"]
    names = MONTHS if dated else (*MONTHS, *WEEKDAYS, *LONG_WEEKDAYS, "eow", "today", "tomorrow")
    near = get_close_matches(match["letters"].lower(), names, n=1, cutoff=0.6 if dated else 0.75)
    if not near and match["before"]:
        near = get_close_matches(match["letters"].lower(), ("dte",), n=1)
    made = f"{match['before']}{near[0]}{match['behind']}" if near else ""
    return made if made and read_words(made) else ""
