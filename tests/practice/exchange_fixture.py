"""A running practice exchange for tests, and the real SDK pointed at it.

Use it with `from tests.practice.exchange_fixture import *` in a conftest, or name this module in
`pytest_plugins`. Everything speaks over real sockets; the exchange runs in a thread of its own.
"""

import atexit
import json
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
import uvicorn

from orders.brokers.practice import server as serving
from orders.brokers.practice.app import open_exchange
from orders.brokers.practice.clock import Time, real_now
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.expiries import monthlies
from orders.brokers.practice.instruments import occ_symbol, streamer_symbol
from orders.brokers.practice.sessions import Calendar

T = TypeVar("T")
DEADLINE = 30.0  # seconds until a test gives up waiting for what must come
QUIET = 0.7  # seconds without a word after which no more is expected
TODAY = Calendar(always_open=True).today(real_now())
MONTHLY = next(d for d in monthlies(TODAY, 3) if (d - TODAY).days > 14)  # listed whenever the tests run


def option(root: str = "SPY", strike: int = 600, kind: str = "C") -> str:
    """Return the symbol of a listed monthly option."""
    return occ_symbol(root, MONTHLY, kind, Decimal(strike))


CALL, HIGHER_CALL, PUT = option(), option(strike=610), option(kind="P")
STREAMED_CALL = streamer_symbol("SPY", MONTHLY, "C", Decimal(600))


@dataclass
class RunningExchange:
    """A served exchange. `restart` ends it and opens the same ledger again on the same port."""

    path: Path
    seed: int = 7
    speed: float = 1.0
    always_open: bool = True
    port: int = 0
    time: Time = field(default_factory=Time)
    exchange: Exchange = field(init=False)
    _server: uvicorn.Server = field(init=False)
    _thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.exchange = open_exchange(
            self.path, seed=self.seed, speed=self.speed, always_open=self.always_open, time=self.time
        )
        listener = serving.bind("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        self._server = serving.make_server(self.exchange)
        self._thread = threading.Thread(target=serving.serve, args=(self._server, listener), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(DEADLINE)

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Send JSON, return JSON; raises HTTPError for any answer but 2xx."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return json.load(answer)

    def ledger(self, since: int = 0) -> dict[str, Any]:
        return self.call("GET", f"/practice/ledger?since={since}")

    def faults(self, *faults: dict[str, Any]) -> None:
        """Add faults: `exchange.faults({"kind": "drop_before", "match": {"method": "POST"}})`."""
        self.call("POST", "/practice/faults", list(faults))

    def clear_faults(self) -> None:
        self.call("DELETE", "/practice/faults")

    def market(self, symbol: str, **wanted: Any) -> None:
        """Pin or release: `market("SPY", price="600")`, `market(occ, bid="1.00", ask="1.10")`."""
        self.call("POST", "/practice/market", {"symbol": symbol, **wanted})

    def pause(self, *, paused: bool = True) -> None:
        self.call("POST", "/practice/market", {"paused": paused})

    def turn(self, seconds: float, **more: Any) -> None:
        """Let held time pass, and all that is due in it happen; `RunningExchange(time=Time(at))` holds it."""
        self.call("POST", "/practice/clock", {"seconds": seconds, **more})

    def act(self, order_id: int, action: str, **more: Any) -> dict[str, Any]:
        """Cancel, remove, reject or fill an order behind its owner's back."""
        return self.call("POST", f"/practice/orders/{order_id}", {"action": action, **more})

    def by_hand(self, method: str, path: str = "", body: Any = None) -> dict[str, Any]:
        """Place (POST), change (PUT) or cancel (DELETE) an order as the person in the broker's own app."""
        return self.call(method, f"/practice/hand/accounts/5WT00001/orders{path}", body)["data"]

    def reset(self) -> None:
        self.call("POST", "/practice/reset")

    def order(self, order_id: int) -> dict[str, Any]:
        return next(o for o in self.ledger()["orders"] if o["id"] == order_id)

    def requests(self, method: str, path_end: str = "") -> list[dict[str, Any]]:
        """Return the requests the exchange got of a method, whose path ends so."""
        return [
            r for r in self.ledger()["requests"] if r["method"] == method and r["path"].endswith(path_end)
        ]

    @asynccontextmanager
    async def session(self, **client_kwargs: Any) -> AsyncIterator[Any]:
        """Open a real SDK session against this exchange, with a transport of its own."""
        from tastytrade import Session

        transport = redirecting_transport(self.url)
        kwargs = {"transport": transport, "timeout": DEADLINE, **client_kwargs}
        try:
            async with Session("practice-secret", "practice-refresh", is_test=True, **kwargs) as session:
                yield session
        finally:
            await transport.shut()


def redirecting_transport(url: str) -> Any:
    """Return an httpx2 transport that sends every request to `url`'s host.

    Only `shut` closes it: the SDK's streamers close the transport they share with their session.
    """
    import httpx2

    target = httpx2.URL(url)
    plain = {"https": "http", "wss": "ws"}

    class Redirecting(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            scheme = plain.get(request.url.scheme, request.url.scheme)
            request.url = request.url.copy_with(scheme=scheme, host=target.host, port=target.port)
            return await super().handle_async_request(request)

        async def aclose(self) -> None:
            return None

        async def __aexit__(self, *error: object) -> None:
            return None

        async def shut(self) -> None:
            await super().aclose()

    return Redirecting()


def wait_until(condition: Callable[[], T], seconds: float = DEADLINE) -> T:
    """Poll until a condition is truthy and return it; fails the test at the deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {condition}")


@cache
def shared_exchange() -> RunningExchange:
    """Start the exchange that all tests of this process share: starting and stopping take time."""
    folder = TemporaryDirectory()
    running = RunningExchange(Path(folder.name) / "exchange.sqlite3")
    running.start()
    atexit.register(folder.cleanup)
    atexit.register(running.stop)
    return running


@pytest.fixture
def exchange() -> Iterator[RunningExchange]:
    """An always open exchange, seed 7, empty: no orders, no faults, no pins, no requests noted."""
    running = shared_exchange()
    running.reset()
    yield running
    running.clear_faults()
