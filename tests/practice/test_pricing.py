"""What an option is worth."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.brokers.practice.pricing import RATE, price_option


def test_the_textbook_option_has_its_textbook_price():
    # Hull, Options, Futures, and Other Derivatives: S=42, K=40, r=10 %, sigma=20 %, T=0.5.
    call = price_option(call=True, spot=42, strike=40, years=0.5, volatility=0.2, rate=0.1)
    put = price_option(call=False, spot=42, strike=40, years=0.5, volatility=0.2, rate=0.1)
    assert (round(call.price, 2), round(put.price, 2)) == (4.76, 0.81)


@pytest.mark.parametrize("on_future", [False, True])
def test_a_call_less_its_put_is_a_forward(on_future):
    terms = {"spot": 42, "strike": 40, "years": 0.5, "volatility": 0.2, "on_future": on_future}
    call, put = price_option(call=True, **terms), price_option(call=False, **terms)
    grown = 42 * (math.exp(-RATE * 0.5) if on_future else 1)
    assert round(call.price - put.price, 9) == round(grown - 40 * math.exp(-RATE * 0.5), 9)


@given(st.floats(300, 900), st.floats(0.01, 2), st.floats(0.05, 1.5), st.booleans(), st.booleans())
def test_an_option_is_worth_something_and_never_more_than_its_underlying(
    strike, years, volatility, call, future
):
    value = price_option(
        call=call, spot=600, strike=strike, years=years, volatility=volatility, on_future=future
    )
    assert 0 <= value.price <= max(600, strike)
    assert value.vega >= 0
    assert value.gamma >= 0


def test_the_greeks_are_the_slopes_of_the_price():
    def at(spot_price=600.0, volatility=0.16):
        return price_option(call=True, spot=spot_price, strike=605, years=0.1, volatility=volatility)

    slope = (at(600.01).price - at(599.99).price) / 0.02
    assert round(slope, 4) == round(at().delta, 4)
    assert round((at(volatility=0.1601).price - at(volatility=0.1599).price) / 0.0002, 2) == round(
        at().vega, 2
    )
