from datetime import date
from decimal import Decimal

import pytest

from orders.language.nearest import nearest_expiries, nearest_strikes, no_such_expiry, no_such_strike

STRIKES = [Decimal(value) for value in ("590", "595", "600", "602.5", "605", "610")]
EXPIRIES = [date(2026, 12, day) for day in (4, 11, 18, 24, 31)]


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        pytest.param("601", ["600", "602.5", "605"], id="between"),
        pytest.param("10", ["590", "595", "600"], id="below all"),
        pytest.param("9999", ["602.5", "605", "610"], id="above all"),
        pytest.param("597.5", ["595", "600", "602.5"], id="in the middle of two"),
    ],
)
def test_the_three_nearest_strikes_rise(wanted, near):
    assert nearest_strikes(Decimal(wanted), STRIKES) == tuple(Decimal(value) for value in near)


def test_the_three_nearest_expiries_rise():
    assert nearest_expiries(date(2026, 12, 14), EXPIRIES) == tuple(EXPIRIES[:3])


def test_of_two_as_near_the_lower_comes_first():
    assert nearest_strikes(Decimal("592.5"), STRIKES, count=1) == (Decimal(590),)


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        (STRIKES, "There is no strike 601; the nearest are 600, 602.5 and 605."),
        (STRIKES[:2], "There is no strike 601; the nearest are 590 and 595."),
        (STRIKES[:1], "There is no strike 601; the only one listed is 590."),
        ([], "There is no strike 601; none are listed."),
    ],
)
def test_a_strike_that_is_not_listed_is_answered_with_the_nearest(listed, sentence):
    assert no_such_strike(Decimal(601), listed) == sentence


def test_an_expiry_that_is_not_listed_is_answered_with_the_nearest():
    assert no_such_expiry(date(2026, 12, 16), EXPIRIES) == (
        "Nothing expires on Wed 16 Dec 2026; "
        "the nearest are Fri 11 Dec 2026, Fri 18 Dec 2026 and Thu 24 Dec 2026."
    )
