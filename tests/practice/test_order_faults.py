"""Faults that an order carries with it, under a held time."""

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import CALL, Bench, leg


def quoted() -> Bench:
    bench = Bench()
    bench.pin(CALL, "1.00", "1.10")
    return bench


STRICT = {"strict-position-effect-validation": True}


def test_a_position_can_lag_its_fill_and_a_strict_close_is_refused_meanwhile():
    bench = quoted()
    bench.fault(kind="position_lag", seconds=2)
    bench.submit(pays="1.20")
    bench.run(0.1)
    with pytest.raises(Refusal, match="preflight_check_failure"):
        bench.submit(leg("Sell to Close"), receives="1.00", advanced_instructions=STRICT)
    bench.run(2)
    close = bench.submit(leg("Sell to Close"), receives="1.00", advanced_instructions=STRICT)
    bench.run(0.1)
    assert close.status is Status.FILLED


def test_a_close_that_comes_before_its_position_is_relabelled_as_an_opening():
    bench = quoted()
    bench.fault(kind="position_lag", seconds=2)
    bench.submit(pays="1.20")
    bench.run(0.1)
    assert bench.submit(leg("Sell to Close"), receives="2.00").legs[0].action == "Sell to Open"


def half_traded(bench: Bench):
    bench.fault(kind="never_fill")
    order = bench.submit(leg(quantity=4), pays="0.50")
    bench.run()
    bench.floor.fill(order, 1, bench.now)
    return order


@pytest.mark.parametrize(("faults", "size"), [([], 3), (["replace_whole"], 4)], ids=["open-part", "whole"])
def test_the_size_of_a_replacement_after_a_partial_fill_is_a_switch(faults, size):
    bench = quoted()
    order = half_traded(bench)
    for kind in faults:
        bench.fault(kind=kind)
    new = bench.replace(order, price="0.55", price_effect="Debit")
    bench.run(0.2)
    assert (order.status, new.status, new.size) == (Status.CANCELLED, Status.LIVE, size)


@pytest.mark.parametrize(
    ("faults", "status"),
    [([], Status.CANCELLED), (["reject_aborted"], Status.REJECTED)],
    ids=["", "switched"],
)
def test_how_an_aborted_replacement_ends_is_a_switch(faults, status):
    bench = quoted()
    bench.fault(kind="fill_on_replace", quantity=1)
    for kind in faults:
        bench.fault(kind=kind)
    order = half_traded(bench)
    new = bench.replace(order, price="0.55", price_effect="Debit")
    bench.run(0.2)
    assert (order.status, order.remaining_units, new.status) == (Status.LIVE, 2, status)


def test_an_order_that_is_removed_after_a_part_traded_says_so(tmp_path):
    from tests.practice.exchange_fixture import RunningExchange

    running = RunningExchange(tmp_path / "e.sqlite3")
    running.start()
    try:
        running.faults({"kind": "never_fill"})
        leg_ = {"symbol": CALL, "quantity": 2, "action": "Buy to Open", "instrument-type": "Equity Option"}
        wanted = {"order-type": "Limit", "time-in-force": "Day", "price": "0.5", "price-effect": "Debit"}
        order = running.by_hand("POST", body={**wanted, "legs": [leg_]})["order"]["id"]
        running.act(order, "fill", quantity=1)
        assert running.act(order, "remove")["status"] == "Partially Removed"
    finally:
        running.stop()
