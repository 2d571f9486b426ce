"""The rehearsal's own door: pins, halts, health."""

import urllib.error

import pytest

from tests.practice.exchange_fixture import CALL, RunningExchange, wait_until
from tests.practice.test_rest import Client


@pytest.fixture
def client(exchange: RunningExchange) -> Client:
    return Client(exchange)


def row(client: Client, kind: str, symbol: str) -> dict:
    path = f"/market-data/by-type?{kind}={symbol.replace(' ', '%20').replace('/', '%2F')}"
    return client.call("GET", path)[1]["data"]["items"][0]


def test_options_follow_the_pinned_price_of_their_underlying(client: Client, exchange: RunningExchange):
    exchange.market("SPY", price="700")
    high = float(row(client, "equity-option", CALL)["mid"])
    exchange.market("SPY", price="600")
    assert row(client, "equity", "SPY")["bid"] == "599.99"
    assert high > 95 > 50 > float(row(client, "equity-option", CALL)["mid"])


def test_a_released_quote_moves_again(client: Client, exchange: RunningExchange):
    exchange.market(CALL, bid="1.00", ask="1.10")
    assert row(client, "equity-option", CALL)["ask"] == "1.1"
    exchange.market(CALL, release=True)
    assert row(client, "equity-option", CALL)["ask"] != "1.1"


def test_a_halt_is_shown_until_it_is_lifted(client: Client, exchange: RunningExchange):
    exchange.market("SPY", halted=True)
    assert row(client, "equity-option", CALL)["is-trading-halted"] is True
    exchange.market("SPY", halted=False)
    assert row(client, "equity-option", CALL)["is-trading-halted"] is False


@pytest.mark.parametrize(
    "wanted",
    [{"symbol": "XYZ", "price": "1"}, {"symbol": CALL, "price": "1"}, {"symbol": "SPY", "price": "x"}],
)
def test_what_can_not_be_pinned_is_refused(exchange: RunningExchange, wanted):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        exchange.call("POST", "/practice/market", wanted)


def test_an_exchange_whose_floor_has_stopped_says_so(tmp_path, caplog):
    running = RunningExchange(tmp_path / "e.sqlite3")
    running.start()
    assert running.call("GET", "/practice/health")["status"] == "ok"
    running.exchange.working = lambda: 1 / 0
    wait_until(lambda: running.call("GET", "/practice/health")["status"] == "stopped")
    running.stop()
    assert [r.message for r in caplog.records if r.levelname == "CRITICAL"] == ["The floor has stopped"]
