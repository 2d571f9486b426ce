"""What can happen to a trade afterwards: it is taken back, or its price is corrected."""

from decimal import Decimal

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import ACCOUNT, CALL, HIGHER_CALL, Bench, leg
from tests.practice.exchange_fixture import RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of, limit


def quoted(**more) -> Bench:
    bench = Bench(**more)
    bench.pin(CALL, "1.00", "1.10")
    bench.pin(HIGHER_CALL, "0.50", "0.60")
    return bench


def cash(bench: Bench) -> Decimal:
    return bench.exchange.treasury.cash[ACCOUNT]


def test_a_bust_takes_fill_position_and_cash_back_and_the_order_stays_filled():
    bench = quoted()
    bench.fault(kind="bust", seconds=2)
    before = cash(bench)
    order = bench.submit(leg(quantity=2), pays="1.20")
    bench.run(1)
    assert (order.status, order.filled_units) == (Status.FILLED, 2)
    bench.run(2)
    wire = order.wire(bench.now)
    assert (wire["status"], wire["legs"][0]["fills"], wire["legs"][0]["remaining-quantity"]) == (
        "Filled",
        [],
        2,
    )
    assert (bench.exchange.treasury.held(ACCOUNT, CALL), cash(bench)) == (0, before)
    assert bench.told[-3][1]["legs"][0]["fills"] == []


def test_the_books_of_a_bust_name_the_entry_they_reverse_and_sum_to_nothing():
    bench = quoted()
    bench.fault(kind="bust")
    order = bench.submit(pays="1.20")
    bench.run(2)
    trade, back = bench.exchange.treasury.transactions(ACCOUNT)
    assert (back["reverses-id"], back["exec-id"], back["order-id"]) == (
        trade["id"],
        trade["exec-id"],
        order.id,
    )
    assert (trade["net-value"], trade["net-value-effect"]) == ("111.12", "Debit")
    assert (back["net-value"], back["net-value-effect"], back["commission-effect"]) == (
        "111.12",
        "Credit",
        "Credit",
    )


def test_the_ledger_forgets_a_busted_fill_and_remembers_the_bust():
    bench = quoted()
    bench.fault(kind="bust")
    order = bench.submit(pays="1.20")
    bench.run(0.1)
    (fill,) = order.legs[0].fills
    bench.run(2)
    ledger = bench.exchange.ledger
    assert ledger.all_fills() == []
    assert [(b["fill_id"], b["corrected_by"]) for b in ledger.busts()] == [(fill.fill_id, None)]


def test_a_correction_is_the_same_trade_at_another_price_under_another_id():
    bench = quoted()
    bench.fault(kind="correct", price="1.05")
    before = cash(bench)
    order = bench.submit(pays="1.20")
    bench.run(0.1)
    (first,) = order.legs[0].fills
    bench.run(2)
    (second,) = order.legs[0].fills
    assert (first.price, second.price, second.quantity) == (Decimal("1.10"), Decimal("1.05"), 1)
    assert first.fill_id != second.fill_id
    assert before - cash(bench) == Decimal("106.12")
    assert [b["corrected_by"] for b in bench.exchange.ledger.busts()] == [second.fill_id]
    kept = bench.exchange.treasury.transactions(ACCOUNT)
    assert [t.get("reverses-id") for t in kept] == [None, kept[0]["id"], None]


def test_a_bust_of_a_spread_takes_every_leg_back():
    bench = quoted()
    bench.fault(kind="bust")
    order = bench.submit(leg(quantity=2), leg("Sell to Open", HIGHER_CALL, 2), pays="0.70")
    bench.run(0.1)
    assert order.status is Status.FILLED
    bench.run(2)
    assert [x.fills for x in order.legs] == [[], []]
    assert [bench.exchange.treasury.held(ACCOUNT, s) for s in (CALL, HIGHER_CALL)] == [0, 0]


def test_a_bust_that_is_still_to_come_survives_a_restart(tmp_path):
    bench = quoted(path=str(tmp_path / "e.sqlite3"))
    bench.fault(kind="bust", seconds=5)
    order_id = bench.submit(pays="1.20").id
    bench.run(1)
    bench.exchange.ledger.close()
    bench.open()
    bench.run(5)
    assert bench.exchange.orders[order_id].legs[0].fills == []


def test_only_what_has_traded_can_be_taken_back():
    from orders.brokers.practice import corrections

    bench = quoted()
    order = bench.submit(pays="0.10")
    bench.run()
    with pytest.raises(Refusal, match="nothing_traded"):
        corrections.take_back(bench.exchange, order, bench.now)


async def test_the_sdk_sees_a_correction_and_a_bust_by_hand(exchange: RunningExchange):
    exchange.market(CALL, bid="1.00", ask="1.10")
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(session, limit(CALL, "Buy to Open", "-1.20"), dry_run=False)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Filled")
        exchange.act(placed.order.id, "correct", price="1.08")
        corrected = await account.get_order(session, placed.order.id)
        exchange.act(placed.order.id, "bust")
        busted = await account.get_order(session, placed.order.id)
        entries = await account.get_history(session, sort="Asc")
        positions = await account.get_positions(session)
    assert corrected.legs[0].fills[0].fill_price == Decimal("1.08")
    assert (busted.status.value, busted.legs[0].fills, positions) == ("Filled", [], [])
    first, back, anew, again = entries
    assert [e.reverses_id for e in entries] == [None, first.id, None, anew.id]
    assert (sum(e.net_value for e in entries), back.net_value) == (0, -first.net_value)
    assert again.net_value == -anew.net_value
    assert exchange.ledger()["fills"] == []
