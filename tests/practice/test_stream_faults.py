"""Streams that misbehave: late, out of order, deaf, in words that nobody knows, in frames too large."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import websockets

from tests.practice.exchange_fixture import CALL, DEADLINE, QUIET, STREAMED_CALL, RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of, limit
from tests.practice.test_sdk_streams import token_of


@asynccontextmanager
async def listening(exchange: RunningExchange):
    url, bearer = exchange.url.replace("http", "ws") + "/", "Bearer " + await token_of(exchange)
    async with websockets.connect(url, ping_interval=None, close_timeout=0.2) as socket:
        connect = {"action": "connect", "auth-token": bearer, "value": ["5WT00001"]}
        await socket.send(json.dumps(connect))
        await asyncio.wait_for(socket.recv(), 10)
        yield socket


async def frames_until_quiet(socket) -> list[str]:
    found: list[str] = []
    while True:
        try:
            found.append(await asyncio.wait_for(socket.recv(), QUIET))
        except TimeoutError:
            return found


async def placed(exchange: RunningExchange) -> int:
    async with exchange.session() as session:
        account = await account_of(session)
        order = await account.place_order(session, limit(CALL, "Buy to Open", "-0.10"), dry_run=False)
    wait_until(lambda: exchange.order(order.order.id)["status"] in {"Live", "Remove Pending"})
    return order.order.id


def told(frames: list[str]) -> list[str]:
    return [json.loads(frame)["data"].get("status", "?") for frame in frames]


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        pytest.param({"kind": "stream_swap"}, ["In Flight", "Routed", "Live"], id="out-of-order"),
        pytest.param(
            {"kind": "stream_late", "seconds": 0.5, "status": "Routed"},
            ["In Flight", "Live", "Routed"],
            id="late",
        ),
        pytest.param({"kind": "stream_lose", "status": "In Flight"}, ["Routed", "Live"], id="one-lost"),
        pytest.param({"kind": "stream_noise"}, ["?", "Routed", "In Flight", "Live"], id="unknown-type"),
        pytest.param({"kind": "odd_status"}, ["Routed", "In Flight", "Remove Pending"], id="unknown-status"),
    ],
)
async def test_messages_come_as_the_script_says(exchange: RunningExchange, fault, statuses):
    exchange.faults({"kind": "never_fill"}, fault)
    async with listening(exchange) as socket:
        await placed(exchange)
        frames = await frames_until_quiet(socket)
    assert told(frames) == statuses


async def test_noise_need_not_even_be_json(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"}, {"kind": "stream_noise", "frame": "<html>502</html>"})
    async with listening(exchange) as socket:
        await placed(exchange)
        frames = await frames_until_quiet(socket)
    assert (frames[0], told(frames[1:])) == ("<html>502</html>", ["Routed", "In Flight", "Live"])


async def test_an_unknown_status_is_told_for_a_while_and_the_order_lives_on(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"}, {"kind": "odd_status", "seconds": 2})
    order_id = await placed(exchange)
    assert exchange.order(order_id)["status"] == "Remove Pending"
    wait_until(lambda: exchange.order(order_id)["status"] == "Live")


async def test_an_unknown_status_kills_the_sdks_listing(exchange: RunningExchange):
    from pydantic import ValidationError

    exchange.faults({"kind": "never_fill"}, {"kind": "odd_status", "seconds": 30})
    await placed(exchange)
    async with exchange.session() as session:
        account = await account_of(session)
        with pytest.raises(ValidationError):
            await account.get_live_orders(session)


async def test_a_half_open_stream_answers_nothing_not_even_a_ping(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})
    async with listening(exchange) as socket:
        await asyncio.wait_for(await socket.ping(), DEADLINE)
        exchange.faults({"kind": "stream_half_open", "stream": "account"})
        await placed(exchange)
        heard = await frames_until_quiet(socket)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await socket.ping(), QUIET)
        async with listening(exchange) as another:
            await placed(exchange)
            assert told(await frames_until_quiet(another)) == ["Routed", "In Flight", "Live"]
    assert heard == []


async def test_a_half_open_quote_stream_stays_silent_though_quotes_move(exchange: RunningExchange):
    from tastytrade import DXLinkStreamer
    from tastytrade.dxfeed import Quote

    exchange.market(CALL, bid="1.00", ask="1.10")
    async with exchange.session() as session, DXLinkStreamer(session) as streamer:
        await streamer.subscribe(Quote, [STREAMED_CALL])
        first = await asyncio.wait_for(streamer.get_event(Quote), 10)
        exchange.faults({"kind": "stream_half_open", "stream": "dxlink"})
        while streamer.get_event_nowait(Quote) is not None:
            pass
        exchange.market(CALL, bid="2.00", ask="2.10")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(streamer.get_event(Quote), QUIET)
    assert first.bid_price == 1


async def test_a_frame_too_large_ends_the_sdks_quote_stream(exchange: RunningExchange):
    from tastytrade import DXLinkStreamer
    from tastytrade.dxfeed import Quote
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "big_frame"})

    async def listen():
        async with exchange.session() as session, DXLinkStreamer(session) as streamer:
            await streamer.subscribe(Quote, [STREAMED_CALL])
            await asyncio.wait_for(streamer.get_event(Quote), 10)

    with pytest.raises(TastytradeError, match="Subscription message too long!"):
        await listen()
