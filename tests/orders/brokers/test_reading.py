import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.brokers.base import (
    Balance,
    BrokerFill,
    BrokerLeg,
    BrokerOrder,
    DryRun,
    Phase,
    Position,
    Transaction,
)
from orders.brokers.reading import (
    Unreadable,
    is_holding,
    read_balance,
    read_changed_order,
    read_dry_run,
    read_each,
    read_order,
    read_position,
    read_transaction,
)
from orders.enums import Action, InstrumentType
from tests.orders.brokers.samples import EFFECT, FEES, SPY_CALL, TRADE, WARNING, order_json, placed_json

FILL = {
    "ext-exec-id": "1122",
    "fill-id": "24_TW::TEST_A47504",
    "quantity": 1,
    "fill-price": "1.24",
    "filled-at": "2026-11-23T14:30:02.496+00:00",
    "destination-venue": "TEST_A",
}
DEPOSIT = {
    "id": 500003,
    "transaction-type": "Money Movement",
    "transaction-sub-type": "Deposit",
    "description": "Wire",
    "executed-at": "2026-11-23T14:30:02.496+00:00",
    "transaction-date": "2026-11-23",
    "value": "2500.0",
    "value-effect": "Credit",
    "net-value": "2500.0",
    "net-value-effect": "Credit",
}


def test_an_order_is_read_as_recorded():
    leg = order_json()["legs"][0] | {"remaining-quantity": 1, "fills": [FILL]}
    data = order_json(status="Live", legs=[leg])

    assert read_order(data) == BrokerOrder(
        broker_order_id="270561",
        status="Live",
        legs=(
            BrokerLeg(
                SPY_CALL,
                Action.BUY_TO_OPEN,
                quantity=2,
                remaining_quantity=1,
                fills=(
                    BrokerFill(
                        "24_TW::TEST_A47504",
                        SPY_CALL,
                        1,
                        Decimal("1.24"),
                        datetime(2026, 11, 23, 14, 30, 2, 496_000, UTC),
                    ),
                ),
            ),
        ),
        order_type="Limit",
        external_identifier="practice-d1-1",
        price=Decimal("1.25"),
        received_at=datetime(2026, 11, 23, 14, 30, 1, 851_000, UTC),
        updated_at=datetime.fromtimestamp(1795444202.049, UTC),
        raw=data,
    )


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        pytest.param({"id": "270561"}, "broker_order_id", "270561", id="an id in words"),
        pytest.param({"replaces-order-id": 270560}, "replaces_order_id", "270560", id="replaces"),
        pytest.param({"replacing-order-id": 270562}, "replacing_order_id", "270562", id="replacing"),
        pytest.param({"reject-reason": "Session offline"}, "reject_reason", "Session offline", id="reject"),
        pytest.param({"price": None}, "price", None, id="no price"),
        pytest.param({"updated-at": 0}, "updated_at", None, id="never updated"),
        pytest.param({"status": "Remove Pending"}, "status", "Remove Pending", id="an unknown status"),
    ],
)
def test_a_field_is_read(changes, name, expected):
    assert getattr(read_order(order_json(**changes)), name) == expected


def test_an_unknown_status_may_still_trade():
    assert read_order(order_json(status="Remove Pending")).phase is Phase.WORKING


def test_quantities_in_words_are_whole_numbers():
    leg = order_json()["legs"][0] | {"quantity": "2", "remaining-quantity": "2.0"}

    (read,) = read_order(order_json(legs=[leg])).legs

    assert (read.quantity, read.remaining_quantity) == (2, 2)


def test_a_leg_without_a_remainder_has_what_did_not_fill():
    leg = {k: v for k, v in order_json()["legs"][0].items() if k != "remaining-quantity"} | {"fills": [FILL]}

    assert read_order(order_json(legs=[leg])).legs[0].remaining_quantity == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
        pytest.param(order_json(id=None), id="no id"),
        pytest.param(order_json(id=True), id="an id that is none"),
        pytest.param(order_json(legs=None), id="no legs"),
        pytest.param(order_json(legs=[{"symbol": "SPY"}]), id="half a leg"),
        pytest.param(order_json(legs=[order_json()["legs"][0] | {"action": "Allocate"}]), id="odd action"),
        pytest.param(order_json(legs=[order_json()["legs"][0] | {"quantity": "0.5"}]), id="half a contract"),
        pytest.param(order_json(price="NaN"), id="no number"),
        pytest.param(order_json(**{"updated-at": "soon"}), id="no time"),
    ],
)
def test_an_order_that_says_too_little_is_unreadable(data):
    with pytest.raises(Unreadable):
        read_order(data)


def test_the_order_of_a_post_and_of_a_put_are_both_found():
    assert read_changed_order(placed_json()["data"]) == read_changed_order(order_json())


