"""The exchange's time, held and turned: over the wire, with the real SDK, to the millisecond."""

import urllib.error
from datetime import timedelta

import pytest

from orders.brokers.practice.clock import Time
from tests.practice.bench import CALL, MONDAY_NOON, SUNDAY, Bench
from tests.practice.exchange_fixture import RunningExchange
from tests.practice.test_sdk_orders import account_of, limit


@pytest.fixture
def held(tmp_path):
    """An exchange that stands at noon of a trading day, whenever the test runs."""
    running = RunningExchange(tmp_path / "e.sqlite3", always_open=False, time=Time(MONDAY_NOON))
    running.start()
    yield running
    running.stop()


async def place(exchange: RunningExchange, price: str) -> int:
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(session, limit(CALL, "Buy to Open", price), dry_run=False)
    return placed.order.id


async def test_an_order_moves_only_when_the_time_is_turned(held: RunningExchange):
    held.market(CALL, bid="1.00", ask="1.10")
    order_id = await place(held, "-1.20")
    assert held.order(order_id)["status"] == "Routed"
    held.turn(0.02)
    assert held.order(order_id)["status"] == "Routed"
    held.turn(0.05)
    order = held.order(order_id)
    assert (order["status"], order["live-at"]) == ("Filled", "2026-11-23T17:00:00.070+00:00")


async def test_the_same_turns_make_the_same_trades(tmp_path):
    def story(name: str) -> list:
        running = RunningExchange(tmp_path / name, always_open=False, time=Time(MONDAY_NOON))
        running.start()
        try:
            login = running.call("POST", "/oauth/token", {"grant_type": "refresh_token", **SECRETS})
            bearer = {"Authorization": f"Bearer {login['access_token']}"}
            for n in range(5):
                running.market(CALL, bid="1.00", ask="1.10")
                running.call("POST", "/accounts/5WT00001/orders", order(f"1.0{n + 4}"), bearer)
                running.turn(20)
            return [
                (f["fill_id"], f["quantity"], f["price"], f["filled_at"]) for f in running.ledger()["fills"]
            ]
        finally:
            running.stop()

    first, second = story("a"), story("b")
    assert first == second
    assert len(first) > 0


SECRETS = {"client_secret": "s", "refresh_token": "r"}


def order(price: str) -> dict:
    leg = {"symbol": CALL, "instrument-type": "Equity Option", "action": "Buy to Open", "quantity": 3}
    terms = {"order-type": "Limit", "time-in-force": "Day", "price": price, "price-effect": "Debit"}
    return {**terms, "legs": [leg]}


async def test_a_token_lives_by_the_exchanges_time(held: RunningExchange):
    from tastytrade import Account
    from tastytrade.utils import TastytradeError

    async with held.session() as session:
        assert len(await Account.get(session)) == 2
        held.turn(899)
        assert len(await Account.get(session)) == 2
        held.turn(1)
        with pytest.raises(TastytradeError, match="token_invalid"):
            await Account.get(session)


async def test_a_day_ends_when_the_time_is_turned_past_it(held: RunningExchange):
    order_id = await place(held, "-0.10")
    held.turn(4.25 * 3600, step=60)  # 16:15 in New York
    assert held.order(order_id)["status"] == "Expired"


def test_held_time_stands_still_and_released_it_goes_on_from_there(held: RunningExchange):
    first, second = (held.call("GET", "/practice/health") for _ in range(2))
    assert (first["now"], first["is_held"]) == (second["now"], True)
    released = held.call("POST", "/practice/clock", {"release": True})
    assert released["is_held"] is False
    assert held.time() - MONDAY_NOON < timedelta(minutes=1)
    held.call("POST", "/practice/clock", {"hold": "2026-11-24T15:00:00Z"})
    assert held.call("GET", "/practice/health")["now"] == "2026-11-24T15:00:00.000+00:00"


@pytest.mark.parametrize(
    "wanted",
    [
        {"hold": "2026-11-22T15:00:00Z"},
        {"hold": "2026-11-24T15:00:00"},
        {"hold": "noon"},
        {"seconds": -1},
        {"seconds": "soon"},
        {"seconds": 1, "step": 0},
    ],
    ids=["back", "no offset", "no time", "backwards", "no number", "no step"],
)
def test_what_time_cannot_do_is_refused(held: RunningExchange, wanted):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        held.call("POST", "/practice/clock", wanted)
    assert held.time() == MONDAY_NOON


def test_time_that_runs_by_itself_cannot_be_turned(exchange: RunningExchange):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        exchange.turn(1)


def test_a_bench_is_the_exchange_under_a_held_time():
    bench = Bench(at=SUNDAY)
    bench.run(1.5)
    bench.jump(hours=1)
    assert bench.now == SUNDAY + timedelta(hours=1, seconds=1.5)
