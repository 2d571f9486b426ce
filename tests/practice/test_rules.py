"""Orders that wait for a time, for a price, or for the ratio of two prices."""

from datetime import timedelta

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal, instant
from tests.practice.bench import ACCOUNT, CALL, MONDAY_NOON, Bench, body, leg
from tests.practice.exchange_fixture import RunningExchange
from tests.practice.test_rest import Client


def at(**later: float) -> str:
    return instant(MONDAY_NOON + timedelta(**later))


def condition(**changes) -> dict:
    return {
        "action": "route", "symbol": "SPY", "instrument-type": "Equity", "indicator": "last",
        "comparator": "gte", "threshold": "610", "price-components": [],
    } | changes  # fmt: skip


def quoted() -> Bench:
    bench = Bench()
    bench.pin(CALL, "1.00", "1.10")
    bench.exchange.market.pin_price("SPY", 600)
    bench.exchange.market.pin_price("QQQ", 500)
    bench.exchange.stir()
    return bench


def test_an_order_to_be_routed_later_waits_for_its_time():
    bench = quoted()
    order = bench.submit(pays="1.20", rules={"route-after": at(seconds=5)})
    bench.run(4)
    assert (order.status, order.contingent_status) == (Status.CONTINGENT, "Pending Condition")
    assert "routed-at" not in order.wire(bench.now)["order-rule"]
    bench.run(2)
    assert order.status is Status.FILLED
    assert order.wire(bench.now)["order-rule"]["routed-at"] == at(seconds=5)


def test_an_order_to_be_cancelled_later_lives_until_then():
    bench = quoted()
    order = bench.submit(pays="0.10", rules={"cancel-at": at(seconds=5)})
    bench.run(4)
    assert order.status is Status.LIVE
    bench.run(2)
    assert (order.status, order.rules["cancelled-at"]) == (Status.CANCELLED, at(seconds=5))


def test_a_price_lets_an_order_in_and_another_takes_it_out():
    bench = quoted()
    stop = condition(action="cancel", comparator="lte", threshold="590")
    order = bench.submit(pays="0.10", rules={"conditions": [condition(), stop]})
    bench.run(1)
    assert order.status is Status.CONTINGENT
    bench.exchange.market.pin_price("SPY", 611)
    bench.run(1)
    assert order.status is Status.LIVE
    met, open_ = order.wire(bench.now)["order-rule"]["order-conditions"]
    assert (met["triggered-value"], "triggered-at" in open_) == ("611.0", False)
    bench.exchange.market.pin_price("SPY", 589)
    bench.run(1)
    assert order.status is Status.CANCELLED


def test_a_condition_can_watch_what_a_combination_costs():
    bench = quoted()
    parts = [
        {"symbol": "SPY", "instrument-type": "Equity", "quantity": 1, "quantity-direction": "Long"},
        {"symbol": "QQQ", "instrument-type": "Equity", "quantity": 1, "quantity-direction": "Short"},
    ]
    wide = condition(indicator="nat", threshold="110", **{"price-components": parts})
    order = bench.submit(pays="0.10", rules={"conditions": [wide]})
    bench.run(1)
    assert order.status is Status.CONTINGENT
    bench.exchange.market.pin_price("QQQ", 480)
    bench.run(1)
    assert order.status is Status.LIVE


def test_a_waiting_order_is_cancelled_at_once_and_survives_a_restart(tmp_path):
    bench = Bench(path=str(tmp_path / "e.sqlite3"))
    ids = [bench.submit(pays="0.10", rules={"route-after": at(seconds=5)}).id for _ in range(2)]
    assert bench.cancel(bench.exchange.orders[ids[0]]).status is Status.CANCELLED
    bench.exchange.ledger.close()
    bench.open()
    bench.run(6)
    assert bench.exchange.orders[ids[1]].status is Status.LIVE


async def test_an_order_with_a_rule_is_read_by_us_and_not_by_the_sdk(exchange: RunningExchange, broker_at):
    from pydantic import ValidationError

    from tests.practice.test_sdk_orders import account_of

    broker = broker_at(exchange.url)
    later = instant(exchange.time() + timedelta(hours=1))
    path = f"/accounts/{ACCOUNT}/orders"
    status, placed = Client(exchange).call(
        "POST", path, body(leg(), pays="0.10", rules={"route-after": later})
    )
    async with exchange.session() as session:
        account = await account_of(session)
        with pytest.raises(ValidationError):
            await account.get_live_orders(session)
    assert (status, placed["data"]["order"]["status"]) == (201, "Contingent")
    assert [o.status for o in broker.live_orders()] == ["Contingent"]


# --- PAIRS -----------------------------------------------------------------------------------------

SPY = {"symbol": "SPY", "instrument-type": "Equity", "action": "Buy to Open", "quantity": 1}
QQQ = SPY | {"symbol": "QQQ", "action": "Sell to Open"}
PAIRS = {
    "type": "PAIRS",
    "orders": [body(SPY, pays="650"), body(QQQ, receives="450")],
    "ratio-price-threshold": "1.25",
    "ratio-price-comparator": "gte",
    "ratio-price-is-threshold-based-on-notional": False,
}


