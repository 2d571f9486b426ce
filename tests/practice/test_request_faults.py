"""Faults of requests beyond lost answers: caps, tokens that end at a call, answers cut in two, lateness."""

import json

import pytest

from tests.practice.exchange_fixture import CALL, RunningExchange, wait_until
from tests.practice.test_rest import Client
from tests.practice.test_sdk_faults import happened, place
from tests.practice.test_sdk_orders import account_of, limit

POSTED = {"match": {"method": "POST", "path": "/orders$"}}


def test_more_than_twenty_requests_a_second_are_too_many_until_the_second_is_over(tmp_path):
    from orders.brokers.practice.clock import Time
    from tests.practice.bench import MONDAY_NOON

    running = RunningExchange(tmp_path / "e.sqlite3", time=Time(MONDAY_NOON))
    running.start()
    try:
        client = Client(running)
        running.faults({"kind": "rate_limit", "match": {"path": "^/accounts/"}})
        ask = "GET", "/accounts/5WT00001/positions"
        first = [client.call(*ask)[0] for _ in range(22)]
        elsewhere = client.call("GET", "/customers/me")[0]
        running.turn(0.95)
        still = client.call(*ask)[0]
        running.turn(0.05)
        later = [client.call(*ask)[0] for _ in range(21)]
    finally:
        running.stop()
    assert first == [200] * 20 + [429] * 2
    assert (elsewhere, still) == (200, 429)
    assert later == [200] * 20 + [429]


async def test_a_capped_order_is_not_placed(exchange: RunningExchange):
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "rate_limit", "per_second": 0, **POSTED})
    with pytest.raises(TastytradeError):
        await place(exchange)
    assert happened(exchange) == ([429], 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders$"),
        ("POST", "/orders/dry-run$"),
        ("GET", "/orders/live$"),
        ("GET", "/positions$"),
        ("PUT", r"/orders/\d+$"),
        ("DELETE", r"/orders/\d+$"),
        ("POST", "/complex-orders$"),
        ("GET", "/api-quote-tokens$"),
    ],
)
async def test_the_token_can_end_at_any_call_and_a_new_one_works(
    exchange: RunningExchange, method: str, path: str
):
    from tastytrade import DXLinkStreamer
    from tastytrade.order import OCOOrder, OrderTimeInForce, StopOrder
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "never_fill"})
    async with exchange.session() as session:
        account = await account_of(session)
        order = limit(CALL, "Buy to Open", "-0.10")
        resting = (await account.place_order(session, order, dry_run=False)).order.id
        wait_until(lambda: exchange.order(resting)["status"] == "Live")

        async def stream() -> None:
            async with DXLinkStreamer(session):
                pass

        target, legs = limit(CALL, "Sell to Open", "9"), limit(CALL, "Sell to Open", "9").legs
        stop = StopOrder(time_in_force=OrderTimeInForce.DAY, legs=legs, stop_trigger="0.01")
        pair = OCOOrder(take_profit=target, stop_loss=stop)
        calls = {
            "POST /orders$": lambda: account.place_order(session, order, dry_run=False),
            "POST /orders/dry-run$": lambda: account.place_order(session, order, dry_run=True),
            "GET /orders/live$": lambda: account.get_live_orders(session),
            "GET /positions$": lambda: account.get_positions(session),
            r"PUT /orders/\d+$": lambda: account.replace_order(session, resting, order),
            r"DELETE /orders/\d+$": lambda: account.delete_order(session, resting),
            "POST /complex-orders$": lambda: account.place_complex_order(session, pair, dry_run=False),
            "GET /api-quote-tokens$": stream,
        }
        before = len(exchange.ledger()["orders"])
        exchange.faults({"kind": "expire_on_request", "match": {"method": method, "path": path}})

        with pytest.raises(BaseException, match="token_invalid|unhandled errors") as failed:
            await calls[f"{method} {path}"]()

        assert isinstance(failed.value, TastytradeError | BaseExceptionGroup)
        assert len(exchange.ledger()["orders"]) == before
        assert [r["status"] for r in exchange.ledger()["requests"] if r["fault"]] == [401]
        await session.refresh(force=True)
        assert [o.id for o in await account.get_live_orders(session)] == [resting]


async def test_an_answer_can_break_off_in_the_middle_of_its_body(exchange: RunningExchange):
    import httpx2

    exchange.faults({"kind": "cut_answer", **POSTED})
    with pytest.raises(httpx2.TransportError):
        await place(exchange)
    assert happened(exchange) == ([201], 1)


async def test_an_order_may_be_accepted_long_after_its_connection_was_cut(exchange: RunningExchange):
    import httpx2

    exchange.faults({"kind": "late_accept", "seconds": 1.5, **POSTED})
    with pytest.raises(httpx2.TransportError):
        await place(exchange)
    assert happened(exchange) == ([None], 0)
    wait_until(lambda: happened(exchange) == ([201], 1))
    assert exchange.ledger()["orders"][0]["external-identifier"] == "f1"


@pytest.mark.parametrize(("kind", "units"), [("fill_on_cancel", 1), ("fill_on_replace", 1)])
async def test_a_part_can_trade_while_an_order_is_cancelled_or_replaced(
    exchange: RunningExchange, kind: str, units: int
):
    exchange.faults({"kind": "never_fill"}, {"kind": kind, "quantity": 1})
    async with exchange.session() as session:
        account = await account_of(session)
        order = limit(CALL, "Buy to Open", "-0.10", quantity=3)
        placed = (await account.place_order(session, order, dry_run=False)).order.id
        wait_until(lambda: exchange.order(placed)["status"] == "Live")
        if kind == "fill_on_cancel":
            await account.delete_order(session, placed)
            ends = "Cancelled", 2
        else:
            other = limit(CALL, "Buy to Open", "-0.11", quantity=3)
            await account.replace_order(session, placed, other)
            ends = "Live", 2
        wait_until(lambda: exchange.order(placed)["legs"][0]["remaining-quantity"] == 3 - units)
        wait_until(lambda: exchange.order(placed)["status"] == ends[0])
    assert exchange.order(placed)["legs"][0]["remaining-quantity"] == ends[1]


def test_a_fault_can_be_told_to_wait(tmp_path):
    from orders.brokers.practice.clock import Time
    from tests.practice.bench import MONDAY_NOON

    running = RunningExchange(tmp_path / "e.sqlite3", time=Time(MONDAY_NOON))
    running.start()
    try:
        client = Client(running)
        running.faults({"kind": "expire_tokens", "in": 10})
        early = client.call("GET", "/customers/me")[0]
        running.turn(10)
        late = client.call("GET", "/customers/me")[0]
    finally:
        running.stop()
    assert (early, late) == (200, 401)


def test_a_script_with_an_unknown_line_is_refused_whole(exchange: RunningExchange):
    import urllib.error

    with pytest.raises(urllib.error.HTTPError, match="400"):
        exchange.faults({"kind": "never_fill"}, {"kind": "no_such_thing"})
    assert exchange.call("GET", "/practice/faults") == []


def test_every_kind_of_fault_can_come_from_a_file(tmp_path):
    from orders.brokers.practice.app import open_exchange
    from orders.brokers.practice.fault_kinds import FaultKind
    from orders.brokers.practice.server import load_faults

    script = tmp_path / "faults.json"
    script.write_text(json.dumps([{"kind": kind} for kind in FaultKind]))
    exchange = open_exchange(":memory:", seed=7)
    load_faults(exchange, script)
    assert [f.kind for f in exchange.faults.pending] == list(FaultKind)
    exchange.ledger.close()
