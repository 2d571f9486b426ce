"""The fault script on the wire: what the client sees, and what the ledger says really happened."""

import pytest

from tests.practice.exchange_fixture import CALL, RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of, limit

POSTED = {"match": {"method": "POST", "path": "/orders$"}}


def order():
    return limit(CALL, "Buy to Open", "-0.10", external_identifier="f1")


async def place(exchange: RunningExchange, **session_kwargs):
    async with exchange.session(**session_kwargs) as session:
        account = await account_of(session)
        return await account.place_order(session, order(), dry_run=False)


def happened(exchange: RunningExchange) -> tuple[list, int]:
    """Return the statuses of the posts the exchange got, and how many orders it has."""
    return [r["status"] for r in exchange.requests("POST", "/orders")], len(exchange.ledger()["orders"])


async def test_a_connection_dropped_before_leaves_nothing(exchange: RunningExchange):
    import httpx2

    exchange.faults({"kind": "drop_before", **POSTED})
    with pytest.raises(httpx2.TransportError):
        await place(exchange)
    assert happened(exchange) == ([None], 0)
    (request,) = exchange.requests("POST", "/orders")
    assert (request["fault"], request["external_identifier"]) == ("drop_before", "f1")


async def test_an_order_may_be_accepted_though_its_answer_was_dropped(exchange: RunningExchange):
    import httpx2

    exchange.faults({"kind": "accept_then_drop", **POSTED})
    with pytest.raises(httpx2.TransportError):
        await place(exchange)
    assert happened(exchange) == ([201], 1)
    assert exchange.ledger()["orders"][0]["external-identifier"] == "f1"


async def test_a_held_order_is_accepted_after_its_client_gave_up(exchange: RunningExchange):
    import httpx2

    exchange.faults({"kind": "hold_then_accept", "seconds": 2.0, **POSTED})
    with pytest.raises(httpx2.ReadTimeout):
        await place(exchange, timeout=httpx2.Timeout(10, read=0.5))
    assert happened(exchange) == ([None], 0)
    wait_until(lambda: happened(exchange) == ([201], 1))


@pytest.mark.parametrize("after", [False, True], ids=["before-doing-it", "before-answering"])
async def test_a_delay_times_the_client_out_though_the_order_is_there(exchange: RunningExchange, after):
    import httpx2

    exchange.faults({"kind": "delay", "seconds": 2.0, "after": after, **POSTED})
    with pytest.raises(httpx2.ReadTimeout):
        await place(exchange, timeout=httpx2.Timeout(10, read=0.5))
    assert happened(exchange)[1] == (1 if after else 0)
    wait_until(lambda: happened(exchange)[1] == 1)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"status": 502}, "Couldn't parse response: <html>.*502 Bad Gateway"),
        ({"status": 429}, "Couldn't parse response: "),
        ({"status": 401}, "token_invalid"),
        ({"status": 422, "body": {"error": {"code": "c", "message": "m"}}}, "c: m"),
    ],
)
async def test_any_status_can_be_answered_with_nothing_done(exchange: RunningExchange, fault, message):
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "status", **fault, **POSTED})
    with pytest.raises(TastytradeError, match=f"(?s){message}"):
        await place(exchange)
    assert happened(exchange) == ([fault["status"]], 0)


async def test_a_fault_is_used_up_by_its_times(exchange: RunningExchange):
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "status", "status": 503, "times": 2, **POSTED})
    for _ in range(2):
        with pytest.raises(TastytradeError):
            await place(exchange)
    await place(exchange)
    assert happened(exchange) == ([503, 503, 201], 1)
    assert exchange.call("GET", "/practice/faults") == []


async def test_an_order_can_stay_out_of_listings_for_a_while(exchange: RunningExchange):
    exchange.faults({"kind": "listing_lag", "seconds": 0.5}, {"kind": "never_fill"})
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(session, order(), dry_run=False)
        assert await account.get_live_orders(session) == []
        assert await account.get_order_history(session) == []
        assert (await account.get_order(session, placed.order.id)).id == placed.order.id
        while not (live := await account.get_live_orders(session)):
            pass
    assert [o.external_identifier for o in live] == ["f1"]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "oauth_hiccup"}, "invalid_request.*User is not a TastyTrade customer"),
        ({"kind": "revoke_grant"}, "invalid_grant.*Grant revoked"),
    ],
)
async def test_a_login_can_fail_for_a_while_or_for_good(exchange: RunningExchange, fault, message):
    from tastytrade.utils import TastytradeError

    exchange.faults(fault)
    with pytest.raises(TastytradeError, match=message):
        await place(exchange)
    if fault["kind"] == "revoke_grant":
        with pytest.raises(TastytradeError, match=message):
            await place(exchange)
        exchange.clear_faults()
    await place(exchange)


async def test_expired_tokens_are_refused_until_the_session_is_refreshed(exchange: RunningExchange):
    from tastytrade import Account
    from tastytrade.utils import TastytradeError

    async with exchange.session() as session:
        await Account.get(session)
        exchange.faults({"kind": "expire_tokens"})
        with pytest.raises(TastytradeError, match="token_invalid"):
            await Account.get(session)
        await session.refresh(force=True)
        assert len(await Account.get(session)) == 2


async def test_the_nightly_reset_forgets_orders_and_never_gives_an_id_twice(exchange: RunningExchange):
    exchange.faults({"kind": "fill_now"})
    first = await place(exchange)
    wait_until(lambda: exchange.order(first.order.id)["status"] == "Filled")
    exchange.faults({"kind": "nightly_reset"})
    emptied = exchange.ledger()
    assert (emptied["orders"], emptied["fills"], emptied["positions"]) == ([], [], [])
    assert emptied["cash"]["5WT00001"] == "100000.0"
    assert (await place(exchange)).order.id > first.order.id


async def test_an_unknown_fault_is_refused_by_name(exchange: RunningExchange):
    import urllib.error

    with pytest.raises(urllib.error.HTTPError, match="400"):
        exchange.faults({"kind": "no_such_thing"})


async def test_others_may_cancel_fill_or_reject_an_order(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})
    for action, status in (("cancel", "Cancelled"), ("reject", "Rejected"), ("fill", "Filled")):
        placed = await place(exchange)
        wait_until(lambda placed=placed: exchange.order(placed.order.id)["status"] == "Live")
        assert exchange.act(placed.order.id, action)["status"] == status
