"""The exchange as a process: what it refuses, how it ends, and what it remembers after kill -9."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import websockets

from tests.practice.bench import body, leg
from tests.practice.exchange_fixture import CALL, RunningExchange, option, wait_until
from tests.practice.test_sdk_orders import account_of, limit

ROOT = Path(__file__).resolve().parents[2]
READY = "Practice exchange ready on "


def start(ledger: Path, *more: str) -> tuple[subprocess.Popen, str]:
    """Start the command on a free port; returns it and its address once it is ready."""
    command = [sys.executable, "manage.py", "runexchange", "--port", "0", "--ledger", str(ledger), *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line.startswith(READY):
        raise AssertionError(line + process.communicate()[1])
    return process, line.removeprefix(READY).strip()


def end(process: subprocess.Popen, with_signal: int) -> str:
    process.send_signal(with_signal)
    return process.communicate(timeout=10)[1]


def ask(url: str, method: str, path: str, payload=None, token: str = ""):
    request = urllib.request.Request(
        url + path,
        None if payload is None else json.dumps(payload).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def login(url: str) -> str:
    grant = {"grant_type": "refresh_token", "client_secret": "s", "refresh_token": "r"}
    return ask(url, "POST", "/oauth/token", grant)["access_token"]


def test_what_was_answered_survives_a_kill(tmp_path: Path):
    script = tmp_path / "faults.json"
    script.write_text(
        json.dumps([{"kind": "fill_now", "symbol": "QQQ"}, {"kind": "never_fill", "symbol": "SPY"}])
    )
    process, url = start(tmp_path / "l.sqlite3", "--always-open", "--faults", str(script))
    path = "/accounts/5WT00001/orders"
    resting = body(leg(symbol=CALL), pays="0.10", external_identifier="kept")
    filled = body(leg(symbol=option("QQQ", 520)), pays="1.00")
    try:
        token = login(url)
        placed = ask(url, "POST", path, resting, token)["data"]["order"]["id"]
        traded = ask(url, "POST", path, filled, token)["data"]["order"]["id"]
        wait_until(lambda: ask(url, "GET", f"{path}/{traded}", token=token)["data"]["status"] == "Filled")
        wait_until(lambda: ask(url, "GET", f"{path}/{placed}", token=token)["data"]["status"] == "Live")
    finally:
        end(process, signal.SIGKILL)

    process, url = start(tmp_path / "l.sqlite3", "--always-open")
    try:
        orders = ask(url, "GET", path + "/live", token=token)["data"]["items"]
        ledger = ask(url, "GET", "/practice/ledger")
        later = ask(url, "POST", path + "/dry-run", resting, token)["data"]["buying-power-effect"]
    finally:
        end(process, signal.SIGTERM)
    assert [(o["id"], o["status"]) for o in orders] == [(traded, "Filled"), (placed, "Live")]
    assert orders[1]["external-identifier"] == "kept"
    assert [(p["symbol"], p["quantity"]) for p in ledger["positions"]] == [(option("QQQ", 520), 1)]
    assert ledger["cash"]["5WT00001"] == "99898.88"
    assert later["current-buying-power"] == "99898.88"


async def test_a_terminated_exchange_ends_at_once_even_with_open_streams(tmp_path: Path):
    process, url = start(tmp_path / "l.sqlite3")
    async with websockets.connect(url.replace("http", "ws") + "/realtime"):
        began = time.monotonic()
        errors = end(process, signal.SIGTERM)
    assert time.monotonic() - began < 10
    assert (process.returncode, errors) == (-signal.SIGTERM, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com"])
def test_any_host_but_loopback_is_refused(host: str):
    from django.core.management import call_command
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="loopback only"):
        call_command("runexchange", host=host)


async def test_a_session_goes_on_after_a_restart_with_its_token_and_its_ids(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})
    async with exchange.session() as session:
        account = await account_of(session)
        first = await account.place_order(session, limit(CALL, "Buy to Open", "-0.10"), dry_run=False)
        exchange.restart()
        second = await account.place_order(session, limit(CALL, "Buy to Open", "-0.10"), dry_run=False)
        history = await account.get_order_history(session, sort="Asc")
    assert second.order.id == first.order.id + 1
    assert [o.id for o in history] == [first.order.id, second.order.id]


def test_the_market_goes_on_after_a_restart_where_its_clock_is(exchange: RunningExchange):
    before = exchange.call("GET", "/practice/health")["market_seconds"]
    exchange.restart()
    after = exchange.call("GET", "/practice/health")["market_seconds"]
    assert before < after < before + 20


def test_the_same_seed_makes_the_same_market(tmp_path: Path):
    from orders.brokers.practice.app import open_exchange

    spots = []
    for name in ("a", "b"):
        exchange = open_exchange(tmp_path / f"{name}.sqlite3", seed=11, always_open=True)
        exchange.clock.pause()
        exchange.clock._paused_at = 1234.5
        instrument = exchange.instrument("SPY")
        spots.append(exchange.market.quote(instrument).mid)
        exchange.ledger.close()
    assert spots[0] == spots[1]


def test_requests_are_in_the_ledger_and_since_leaves_older_ones_out(exchange: RunningExchange):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        exchange.call("GET", "/customers/me")
    first = exchange.ledger()["requests"][-1]
    token = login(exchange.url)
    exchange.call("GET", "/customers/me", headers={"Authorization": f"Bearer {token}"})
    later = exchange.ledger(since=first["id"])["requests"]
    assert (first["method"], first["path"], first["status"]) == ("GET", "/customers/me", 401)
    assert [(r["path"], r["status"]) for r in later] == [("/oauth/token", 200), ("/customers/me", 200)]
