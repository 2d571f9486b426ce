"""When an order trades, and at what."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.brokers.practice import matching
from orders.brokers.practice.market import Quote
from orders.brokers.practice.matching import Side
from tests.practice.bench import MONDAY_NOON


def side(sign: int, bid: str, ask: str, ratio: int = 1) -> Side:
    return Side(sign, ratio, Quote(Decimal(bid), Decimal(ask), 10, 10, Decimal(bid), MONDAY_NOON))


@pytest.mark.parametrize(
    ("sides", "natural", "mid"),
    [
        pytest.param([side(1, "1.00", "1.10")], "1.10", "1.05", id="buy"),
        pytest.param([side(-1, "1.00", "1.10")], "-1.00", "-1.05", id="sell"),
        pytest.param([side(1, "2.00", "2.10"), side(-1, "1.00", "1.10")], "1.10", "1.00", id="debit-spread"),
        pytest.param([side(1, "1.00", "1.10", 2), side(-1, "3.00", "3.20")], "-0.80", "-1.00", id="ratio"),
    ],
)
def test_natural_and_mid_are_what_a_unit_costs(sides, natural, mid):
    assert (matching.natural_cost(sides), matching.mid_cost(sides)) == (Decimal(natural), Decimal(mid))


def test_the_chance_to_trade_grows_from_the_mid_to_the_natural():
    sides = [side(1, "1.00", "1.20")]
    rates = [matching.rate(Decimal(p), sides) for p in ("1.00", "1.05", "1.10", "1.15", "1.19")]
    assert rates == sorted(rates)
    assert rates[0] == 0
    assert rates[2] == matching.AT_MID
    assert 0.7 < rates[-1] < matching.NEAR_NATURAL


@given(
    st.lists(
        st.tuples(st.sampled_from([1, -1]), st.integers(1, 3), st.integers(0, 3000), st.integers(1, 80)),
        min_size=1,
        max_size=4,
    ),
    st.floats(0, 1),
)
def test_leg_prices_are_never_negative_and_sum_to_the_cost(legs, part):
    sides = [side(s, str(Decimal(bid) / 100), str(Decimal(bid + wide) / 100), r) for s, r, bid, wide in legs]
    mid, natural = matching.mid_cost(sides), matching.natural_cost(sides)
    cost = (mid + (natural - mid) * Decimal(str(part))).quantize(Decimal("0.01"))
    prices = matching.leg_prices(cost, sides)
    total = sum(s.sign * s.ratio * p for s, p in zip(sides, prices, strict=True))
    assert abs(total - cost) < Decimal("1e-20")
    assert min(prices) >= 0


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 3), st.integers(-5000, 5000))
def test_legs_that_offset_each_other_can_trade_at_any_cost(bought, sold, ratio, cents):
    sides = [
        side(1, str(Decimal(bought) / 100), str(Decimal(bought + 5) / 100)),
        side(-1, str(Decimal(sold) / 100), str(Decimal(sold + 5) / 100), ratio),
    ]
    cost = Decimal(cents) / 100
    prices = matching.leg_prices(cost, sides)
    total = sum(s.sign * s.ratio * p for s, p in zip(sides, prices, strict=True))
    assert abs(total - cost) < Decimal("1e-20")
    assert min(prices) >= 0


@pytest.mark.parametrize(
    ("remaining", "drawn", "units"), [(1, 0.0, 1), (8, 0.9, 8), (8, 0.15, 4), (8, 0.0, 1), (2, 0.29, 1)]
)
def test_several_units_may_trade_in_part(remaining, drawn, units):
    assert matching.units_to_trade(remaining, drawn=drawn) == units
