"""What holds for every text: a value, never an exception; numerals keep their magnitude; time is bounded."""

import json
import re
import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orders.language.alerts import Intent, read_alert
from orders.language.calendar import NYSE
from tests.orders.language.alerts.saying import FILES_OF_ORDERS, POSTED, parts, read, rows, said
from tests.orders.language.alerts.texts import LONG

VOCABULARY = """BTO STC STO BTC bought sold trim out all half SPY $NVDA tsla 600c 140p 600/610c 12/18 11/20c 0dte friday
    @ 1.25 .7 1,25 1.250 1,250 $2 5 x3 (79%) -31% SL PT stop target over under 599 spread vertical ic credit db
    if when not don't would watch ? ! . , ; & + - / ( ) 🎯 • filled up from 1.00 to next week Dec 18 may jan27
    BOT +1 SOLD -2 VERTICAL CALL PUT 100 (Weeklys) 26 @mkt @c1.3 1/2 1/3rd cents ~~ ** > " : BE"""
WORDS = st.sampled_from(VOCABULARY.split())
SENTENCES = st.lists(WORDS, max_size=25).map(" ".join)


@given(st.text(max_size=300) | SENTENCES, st.text(max_size=30))
@settings(max_examples=400)
@example("\n" * 4000, "")
@example("1/0", "")
@example("BTO SPY 0c 0/0 @ 0", "")
@example("99999999999999/99999999999999c", "")
@example("٣٣٣c ²²²c 𝟔𝟎𝟎C", "")
def test_any_text_gives_a_reading_that_is_json(text, title):
    reading = read(text, title=title)
    assert json.loads(json.dumps(reading.as_json()))["intent"] == reading.intent.value


KEYS = ["intent", "action", "qty", "symbol", "asset", "strike", "type", "expiry", "price", "targets", "stop", "legs",
        "fraction", "reason"]  # fmt: skip


@given(SENTENCES)
@settings(max_examples=200)
def test_the_line_of_jsonl_has_exactly_its_keys(text):
    line = read(text).as_json()
    assert [key for key in line if key != "orders"] == KEYS
    assert all([*order] == KEYS for order in line.get("orders", []))


@given(SENTENCES)
@settings(max_examples=400)
def test_every_number_of_an_order_stands_in_its_text(text):
    reading = read(text)
    if not reading.intent.is_order:
        return
    written = numbers(text)
    for order in reading.orders:
        for value in (order.quantity, order.strike, None if order.legs else order.price):
            assert value is None or Decimal(value) in written


def numbers(text):
    """Return every number the text can mean: with a point, a comma, as thousands, words, cents, in a symbol."""
    found = {Decimal(two) for two in range(2, 11)} if re.search(r"[a-z]", text) else set()
    for raw in re.findall(r"\.?\d[\d.,]*", text):
        plain = raw.rstrip(".,")
        european = plain.replace(".", "").replace(",", ".")
        for spelling in (plain, plain.replace(",", "."), plain.replace(",", ""), european):
            if re.fullmatch(r"\d*\.?\d+", spelling):
                found.add(Decimal(spelling))
        if len(plain) == 8 and plain.isdigit():  # thousandths in an option's symbol
            found.add(Decimal(plain) / 1000)
    return found | ({number / 100 for number in found} if "cents" in text else set())


@pytest.mark.parametrize(
    "price", ["1.25", ".7", "0.05", "12.5", "1,25", "0,95", "22.", "$3", "1250.50", "1,250.50", "1.250,50"]
)
def test_a_price_keeps_its_magnitude(price):
    value = {
        "1,25": "1.25",
        "0,95": "0.95",
        "22.": "22",
        "$3": "3",
        "1,250.50": "1250.50",
        "1.250,50": "1250.50",
    }
    reading = read(f"BTO 1 SPX 9000c 12/18 @ {price}")
    assert [order.price for order in reading.orders] == [Decimal(value.get(price, price))]
    assert reading.intent is Intent.OPEN


@pytest.mark.parametrize(
    "price",
    [
        "1,250",
        "1.250",
        "1.2.5",
        "1..25",
        ".1.01",
        "1,2,3",
        "1.5k",
        "2M",
        "1.25 million",
        "½",
        "1²",
        "-1.25",
        "1.255",
    ],
)
def test_a_price_with_two_magnitudes_or_none_is_referred(price):
    assert read(f"BTO 1 SPX 9000c 12/18 @ {price}").intent is Intent.REVIEW


@given(st.data())
@settings(max_examples=300)
def test_a_right_order_with_a_word_lost_is_the_same_a_consistent_other_or_referred(data):
    """Take a word out of an order: no field may take a value the rest does not hold."""
    message = data.draw(st.sampled_from(FILES_OF_ORDERS))
    words = message.split(" ")
    lost = data.draw(st.integers(0, len(words) - 1))
    text = " ".join(words[:lost] + words[lost + 1 :])
    reading = read(text)
    if reading.intent.is_order:
        for order in reading.orders:
            assert order.strike is None or order.strike in numbers(text)
            assert order.quantity is None or Decimal(order.quantity) in numbers(text)
            assert order.legs or order.price is None or order.price in numbers(text)


@given(st.data())
@settings(max_examples=200)
def test_an_order_with_a_word_doubled_is_the_same_or_referred(data):
    message = data.draw(st.sampled_from(FILES_OF_ORDERS))
    words = message.split(" ")
    twice = data.draw(st.integers(0, len(words) - 1))
    before, after = read(message), read(" ".join([*words[: twice + 1], *words[twice:]]))
    if after.intent.is_order and not words[twice].isdigit():
        assert after == before


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_4000_characters_are_read_in_bounded_time(text):
    """Ten times the 5 ms of the promise: a busy machine passes, a runaway expression does not."""
    best = min(timed(text[:4000]) for _ in range(5))
    assert best < 0.05


def timed(text):
    begin = time.process_time()
    read_alert(text, now=POSTED, calendar=NYSE)
    return time.process_time() - begin


def test_half_of_a_long_message_is_never_read():
    order = "BTO SPY 600c 12/18 @ 1.25"
    assert said(read(order)).startswith("open:")
    assert said(read(f"{order}\n" + "and so on " * 200)) == "review: the message is too long to be an order"
    assert said(read("and so on " * 200)) == "noise: a long text"
    assert said(read("x" * 5000)) == "noise: a long text"


def test_titles_and_texts_are_read_together():
    title, text = parts("[[SPY 600C 12/18]]BTO @ 1.25")
    assert said(read(text, title=title)) == "open: BTO SPY 2026-12-18 600C at 1.25"
    assert len(rows("openings.txt")) > 50
