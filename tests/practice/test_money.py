"""Fees, margin, positions."""

from decimal import Decimal

import pytest

from orders.brokers.practice import fees
from orders.brokers.practice.instruments import Kind
from orders.brokers.practice.margin import Holding, requirement
from orders.brokers.practice.positions import Position
from tests.practice.bench import MONDAY_NOON, TODAY, contract


@pytest.mark.parametrize(
    ("symbol", "action", "quantity", "total"),
    [
        ("SPY   261218C00600000", "Buy to Open", 1, "1.12"),
        ("SPY   261218C00600000", "Sell to Close", 1, "0.12279"),
        ("SPY   261218C00600000", "Buy to Open", 20, "12.40"),
        ("SPXW  261218C06000000", "Buy to Open", 1, "1.72"),
        ("/ESZ6", "Buy", 2, "5.90"),
        ("/MESZ6", "Sell", 1, "1.52"),
        ("SPY", "Buy to Open", 100, "0.08"),
    ],
)
def test_fees_come_from_the_table(symbol, action, quantity, total):
    assert fees.leg_fees(contract(symbol), action, quantity).total == Decimal(total)


def need(*held: tuple[str, int], mark: str = "5") -> Decimal:
    holdings = [Holding(contract(symbol), quantity) for symbol, quantity in held]
    return requirement(holdings, mark=lambda _: Decimal(mark), spot=lambda _: Decimal(600))


C600, C610, P600 = "SPY   261218C00600000", "SPY   261218C00610000", "SPY   261218P00600000"


@pytest.mark.parametrize(
    ("held", "margin"),
    [
        pytest.param([(C600, 3)], "0", id="long-options-need-nothing"),
        pytest.param([(C600, 1), (C610, -1)], "0", id="debit-spread-needs-nothing-more"),
        pytest.param([(C600, -1), (C610, 1)], "1000", id="credit-spread-needs-its-width"),
        pytest.param([(C600, -1)], "12500", id="naked-call-needs-a-fifth-and-its-value"),
        pytest.param([(P600, -1)], "12500", id="naked-put-too"),
        pytest.param([("/ESZ6", -2)], "33000", id="futures-by-the-contract"),
        pytest.param([("SPY", 100)], "250", id="shares-by-half"),
        pytest.param(
            [("SPY   261204C00600000", 1), (C600, -1)], "12500", id="an-earlier-long-covers-nothing"
        ),
    ],
)
def test_margin_knows_what_can_be_lost(held, margin):
    assert need(*held) == Decimal(margin)


def test_a_position_averages_its_price_and_realizes_what_it_closes():
    held = Position(
        "a", "s", Kind.EQUITY_OPTION, "SPY", "SPY", Decimal(100), 0, Decimal(0), MONDAY_NOON, MONDAY_NOON
    )
    assert held.trade(2, Decimal("1.00"), MONDAY_NOON, TODAY) == 0
    assert held.trade(2, Decimal("2.00"), MONDAY_NOON, TODAY) == 0
    assert held.average_price == Decimal("1.5")
    assert held.trade(-3, Decimal("2.50"), MONDAY_NOON, TODAY) == Decimal(300)
    assert (held.quantity, held.average_price) == (1, Decimal("1.5"))
    assert held.trade(-2, Decimal("1.00"), MONDAY_NOON, TODAY) == Decimal(-50)
    assert (held.quantity, held.direction, held.average_price, held.realized) == (
        -1,
        "Short",
        Decimal(1),
        Decimal(250),
    )
