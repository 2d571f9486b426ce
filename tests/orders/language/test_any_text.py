"""Whatever is typed gives a value; numerals are read as they stand or not at all."""

import re
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orders.language.commands import LONGEST_COMMAND
from orders.language.showing import show_command, show_mistake
from orders.language.ticket import Mistake
from orders.language.values import Command, Propose

from .reading import parse

WORDS = [
    "bto",
    "sto",
    "btc",
    "stc",
    "buy",
    "sell",
    "close",
    "cancel",
    "amend",
    "quote",
    "chain",
    "positions",
    "orders",
    "order",
    "balance",
    "help",
    "custom",
    "vertical",
    "iron",
    "condor",
    "straddle",
    "ratio",
    "covered",
    "SPY",
    "/ES",
    "SPX",
    "18dec",
    "12/18",
    "0dte",
    "fri",
    "next",
    "dec",
    "jan27",
    "18dec/15jan",
    "600c",
    "600",
    "610p",
    "600/610c",
    "1x2",
    "@",
    "1.25",
    "mid",
    "nat",
    "mkt",
    "max",
    "min",
    "db",
    "cr",
    "wait",
    "20s",
    "ticks",
    "retries",
    "day",
    "gtc",
    "acct",
    "dry",
    "again",
    "sl",
    "tp",
    "half",
    "all",
    "qty",
    "+",
    ",",
    ":",
    "1042",
    "2",
    "0",
    "1,25",
    "-1",
    "SPY261218C00600000",
    "front",
    "call",
    "p",
]
word_salad = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
PLAIN = re.compile(r"\$?(\d+(?:\.\d+)?|\.\d+)", re.ASCII)
numerals = st.text("0123456789.,'_ kKmM-+$%eE/\u0665\uff15\u00bd", min_size=1, max_size=10)


def answered(text):
    found = parse(text)
    return show_mistake(found) if isinstance(found, Mistake) else show_command(found)


@settings(max_examples=120)
@given(st.text(max_size=80) | word_salad)
@example("\x00")
@example("bto 1 SPY 18dec 600c @ \u0661")
@example("help " + "\u2028")
def test_any_text_gives_a_value_and_an_answer(text):
    found = parse(text)

    assert isinstance(found, (Mistake, *get_args(Command)))
    assert isinstance(answered(text), str)


@settings(max_examples=120)
@given(word_salad)
def test_a_mistake_points_into_its_text(text):
    found = parse(text)

    if isinstance(found, Mistake):
        assert 0 <= found.start <= found.end <= max(len(text), 1)
        assert found.message != "" and not isinstance(parse(found.example), Mistake)


@settings(max_examples=120)
@given(numerals)
@example("1,25")
@example("1.250,50")
@example("1'000")
@example("1 000")
@example("1e3")
@example("1.5k")
@example("\uff15")
def test_a_price_is_read_as_it_stands_or_not_at_all(numeral):
    found = parse(f"bto 1 SPY 18dec 600c @ {numeral}")

    if isinstance(found, Propose):
        plain = PLAIN.fullmatch(numeral.strip())
        assert plain and found.ticket.price.bound == Decimal(plain[1])


@settings(max_examples=120)
@given(numerals)
@example("6,000")
@example("6.000,5")
@example("\uff1600")
def test_a_strike_is_read_as_it_stands_or_not_at_all(numeral):
    found = parse(f"bto 1 SPY 18dec {numeral}c")

    if isinstance(found, Propose) and len(found.ticket.legs) == 1:
        plain = PLAIN.fullmatch(numeral.strip())
        assert plain and found.ticket.legs[0].contract.strike == Decimal(plain[1])


@settings(max_examples=120)
@given(numerals)
@example("1,000")
@example("2.0")
@example("02")
def test_a_quantity_is_read_as_it_stands_or_not_at_all(numeral):
    found = parse(f"bto {numeral} SPY 18dec 600c")

    if isinstance(found, Propose):
        assert numeral.strip().isascii() and found.ticket.quantity == int(numeral)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4000,
        "a " * 2000,
        "9" * 4000,
        "1,1" * 1333,
        "600/" * 1000,
        "jan " * 1000,
        "bto 1 SPY 18dec " + "600/" * 120,
        "wait 20s " * 444,
        "bto 1 " + " " * 3900 + "SPY",
        "@" * 4000,
        "next fri" * 500,
    ],
)
def test_four_thousand_characters_are_refused_without_reading_on(text):
    found = parse(text)

    assert isinstance(found, Mistake) and found.start <= LONGEST_COMMAND
