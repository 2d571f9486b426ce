"""Order strings as thinkorswim copies them: `BOT +1 VERTICAL SPX 100 18 DEC 26 6000/6010 CALL @3.20`.

The signed quantity is their mark. The string is read to its price; what follows is the author's comment.
Facts: the platform's own spelling of spreads, side and sign.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from orders.enums import OptionType, PriceRule, Side
from orders.language.symbols import is_index

from .concerns import Concern, find_signs
from .day_tokens import Posted, slip
from .months import MONTHS
from .phrases import tokenise
from .reading import ROLL, Asset, Intent, OrderReading, Reading, Trigger, review
from .shapes import THINKORSWIM, Written, certain_effect, leg_action, most_worth_of

_STARTS = re.compile(r"\b(BOT|SOLD|BUY|SELL)\s{1,3}([+-])(\d{1,6})(?![\d.,])\s", re.IGNORECASE)
_ORDER = re.compile(
    r"""(?P<side>BOT|SOLD|BUY|SELL)\s+(?P<sign>[+-])(?P<quantity>\d{1,6})\s+
    (?:(?P<ratios>\d{1,2}(?:/\d{1,2}){1,3})\s+)?
    (?:~?(?P<shape>VERTICAL|BACKRATIO|BUTTERFLY|CALENDAR|DIAGONAL|STRADDLE|STRANGLE|
        IRON\ CONDOR|DBL\ DIAG)\s+)?
    (?P<root>/?[A-Z][A-Z0-9./]{0,9})\s+
    (?:(?P<multiplier>100|10|1/\d{1,4})\s+)?
    (?:\((?P<cycle>[A-Za-z0-9 ]{1,16})\)\s+)?
    (?:(?P<days>\d{1,2}\s[A-Z]{3}\s\d\d(?:/\d{1,2}\s[A-Z]{3}\s\d\d)?)\s+
       (?:\([A-Za-z0-9 ]{1,16}\)\s+)?
       (?:(?P<series>/[A-Z0-9]{1,8})\s+)?
       (?P<strikes>\d{1,6}(?:\.\d{1,2})?(?:/\d{1,6}(?:\.\d{1,2})?){0,3})\s+
       (?P<types>(?:CALL|PUT)(?:/(?:CALL|PUT)){0,3})\s*)?
    (?:@\s?(?P<price>-?\d{0,6}\.?\d{1,4})(?P<effect>cr|db)?(?![\d.,]*\d))?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOSES = re.compile(
    r"\b(?:to close|clos(?:e|ing|ed) (?:this|it|out|early|position|the position|for))\b", re.IGNORECASE
)
_NEW = re.compile(r"\bnew\b", re.IGNORECASE)
_OPENS = re.compile(
    r"\b(?:to open|open(?:ing|ed) (?:this|a|new)|full size|half size|initiat\w{1,4}|starter|adding|added)\b",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\b(?:clos\w{0,4}|profits?|out|exit\w{0,3}|roll\w{0,3}|off|loss|stp|stop|trim\w{0,4}|cover\w{0,3}|remov\w{0,3}|reduc\w{0,3}|taking)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bWHEN (?P<what>/?[A-Z]{1,6}) MARK AT OR (?P<side>ABOVE|BELOW) (?P<level>\d{1,7}(?:\.\d{1,4})?)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\bWHEN [A-Z/]{1,7} (?:MARK|LAST|BID|ASK|CLOSE|STUDY)\b")
_STOP_ORDER = re.compile(r"\s*(?:STP|STPLMT)\b", re.IGNORECASE)
_OTHER_ORDER = re.compile(r"@\s?-?\.?\d|\d\s(?:CALL|PUT)\b", re.IGNORECASE)
_SAYS_NO = frozenset({Concern.QUESTION, Concern.REHEARSAL, Concern.CORRECTION, Concern.MOCKERY})


@dataclass(frozen=True, slots=True)
class Copied:
    """One order string, what stood before it and the comment behind it."""

    match: re.Match[str]
    before: str
    comment: str


def read_thinkorswim(text: str, posted: Posted) -> Reading | None:
    """Return the reading of a message with such strings, None where it has none."""
    starts = [match.start() for match in _STARTS.finditer(text)]
    if not starts:
        return None
    copies = []
    for number, start in enumerate(starts[:8]):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        match = _ORDER.match(text, start, end)
        if match is None:
            return review("an order string that does not read to its end")
        copies.append(Copied(match, text[:start] if number == 0 else "", text[match.end() : end]))
    return _whole(copies, posted)


def _whole(copies: list[Copied], posted: Posted) -> Reading:
    """Read every string; one that is doubtful refers the message."""
    orders = [_read(copied, copies[0].before, posted) for copied in copies]
    doubtful = [order for order in orders if order.intent is Intent.REVIEW]
    if doubtful:
        return review(doubtful[0].reason, *orders)
    opened = {order.symbol for order in orders if order.intent is not Intent.CLOSE}
    if any(order.intent is Intent.CLOSE and order.symbol in opened for order in orders):
        return review(ROLL, *orders)
    return Reading(orders[0].intent, tuple(orders), orders[0].reason)


def _read(copied: Copied, before: str, posted: Posted) -> OrderReading:
    match = copied.match
    buys = match["side"].upper() in ("BOT", "BUY")
    order = OrderReading(quantity=int(match["quantity"]), symbol=match["root"].upper())
    if problem := _problem(copied, before, buys=buys):
        return replace(order, reason=problem)
    intent = _intent(copied, before, buys=buys)
    if intent is None:
        return replace(order, reason="sold to open or to close: it does not say")
    filled = _fill(order, copied, posted, buys=buys, closes=intent is Intent.CLOSE)
    return filled if filled.reason else _with_trigger(replace(filled, intent=intent), copied)


def _problem(copied: Copied, before: str, *, buys: bool) -> str:
    """Return why the string is not to be taken at its word; "" where it is."""
    match = copied.match
    if (match["sign"] == "+") != buys or match["quantity"] == "0":
        return f"{match['side']} {match['sign']}{match['quantity']} contradicts itself"
    if match["root"].startswith("/") and match["strikes"]:
        return "an option on a future names its series another way"
    if match["series"] or (match["multiplier"] and match["multiplier"] != "100" and match["strikes"]):
        return "a multiplier other than 100"
    if not match["root"].strip("/").isalnum():
        return f"{match['root']} is no symbol of this desk"
    signs = [
        *find_signs(tokenise(before)),
        *[s for s in find_signs(tokenise(copied.comment[:600])) if s.concern in _SAYS_NO],
    ]
    if signs:
        return signs[0].concern.value
    if _OTHER_ORDER.search(before) or _OTHER_ORDER.search(copied.comment):
        return "another order that does not read to its end"
    return _unread_condition(copied.comment)


def _unread_condition(comment: str) -> str:
    """Return why a string that waits for something is not understood; "" where it is or does not wait."""
    if _WHEN.search(comment):
        return ""
    if _CONDITION.search(comment):
        return Concern.CONDITION.value
    return "a stop order" if _STOP_ORDER.match(comment) else ""


def _intent(copied: Copied, before: str, *, buys: bool) -> Intent | None:
    """Return open or close as string or comment say; else bought ones and sold spreads open."""
    words = f"{before} {copied.comment}"
    closes, opens, leaves = (bool(pattern.search(words)) for pattern in (_CLOSES, _OPENS, _LEAVES))
    opens = opens or _NEW.search(before) is not None
    if _WHEN.search(copied.comment):
        return Intent.CONDITIONAL if buys else None
    if closes and not opens:
        return Intent.CLOSE
    if opens and not closes:
        return Intent.OPEN
    if closes or leaves:
        return None
    return Intent.OPEN if buys or copied.match["shape"] else None


def _fill(order: OrderReading, copied: Copied, posted: Posted, *, buys: bool, closes: bool) -> OrderReading:
    """Fill contract or legs and the price; `reason` says what does not fit."""
    match = copied.match
    if match["strikes"] is None:
        return (
            replace(order, reason="an order string without its contract")
            if match["days"]
            else _plain(order, copied, buys=buys, closes=closes)
        )
    days = tuple(_day(part) for part in match["days"].split("/"))
    if any(day is None for day in days):
        return replace(order, reason="a date that does not exist")
    known = tuple(day for day in days if day is not None)
    late = next((why for day in known if (why := slip(day, posted.today))), "")
    if late:
        return replace(order, reason=late)
    strikes = tuple(map(Decimal, match["strikes"].split("/")))
    types = tuple(OptionType(word[0].upper()) for word in match["types"].split("/"))
    ratios = tuple(int(part) for part in match["ratios"].split("/")) if match["ratios"] else ()
    written = Written(buys, closes, strikes, types, known, ratios)
    return _priced(_contract(order, match["shape"], written), copied, buys=buys)


def _plain(order: OrderReading, copied: Copied, *, buys: bool, closes: bool) -> OrderReading:
    """Fill shares or an outright future."""
    asset = Asset.FUTURE if order.symbol.startswith("/") else Asset.STOCK
    filled = replace(order, action=leg_action(buys=buys, closes=closes), asset=asset)
    if copied.match["price"] is None or is_index(order.symbol):
        return replace(filled, reason="an order string without its contract")
    return (
        replace(filled, reason="a spread without its strikes")
        if copied.match["shape"]
        else _priced(filled, copied, buys=buys)
    )


def _contract(order: OrderReading, shape: str | None, text: Written) -> OrderReading:
    action = leg_action(buys=text.buys, closes=text.closes)
    if shape is None:
        if (len(text.strikes), len(text.types), len(text.days), len(text.ratios)) != (1, 1, 1, 0):
            return replace(order, reason="several strikes without a shape")
        return replace(
            order,
            action=action,
            asset=Asset.OPTION,
            strike=text.strikes[0],
            option_type=text.types[0],
            expiry=text.days[0],
        )
    legs = THINKORSWIM[shape.upper()](text)
    if legs is None:
        return replace(order, reason=f"the strikes do not make a {shape.lower()}")
    return replace(order, action=action, asset=Asset.SPREAD, legs=legs, shape=shape.lower())


def _priced(order: OrderReading, copied: Copied, *, buys: bool) -> OrderReading:
    """Fill the price and its effect; a sign or `cr`/`db` turns it, and it must fit the strikes."""
    written, word = copied.match["price"], (copied.match["effect"] or "").lower()
    if order.reason:
        return order
    if written is None:
        return (
            order
            if _WHEN.search(copied.comment)
            else replace(order, reason="missing: price", missing=("price",))
        )
    price = Decimal(written)
    pays = (word == "db") if word else buys == (price >= 0)
    effect = Side.PAYS if pays else Side.RECEIVES
    filled = replace(order, price=abs(price), price_rule=PriceRule.LIMIT, effect=effect)
    certain = certain_effect(order.legs) if order.legs else None
    if price == 0 or (certain is not None and certain is not effect) or (not order.legs and price < 0):
        return replace(filled, reason="debit or credit: the price contradicts the legs")
    most = most_worth_of(order.legs, effect) if order.legs else None
    return (
        replace(filled, reason=f"a price of {price} for a spread worth at most {most}")
        if most is not None and abs(price) >= most
        else filled
    )


def _with_trigger(order: OrderReading, copied: Copied) -> OrderReading:
    match = _WHEN.search(copied.comment)
    if match is None:
        return order
    trigger = Trigger(match["side"].upper() == "ABOVE", Decimal(match["level"]))
    return replace(order, trigger=trigger, reason=str(trigger))


def _day(text: str) -> date | None:
    day, month, year = text.split()
    number = MONTHS.get(month.lower())
    try:
        return date(2000 + int(year), number, int(day)) if number else None
    except ValueError:
        return None
