"""What `help` says, and the examples that mistakes show. Every example parses; a test reads them all."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from lark import Token

from .calendar import Calendar, monthly_expiry
from .expiry_words import MONTHS
from .grammar import span
from .slip import Slip

NEAR, FAR = "18dec", "15jan"  # as the examples are written; `fill` puts expiries to come in their place


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of help. `title` has to fit beside its name on a phone; `examples` are whole commands.

    `words` lead here too.
    """

    title: str
    summary: str
    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


OPENING = Topic(
    "ask for one leg",
    "Order one leg: action, how many, what, then the price.\n"
    "bto buys to open, sto sells to open, stc and btc close; futures take buy and sell.",
    (
        "bto 2 SPY 18dec 600c @ 1.25 max 1.40",
        "sto 1 /ES 18dec 6300c @ 12.50",
        "stc 2 SPY 18dec 600c @ 2.10 min 1.90",
        "buy 1 /ES @ 6100.25",
        "bto 100 SPY @ 600",
    ),
    ("bto", "sto", "stc", "btc", "buy", "sell"),
)
TOPICS: Final = {
    "order": OPENING,
    "price": Topic(
        "what a typed price means",
        "@ 1.25 is the worst price; with a bound the walk starts there: @ 1.25 max 1.40 when paying, "
        "@ 1.25 min 1.10 when receiving.\n@ mid starts at mid, @ nat trades at once, @ mkt is a market order "
        "where the channel allows it. Decimals have a point, thousands nothing.",
        (
            "bto 2 SPY 18dec 600c @ mid",
            "bto 2 SPY 18dec 600c max 1.40",
            "sto 2 SPY 18dec 610c @ 1.25 min 1.10",
        ),
        ("max", "min", "mid", "nat", "mkt", "@"),
    ),
    "expiry": Topic(
        "how a date is written",
        "18dec, dec18, 12/18, 12/18/26, 0dte, 1dte, fri, next fri, eow; dec and jan27 are monthlies, "
        "27jan is the day. What can be read in two ways is asked back.",
        ("bto 1 SPY eow 600c @ 1.25", "bto 1 SPY 600c 18dec @ 1.25"),
        ("expiries", "dte", "eow", "date"),
    ),
    "options": Topic(
        "wait, ticks, stop, target",
        "Behind the price, in any order: wait 20s, ticks 3, retries 2, day or gtc, acct and a number, dry, "
        "sl and tp for stop and target, again where the same is meant twice within a minute.",
        (
            "bto 2 SPY 18dec 600c @ 1.25 wait 20s ticks 3 retries 2 gtc",
            "bto 2 SPY 18dec 600c @ 1.25 sl 0.80 tp 2.50 dry",
        ),
        ("wait", "ticks", "retries", "day", "gtc", "acct", "dry", "again", "sl", "tp", "stop", "target"),
    ),
    "spreads": Topic(
        "several legs, one price",
        "One order, one net price, db or cr behind it. The shape follows from the strikes or is named behind "
        "them. Bought means the side that pays: for calendars and diagonals the later expiry. The broker "
        "takes shares in an order of their own: buy them first, then sell the call.",
        (
            "bto 2 SPY 18dec 600/610c @ 3.20 db",
            "sto 1 SPX 18dec 5900/5950/6100/6150 ic @ 2.10 cr",
            "bto 1 SPY 18dec/15jan 600c calendar @ 4.10 db",
            "bto 1 SPY 18dec/15jan 610/600c diagonal @ 9.50 db",
            "bto 1 SPY 18dec 600 straddle @ 21.50",
            "bto 1 SPY 18dec 590/610 strangle @ 14",
            "bto 1 SPY 18dec 590/600/610c butterfly @ 1.80",
            "bto 1 SPY 18dec 600/610c 1x2 ratio @ 0.40 cr",
        ),
        (
            "vertical",
            "calendar",
            "diagonal",
            "straddle",
            "strangle",
            "butterfly",
            "condor",
            "iron condor",
            "iron butterfly",
            "ic",
            "ib",
            "fly",
            "ratio",
            "covered",
            "db",
            "cr",
        ),
    ),
    "custom": Topic(
        "legs written one by one",
        "Two to four legs written one by one with + between them; db or cr says whether the whole pays.",
        ("custom 1 btc 1 SPY 18dec 600c + sto 1 SPY 15jan 610c @ 0.80 cr",),
        ("legs", "roll"),
    ),
    "close": Topic(
        "leave a position",
        "Leave a position by its order's number or its contract: all of it, half, third, quarter, 25% "
        "or qty 3; at a price, or with stop and target at the broker.",
        (
            "close 1042",
            "close SPY 18dec 600c half @ 2.10",
            "close 1042 sl 0.80 tp 2.50",
            "close 1042 qty 3 @ mid",
        ),
        ("half", "third", "quarter", "qty", "exit"),
    ),
    "cancel": Topic(
        "one order, or all", "Cancel one order, or all of your own.", ("cancel 1042", "cancel all")
    ),
    "amend": Topic(
        "change an order",
        "Change an order; its approval is void and it is asked for again.",
        ("amend 1042 max 1.45", "amend 1042 qty 3 @ 1.30"),
        ("change",),
    ),
    "quote": Topic("bid, mid and ask", "Show a quote.", ("quote SPY 18dec 600c", "quote /ES")),
    "chain": Topic("an expiry's strikes", "Show an expiry's strikes.", ("chain SPY 18dec 590-610",)),
    "lists": Topic(
        "orders, positions, balance",
        "Show what there is; acct and a number narrow it.",
        ("positions", "orders", "order 1042", "balance"),
        ("positions", "orders", "balance"),
    ),
}
WORDS: Final = {word: name for name, topic in TOPICS.items() for word in (name, *topic.words)}
# The example of each word a command can begin with.
EXAMPLE_OF: Final = {
    "bto": OPENING.examples[0],
    "sto": "sto 2 SPY 18dec 610c @ 1.25 min 1.10",
    "stc": OPENING.examples[2],
    "btc": "btc 2 SPY 18dec 610c @ 0.40 max 0.50",
    "buy": OPENING.examples[3],
    "sell": "sell 1 /ES @ 6100.25",
    **{name: TOPICS[name].examples[0] for name in ("custom", "close", "cancel", "amend", "quote", "chain")},
    "order": "order 1042",
    "orders": "orders",
    "positions": "positions",
    "balance": "balance",
    "help": "help bto",
}
EXAMPLE_OF_EXIT: Final = {
    "bto": TOPICS["options"].examples[1],
    "sto": "sto 2 SPY 18dec 610c @ 1.25 sl 2.50 tp 0.40",
    "stc": "stc 2 SPY 18dec 600c sl 0.80 tp 2.50",
    "btc": "btc 2 SPY 18dec 610c sl 2.50 tp 0.40",
    "close": TOPICS["close"].examples[2],
}
_SPREADS = TOPICS["spreads"].examples
EXAMPLE_OF_SHAPE: Final = {
    "vertical": _SPREADS[0],
    "ic": _SPREADS[1],
    "iron": _SPREADS[1],
    "ironcondor": _SPREADS[1],
    "calendar": _SPREADS[2],
    "diagonal": _SPREADS[3],
    "straddle": _SPREADS[4],
    "strangle": _SPREADS[5],
    "butterfly": _SPREADS[6],
    "fly": _SPREADS[6],
    "ratio": _SPREADS[7],
    "ib": "sto 1 SPY 18dec 590/600/610 ib @ 7.50 cr",
    "condor": "bto 1 SPY 18dec 580/590/600/610c condor @ 4.20 db",
}


