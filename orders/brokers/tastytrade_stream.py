"""Quotes from the broker's stream (DXLink), for where its REST market data is dead."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
from tastytrade import DXLinkStreamer, Session
from tastytrade.dxfeed import Quote as StreamedQuote

from orders.brokers.quotes import DELAYED_SECONDS, streamed_quote
from orders.market import Quote

DELAYED_PATH = "/delayed"  # tells the demo feed


async def collect(session: Session, symbols: Mapping[str, str], seconds: float) -> dict[str, Quote]:
    """Return quotes by symbol, as many as come within `seconds`; `symbols` by streamer symbol.

    The session is used up: its transport is closed with the streamer.
    """
    found: dict[str, Quote] = {}
    async with _opened(session) as streamer:
        delayed = DELAYED_SECONDS if streamer._wss_url.endswith(DELAYED_PATH) else 0
        await streamer.subscribe(StreamedQuote, list(symbols))
        with anyio.move_on_after(seconds):
            while len(found) < len(symbols):
                event = await streamer.get_event(StreamedQuote)
                if symbol := symbols.get(event.event_symbol):
                    found[symbol] = _quote(event, delayed)
    return found


@asynccontextmanager
async def _opened(session: Session) -> AsyncIterator[DXLinkStreamer]:
    """Open a streamer, and close its queues afterwards, which it leaves open itself."""
    streamer = DXLinkStreamer(session)
    try:
        async with streamer:
            yield streamer
    finally:
        for sending in streamer._send.values():
            sending.close()
        for receiving in streamer._recv.values():
            receiving.close()


def _quote(event: StreamedQuote, delayed_seconds: int) -> Quote:
    return streamed_quote(
        event.bid_price,
        event.ask_price,
        times=(event.bid_time, event.ask_time),
        received_at=datetime.now(UTC),
        delayed_seconds=delayed_seconds,
    )
