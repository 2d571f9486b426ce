"""An order's parts in any order and spelling: what was written comes out, or the message is referred."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.orders.language.alerts.saying import read

DEC18 = date(2026, 12, 18)
VERBS = {"BTO": "BTO", "STO": "STO", "STC": "STC", "BTC": "BTC", "Bought": "BTO", "long": "BTO", "": "BTO"}
QUANTITIES = {"": None, "5": 5, "x5": 5, "5x": 5, "10 cons": 10, "2 lots": 2, "qty 3": 3, "(5)": 5, "20": 20}
SYMBOLS = {"SPY": "SPY", "$AAPL": "AAPL", "TSLA": "TSLA", "F": "F", "SPX": "SPX"}
STRIKES = {
    spelling.format(strike): (Decimal(strike), kind)
    for strike in ("600", "12", "45", "5", "20", "7.5", "1250", "18", "26")
    for spelling, kind in {
        "{}C": "C",
        "{}p": "P",
        "${}P": "P",
        "{} calls": "C",
        "{} put": "P",
        "C{}": "C",
    }.items()
}
EXPIRIES = {
    "12/18": DEC18, "18dec": DEC18, "Dec 18": DEC18, "12/18/26": DEC18, "2026-12-18": DEC18, "12-18": DEC18,
    "Dec 18 2026": DEC18, "18 DEC 26": DEC18, "exp 12/18": DEC18, "0dte": date(2026, 11, 23),
}  # fmt: skip
PRICES = {
    spelling.format(price): Decimal(price)
    for price in ("1.25", "0.85", "12.50", "3.4")
    for spelling in ("@ {}", "@{}", "{}", "${}", "at {}", "for {}", "entry {}", "@ ${}")
}
TABLES = (VERBS, QUANTITIES, SYMBOLS, STRIKES, EXPIRIES, PRICES)


@given(st.tuples(*map(st.sampled_from, map(list, TABLES))), st.randoms(), st.sampled_from([" ", ", ", " | "]))
@settings(max_examples=400)
def test_parts_in_any_order_say_what_was_written_or_are_referred(words, chance, between):
    parts = [word for word in words if word]
    chance.shuffle(parts)

    reading = read(between.join(parts))

    if reading.intent.is_order:
        assert [said(order) for order in reading.orders] == [written(words)]


def written(words):
    verb, quantity, symbol, strike, expiry, price = words
    return (
        VERBS[verb], QUANTITIES[quantity], SYMBOLS[symbol], *STRIKES[strike], EXPIRIES[expiry], PRICES[price],
    )  # fmt: skip


def said(order):
    return (
        order.action.short, order.quantity, order.symbol, order.strike, order.option_type, order.expiry, order.price,
    )  # fmt: skip
