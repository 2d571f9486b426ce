"""What a package can lose at worst: a table, and against every price of the underlying."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.controls import worst_case
from orders.controls.worst_case import Piece
from orders.enums import OptionType

DECEMBER, JANUARY = date(2026, 12, 18), date(2027, 1, 15)
CALL, PUT = OptionType.CALL, OptionType.PUT


def option(units, strike, kind=CALL, expires_on=DECEMBER):
    return Piece(D(units), D(strike), kind, expires_on)


def shares(units):
    return Piece(D(units))


@pytest.mark.parametrize(
    ("pieces", "paid", "loss"),
    [
        pytest.param([option(200, 600)], "262", "262", id="a long call: what it cost"),
        pytest.param([option(100, 600), option(-100, 610)], "320", "320", id="a debit vertical: its debit"),
        pytest.param([option(-100, 600), option(100, 610)], "-320", "680", id="a credit vertical: width less credit"),
        pytest.param([option(-100, 600), option(100, 610)], "-1000", "0", id="a credit as wide as the spread"),
        pytest.param(
            [option(-100, 5950, PUT), option(100, 5900, PUT), option(-100, 6100), option(100, 6150)],
            "-210", "4790", id="an iron condor: one side at a time",
        ),
        pytest.param([option(-100, 600, PUT)], "-500", "59500", id="a naked put: its strike less the credit"),
        pytest.param([option(-100, 600)], "-500", "59500", id="a naked call: its strike less the credit"),
        pytest.param([option(100, 600), option(-200, 610)], "-40", "59960", id="one of two calls is naked"),
        pytest.param([shares(100), option(-100, 610)], "59000", "59000", id="a covered call: the shares"),
        pytest.param([shares(100)], "60000", "60000", id="shares: what they cost"),
        pytest.param([shares(-100)], "-60000", "60000", id="short shares: what they brought"),
        pytest.param(
            [option(-100, 600), option(100, 600, CALL, JANUARY)], "410", "410", id="a calendar: its debit"
        ),
        pytest.param(
            [option(100, 600), option(-100, 600, CALL, JANUARY)], "-410", "59590",
            id="a short that outlives its cover is naked",
        ),
        pytest.param([], "0", "0", id="nothing"),
    ],
)  # fmt: skip
def test_the_worst_case(pieces, paid, loss):
    assert worst_case.loss(pieces, D(paid)) == D(loss)


@pytest.mark.parametrize(
    ("pieces", "width"),
    [
        pytest.param([option(1, 600), option(-1, 610)], "10", id="a vertical"),
        pytest.param([option(1, 590, PUT), option(-1, 600, PUT)], "10", id="of puts"),
        pytest.param([option(1, 590), option(-2, 600), option(1, 615)], "15", id="a broken wing: the worse side"),
        pytest.param(
            [option(-1, 590, PUT), option(1, 580, PUT), option(-1, 610), option(1, 630)], "20",
            id="an iron condor: its wider wing",
        ),
        pytest.param([option(1, 600), option(-1, 600, CALL, JANUARY)], None, id="two expiries have none"),
        pytest.param([option(1, 600), option(1, 600, PUT)], None, id="nor has a straddle"),
    ],
)  # fmt: skip
def test_the_width_of_a_spread(pieces, width):
    assert worst_case.width(pieces) == (D(width) if width else None)


strikes = st.integers(1, 40).map(D)
options = st.builds(Piece, st.integers(-5, 5).map(D), strikes, st.sampled_from(OptionType), st.just(DECEMBER))


@given(st.lists(options, min_size=1, max_size=6), st.integers(-200, 200).map(D))
def test_no_price_up_to_the_far_end_loses_more_than_the_worst_case(pieces, paid):
    found = worst_case.loss(pieces, paid)

    far = int(2 * max(piece.strike for piece in pieces))
    brute = max(paid - worst_case.value_at(pieces, D(price)) for price in range(far + 1))
    assert found == max(brute, D(0))
