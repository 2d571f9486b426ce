"""A fault on a product covers the orders in its contracts."""

from types import SimpleNamespace

import pytest

from orders.brokers.practice.faults import symbols_of


@pytest.mark.parametrize(("symbol", "name"), [("/MESZ6", "/MES"), ("/ESH27", "/ES"), ("AAPL", "AAPL")])
def test_an_order_is_known_by_its_product(symbol, name):
    order = SimpleNamespace(legs=[SimpleNamespace(symbol=symbol)], underlying=symbol)

    assert name in symbols_of(order)
