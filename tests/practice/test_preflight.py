"""What is refused before it exists, and what is only warned of: the broker's own codes."""

from datetime import UTC, datetime

import pytest

from orders.brokers.practice import admission
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import ACCOUNT, CALL, HIGHER_CALL, SUNDAY, Bench, body, leg


def refusal_of(bench: Bench, order) -> Refusal:
    with pytest.raises(Refusal) as refused:
        admission.submit(bench.exchange, ACCOUNT, order)
    return refused.value


MARKET = {"order_type": "Market"}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        pytest.param(body(leg(), receives="1.00"), "cant_buy_for_credit", id="buy-for-a-credit"),
        pytest.param(body(leg("Sell to Open"), pays="1.00"), "cant_sell_for_debit", id="sell-for-a-debit"),
        pytest.param(
            body(leg(), **MARKET, time_in_force="GTC"), "gtc_market_orders_not_supported", id="gtc-market"
        ),
        pytest.param(
            body(leg(), order_type="Marketable Limit", pays="1.00"), "order_must_omit_price", id="omit-price"
        ),
        pytest.param(body(leg(quantity=500), pays="30.00"), "margin_check_failed", id="too-dear"),
        pytest.param(
            body(leg("Sell to Open", quantity=50), receives="10"), "margin_check_failed", id="naked-and-large"
        ),
        pytest.param(
            body(leg(symbol="SPY   261219C00600000"), pays="1"),
            "instrument_validation_failed",
            id="not-listed",
        ),
        pytest.param(
            body(leg(symbol="SPX", kind="Equity"), pays="6000"), "instrument_validation_failed", id="an-index"
        ),
        pytest.param(body(leg(), leg(), pays="1.00"), "duplicate_leg_symbols", id="twice-the-same"),
        pytest.param(
            body(leg(), leg(symbol="QQQ   261218C00520000"), pays="1"), "multiple_underlyings", id="two-names"
        ),
        pytest.param(
            body(leg(), leg("Sell to Open", HIGHER_CALL), **MARKET),
            "market_orders_single_leg",
            id="market-spread",
        ),
        pytest.param(body(leg("Buy"), pays="1.00"), "invalid_action", id="netting-is-for-futures"),
        pytest.param(
            body(leg(symbol="SPY", kind="Equity", quantity="1.5"), pays="1.00"),
            "fractional_market_orders_only",
            id="a-part-of-a-share-with-a-limit",
        ),
        pytest.param(
            body(leg(), pays="1.00", time_in_force="Ext"), "tif_no_after_hours_orders", id="options-extended"
        ),
    ],
)
def test_a_preflight_failure_names_its_code(order, code):
    refused = refusal_of(Bench(), order)
    assert (refused.status, refused.code) == (422, "preflight_check_failure")
    assert [e["code"] for e in refused.errors] == [code]


def test_an_opening_market_order_is_refused_while_the_market_is_closed():
    refused = refusal_of(Bench(at=SUNDAY), body(leg(), **MARKET))
    assert refused.errors == [
        {
            "code": "tif_no_after_hours_opening_market_orders",
            "message": "Opening market orders not allowed when market closed.",
        }
    ]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(body(leg(), pays="1.00") | {"price": "x"}, id="price-is-no-number"),
        pytest.param(body(leg(), pays="-1.00"), id="price-below-zero"),
        pytest.param(body(leg()), id="limit-without-price"),
        pytest.param(body(leg()) | {"price": "1.00"}, id="price-without-effect"),
        pytest.param(body(leg(quantity=0), pays="1.00"), id="no-quantity"),
        pytest.param(body(leg(quantity="1.5"), pays="1.00"), id="half-a-contract"),
        pytest.param(body(leg(), pays="1.00") | {"legs": []}, id="no-legs"),
        pytest.param(body(leg(), pays="1.00") | {"legs": ["SPY"]}, id="legs-without-names"),
        pytest.param(body(leg(), pays="1.00", time_in_force="Forever"), id="unknown-time-in-force"),
        pytest.param(body(leg(), pays="1.00", time_in_force="GTD"), id="gtd-without-date"),
        pytest.param(body(leg(), order_type="Stop"), id="stop-without-trigger"),
        pytest.param(body(leg(), pays="1.00") | {"rules": {"cancel-at": "x"}}, id="rule-without-a-time"),
        pytest.param(body(leg(), pays="1.00") | {"rules": {"conditions": [{}]}}, id="empty-condition"),
        pytest.param(body(leg(), pays="1.00") | {"rules": "later"}, id="rules-in-words"),
    ],
)
def test_a_malformed_order_is_a_bad_request(order):
    refused = refusal_of(Bench(), order)
    assert (refused.status, refused.code) == (400, "validation_error")


