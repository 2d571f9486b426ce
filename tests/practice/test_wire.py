"""Number formats."""

from decimal import Decimal

import pytest

from orders.brokers.practice.wire import number, signed


@pytest.mark.parametrize(
    ("text", "written"),
    [("1", "1.0"), ("2.050", "2.05"), ("100", "100.0"), ("0", "0.0"), ("-3.10", "-3.1"), ("1E+3", "1000.0")],
)
def test_amounts_are_written_as_the_broker_writes_them(text, written):
    assert number(Decimal(text)) == written


def test_a_signed_amount_becomes_a_size_and_an_effect():
    assert signed("value", Decimal("-2.5")) == {"value": "2.5", "value-effect": "Debit"}
    assert signed("value", Decimal(0)) == {"value": "0.0", "value-effect": "None"}
