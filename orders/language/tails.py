"""What follows the instrument: price, bound and the wishes about how the order is worked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from orders.enums import PriceRule, Side, TimeInForce

from . import numerals
from .grammar import Node, span, span_of, tokens
from .slip import Slip
from .ticket import AskedPrice
from .values import Terms

LONGEST_WAIT_SECONDS = 3600
MOST_TICKS = 50
MOST_RETRIES = 50

# what each part is called in a sentence
NAMES: Final = {
    "price": "the price",
    "bound": "max or min",
    "effect": "db or cr",
    "wait": "wait",
    "ticks": "ticks",
    "retries": "retries",
    "force": "day or gtc",
    "account": "acct",
    "dry": "dry",
    "again": "again",
    "stop": "sl",
    "target": "tp",
    "shape": "the shape",
    "ratio": "the ratio",
    "amount": "qty",
    "fraction": "half, third, quarter or all",
}
BELONGS: Final = {
    "effect": "an order",
    "shape": "an order",
    "ratio": "an order",
    "account": "an order or close",
    "dry": "an order or close",
    "again": "an order or close",
    "amount": "close and amend",
    "fraction": "close",
}
WORKING: Final = frozenset({"wait", "ticks", "retries", "force", "stop", "target"})
PRICING: Final = frozenset({"price", "bound"})
FOR_ORDER: Final = WORKING | PRICING | {"effect", "account", "dry", "again", "shape", "ratio"}
FOR_CLOSE: Final = WORKING | PRICING | {"account", "dry", "again", "amount", "fraction"}
FOR_AMEND: Final = WORKING | PRICING | {"amount"}

Tails = dict[str, Node]
FRACTIONS: Final = {
    "half": Fraction(1, 2),
    "third": Fraction(1, 3),
    "quarter": Fraction(1, 4),
    "all": Fraction(1),
}
RULES: Final = {"mid": PriceRule.MID, "nat": PriceRule.NATURAL, "natural": PriceRule.NATURAL}
BOUND_OF: Final = {Side.PAYS: "max", Side.RECEIVES: "min"}


@dataclass(frozen=True, slots=True)
class Paying:
    """Whether the order pays, and the words that say so (`bto pays`). An unknown side takes either bound."""

    side: Side | None
    because: str = ""


def sort_tails(found: Iterable[Node], *, allowed: frozenset[str], command: str) -> Tails:
    """Return the parts by name. Raises Slip at one that stands twice or does not belong to the command."""
    tails: Tails = {}
    for node in found:
        name = str(node.data)
        start, end = span_of(node)
        if name not in allowed:
            word = tokens(node)[0]
            raise Slip(start, end, f"`{word}` belongs to {BELONGS[name]}, not to {command}.", spare=True)
        if name in tails:
            message = f"{NAMES[name].capitalize()} stands here twice."
            raise Slip(start, end, message, expected=f"{NAMES[name]} once", spare=True)
        tails[name] = node
    return tails


def asked_price(tails: Tails, paying: Paying) -> AskedPrice:
    """Return what is asked behind the @, max goes with paying and min with receiving. Raises Slip.

    With an unknown side the word `max` or `min` itself says it, as the price's `effect`.
    """
    bound = _bound(tails, paying)
    if "price" not in tails:
        return AskedPrice(PriceRule.LIMIT, bound=bound) if bound is not None else AskedPrice()
    token = tokens(tails["price"])[0]
    if token.type == "PRICE":
        return _limit(tails, numerals.price(token), bound, paying)
    rule = RULES.get(token.lower(), PriceRule.MARKET)
    if bound is None:
        return AskedPrice(rule)
    if rule == PriceRule.MID:  # from the mid, never past the bound: that is what a price alone means
        return AskedPrice(PriceRule.LIMIT, bound=bound)
    start, end = span_of(tails["bound"])
    raise Slip(start, end, f"@ {token} has no other bound: write the bound alone.",
               expected=f"@ {bound:f}")  # fmt: skip


def unsided_price(tails: Tails) -> AskedPrice:
    """Return the price of an order whose side is known only later; `effect` is what max or min implied."""
    return replace(asked_price(tails, Paying(None)), effect=implied_side(tails))


def amended_price(tails: Tails) -> AskedPrice | None:
    """Return the price to change to, None if none is; max or min alone changes the bound alone."""
    if "price" in tails or "bound" not in tails:
        return unsided_price(tails) if "price" in tails else None
    return replace(unsided_price(tails), rule=PriceRule.NONE)


def implied_side(tails: Tails) -> Side | None:
    """Return the side that max or min implies."""
    if "bound" not in tails:
        return None
    return Side.PAYS if tokens(tails["bound"])[0].lower() == "max" else Side.RECEIVES


def terms(tails: Tails) -> Terms:
    return Terms(
        time_in_force=_force(tails),
        wait_seconds=_wait(tails),
        ticks=_count(tails, "ticks", "The number of ticks", 1, MOST_TICKS),
        retries=_count(tails, "retries", "The number of retries", 0, MOST_RETRIES),
        account=tokens(tails["account"])[1].upper() if "account" in tails else "",
        dry_run="dry" in tails,
        again="again" in tails,
        stop=_exit_price(tails, "stop"),
        target=_exit_price(tails, "target"),
    )


def check_exits(tails: Tails, position: Side, entry: AskedPrice) -> None:
    """Raise Slip where stop, entry and target are not in the order the position needs.

    A long (`PAYS`: one paid to enter it) has its stop below and its target above; a short the reverse.
    """
    stop, target = _exit_price(tails, "stop"), _exit_price(tails, "target")
    short = position == Side.RECEIVES
    best = entry.bound if entry.start is None else entry.start
    if stop is not None and best is not None and (best - stop) * position <= 0:
        raise _misplaced(tails, "stop", stop, "the price", best, above=short)
    if target is not None and entry.bound is not None and (target - entry.bound) * position <= 0:
        raise _misplaced(tails, "target", target, "the price", entry.bound, above=not short)
    if stop is not None and target is not None and (target - stop) * position <= 0:
        raise _misplaced(tails, "stop", stop, "the target", target, above=short)


def quantity(tails: Tails) -> int | None:
    """Return what stands behind qty."""
    return numerals.count(tokens(tails["amount"])[1], "The quantity") if "amount" in tails else None


def fraction(word: str, start: int) -> Fraction:
    """Return the share of a position: half, third, quarter, all or a percentage."""
    if word.lower() in FRACTIONS:
        return FRACTIONS[word.lower()]
    percent = int(word[:-1])
    if not 1 <= percent <= 100:
        raise Slip(start, start + len(word), "A part of a position lies between 1% and 100%.",
                   expected="a part such as half or 25%")  # fmt: skip
    return Fraction(percent, 100)


def _bound(tails: Tails, paying: Paying) -> Decimal | None:
    if "bound" not in tails:
        return None
    word, number = tokens(tails["bound"])
    right = BOUND_OF.get(paying.side) if paying.side is not None else None
    if right is not None and word.lower() != right:
        raise Slip(*span(word), f"{paying.because}: its bound is {right}, not {word.lower()}.",
                   expected=f"{right} and a price", suggestion=right)  # fmt: skip
    return numerals.price(number)


def _limit(tails: Tails, start: Decimal, bound: Decimal | None, paying: Paying) -> AskedPrice:
    if bound is None:
        return AskedPrice(PriceRule.LIMIT, bound=start)
    side = paying.side or implied_side(tails) or Side.PAYS
    if (bound - start) * side < 0:
        word, number = tokens(tails["bound"])
        where, right = ("below", "above") if side == Side.PAYS else ("above", "below")
        message = f"{word} {number} lies {where} the price {start:f}, where the walk begins."
        raise Slip(*span(number), message, expected=f"a price {right} {start:f}")
    return AskedPrice(PriceRule.LIMIT, start=start, bound=bound)


def _misplaced(tails: Tails, name: str, level: Decimal, other: str, limit: Decimal, *, above: bool) -> Slip:
    number = tokens(tails[name])[1]
    where = "at" if level == limit else "below" if level < limit else "above"
    expected = f"a {name} {'above' if above else 'below'} {limit:f}"
    return Slip(*span(number), f"The {name} {number} lies {where} {other} {limit:f}.", expected=expected)


def _force(tails: Tails) -> TimeInForce | None:
    if "force" not in tails:
        return None
    return TimeInForce.GTC if tokens(tails["force"])[0].lower() == "gtc" else TimeInForce.DAY


def _wait(tails: Tails) -> int | None:
    if "wait" not in tails:
        return None
    token = tokens(tails["wait"])[1]
    digits = token.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ").strip()
    minutes = token[len(digits) :].strip().lower().startswith("m")
    seconds = int(digits) * (60 if minutes else 1) if len(digits) <= 6 else 0
    if not 1 <= seconds <= LONGEST_WAIT_SECONDS:
        raise Slip(*span(token), f"A wait lies between 1 s and {LONGEST_WAIT_SECONDS // 60} min.",
                   expected="a time such as 20s or 2m")  # fmt: skip
    return seconds


def _count(tails: Tails, name: str, what: str, low: int, high: int) -> int | None:
    return numerals.count(tokens(tails[name])[1], what, low=low, high=high) if name in tails else None


def _exit_price(tails: Tails, name: str) -> Decimal | None:
    return numerals.price(tokens(tails[name])[1]) if name in tails else None