def placed(bench: Bench, **changes):
    answer = bench.bundles.place(ACCOUNT, PAIRS | changes)["complex-order"]
    return answer, [bench.exchange.orders[o["id"]] for o in answer["orders"]]


def test_a_pair_waits_for_its_ratio_and_then_both_orders_are_routed():
    bench = quoted()
    answer, both = placed(bench)
    bench.run(1)
    assert {o.status for o in both} == {Status.CONTINGENT}
    assert (answer["ratio-price-threshold"], answer["ratio-price-comparator"]) == ("1.25", "gte")
    bench.exchange.market.pin_price("QQQ", 470)
    bench.run(1)
    assert {o.status for o in both} == {Status.FILLED}


def test_a_pairs_ratio_can_be_of_what_its_orders_are_worth():
    bench = quoted()
    orders = [body(SPY | {"quantity": 2}, pays="650"), body(QQQ, receives="450")]
    _, both = placed(bench, orders=orders, **{"ratio-price-is-threshold-based-on-notional": True})
    bench.run(1)
    assert {o.status for o in both} == {Status.FILLED}


def test_only_the_threshold_of_a_waiting_pair_can_be_changed():
    bench = quoted()
    answer, both = placed(bench)
    preview = bench.bundles.preview_change(ACCOUNT, answer["id"], {"ratio-price-threshold": "1.1"})
    assert preview["complex-order"]["ratio-price-threshold"] == "1.1"
    assert "buying-power-effect" in preview
    bench.run(1)
    assert {o.status for o in both} == {Status.CONTINGENT}
    changed = bench.bundles.change(ACCOUNT, answer["id"], {"ratio-price-threshold": "1.1"})
    assert changed["ratio-price-threshold"] == "1.1"
    bench.run(1)
    assert {o.status for o in both} == {Status.FILLED}
    with pytest.raises(Refusal, match="cannot_update_order"):
        bench.bundles.change(ACCOUNT, answer["id"], {"ratio-price-threshold": "1.2"})


@pytest.mark.parametrize(
    "changes",
    [
        {"ratio-price-threshold": None},
        {"ratio-price-threshold": "much"},
        {"ratio-price-comparator": "near"},
        {"orders": PAIRS["orders"][:1]},
    ],
    ids=["no threshold", "no number", "no comparator", "one order"],
)
def test_what_is_no_pair_is_a_bad_request(changes):
    with pytest.raises(Refusal, match="400"):
        placed(quoted(), **changes)


def test_a_waiting_pair_survives_a_restart(tmp_path):
    bench = Bench(path=str(tmp_path / "e.sqlite3"))
    answer, _ = placed(bench, **{"ratio-price-threshold": "9"})
    bench.exchange.ledger.close()
    bench.open()
    assert bench.bundles.wire(bench.bundles.find(ACCOUNT, answer["id"]))["ratio-price-threshold"] == "9.0"


async def test_the_sdk_reads_a_pair_and_its_threshold_is_patched_over_the_wire(exchange: RunningExchange):
    from tests.practice.test_sdk_orders import account_of

    client, path = Client(exchange), f"/accounts/{ACCOUNT}/complex-orders"
    wanted = PAIRS | {"ratio-price-threshold": "99"}
    status, answer = client.call("POST", path, wanted)
    number = answer["data"]["complex-order"]["id"]
    dry = client.call("POST", f"{path}/dry-run", wanted)
    dry_change = client.call("POST", f"{path}/{number}/dry-run", {"ratio-price-threshold": "98"})
    patched = client.call("PATCH", f"{path}/{number}", {"ratio-price-threshold": "98"})
    async with exchange.session() as session:
        account = await account_of(session)
        found = await account.get_complex_order(session, number)
        await account.delete_complex_order(session, number)
        gone = await account.get_complex_order(session, number)
    assert (status, dry[0], dry_change[0], patched[0]) == (201, 201, 201, 200)
    assert patched[1]["data"]["ratio-price-threshold"] == "98.0"
    assert (found.type.value, found.ratio_price_threshold, found.ratio_price_comparator) == (
        "PAIRS",
        98,
        "gte",
    )
    assert [o.status.value for o in gone.orders] == ["Cancelled", "Cancelled"]


def test_a_complex_order_of_another_kind_cannot_be_patched(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})
    client, path = Client(exchange), f"/accounts/{ACCOUNT}/complex-orders"
    wanted = {"type": "OTO", "trigger-order": body(SPY, pays="1"), "orders": [body(SPY, pays="1")]}
    number = client.call("POST", path, wanted)[1]["data"]["complex-order"]["id"]
    status, answer = client.call("PATCH", f"{path}/{number}", {"ratio-price-threshold": "98"})
    assert (status, answer["error"]["code"]) == (422, "cannot_update_order")
