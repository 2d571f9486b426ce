"""The whole adapter with the real SDK against the practice exchange, over real sockets."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from orders.brokers.account_stream import Connected, Disconnected, OrderReport, Pace, account_messages
from orders.brokers.base import (
    BrokerUnavailable,
    CredentialsRefused,
    NotFound,
    NotSent,
    Refused,
    Sent,
    Unknown,
)
from orders.brokers.market_time import NEW_YORK
from orders.enums import InstrumentType, OptionType
from orders.market import Instrument, Tick
from tests.orders.brokers.samples import ACCOUNT, ORDERS, SPY_CALL, closing, draft
from tests.practice.exchange_fixture import exchange, wait_until

__all__ = ["exchange"]
POST_ORDER = {"method": "POST", "path": "/orders$"}


@pytest.fixture
def broker(exchange, broker_at):
    exchange.market(SPY_CALL, bid="1.20", ask="1.30")
    return broker_at(exchange.url)


def resting(broker, **changes) -> str:
    """Place an order far from the market and return its id once it is live."""
    outcome = broker.place(draft(price=Decimal("0.50"), **changes))
    wait_until(lambda: broker.order(outcome.order.broker_order_id).status == "Live")
    return outcome.order.broker_order_id


def test_a_marketable_order_fills_and_becomes_a_position(broker):
    outcome = broker.place(draft(price=Decimal("1.30")))

    order_id = outcome.order.broker_order_id
    order = wait_until(lambda: (o := broker.order(order_id)).status == "Filled" and o)
    assert isinstance(outcome, Sent)
    assert sum(fill.quantity for fill in order.fills) == 2
    assert {fill.price for fill in order.fills} == {Decimal("1.30")}
    assert [(p.symbol, p.quantity, p.kind) for p in broker.positions()] == [
        (SPY_CALL, 2, InstrumentType.EQUITY_OPTION)
    ]


def test_the_books_hold_every_fill_once_with_its_fees(broker):
    bought = broker.place(draft(price=Decimal("1.30"))).order.broker_order_id
    order = wait_until(lambda: (o := broker.order(bought)).status == "Filled" and o)

    books = broker.transactions_since(datetime.now(NEW_YORK).date())

    assert {t.fill_id for t in books} == {fill.fill_id for fill in order.fills}
    assert (sum(t.quantity for t in books), sum(t.value for t in books)) == (2, Decimal(-260))
    assert [t.net_value for t in books] == [t.value + t.fees for t in books]
    assert {(t.is_trade, t.symbol, t.broker_order_id, t.reverses_id) for t in books} == {
        (True, SPY_CALL, bought, "")
    }
    assert (books.unreadable, books.is_complete) == ((), True)


def test_an_order_is_found_by_its_identifier_in_both_listings(broker):
    order_id = resting(broker)

    for listing in (broker.live_orders(), broker.orders_since(datetime.now(NEW_YORK).date())):
        assert listing.by_external_identifier("practice-d1-1").broker_order_id == order_id
        assert (listing.is_complete, listing.unreadable) == (True, ())


def test_a_resting_order_is_replaced_and_both_know_it(broker):
    old_id = resting(broker)

    outcome = broker.replace(old_id, draft(price=Decimal("0.55"), external_identifier="practice-d1-2"))

    assert isinstance(outcome, Sent)
    assert outcome.order.replaces_order_id == old_id
    old = wait_until(lambda: (o := broker.order(old_id)).status == "Cancelled" and o)
    assert old.replacing_order_id == outcome.order.broker_order_id


def test_a_cancel_is_asked_for_and_then_done_and_not_twice(broker):
    order_id = resting(broker)

    outcome = broker.cancel(order_id)

    assert isinstance(outcome, Sent)
    wait_until(lambda: broker.order(order_id).status == "Cancelled")
    again = broker.cancel(order_id)
    assert isinstance(again, Refused)
    assert again.code == "cannot_update_order"


def test_a_close_without_a_position_is_refused_not_opened(broker):
    outcome = broker.place(closing(price=Decimal("1.20")))

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.http_status) == ("closing_with_no_position", 422)
    assert broker.positions() == []


def test_a_held_position_is_closed(broker):
    bought = broker.place(draft(price=Decimal("1.30")))
    wait_until(lambda: broker.order(bought.order.broker_order_id).status == "Filled")

    sold = broker.place(closing(price=Decimal("1.20")))

    wait_until(lambda: broker.order(sold.order.broker_order_id).status == "Filled")
    assert broker.positions() == []


def test_a_dry_run_costs_and_warns_but_places_nothing(broker, exchange):
    found = broker.dry_run(draft(price=Decimal("1.30")))

    assert found.errors == ()
    assert found.fees < 0
    assert found.buying_power_effect == Decimal(-260) + found.fees
    assert exchange.ledger()["orders"] == []


def test_a_dry_run_beyond_the_means_says_so(broker):
    legs = (replace(draft().legs[0], quantity=100_000),)

    found = broker.dry_run(draft(legs=legs, price=Decimal("1.30")))

    assert [code for code, _ in found.errors] == ["margin_check_failed"]


def test_an_accepted_order_whose_answer_was_lost_is_unknown_and_found_later(broker, exchange):
    broker.refresh()
    exchange.faults({"kind": "accept_then_drop", "match": POST_ORDER})

    outcome = broker.place(draft(price=Decimal("0.50")))

    assert isinstance(outcome, Unknown)
    found = wait_until(lambda: broker.live_orders().by_external_identifier("practice-d1-1"))
    assert found.external_identifier == "practice-d1-1"
    assert len(exchange.requests("POST", "/orders")) == 1


def test_a_dropped_order_is_unknown_and_asked_once(broker, exchange):
    broker.refresh()
    exchange.faults({"kind": "drop_before", "match": POST_ORDER})

    assert isinstance(broker.place(draft()), Unknown)
    assert exchange.ledger()["orders"] == []
    assert len(exchange.requests("POST", "/orders")) == 1


@pytest.mark.parametrize(("status", "expected"), [(429, NotSent), (401, NotSent), (502, Unknown)])
def test_a_status_decides(broker, exchange, status, expected):
    exchange.faults({"kind": "status", "status": status, "match": POST_ORDER})

    outcome = broker.place(draft())

    assert (type(outcome), outcome.http_status) == (expected, status)


def test_a_held_order_is_unknown_at_the_deadline_though_accepted(broker, exchange, settings):
    broker.refresh()
    settings.CALL_SECONDS = 1.5
    exchange.faults({"kind": "hold_then_accept", "seconds": 3, "match": POST_ORDER})

    outcome = broker.place(draft(price=Decimal("0.50")))

    assert outcome == Unknown("no answer within 1.5 s")
    settings.CALL_SECONDS = 6
    assert wait_until(lambda: broker.live_orders().by_external_identifier("practice-d1-1"))


def test_an_expired_token_is_not_sent_and_a_refresh_mends_it(broker, exchange):
    broker.refresh()
    exchange.faults({"kind": "expire_tokens"})

    first = broker.place(draft(price=Decimal("0.50")))
    broker.refresh()
    second = broker.place(draft(price=Decimal("0.50")))

    assert (type(first), first.http_status) == (NotSent, 401)
    assert isinstance(second, Sent)


def test_a_hiccup_and_a_revoked_grant_are_told_apart(broker, exchange):
    exchange.faults({"kind": "oauth_hiccup"})
    with pytest.raises(BrokerUnavailable):
        broker.refresh()

    exchange.faults({"kind": "revoke_grant"})
    with pytest.raises(CredentialsRefused):
        broker.refresh()


def test_a_dead_status_does_not_hide_the_listing(broker, exchange):
    exchange.faults({"kind": "dead_status"})
    broker.place(draft(price=Decimal("0.50"), external_identifier="practice-d1-dead"))
    broker.place(draft(price=Decimal("0.45"), external_identifier="practice-d1-2"))

    found = wait_until(
        lambda: (o := broker.live_orders().by_external_identifier("practice-d1-dead")).status == "Dead" and o
    )

    assert found.status == "Dead"
    assert broker.live_orders().by_external_identifier("practice-d1-2") is not None


def test_an_option_is_found_by_its_full_symbol_and_in_its_chain(broker):
    option = broker.option(SPY_CALL)
    expiry = next(e for e in broker.option_chain("SPY") if e.expires_on == date(2026, 12, 18))

    assert option == Instrument(
        InstrumentType.EQUITY_OPTION,
        SPY_CALL,
        "SPY",
        "SPY",
        Decimal(100),
        (Tick(Decimal("0.01")),),
        ".SPY261218C600",
        date(2026, 12, 18),
        Decimal(600),
        OptionType.CALL,
    )
    assert expiry.calls[Decimal(600)] == option


def test_an_unknown_symbol_is_not_found(broker):
    for read in (broker.equity, broker.option_chain, broker.future_option_chain):
        with pytest.raises(NotFound):
            read("NOPE")
    with pytest.raises(NotFound):
        broker.option("SPY   261218C99999000")


def test_an_index_has_two_roots_settled_in_the_morning_and_the_evening(broker):
    chain = broker.option_chain("SPX")

    assert {(e.root, e.is_am_settled) for e in chain} == {("SPX", True), ("SPXW", False)}
    assert [e.expires_on for e in chain] == sorted(e.expires_on for e in chain)


def test_futures_and_their_options_are_worth_fifty_a_point(broker):
    front = broker.futures("/ES")[0]
    expiry = broker.future_option_chain("/ES")[0]
    option = expiry.calls[expiry.strikes[len(expiry.strikes) // 2]]

    assert (front.root, front.multiplier, front.kind) == ("/ES", Decimal(50), InstrumentType.FUTURE)
    assert (option.root, option.multiplier) == ("/ES", Decimal(50))
    assert broker.option(option.symbol) == option


def test_a_chain_is_asked_for_once_a_day(broker, exchange):
    assert broker.option_chain("QQQ") is broker.option_chain("QQQ")
    assert len(exchange.requests("GET", "/option-chains/QQQ/nested")) == 1


def test_quotes_of_every_kind_come_by_symbol(broker):
    option = broker.option(SPY_CALL)
    others = [broker.equity("SPY"), broker.futures("/ES")[0]]

    found = broker.quotes([option, *others])

    assert set(found) == {SPY_CALL, "SPY", others[1].symbol}
    assert (found[SPY_CALL].bid, found[SPY_CALL].ask) == (Decimal("1.20"), Decimal("1.30"))
    assert all(q.is_two_sided and q.delayed_seconds == 0 for q in found.values())


def test_an_index_has_a_quote_without_sides(broker):
    quote = broker.quotes([broker.equity("SPX")])["SPX"]

    assert (quote.bid, quote.ask, quote.is_two_sided) == (None, None, False)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("nan_quotes", (None, None, False)), ("halt", (Decimal("1.20"), Decimal("1.30"), True))],
)
def test_a_quote_that_must_not_be_used_says_so(broker, exchange, kind, expected):
    option = broker.option(SPY_CALL)
    exchange.faults({"kind": kind, "symbol": SPY_CALL})

    quote = broker.quotes([option])[SPY_CALL]

    assert (quote.bid, quote.ask, quote.is_halted) == expected


def test_quotes_come_from_the_stream_where_rest_is_dead(broker, exchange):
    instruments = [broker.option(SPY_CALL), broker.equity("SPY")]
    exchange.faults({"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}})

    found = broker.quotes(instruments)
    again = broker.quotes(instruments)

    assert (found[SPY_CALL].bid, found[SPY_CALL].ask) == (Decimal("1.20"), Decimal("1.30"))
    assert set(found) == set(again) == {SPY_CALL, "SPY"}
    assert len(exchange.requests("GET", "/market-data/by-type")) == 1


def test_a_stream_whose_token_ended_gives_quotes_with_a_new_one(broker, exchange):
    instruments = [broker.option(SPY_CALL)]
    exchange.faults({"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}})
    broker.quotes(instruments)
    exchange.faults({"kind": "expire_tokens"})

    assert broker.quotes(instruments)[SPY_CALL].ask == Decimal("1.30")


def test_no_quote_from_the_stream_while_rest_is_dead_is_unavailable(broker, exchange):
    instruments = [broker.option(SPY_CALL)]
    exchange.faults({"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}})
    broker.quotes(instruments)
    exchange.faults({"kind": "stream_silent", "stream": "dxlink"})

    with pytest.raises(BrokerUnavailable):
        broker.quotes(instruments)


def test_an_order_in_flight_survives_the_end_of_a_quote_stream(broker, exchange):
    instruments = [broker.option(SPY_CALL)]
    exchange.faults(
        {"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}},
        {"kind": "delay", "seconds": 3, "match": POST_ORDER},
    )

    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(broker.place, draft(price=Decimal("0.50")))
        quotes = broker.quotes(instruments)
        was_in_flight = not placing.done()
        outcome = placing.result()

    assert (quotes[SPY_CALL].is_two_sided, was_in_flight) == (True, True)
    assert isinstance(outcome, Sent)


def test_neither_quotes_nor_stream_is_unavailable(broker, exchange):
    instruments = [broker.option(SPY_CALL)]
    exchange.faults(
        {"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}},
        {"kind": "status", "status": 502, "times": 9, "match": {"path": "/api-quote-tokens"}},
    )

    with pytest.raises(BrokerUnavailable):
        broker.quotes(instruments)


def test_the_balance_is_read(broker):
    balance = broker.balance()

    assert (balance.cash, balance.equity_buying_power) == (Decimal(100_000), Decimal(200_000))


def test_todays_session_contains_now_where_it_is_always_open(broker):
    now = datetime.now(UTC)
    day = now.astimezone(NEW_YORK)
    day = (day + timedelta(days=1)).date() if day.hour >= 17 else day.date()

    found = broker.sessions(day)

    assert set(found) == set(InstrumentType)
    assert all(s.opens_at <= now < s.closes_at for s in found.values())


def test_the_clock_is_the_exchanges(broker):
    assert abs(broker.server_time() - datetime.now(UTC)) < timedelta(seconds=3)


async def test_the_account_stream_reports_an_order_to_its_fill(broker):
    stream = account_messages(broker)
    assert await anext(stream) == Connected()

    placed = await asyncio.to_thread(broker.place, draft(price=Decimal("1.30")))
    async with asyncio.timeout(30):
        statuses = []
        async for event in stream:
            if isinstance(event, OrderReport):
                assert event.order.broker_order_id == placed.order.broker_order_id
                statuses.append(event.order.status)
                if event.order.status == "Filled":
                    break
    await stream.aclose()

    assert statuses[-1] == "Filled"
    assert sum(fill.quantity for fill in event.order.fills) == 2


async def test_a_half_open_account_stream_is_given_up_for_its_silence(broker, exchange):
    pace = Pace(heartbeat=0.1, silence=0.5, connect=5)
    events = []

    async for event in account_messages(broker, pace=pace):
        events.append(event)
        if isinstance(event, Connected):
            exchange.faults({"kind": "stream_half_open", "stream": "account"})

    assert [type(event) for event in events] == [Connected, Disconnected]
    assert events[-1].cause == "silent for 0.5 s"


async def test_a_stream_whose_token_was_voided_connects_with_another_one(broker, exchange):
    await asyncio.to_thread(broker.refresh)
    await asyncio.to_thread(exchange.faults, {"kind": "expire_tokens"})

    refused = [event async for event in account_messages(broker)]
    again = account_messages(broker)
    first = await anext(again)
    await again.aclose()

    assert ([type(event) for event in refused], first) == ([Disconnected], Connected())


async def test_a_dropped_account_stream_says_so(broker, exchange):
    stream = account_messages(broker)
    assert await anext(stream) == Connected()

    await asyncio.to_thread(exchange.faults, {"kind": "stream_drop", "stream": "account"})

    async with asyncio.timeout(30):
        ends = [event async for event in stream if isinstance(event, Disconnected)]
    assert len(ends) == 1


def test_no_token_of_any_kind_is_logged(broker, exchange, caplog):
    caplog.set_level("DEBUG")
    exchange.faults({"kind": "status", "status": 502, "times": 9, "match": {"path": "/market-data"}})

    broker.quotes([broker.option(SPY_CALL)])
    broker.place(draft(price=Decimal("0.50")))
    token = broker.fresh_token()
    quote_token = broker._session.get("/api-quote-tokens")["data"]["token"]

    served = ("uvicorn", "websockets.server")  # the exchange's own lines, in this same process
    lines = [r.getMessage() for r in caplog.records if not r.name.startswith(served)]
    secrets = token, quote_token, "practice-secret", "practice-refresh"
    assert lines != []
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


def test_requests_carry_only_what_was_asked_for(broker, exchange):
    broker.place(draft(price=Decimal("0.50")))

    posts = exchange.requests("POST", "/orders")
    assert [(r["path"], r["external_identifier"]) for r in posts] == [(ORDERS, "practice-d1-1")]
    assert broker.account_number == ACCOUNT