def test_quantities_may_be_numbers_or_numeric_strings_and_unknown_keys_do_no_harm():
    bench = Bench()
    order = bench.submit(leg(quantity="2"), pays="0.10", behavior="immediate")
    assert order.legs[0].quantity == 2


def test_a_price_of_zero_needs_no_effect():
    bench = Bench()
    order = bench.submit(leg(), leg("Sell to Open", HIGHER_CALL), price="0")
    assert (order.price, order.wire(bench.now)["price-effect"]) == (0, "None")


def test_the_opposite_of_a_working_order_is_refused():
    bench = Bench()
    bench.submit(leg(), pays="0.10")
    refused = refusal_of(bench, body(leg("Sell to Open"), receives="50.00"))
    assert refused.errors[0]["code"] == "illegal_buy_and_sell_on_same_symbol"


def test_working_orders_hold_their_buying_power():
    bench = Bench()
    bench.submit(leg(quantity=80), pays="10.00")
    refused = refusal_of(bench, body(leg(symbol=HIGHER_CALL, quantity=30), pays="10.00"))
    assert refused.errors[0]["code"] == "margin_check_failed"


def test_closing_without_a_position_becomes_opening_with_a_warning():
    bench = Bench()
    answer = admission.submit(bench.exchange, ACCOUNT, body(leg("Sell to Close"), receives="50.00"))
    assert answer["warnings"] == [
        {
            "code": "closing_with_no_position",
            "message": "You cannot route a closing order without an existing position to close. "
            "This order will be updated to a sell to open order when routed.",
        }
    ]
    assert answer["order"]["legs"][0]["action"] == "Sell to Open"


def test_a_strict_closing_order_without_its_position_is_refused():
    strict = {"advanced-instructions": {"strict-position-effect-validation": True}}
    refused = refusal_of(Bench(), body(leg("Sell to Close"), receives="50.00") | strict)
    assert refused.errors[0]["code"] == "closing_with_no_position"


def test_an_order_of_a_closed_market_is_warned_of_and_received():
    bench = Bench(at=SUNDAY)
    answer = admission.submit(bench.exchange, ACCOUNT, body(leg(), pays="0.10"))
    assert [w["code"] for w in answer["warnings"]] == ["tif.next_valid_session"]
    assert answer["order"]["status"] == "Received"


def test_a_dry_run_has_no_id_and_updates_at_zero():
    bench = Bench()
    answer = admission.preview(bench.exchange, ACCOUNT, body(leg(), pays="0.10"))
    order = answer["order"]
    assert "id" not in order
    assert (order["updated-at"], order["status"], order["cancellable"], order["editable"]) == (
        0,
        "Received",
        True,
        True,
    )
    assert bench.exchange.orders == {}


def test_the_effect_of_a_purchase_is_its_cost_and_fees():
    bench = Bench()
    effect = admission.preview(bench.exchange, ACCOUNT, body(leg(quantity=2), pays="1.00"))[
        "buying-power-effect"
    ]
    assert (effect["change-in-buying-power"], effect["change-in-buying-power-effect"]) == ("202.24", "Debit")
    assert (effect["current-buying-power"], effect["new-buying-power"]) == ("100000.0", "99797.76")


def test_the_effect_of_a_credit_spread_is_its_width_less_the_credit():
    bench = Bench()
    legs = (leg("Sell to Open", CALL), leg("Buy to Open", HIGHER_CALL))
    effect = admission.preview(bench.exchange, ACCOUNT, body(*legs, receives="4.00"))["buying-power-effect"]
    assert effect["change-in-margin-requirement"] == "1000.0"
    assert effect["is-spread"] is True
    assert effect["change-in-buying-power"] == "602.24279"


def test_an_option_past_its_last_moment_can_not_be_traded():
    bench = Bench(at=datetime(2026, 11, 23, 21, 5, tzinfo=UTC), always_open=True)
    refused = refusal_of(bench, body(leg(symbol="SPY   261123C00600000"), pays="0.10"))
    assert refused.errors[0]["code"] == "instrument_validation_failed"
