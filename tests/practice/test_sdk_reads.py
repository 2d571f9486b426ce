"""Everything the real SDK can read, read from the practice exchange and parsed by the SDK's own models."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from orders.brokers.practice.sessions import nth_weekday
from tests.practice.exchange_fixture import CALL, MONTHLY, STREAMED_CALL, TODAY, RunningExchange


async def test_customer_accounts_and_status(exchange: RunningExchange):
    from tastytrade import Account

    async with exchange.session() as session:
        assert not await session.validate()
        await session.refresh()
        assert await session.validate()
        assert (await session.get_customer()).id == "me"
        accounts = await Account.get(session)
        one = await Account.get(session, "5WT00002")
        status = await accounts[0].get_trading_status(session)
    assert [a.account_number for a in accounts] == ["5WT00001", "5WT00002"]
    assert (accounts[0].margin_or_cash, one.nickname) == ("Margin", "Practice reserve")
    assert (status.is_futures_enabled, status.short_calls_enabled) == (True, True)


async def test_a_fresh_account_has_its_cash_and_nothing_else(exchange: RunningExchange):
    from tastytrade import Account

    async with exchange.session() as session:
        account = await Account.get(session, "5WT00001")
        balance = await account.get_balances(session)
        assert await account.get_positions(session) == []
        assert await account.get_history(session) == []
        assert await account.get_live_orders(session) == []
        assert await account.get_order_history(session) == []
        assert await account.get_live_complex_orders(session) == []
        assert await account.get_complex_order_history(session) == []
        assert (await account.get_total_fees(session)).total_fees == 0
        assert (await account.get_margin_requirements(session)).margin_requirement == 0
        history = await account.get_net_liquidating_value_history(session, time_back="1d")
        snapshots = await account.get_balance_snapshots(session)
    assert (balance.cash_balance, balance.equity_buying_power) == (100_000, 200_000)
    assert [bar.close for bar in history] == [100_000]
    assert [s.net_liquidating_value for s in snapshots] == [100_000]


async def test_chains_hold_the_same_options_flat_and_nested(exchange: RunningExchange):
    from tastytrade.instruments import NestedOptionChain, get_option_chain

    async with exchange.session() as session:
        (nested,) = await NestedOptionChain.get(session, "SPY")
        flat = await get_option_chain(session, "SPY")
    monthly = next(e for e in nested.expirations if e.expiration_date == MONTHLY)
    strike = next(s for s in monthly.strikes if s.strike_price == 600)
    assert (strike.call, strike.call_streamer_symbol) == (CALL, STREAMED_CALL)
    assert monthly.expiration_type == "Regular"
    symbols = {s for e in nested.expirations for k in e.strikes for s in (k.call, k.put)}
    assert symbols == {o.symbol for options in flat.values() for o in options}
    assert len(symbols) > 5000


async def test_the_index_has_a_chain_of_weeklies_and_one_of_mornings(exchange: RunningExchange):
    from tastytrade.instruments import NestedOptionChain

    async with exchange.session() as session:
        chains = await NestedOptionChain.get(session, "SPX")
    kinds = {c.root_symbol: {e.settlement_type for e in c.expirations} for c in chains}
    assert kinds == {"SPXW": {"PM"}, "SPX": {"AM"}}
    assert [(t.value, t.threshold) for t in chains[0].tick_sizes] == [
        (Decimal("0.05"), Decimal(3)),
        (Decimal("0.1"), None),
    ]


async def test_equities_and_options_by_symbol(exchange: RunningExchange):
    from tastytrade.instruments import Equity, Option

    async with exchange.session() as session:
        spy = await Equity.get(session, "SPY")
        some = await Equity.get(session, ["SPY", "AAPL", "NONE"])
        active = await Equity.get_active_equities(session)
        option = await Option.get(session, CALL)
    assert (spy.is_etf, spy.is_index) == (True, False)
    assert [e.symbol for e in some] == ["SPY", "AAPL"]
    assert len(active) == 7
    assert (option.strike_price, option.streamer_symbol, option.shares_per_contract) == (
        600,
        STREAMED_CALL,
        100,
    )


async def test_futures_and_their_options(exchange: RunningExchange):
    from tastytrade.instruments import (
        Future,
        FutureOption,
        FutureOptionProduct,
        FutureProduct,
        NestedFutureOptionChain,
        get_future_option_chain,
    )

    async with exchange.session() as session:
        front = (await Future.get(session, product_codes=["ES"]))[0]
        assert (await Future.get(session, front.symbol)).streamer_symbol == front.streamer_symbol
        products = await FutureProduct.get(session)
        product = await FutureProduct.get(session, "/ES")
        nested = await NestedFutureOptionChain.get(session, "ES")
        flat = await get_future_option_chain(session, "/ES")
        wanted = nested.option_chains[0].expirations[0].strikes[0]
        option = await FutureOption.get(session, wanted.call)
        roots = await FutureOptionProduct.get(session)
        root = await FutureOptionProduct.get(session, "ES")
    assert {p.code for p in products} == {"ES", "NQ", "MES", "CL", "GC"}
    assert (product.notional_multiplier, front.tick_size, front.active_month) == (50, Decimal("0.25"), True)
    assert option.streamer_symbol == wanted.call_streamer_symbol
    assert option.notional_value / option.display_factor == 50
    assert sum(map(len, flat.values())) == 2 * sum(
        len(e.strikes) for c in nested.option_chains for e in c.expirations
    )
    assert root.root_symbol in {r.root_symbol for r in roots}


async def test_what_is_not_traded_here_is_an_empty_list(exchange: RunningExchange):
    from tastytrade.instruments import Cryptocurrency, Forex, Warrant, get_quantity_decimal_precisions

    async with exchange.session() as session:
        assert await Cryptocurrency.get(session) == []
        assert await Warrant.get(session) == []
        assert await Forex.get(session) == []
        assert {p.value for p in await get_quantity_decimal_precisions(session)} == {0}


async def test_market_data_of_every_kind(exchange: RunningExchange):
    from tastytrade.instruments import Future, NestedFutureOptionChain
    from tastytrade.market_data import get_market_data, get_market_data_by_type
    from tastytrade.order import InstrumentType

    async with exchange.session() as session:
        future = (await Future.get(session, product_codes=["ES"]))[0]
        chain = await NestedFutureOptionChain.get(session, "ES")
        option = chain.option_chains[0].expirations[0].strikes[40].put
        rows = await get_market_data_by_type(
            session,
            equities=["SPY"],
            options=[CALL],
            futures=[future.symbol],
            future_options=[option],
            indices=["SPX"],
        )
        one = await get_market_data(session, CALL, InstrumentType.EQUITY_OPTION)
    by_symbol = {row.symbol: row for row in rows}
    assert set(by_symbol) == {"SPY", CALL, future.symbol, option, "SPX"}
    assert by_symbol["SPX"].bid is None
    assert all(row.bid < row.ask for row in rows if row.symbol != "SPX")
    assert one.instrument_type is InstrumentType.EQUITY_OPTION


async def test_more_than_a_hundred_symbols_are_too_many(exchange: RunningExchange):
    from tastytrade.market_data import get_market_data_by_type
    from tastytrade.utils import TastytradeError

    async with exchange.session() as session:
        with pytest.raises(TastytradeError, match="too_many_symbols"):
            await get_market_data_by_type(session, options=[CALL] * 101)


async def test_sessions_and_holidays(tmp_path):
    from tastytrade.market_sessions import (
        ExchangeType,
        get_futures_holidays,
        get_market_holidays,
        get_market_sessions,
    )

    running = RunningExchange(tmp_path / "e.sqlite3", always_open=False)
    running.start()
    try:
        async with running.session() as session:
            equity, cme = await get_market_sessions(session, [ExchangeType.NYSE, ExchangeType.CME])
            holidays = await get_market_holidays(session)
            assert (await get_futures_holidays(session, ExchangeType.CME)).holidays == holidays.holidays
    finally:
        running.stop()
    assert equity.close_at - equity.open_at in {timedelta(hours=6.5), timedelta(hours=3.5)}
    assert equity.next_session.session_date > equity.previous_session.session_date
    assert cme.instrument_collection == "CME"
    thanksgiving = nth_weekday(TODAY.year, 11, 3, 4)
    assert thanksgiving in holidays.holidays
    assert thanksgiving + timedelta(days=1) in holidays.half_days


async def test_an_always_open_market_says_so(exchange: RunningExchange):
    from tastytrade.market_sessions import ExchangeType, get_market_holidays, get_market_sessions

    async with exchange.session() as session:
        (now,) = await get_market_sessions(session, [ExchangeType.NYSE])
        holidays = await get_market_holidays(session)
    assert now.status.value == "Open"
    assert now.close_at - now.open_at == timedelta(days=1)
    assert holidays.holidays == []


async def test_sessions_between_two_dates_are_listed(exchange: RunningExchange):
    async with exchange.session() as session:
        data = await session._get("/market-time/equities/sessions?from-date=2026-12-01&to-date=2026-12-03")
    assert [s["session-date"] for s in data["items"]] == ["2026-12-01", "2026-12-02", "2026-12-03"]


async def test_metrics_search_and_watchlists(exchange: RunningExchange):
    from tastytrade.metrics import get_dividends, get_earnings, get_market_metrics, get_risk_free_rate
    from tastytrade.order import InstrumentType
    from tastytrade.search import symbol_search
    from tastytrade.watchlists import PairsWatchlist, PrivateWatchlist, PublicWatchlist

    async with exchange.session() as session:
        assert [m.symbol for m in await get_market_metrics(session, ["SPY", "/ES"])] == ["SPY", "/ES"]
        assert await get_dividends(session, "AAPL") == []
        assert await get_earnings(session, "AAPL", date(2026, 1, 1)) == []
        assert await get_risk_free_rate(session) == Decimal("0.04")
        assert [s.symbol for s in await symbol_search(session, "SP")] == ["SPY", "SPX"]
        assert [w.name for w in await PublicWatchlist.get(session)] == ["Practice market"]
        assert await PairsWatchlist.get(session) == []
        mine = PrivateWatchlist(name="mine")
        mine.add_symbol("SPY", InstrumentType.EQUITY)
        await mine.upload(session)
        await mine.update(session)
        kept = await PrivateWatchlist.get(session, "mine")
        await PrivateWatchlist.remove(session, "mine")
        assert await PrivateWatchlist.get(session) == []
    assert kept.watchlist_entries == [{"symbol": "SPY", "instrument-type": "Equity"}]


async def test_unknown_paths_accounts_and_contracts_are_refused_in_the_envelope(exchange: RunningExchange):
    from tastytrade import Account
    from tastytrade.instruments import Option
    from tastytrade.utils import TastytradeError

    async with exchange.session() as session:
        with pytest.raises(TastytradeError, match="not_found: Not Found: GET /nowhere"):
            await session._get("/nowhere")
        with pytest.raises(TastytradeError, match="not_permitted"):
            await Account.get(session, "5WT99999")
        with pytest.raises(TastytradeError, match="record_not_found"):
            await Option.get(session, "SPY   261219C00600000")
