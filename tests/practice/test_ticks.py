"""Price grids."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.brokers.practice import ticks


@pytest.mark.parametrize(
    ("table", "price", "tick"),
    [
        pytest.param(ticks.PENNY, "2.99", "0.01", id="penny-below"),
        pytest.param(ticks.PENNY, "3.00", "0.05", id="penny-at-the-threshold"),
        pytest.param(ticks.NON_PENNY, "2.95", "0.05", id="non-penny-below"),
        pytest.param(ticks.NON_PENNY, "3.0", "0.1", id="non-penny-at"),
        pytest.param(ticks.CENT, "600", "0.01", id="penny-at-all-prices"),
        pytest.param(ticks.ES_OPTION, "4.95", "0.05", id="es-lowest"),
        pytest.param(ticks.ES_OPTION, "19.9", "0.1", id="es-low"),
        pytest.param(ticks.ES_OPTION, "99", "0.25", id="es-high"),
        pytest.param(ticks.ES_OPTION, "100", "0.5", id="es-highest"),
        pytest.param(ticks.NON_PENNY, "-3.5", "0.1", id="a-credit-counts-by-its-size"),
    ],
)
def test_the_tick_depends_on_the_price(table, price, tick):
    assert table.at(Decimal(price)) == Decimal(tick)


@pytest.mark.parametrize("wrong", [("0.05", "3.0"), ("0.1", "20", "0.05", "5", "0.5")])
def test_a_tick_table_needs_a_fallback_and_rising_thresholds(wrong):
    with pytest.raises(ValueError, match="threshold"):
        ticks.table(*wrong)


@given(st.decimals(min_value=0, max_value=500, places=4))
def test_rounding_down_and_up_meets_the_grid_on_both_sides(price):
    low, high = ticks.PENNY.floor(price), ticks.PENNY.ceiling(price)
    assert low <= price <= high
    assert ticks.PENNY.holds(low)
    assert ticks.PENNY.holds(high)
