"""The real SDK's two streamers against the exchange's websockets."""

import asyncio
import json
from decimal import Decimal

import pytest
import websockets

from tests.practice.exchange_fixture import CALL, PUT, QUIET, STREAMED_CALL, RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of, limit


async def test_quotes_stream_as_they_stand_in_the_rest_answer(exchange: RunningExchange):
    from tastytrade import DXLinkStreamer
    from tastytrade.dxfeed import Quote
    from tastytrade.market_data import get_market_data_by_type

    exchange.pause()
    async with exchange.session() as session, DXLinkStreamer(session) as streamer:
        await streamer.subscribe(Quote, [STREAMED_CALL, "SPY"])
        quotes = {q.event_symbol: q for q in [await streamer.get_event(Quote) for _ in range(2)]}
        (row,) = await get_market_data_by_type(session, options=[CALL])
    quote = quotes[STREAMED_CALL]
    assert (quote.bid_price, quote.ask_price, quote.bid_size) == (row.bid, row.ask, row.bid_size)


async def test_a_pinned_quote_reaches_the_stream(exchange: RunningExchange):
    from tastytrade import DXLinkStreamer
    from tastytrade.dxfeed import Quote

    async with exchange.session() as session, DXLinkStreamer(session) as streamer:
        await streamer.subscribe(Quote, [STREAMED_CALL])
        exchange.market(CALL, bid="1.23", ask="1.29")
        async for quote in streamer.listen(Quote):
            if quote.bid_price == Decimal("1.23"):
                assert quote.ask_price == Decimal("1.29")
                return


@pytest.mark.parametrize("name", ["Greeks", "Trade", "Summary", "Profile", "TheoPrice", "Candle"])
async def test_every_kind_of_event_is_parsed_by_the_sdk(exchange: RunningExchange, name: str):
    from tastytrade import DXLinkStreamer, dxfeed

    kind = getattr(dxfeed, name)
    async with exchange.session() as session, DXLinkStreamer(session) as streamer:
        if name == "Candle":
            await streamer.subscribe_candle(["SPY"], "5m")
        else:
            await streamer.subscribe(kind, [STREAMED_CALL])
        event = await asyncio.wait_for(streamer.get_event(kind), 10)
    assert event.event_symbol in {STREAMED_CALL, "SPY{=5m,tho=true}"}


async def test_a_whole_chain_streams_in_frames_the_sdk_accepts(exchange: RunningExchange):
    from tastytrade import DXLinkStreamer
    from tastytrade.dxfeed import Quote
    from tastytrade.instruments import NestedOptionChain

    exchange.pause()
    async with exchange.session() as session, DXLinkStreamer(session) as streamer:
        (chain,) = await NestedOptionChain.get(session, "SPY")
        strikes = [s for e in chain.expirations[:6] for s in e.strikes]
        symbols = [s.call_streamer_symbol for s in strikes][:1200]
        for start in range(0, len(symbols), 400):
            await streamer.subscribe(Quote, symbols[start : start + 400])
        found = {(await asyncio.wait_for(streamer.get_event(Quote), 20)).event_symbol for _ in symbols}
    assert found == set(symbols)


async def test_a_bent_quote_is_seen_by_readers_only(exchange: RunningExchange):
    from tastytrade.market_data import get_market_data_by_type

    exchange.market(CALL, bid="1.00", ask="1.10")
    async with exchange.session() as session:

        async def seen() -> tuple:
            (row,) = await get_market_data_by_type(session, options=[CALL])
            return row.bid, row.ask

        assert await seen() == (1, Decimal("1.1"))
        exchange.faults({"kind": "crossed_quotes", "symbol": "SPY"})
        assert await seen() == (Decimal("1.2"), 1)
        exchange.clear_faults()
        exchange.faults({"kind": "wide_quotes", "symbol": CALL})
        assert await seen() == (Decimal("0.52"), Decimal("2.1"))
        exchange.clear_faults()
        exchange.faults({"kind": "nan_quotes"})
        assert await seen() == (None, None)
        exchange.clear_faults()
        exchange.faults({"kind": "stale_quotes"})
        assert await seen() == (1, Decimal("1.1"))
        exchange.market(CALL, bid="2.00", ask="2.10")
        assert await seen() == (1, Decimal("1.1"))
        exchange.clear_faults()
        assert await seen() == (2, Decimal("2.1"))


