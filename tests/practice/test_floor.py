"""The life of an order on the floor, told by a clock that the test turns."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orders.brokers.practice.book import Status
from orders.brokers.practice.wire import Refusal
from tests.practice.bench import ACCOUNT, CALL, HIGHER_CALL, SUNDAY, Bench, leg


def quoted(**more) -> Bench:
    bench = Bench(**more)
    bench.pin(CALL, "1.00", "1.10")
    bench.pin(HIGHER_CALL, "0.40", "0.50")
    return bench


def test_a_marketable_order_passes_every_station_and_fills_at_the_touch():
    bench = quoted()
    order = bench.submit(pays="1.20")
    bench.run()
    assert bench.statuses(order) == ["Routed", "In Flight", "Live", "Filled"]
    assert [f.price for f in order.legs[0].fills] == [Decimal("1.10")]


def test_positions_and_the_balance_follow_the_filled_order_on_the_stream():
    bench = quoted()
    bench.submit(pays="1.20")
    bench.run()
    kinds = [kind for kind, _ in bench.told]
    assert kinds[-3:] == ["Order", "CurrentPosition", "AccountBalance"]


def test_an_order_behind_the_market_rests_until_the_market_comes():
    bench = quoted()
    order = bench.submit(pays="0.50")
    bench.run(5)
    assert (order.status, order.filled_units) == (Status.LIVE, 0)
    bench.pin(CALL, "0.40", "0.48")
    bench.run()
    assert order.status is Status.FILLED
    assert order.legs[0].fills[0].price == Decimal("0.48")


def test_an_order_near_the_natural_fills_at_its_limit_within_seconds():
    bench = quoted()
    order = bench.submit(pays="1.09")
    bench.run(30, step=0.25)
    assert order.status is Status.FILLED
    assert {f.price for f in order.legs[0].fills} == {Decimal("1.09")}


def test_the_same_seed_fills_the_same_order_at_the_same_moment():
    moments = []
    for _ in range(2):
        bench = quoted()
        order = bench.submit(pays="1.08")
        bench.run(60, step=0.25)
        moments.append([(f.quantity, f.at) for f in order.legs[0].fills])
    assert moments[0] == moments[1] != []


def test_a_resting_order_of_many_units_may_fill_in_parts_that_sum_to_it():
    fills = set()
    for seed in range(12):
        bench = quoted(seed=seed)
        order = bench.submit(leg(quantity=8), pays="1.09")
        bench.run(60, step=0.25)
        assert sum(f.quantity for f in order.legs[0].fills) == 8
        fills.add(len(order.legs[0].fills))
    assert max(fills) > 1


def test_a_spread_fills_as_a_unit_and_its_leg_prices_sum_to_the_net_price():
    bench = quoted()
    bench.fault(kind="fill_now")
    order = bench.submit(leg(quantity=3), leg("Sell to Open", HIGHER_CALL, 3), pays="0.63")
    bench.run()
    long, short = (one.fills[0] for one in order.legs)
    assert (long.quantity, short.quantity) == (3, 3)
    assert long.price - short.price == Decimal("0.63")


def test_an_off_tick_price_passes_the_preflight_and_dies_at_the_exchange():
    bench = Bench()
    order = bench.submit(leg(symbol="AAPL  261218C00230000"), pays="5.01")
    bench.run()
    assert bench.statuses(order) == ["Routed", "In Flight", "Rejected"]
    assert order.reject_reason == "Invalid price increment"


def test_a_cancel_is_requested_then_done():
    bench = quoted()
    order = bench.submit(pays="0.10")
    bench.run()
    assert bench.cancel(order).status is Status.CANCEL_REQUESTED
    assert bench.cancel(order).status is Status.CANCEL_REQUESTED
    bench.run()
    assert bench.statuses(order) == ["Routed", "In Flight", "Live", "Cancel Requested", "Cancelled"]


def test_a_fill_can_win_against_a_cancel():
    bench = quoted()
    bench.fault(kind="fill_on_cancel")
    order = bench.submit(pays="0.10")
    bench.run()
    bench.cancel(order)
    bench.run()
    assert order.status is Status.FILLED


def test_a_terminal_order_refuses_to_be_cancelled():
    bench = quoted()
    order = bench.submit(pays="1.20")
    bench.run()
    with pytest.raises(Refusal, match="cannot_update_order"):
        bench.cancel(order)


def test_a_replacement_waits_for_the_old_order_and_both_name_each_other():
    bench = quoted()
    old = bench.submit(pays="0.10", external_identifier="a")
    bench.run()
    new = bench.replace(old, price="0.20", price_effect="Debit", external_identifier="b")
    assert (new.status, new.contingent_status, old.status) == (
        Status.CONTINGENT,
        "Pending Order",
        Status.REPLACE_REQUESTED,
    )
    bench.run(0.2)
    assert (old.status, old.edited, old.replaced_by) == (Status.CANCELLED, True, new.id)
    assert (new.status, new.replaces, new.price) == (Status.LIVE, old.id, Decimal("0.20"))
    assert new.external_identifier == "b"


def test_a_fill_of_the_old_order_aborts_its_replacement():
    bench = quoted()
    bench.fault(kind="fill_on_replace")
    old = bench.submit(pays="0.10")
    bench.run()
    new = bench.replace(old, price="0.20", price_effect="Debit")
    bench.run(0.2)
    assert (old.status, new.status, new.filled_units) == (Status.FILLED, Status.CANCELLED, 0)


def test_a_partial_fill_after_the_request_aborts_the_replacement_and_the_old_order_works_on():
    bench = quoted()
    bench.fault(kind="cancel_lag", seconds=1)
    old = bench.submit(leg(quantity=3), pays="0.10")
    bench.run()
    new = bench.replace(old, price="0.20", price_effect="Debit")
    bench.floor.fill(old, 1, bench.now)
    bench.run(1.2)
    assert (old.status, old.remaining_units, old.replaced_by) == (Status.LIVE, 2, None)
    assert new.status is Status.CANCELLED


def test_a_replacement_is_for_what_is_still_open():
    bench = quoted()
    bench.fault(kind="partial_fill", quantity=1)
    old = bench.submit(leg(quantity=3), pays="0.10")
    bench.run()
    new = bench.replace(old, price="0.20", price_effect="Debit")
    bench.run(0.2)
    assert (old.filled_units, new.size, new.status) == (1, 2, Status.LIVE)


def test_a_day_order_expires_with_its_session_and_a_gtc_order_does_not():
    bench = quoted()
    day, gtc = bench.submit(pays="0.10"), bench.submit(pays="0.11", time_in_force="GTC")
    bench.run()
    bench.jump(hours=4, minutes=15)  # 16:15 in New York
    assert (day.status, gtc.status) == (Status.EXPIRED, Status.LIVE)


def test_an_order_good_till_cancelled_sleeps_at_night():
    bench = quoted()
    order = bench.submit(pays="0.10", time_in_force="GTC")
    bench.run()
    bench.jump(hours=8)
    bench.pin(CALL, "0.05", "0.08")
    bench.run(2)
    assert order.status is Status.LIVE
    bench.jump(hours=14)  # the next morning
    bench.run()
    assert order.status is Status.FILLED


def test_an_always_open_day_ends_at_seventeen_hours_in_new_york():
    bench = quoted(at=SUNDAY, always_open=True)
    order = bench.submit(pays="0.10")
    bench.run()
    assert order.status is Status.LIVE
    bench.jump(to=SUNDAY + timedelta(hours=4, minutes=59, seconds=59))
    assert order.status is Status.LIVE
    bench.jump(seconds=1)
    assert order.status is Status.EXPIRED


def test_an_order_of_a_closed_day_waits_and_is_cancelled_at_once():
    bench = Bench(at=SUNDAY)
    order = bench.submit(pays="0.10")
    bench.run(1)
    assert order.status is Status.RECEIVED
    assert bench.cancel(order).status is Status.CANCELLED


def test_an_order_of_a_closed_day_is_routed_when_the_session_opens():
    bench = Bench(at=SUNDAY)
    order = bench.submit(pays="0.10")
    bench.jump(to=SUNDAY + timedelta(hours=21, minutes=30))  # Monday 09:30 in New York
    bench.run()
    assert order.status is Status.LIVE


def test_replacing_an_order_that_still_waits_takes_effect_at_once():
    bench = Bench(at=SUNDAY)
    old = bench.submit(pays="0.10")
    new = bench.replace(old, price="0.20", price_effect="Debit")
    assert (old.status, old.edited, new.status) == (Status.CANCELLED, True, Status.RECEIVED)


def test_immediate_or_cancel_takes_what_there_is_and_goes():
    bench = quoted()
    order = bench.submit(pays="1.05", time_in_force="IOC")
    bench.run()
    assert order.status is Status.CANCELLED


def test_a_paused_market_trades_nothing_until_it_goes_on():
    bench = quoted()
    bench.exchange.clock.pause()
    order = bench.submit(pays="2.00")
    bench.run(1)
    assert order.status is Status.LIVE
    bench.exchange.clock.resume()
    bench.run(0.5)
    assert order.status is Status.FILLED


@pytest.mark.parametrize(
    ("fault", "price", "status", "units"),
    [
        pytest.param({"kind": "never_fill"}, "2.00", Status.LIVE, 0, id="never_fill"),
        pytest.param({"kind": "never_fill", "symbol": "QQQ"}, "2.00", Status.FILLED, 2, id="another-symbol"),
        pytest.param({"kind": "fill_now"}, "0.10", Status.FILLED, 2, id="fill_now"),
        pytest.param({"kind": "fill_at_mid"}, "1.05", Status.FILLED, 2, id="fill_at_mid"),
        pytest.param({"kind": "fill_at_mid"}, "1.04", Status.LIVE, 0, id="behind-the-mid"),
        pytest.param({"kind": "halt", "symbol": "SPY"}, "2.00", Status.LIVE, 0, id="halt"),
        pytest.param({"kind": "partial_fill", "quantity": 1}, "2.00", Status.LIVE, 1, id="partial_fill"),
        pytest.param({"kind": "async_reject"}, "2.00", Status.REJECTED, 0, id="async_reject"),
        pytest.param({"kind": "dead_status"}, "2.00", Status.DEAD, 0, id="dead_status"),
        pytest.param(
            {"kind": "async_reject", "external_identifier": "^x"},
            "2.00",
            Status.FILLED,
            2,
            id="another-order",
        ),
    ],
)
def test_the_fault_script_decides_how_an_order_ends(fault, price, status, units):
    bench = quoted()
    bench.fault(**fault)
    order = bench.submit(leg(quantity=2), pays=price, external_identifier="a1")
    bench.run(1)
    assert (order.status, order.filled_units) == (status, units)


def test_filled_may_be_said_before_the_fills_are_shown():
    bench = quoted()
    bench.fault(kind="filled_before_fills", seconds=2)
    order = bench.submit(pays="1.20")
    bench.run()
    early = order.wire(bench.now)
    assert (early["status"], early["legs"][0]["fills"]) == ("Filled", [])
    bench.run(2.1)
    assert len(bench.told[-1][1]["legs"][0]["fills"]) == 1


def test_an_expired_option_is_settled_in_cash_at_its_inner_value():
    bench = Bench()
    symbol = "SPY   261123C00590000"
    bench.exchange.market.pin_price("SPY", Decimal(600))
    bench.fault(kind="fill_now")
    bench.submit(leg(symbol=symbol), pays="8.00")
    bench.run()
    before = bench.exchange.treasury.cash[ACCOUNT]
    bench.jump(hours=4)
    assert bench.exchange.treasury.cash[ACCOUNT] - before == Decimal(1000)
    assert bench.exchange.treasury.held(ACCOUNT, symbol) == 0
    entry = bench.exchange.treasury.transactions(ACCOUNT)[-1]
    assert (entry["transaction-type"], entry["symbol"], entry["quantity"]) == (
        "Receive Deliver",
        symbol,
        "1.0",
    )
    assert (entry["value"], entry["value-effect"], "exec-id" in entry) == ("1000.0", "Credit", False)


def test_a_stop_order_sleeps_until_the_market_touches_its_trigger():
    bench = quoted()
    bench.submit(pays="1.20")
    bench.run()
    stop = bench.submit(leg("Sell to Close"), order_type="Stop", stop_trigger="0.80")
    bench.run(1)
    assert (stop.status, stop.triggered) == (Status.LIVE, False)
    bench.pin(CALL, "0.70", "0.80")
    bench.run()
    assert (stop.status, stop.legs[0].fills[0].price) == (Status.FILLED, Decimal("0.70"))
