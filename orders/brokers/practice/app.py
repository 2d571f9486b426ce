"""The exchange as an ASGI application: routes, streams, and the beat that moves the floor."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from orders.brokers.practice import (
    accounts_api,
    complex_api,
    hand_api,
    instruments_api,
    market_api,
    oauth,
    orders_api,
    practice_api,
    watchlists_api,
)
from orders.brokers.practice.account_stream import AccountStreams
from orders.brokers.practice.clock import MarketClock, Time
from orders.brokers.practice.complex_orders import Bundles
from orders.brokers.practice.dxlink import QuoteStreams, QuoteTokens
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.floor import Floor
from orders.brokers.practice.front_door import FrontDoor
from orders.brokers.practice.gate import Gate
from orders.brokers.practice.happening import happen
from orders.brokers.practice.ledger import Ledger
from orders.brokers.practice.quotes import Wire
from orders.brokers.practice.wire import Refusal, instant

logger = logging.getLogger(__name__)
BEAT_SECONDS = 0.02
ROUTES = (
    *oauth.routes,
    *orders_api.routes,
    *complex_api.routes,
    *accounts_api.routes,
    *instruments_api.routes,
    *market_api.routes,
    *watchlists_api.routes,
    *practice_api.routes,
    *hand_api.routes,
)


def open_exchange(
    path: Path | str,
    *,
    seed: int,
    speed: float = 1.0,
    always_open: bool = False,
    time: Time | None = None,
) -> Exchange:
    """Open the ledger at a path and the exchange over it; market time goes on from the ledger's epoch."""
    ledger, time = Ledger(path), time or Time()
    epoch = datetime.fromisoformat(ledger.fact("epoch", instant(time())))
    return Exchange(ledger, time, MarketClock(epoch, speed, time), seed=seed, always_open=always_open)


def make_app(exchange: Exchange) -> ASGIApp:
    """Build the application. The front door is outermost: it sees requests before anybody else."""
    app = Starlette(
        routes=[*ROUTES, WebSocketRoute("/", _account_stream), WebSocketRoute("/realtime", _quote_stream)],
        exception_handlers={Refusal: _refused, HTTPException: _no_route},
        lifespan=_lifespan,
    )
    state = app.state
    state.exchange, state.floor, state.wire = exchange, Floor(exchange), Wire(exchange)
    state.bundles, state.watchlists = Bundles(exchange, state.floor), {}
    state.beat_error = None
    state.quote_tokens = QuoteTokens(exchange)
    state.account_streams = AccountStreams(exchange)
    state.quote_streams = QuoteStreams(exchange, state.wire, state.quote_tokens)
    return FrontDoor(Gate(app, exchange), exchange)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    beat = asyncio.create_task(_beat(app.state))
    beat.add_done_callback(partial(_note_end, app))
    yield
    beat.cancel()
    await asyncio.wait([beat])
    app.state.exchange.ledger.close()


async def _beat(state: State) -> None:
    while True:
        state.floor.advance()
        await happen(state)
        await asyncio.sleep(BEAT_SECONDS)


def _note_end(app: Starlette, beat: "asyncio.Task[None]") -> None:
    """Cry out if the floor stopped by itself: an exchange that only seems to run helps nobody."""
    if not beat.cancelled():
        app.state.beat_error = beat.exception()
        logger.critical("The floor has stopped", exc_info=app.state.beat_error)


async def _account_stream(socket: WebSocket) -> None:
    await socket.app.state.account_streams.serve(socket)


async def _quote_stream(socket: WebSocket) -> None:
    await socket.app.state.quote_streams.serve(socket)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    del request
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body(), status_code=error.status)


async def _no_route(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    code = "not_found" if error.status_code == 404 else "invalid_request"
    message = f"{error.detail}: {request.method} {request.url.path}"
    return JSONResponse(Refusal(error.status_code, code, message).body(), status_code=error.status_code)