async def test_a_quote_that_other_faults_let_go_does_not_stand_where_it_stood_before(
    exchange: RunningExchange,
):
    from tastytrade.market_data import get_market_data_by_type

    still = {"kind": "stale_quotes", "symbol": CALL}
    exchange.market(CALL, bid="1.00", ask="1.10")
    async with exchange.session() as session:
        exchange.faults(still)
        (row,) = await get_market_data_by_type(session, options=[CALL])
        assert row.bid == 1
        exchange.clear_faults()
        exchange.faults({"kind": "never_fill", "symbol": CALL})
        exchange.market(CALL, bid="2.00", ask="2.10")
        exchange.faults(still)

        (row,) = await get_market_data_by_type(session, options=[CALL])
        assert row.bid == 2


async def test_the_account_stream_tells_an_orders_life_in_full_objects(exchange: RunningExchange):
    from tastytrade import AlertStreamer
    from tastytrade.account import AccountBalance, CurrentPosition
    from tastytrade.order import PlacedOrder

    exchange.market(CALL, bid="1.00", ask="1.10")
    async with exchange.session() as session, AlertStreamer(session) as streamer:
        account = await account_of(session)
        await streamer.subscribe_accounts([account])
        order = limit(CALL, "Buy to Open", "-1.20", external_identifier="s1")
        await account.place_order(session, order, dry_run=False)
        statuses = []
        async for placed in streamer.listen(PlacedOrder):
            statuses.append(placed.status.value)
            assert placed.external_identifier == "s1"
            if placed.status.value == "Filled":
                break
        position = await anext(aiter(streamer.listen(CurrentPosition)))
        balance = await anext(aiter(streamer.listen(AccountBalance)))
    assert statuses == ["Routed", "In Flight", "Live", "Filled"]
    assert (position.symbol, position.quantity) == (CALL, 1)
    assert balance.cash_balance == Decimal("99888.88")


async def test_another_accounts_orders_are_not_told(exchange: RunningExchange):
    from tastytrade import Account, AlertStreamer
    from tastytrade.order import PlacedOrder

    exchange.faults({"kind": "never_fill"})
    async with exchange.session() as session, AlertStreamer(session) as streamer:
        first, second = await Account.get(session)
        await streamer.subscribe_accounts([first])
        await second.place_order(session, limit(CALL, "Buy to Open", "-0.10"), dry_run=False)
        mine = await first.place_order(session, limit(PUT, "Buy to Open", "-0.10"), dry_run=False)
        placed = await anext(aiter(streamer.listen(PlacedOrder)))
    assert placed.id == mine.order.id


async def token_of(exchange: RunningExchange) -> str:
    async with exchange.session() as session:
        await session.refresh()
        return str(session.session_token)


async def talk(exchange: RunningExchange, *messages: dict) -> list[dict]:
    url = exchange.url.replace("http", "ws") + "/"
    async with websockets.connect(url) as socket:
        answers = []
        for message in messages:
            await socket.send(json.dumps(message))
            answers.append(json.loads(await asyncio.wait_for(socket.recv(), 10)))
        return answers


async def test_the_account_stream_answers_as_recorded(exchange: RunningExchange):
    bearer = "Bearer " + await token_of(exchange)
    heartbeat = {"action": "heartbeat", "auth-token": bearer, "request-id": 1}
    connect = {"action": "connect", "auth-token": bearer, "request-id": 2, "value": "5WT00001"}
    early, without, empty, later, connected, beat = await talk(
        exchange,
        heartbeat,
        connect | {"auth-token": bearer.removeprefix("Bearer ")},
        connect | {"value": []},
        {"action": "quote-alerts-subscribe", "auth-token": bearer, "request-id": 4},
        connect,
        heartbeat,
    )
    assert [m["message"] for m in (early, without, empty, later)] == [
        "not-implemented",
        "Unknown domain",
        "value missing or not valid",
        "connect-not-completed",
    ]
    assert (connected["status"], connected["action"], connected["request-id"]) == ("ok", "connect", 2)
    assert (beat["status"], beat["action"]) == ("ok", "heartbeat")