def test_a_listing_keeps_what_it_cannot_read_apart():
    orders, unreadable = read_each([order_json(), {"id": 1}, "odd", order_json(id=2)], read_order)

    assert [o.broker_order_id for o in orders] == ["270561", "2"]
    assert unreadable == ({"id": 1}, {"item": "odd"})


def test_a_dry_run_is_signed_from_our_side():
    data = {"buying-power-effect": EFFECT, "fee-calculation": FEES, "warnings": [WARNING], "errors": []}

    assert read_dry_run(data) == DryRun(
        Decimal("-250.0"), Decimal("-2.24"), (f"{WARNING['code']}: {WARNING['message']}",)
    )


def test_a_dry_run_tells_its_errors():
    data = {"errors": [{"code": "margin_check_failed", "message": "Too little."}]}

    assert read_dry_run(data) == DryRun(None, None, errors=(("margin_check_failed", "Too little."),))


def test_a_balance_is_read():
    data = {
        "cash-balance": "100000.0",
        "net-liquidating-value": "100250.5",
        "derivative-buying-power": "100000.0",
        "equity-buying-power": "200000.0",
    }

    assert read_balance(data) == Balance(
        Decimal("100000.0"), Decimal("100250.5"), Decimal("100000.0"), Decimal("200000.0")
    )


POSITION = json.loads(
    '{"average-open-price":"52.73","instrument-type":"Equity","multiplier":"1.0","quantity":742,'
    '"quantity-direction":"Long","symbol":"TQQQ","underlying-symbol":"TQQQ"}'
)


@pytest.mark.parametrize(
    ("changes", "quantity"),
    [({}, 742), ({"quantity-direction": "Short"}, -742), ({"quantity": "10.7", "multiplier": 1}, 10)],
    ids=["long", "short", "a fraction of a share"],
)
def test_a_position_is_signed(changes, quantity):
    assert read_position(POSITION | changes) == Position(
        "TQQQ", InstrumentType.EQUITY, "TQQQ", quantity, Decimal("52.73"), Decimal("1.0")
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"quantity-direction": "Zero"}, False), ({"instrument-type": "Cryptocurrency"}, False)],
    ids=["shares", "nothing", "crypto"],
)
def test_only_what_the_desk_trades_is_a_holding(changes, expected):
    assert is_holding(POSITION | changes) is expected


# --- transactions ----------------------------------------------------------------------------------


def test_a_trade_is_read_with_its_fill_its_order_and_its_fees():
    found = read_transaction(TRADE)

    assert found == Transaction(
        transaction_id="500001",
        kind="Trade",
        sub_kind="Buy to Open",
        executed_at=datetime(2026, 11, 23, 14, 30, 2, 496000, tzinfo=UTC),
        value=Decimal("-124.0"),
        net_value=Decimal("-125.12"),
        fees=Decimal("-1.12"),
        description="Bought 1 SPY 12/18/26 Call 600.00 @ 1.24",
        symbol=SPY_CALL,
        action=Action.BUY_TO_OPEN,
        quantity=Decimal("1.0"),
        price=Decimal("1.24"),
        fill_id="24_TW::TEST_A47504",
        broker_order_id="270561",
        raw=TRADE,
    )
    assert found.is_trade is True


def test_an_entry_that_takes_another_back_names_it():
    assert read_transaction(TRADE | {"id": 500002, "reverses-id": 500001}).reverses_id == "500001"


def test_cash_that_moves_without_a_trade_has_no_symbol_and_no_action():
    found = read_transaction(DEPOSIT)

    assert (found.is_trade, found.value, found.fees) == (False, Decimal("2500.0"), Decimal(0))
    assert (found.symbol, found.action, found.quantity, found.fill_id) == ("", None, None, "")


def test_an_assignment_keeps_its_words_and_has_no_action():
    found = read_transaction(DEPOSIT | {"transaction-type": "Receive Deliver", "action": "Allocate"})

    assert (found.kind, found.action) == ("Receive Deliver", None)


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"value": "-5.0", "value-effect": "Debit"}, "-5.0"),
        ({"value": "-5.0"}, "-5.0"),
        ({"value": "5.0", "value-effect": "Credit"}, "5.0"),
        ({"value": "0.0", "value-effect": "None"}, "0.0"),
    ],
    ids=["signed twice", "signed by itself", "credit", "nothing"],
)
def test_an_amount_is_signed_by_its_effect_or_by_itself(changes, value):
    bare = {name: given for name, given in DEPOSIT.items() if name != "value-effect"}

    assert read_transaction(bare | changes).value == Decimal(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"executed-at": None},
        {"value": None},
        {"net-value": "NaN"},
        {"transaction-type": None, "quantity": "x"},
    ],
    ids=["no id", "no time", "no value", "not a number", "an odd quantity"],
)
def test_an_entry_without_what_the_books_need_is_unreadable(changes):
    with pytest.raises(Unreadable):
        read_transaction(TRADE | changes)
