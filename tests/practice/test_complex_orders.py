"""Orders that wait for each other or exclude each other."""

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import ACCOUNT, CALL, Bench, body, leg

PROFIT = body(leg("Sell to Close"), receives="2.00", time_in_force="GTC")
LOSS = body(leg("Sell to Close"), order_type="Stop", stop_trigger="0.50", time_in_force="GTC")
TRIGGER = body(leg(), pays="1.20")
OTOCO = {"type": "OTOCO", "trigger-order": TRIGGER, "orders": [PROFIT, LOSS]}


def placed(bench: Bench, wanted):
    answer = bench.bundles.place(ACCOUNT, wanted)["complex-order"]
    parts = [answer.get("trigger-order"), *answer["orders"]]
    return answer, [bench.exchange.orders[p["id"]] for p in parts if p]


def quoted(**more) -> Bench:
    bench = Bench(**more)
    bench.pin(CALL, "1.00", "1.10")
    return bench


def test_all_components_wait_at_first_and_carry_their_tags():
    answer, (trigger, profit, loss) = placed(quoted(), OTOCO)
    assert {o.status for o in (trigger, profit, loss)} == {Status.CONTINGENT}
    assert [o.complex_tag for o in (trigger, profit, loss)] == [
        "OTOCO::trigger-order",
        "OTOCO::oco-1-order",
        "OTOCO::oco-2-order",
    ]
    assert answer["orders"][0]["contingent-status"] == "Pending Order"


def test_the_filled_trigger_lets_the_pair_in_and_one_of_the_pair_ends_the_other():
    bench = quoted()
    _, (trigger, profit, loss) = placed(bench, OTOCO)
    bench.run(0.3)
    assert (trigger.status, profit.status, loss.status) == (Status.FILLED, Status.LIVE, Status.LIVE)
    bench.pin(CALL, "2.05", "2.15")
    bench.run(0.1)
    assert (profit.status, loss.status) == (Status.FILLED, Status.CANCELLED)
    assert "terminal-at" in bench.bundles.wire(bench.bundles.of(ACCOUNT)[0])


def test_the_stop_of_the_pair_can_be_the_one_that_trades():
    bench = quoted()
    _, (_, profit, loss) = placed(bench, OTOCO)
    bench.run(0.3)
    bench.pin(CALL, "0.40", "0.50")
    bench.run(0.1)
    assert (profit.status, loss.status) == (Status.CANCELLED, Status.FILLED)


def test_a_cancelled_complex_order_leaves_nothing_open():
    bench = quoted()
    bench.fault(kind="never_fill")
    answer, orders = placed(bench, OTOCO)
    bench.run(0.1)
    bench.bundles.cancel(ACCOUNT, answer["id"])
    assert [o.status for o in orders] == [Status.CANCEL_REQUESTED, Status.CANCELLED, Status.CANCELLED]
    bench.run(0.1)
    assert orders[0].status is Status.CANCELLED


def test_a_trigger_that_ends_unfilled_takes_its_dependants_along():
    bench = quoted()
    bench.fault(kind="async_reject")
    _, orders = placed(bench, OTOCO)
    bench.run(0.1)
    assert [o.status for o in orders] == [Status.REJECTED, Status.CANCELLED, Status.CANCELLED]


def test_one_triggers_others_without_excluding_them():
    bench = quoted()
    others = [body(leg("Sell to Close"), receives="3.00"), body(leg("Sell to Close"), receives="4.00")]
    _, (trigger, *rest) = placed(bench, {"type": "OTO", "trigger-order": TRIGGER, "orders": others})
    bench.run(0.3)
    assert (trigger.status, [o.status for o in rest]) == (Status.FILLED, [Status.LIVE, Status.LIVE])


def test_a_pair_must_be_one_limit_and_one_stop():
    bench = quoted()
    with pytest.raises(Refusal) as refused:
        bench.bundles.place(ACCOUNT, OTOCO | {"orders": [PROFIT, PROFIT]})
    assert [e["code"] for e in refused.value.errors] == ["invalid_oco_order_type_combo"]
    assert bench.exchange.orders == {}


def test_a_dry_run_of_a_complex_order_leaves_nothing_behind():
    bench = quoted()
    answer = bench.bundles.preview(ACCOUNT, OTOCO)["complex-order"]
    assert "id" not in answer
    assert len(answer["orders"]) == 2
    assert bench.exchange.orders == {}


def test_complex_orders_survive_a_restart(tmp_path):
    bench = quoted(path=str(tmp_path / "ledger.sqlite3"))
    answer, _ = placed(bench, OTOCO)
    bench.exchange.ledger.close()
    bench.open()
    bench.pin(CALL, "1.00", "1.10")
    bench.run(0.3)
    again = bench.bundles.wire(bench.bundles.find(ACCOUNT, answer["id"]))
    assert again["trigger-order"]["status"] == "Filled"
    assert [o["status"] for o in again["orders"]] == ["Live", "Live"]