async def test_a_dropped_stream_breaks_under_the_sdk(exchange: RunningExchange):
    from tastytrade import AlertStreamer

    async def listen():
        async with exchange.session() as session, AlertStreamer(session) as streamer:
            await streamer.subscribe_accounts([await account_of(session)])
            exchange.faults({"kind": "stream_drop", "stream": "account"})
            await asyncio.sleep(10)

    with pytest.raises(BaseExceptionGroup):
        await listen()


@pytest.mark.parametrize(
    ("fault", "counts"),
    [
        pytest.param({"kind": "stream_lose", "times": 2}, [1], id="lost"),
        pytest.param({"kind": "stream_duplicate"}, [2, 1, 1], id="twice"),
        pytest.param({"kind": "results_batch"}, [1, 1, 1], id="batched"),
        pytest.param({"kind": "stream_silent", "stream": "account"}, [], id="silent"),
    ],
)
async def test_the_fault_script_bends_the_account_stream(exchange: RunningExchange, fault, counts):
    exchange.faults({"kind": "never_fill"}, fault)
    url, bearer = exchange.url.replace("http", "ws") + "/", "Bearer " + await token_of(exchange)
    async with websockets.connect(url) as socket:
        connect = {"action": "connect", "auth-token": bearer, "value": ["5WT00001"]}
        await socket.send(json.dumps(connect))
        await asyncio.wait_for(socket.recv(), 10)
        async with exchange.session() as session:
            account = await account_of(session)
            placed = await account.place_order(session, limit(CALL, "Buy to Open", "-0.10"), dry_run=False)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Live")
        statuses = await statuses_until_quiet(socket)
    assert [statuses.count(s) for s in dict.fromkeys(statuses)] == counts


async def statuses_until_quiet(socket) -> list[str]:
    """Read messages until none comes for a while; batches are opened."""
    found: list[str] = []
    while True:
        try:
            message = json.loads(await asyncio.wait_for(socket.recv(), QUIET))
        except TimeoutError:
            return found
        messages = message.get("results", [message])
        found += [m["data"]["status"] for m in messages]


async def dxlink(exchange: RunningExchange, *messages: dict) -> list[dict]:
    """Speak DXLink by hand and return what is answered within a moment."""
    url = exchange.url.replace("http", "ws") + "/realtime"
    answers = []
    async with websockets.connect(url) as socket:
        for message in messages:
            await socket.send(json.dumps(message))
        while True:
            try:
                answers.append(json.loads(await asyncio.wait_for(socket.recv(), QUIET)))
            except TimeoutError:
                return answers


async def test_the_quote_stream_insists_on_its_protocol(exchange: RunningExchange):
    setup = {"type": "SETUP", "channel": 0, "version": "0.1", "keepaliveTimeout": 60}
    answers = await dxlink(exchange, setup, {"type": "AUTH", "channel": 0, "token": "wrong"})
    assert [a.get("error") or a.get("state") or a["type"] for a in answers] == [
        "SETUP",
        "UNAUTHORIZED",
        "UNAUTHORIZED",
    ]
    async with exchange.session() as session:
        token = (await session._get("/api-quote-tokens"))["token"]
    answers = await dxlink(
        exchange,
        {"type": "AUTH", "channel": 0, "token": token},
        {"type": "CHANNEL_REQUEST", "channel": 2, "service": "FEED", "parameters": {"contract": "AUTO"}},
        {"type": "FEED_SUBSCRIPTION", "channel": 5, "add": []},
        {"type": "CHANNEL_REQUEST", "channel": 5, "service": "FEED", "parameters": {"contract": "AUTO"}},
        {
            "type": "FEED_SETUP",
            "channel": 5,
            "acceptEventFields": {"Quote": ["eventSymbol", "bidPrice", "odd"]},
        },
        {"type": "FEED_SUBSCRIPTION", "channel": 5, "add": [{"type": "Quote", "symbol": "SPX"}]},
        {"type": "CHANNEL_CANCEL", "channel": 7},
    )
    assert [a["error"] for a in answers if a["type"] == "ERROR"] == ["BAD_ACTION"] * 3
    (config,) = (a for a in answers if a["type"] == "FEED_CONFIG")
    assert config["eventFields"] == {"Quote": ["eventSymbol", "bidPrice", "odd"]}
    (data,) = (a for a in answers if a["type"] == "FEED_DATA")
    assert data["data"] == ["Quote", ["SPX", "NaN", "NaN"]]