def help_text(topic: str = "") -> str:
    """Return the page on a topic, the overview for an empty or unknown one; at most 1 900 characters."""
    name = WORDS.get(" ".join(topic.lower().split()))
    if name is None:
        return _overview()
    page = TOPICS[name]
    return "\n".join([f"{name}: {page.summary}", *(f"  {example}" for example in page.examples)])


def topic_of(token: Token) -> str:
    """Return the topic's own name. Raises Slip at a word that is none."""
    word = " ".join(token.lower().split())
    if word in WORDS:
        return WORDS[word]
    near = get_close_matches(word[:40], WORDS, n=1)
    raise Slip(*span(token), "There is no help on this.", expected=", ".join(TOPICS),
               suggestion=next(iter(near), ""), example="help bto")  # fmt: skip


def fill(example: str, today: date, calendar: Calendar) -> str:
    """Return the example with monthlies to come in place of the written ones."""
    days = {NEAR: _monthly_ahead(today, 7, calendar), FAR: _monthly_ahead(today, 42, calendar)}
    return re.sub(f"{NEAR}|{FAR}", lambda match: days[match[0]], example)


def _monthly_ahead(today: date, days: int, calendar: Calendar) -> str:
    day = today + timedelta(days=days)
    found = monthly_expiry(day.year, day.month, calendar)
    if found < day:
        found = monthly_expiry(day.year + day.month // 12, day.month % 12 + 1, calendar)
    return f"{found.day}{MONTHS[found.month - 1]}"


def _overview() -> str:
    return "\n".join(f"{name:<8} {topic.title}" for name, topic in TOPICS.items())
