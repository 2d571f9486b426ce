"""Orders for an amount of money: parts of a share."""

from decimal import Decimal

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import ACCOUNT, CALL, SUNDAY, Bench, leg
from tests.practice.exchange_fixture import RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of

SPY = {"symbol": "SPY", "instrument-type": "Equity", "action": "Buy to Open"}
SELL = SPY | {"action": "Sell to Close"}
NOTIONAL = {"order_type": "Notional Market", "value": "100", "value_effect": "Debit"}


def quoted(**more) -> Bench:
    bench = Bench(**more)
    bench.pin("SPY", "599.99", "600.01")
    return bench


def test_an_amount_buys_a_part_of_a_share_at_the_ask():
    bench = quoted()
    order = bench.submit(SPY, **NOTIONAL)
    bench.run(1)
    wire = order.wire(bench.now)
    assert (order.status, wire["value"], wire["value-effect"]) == (Status.FILLED, "100.0", "Debit")
    assert (wire["legs"][0]["quantity"], wire["legs"][0]["remaining-quantity"]) == ("0.16666", 0)
    assert (wire["legs"][0]["fills"][0]["quantity"], wire["legs"][0]["fills"][0]["fill-price"]) == (
        "0.16666",
        "600.01",
    )
    assert bench.exchange.treasury.held(ACCOUNT, "SPY") == Decimal("0.16666")


def test_parts_that_make_a_whole_are_a_whole():
    bench = quoted()
    for _ in range(2):
        bench.submit(SPY, **NOTIONAL | {"value": "300.005"})
        bench.run(1)
    (position,) = bench.exchange.treasury.positions_of(ACCOUNT)
    assert position.wire(Decimal(600))["quantity"] == 1


def test_a_part_of_a_share_survives_a_restart(tmp_path):
    bench = quoted(path=str(tmp_path / "e.sqlite3"))
    order_id = bench.submit(SPY, **NOTIONAL).id
    bench.run(1)
    bench.exchange.ledger.close()
    bench.open()
    assert bench.exchange.orders[order_id].legs[0].quantity == Decimal("0.16666")
    assert bench.exchange.treasury.held(ACCOUNT, "SPY") == Decimal("0.16666")


@pytest.mark.parametrize(
    ("wanted", "terms", "code"),
    [
        pytest.param(SPY, {"value": None}, "validation_error", id="no-value"),
        pytest.param(SPY, {"value": "0"}, "validation_error", id="nothing"),
        pytest.param(SPY, {"value": "0.001"}, "validation_error", id="too-little"),
        pytest.param(SPY, {"value_effect": "None"}, "validation_error", id="no-effect"),
        pytest.param(SPY, {"value_effect": "Credit"}, "cant_buy_for_credit", id="buys-for-credit"),
        pytest.param(leg(symbol=CALL), {}, "instrument_validation_failed", id="an-option"),
        pytest.param(SPY, {"time_in_force": "GTC"}, "gtc_market_orders_not_supported", id="gtc"),
    ],
)
def test_what_an_amount_cannot_buy_is_refused(wanted, terms, code):
    with pytest.raises(Refusal) as refused:
        quoted().submit(wanted, **NOTIONAL | terms)
    assert code in {refused.value.code, *(e.get("code") for e in refused.value.errors)}


def test_a_market_order_may_be_for_a_part_of_a_share():
    bench = quoted()
    order = bench.submit(SPY | {"quantity": "1.5"}, order_type="Market")
    bench.run(1)
    assert (order.status, bench.exchange.treasury.held(ACCOUNT, "SPY")) == (Status.FILLED, Decimal("1.5"))


def test_an_amount_is_not_spent_while_the_market_is_closed():
    with pytest.raises(Refusal) as refused:
        quoted(at=SUNDAY).submit(SPY, **NOTIONAL)
    assert [e["code"] for e in refused.value.errors] == ["tif_no_after_hours_opening_market_orders"]


async def test_the_sdk_buys_for_an_amount(exchange: RunningExchange):
    from tastytrade.instruments import Equity
    from tastytrade.order import NotionalOrder, OrderAction

    exchange.market("SPY", bid="599.99", ask="600.01")
    async with exchange.session() as session:
        account = await account_of(session)
        share = await Equity.get(session, "SPY")
        order = NotionalOrder(legs=[share.build_leg(None, OrderAction.BUY_TO_OPEN)], value=Decimal(-100))
        placed = await account.place_order(session, order, dry_run=False)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Filled")
        found = await account.get_order(session, placed.order.id)
        (position,) = await account.get_positions(session)
        (trade,) = await account.get_history(session)
    assert (found.value, found.legs[0].fills[0].quantity) == (Decimal(-100), Decimal("0.16666"))
    assert (position.quantity, trade.quantity) == (Decimal("0.16666"), Decimal("0.16666"))


def test_the_desk_shows_a_part_of_a_share_as_what_it_cannot_read(exchange: RunningExchange, broker_at):
    exchange.market("SPY", bid="599.99", ask="600.01")
    terms = {"order-type": "Notional Market", "time-in-force": "Day", "value": "100", "value-effect": "Debit"}
    order = exchange.by_hand("POST", body={**terms, "legs": [SPY]})["order"]["id"]
    wait_until(lambda: exchange.order(order)["status"] == "Filled")

    broker = broker_at(exchange.url)

    assert [(o["id"], o["order-type"]) for o in broker.live_orders().unreadable] == [
        (order, "Notional Market")
    ]
    assert [(p.symbol, p.quantity) for p in broker.positions()] == [("SPY", 0)]
