"""What the broker says of the market: instruments, chains, quotes, sessions."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from orders.brokers.base import BrokerError, BrokerUnavailable, Expiration, Session
from orders.brokers.instruments import (
    OPTION_TICKS,
    read_chain,
    read_equity,
    read_future_chain,
    read_future_option,
    read_option,
    read_ticks,
    read_tradeable_futures,
)
from orders.brokers.market_time import COLLECTIONS, NEW_YORK, sessions_on
from orders.brokers.quotes import DELAYED_SECONDS, INDEX, by_type, read_quotes
from orders.brokers.reading import Unreadable
from orders.brokers.records import Call
from orders.brokers.tastytrade_session import BrokerSession
from orders.brokers.tastytrade_stream import collect
from orders.enums import EnvironmentName, InstrumentType
from orders.market import Instrument, Quote, TickTable

T = TypeVar("T")
COLLECT_SECONDS = 2.0  # for the first quotes of a stream that was just opened
REST_REST_SECONDS = 60.0  # how long dead REST market data is not asked again
PAGE_SIZE = 250
FUTURE_OPTION_MARK = "./"


class Market:
    """Reads of the market through one session; instruments are kept for a session day."""

    def __init__(self, session: BrokerSession) -> None:
        self._session = session
        self._kept_on: date | None = None
        self._kept: dict[tuple[str, str], Any] = {}
        self._rest_is_dead_until = 0.0
        is_sandbox = session.seal.environment is EnvironmentName.SANDBOX
        self._rest_delay = DELAYED_SECONDS if is_sandbox else 0

    # --- instruments -------------------------------------------------------------------------------

    def equity(self, symbol: str) -> Instrument:
        return understood(read_equity, self._equity(symbol))

    def option(self, symbol: str) -> Instrument:
        """Return the option of a full symbol: OCC's, or the broker's for one on a future (`./ES...`)."""
        return self._once("option", symbol, lambda: self._read_option(symbol))

    def option_chain(self, underlying: str) -> Sequence[Expiration]:
        path = f"/option-chains/{quote(underlying, safe='')}/nested"
        return self._once("chain", underlying, lambda: understood(read_chain, self._items(path)))

    def futures(self, root: str) -> Sequence[Instrument]:
        params = {"product-code[]": [root.lstrip("/")], "per-page": PAGE_SIZE}
        return self._once(
            "futures",
            root,
            lambda: understood(read_tradeable_futures, self._items("/instruments/futures", params)),
        )

    def future_option_chain(self, root: str) -> Sequence[Expiration]:
        path = f"/futures-option-chains/{quote(root.lstrip('/'), safe='')}/nested"
        return self._once("future chain", root, lambda: understood(read_future_chain, self._data(path)))

    def _read_option(self, symbol: str) -> Instrument:
        name = quote(symbol, safe="")
        if symbol.startswith(FUTURE_OPTION_MARK):
            data = self._data(f"/instruments/future-options/{name}")
            return understood(read_future_option, data, self._future_option_ticks(data))
        data = self._data(f"/instruments/equity-options/{name}")
        return understood(read_option, data, self._option_ticks(data))

    def _option_ticks(self, option: Mapping[str, Any]) -> TickTable:
        equity = self._equity(str(option.get("underlying-symbol", "")))
        return understood(read_ticks, equity.get("option-tick-sizes"), OPTION_TICKS)

    def _future_option_ticks(self, option: Mapping[str, Any]) -> TickTable:
        contract = str(option.get("underlying-symbol", "")).lstrip("/")
        path = f"/instruments/futures/{quote(contract, safe='')}"
        future = self._once("future", contract, lambda: self._data(path))
        return understood(read_ticks, future.get("option-tick-sizes"), OPTION_TICKS)

    def _equity(self, symbol: str) -> dict[str, Any]:
        path = f"/instruments/equities/{quote(symbol, safe='')}"
        return self._once("equity", symbol, lambda: self._data(path))

    def _once(self, kind: str, name: str, read: Callable[[], T]) -> T:
        """Return what was read for this session day; two threads may both read, to the same end."""
        today = datetime.now(NEW_YORK).date()
        if today != self._kept_on:
            self._kept_on, self._kept = today, {}
        kept = self._kept
        if (kind, name) not in kept:
            kept[kind, name] = read()
        found: T = kept[kind, name]
        return found

    # --- quotes ------------------------------------------------------------------------------------

    def quotes(self, instruments: Sequence[Instrument]) -> Mapping[str, Quote]:
        """Return quotes by symbol, from REST first, from the stream where REST is dead.

        Raises BrokerUnavailable when REST failed and the stream gave nothing either.
        """
        call = self._session.call()
        found, failure = self._rest_quotes(instruments, call)
        if not found:
            found = self._streamed_quotes(instruments, call)
            if not found and failure:
                raise BrokerUnavailable(failure)
            if failure and time.monotonic() >= self._rest_is_dead_until:
                self._rest_is_dead_until = time.monotonic() + REST_REST_SECONDS
        return found

    def _rest_quotes(self, instruments: Sequence[Instrument], call: Call) -> tuple[dict[str, Quote], str]:
        """Return quotes, and why there are none; for a while after a failure REST is not asked again."""
        if time.monotonic() < self._rest_is_dead_until:
            return {}, "The broker's market data does not answer, and its stream gave no quote."
        try:
            found = self._asked_by_type(by_type(instruments), call)
            indices = [i.symbol for i in instruments if _may_be_index(i) and i.symbol not in found]
            return found | self._asked_by_type([{INDEX: indices}] if indices else [], call), ""
        except BrokerUnavailable as error:
            return {}, str(error)

    def _asked_by_type(self, batches: Iterable[Mapping[str, list[str]]], call: Call) -> dict[str, Quote]:
        found: dict[str, Quote] = {}
        for params in batches:
            items = self._items("/market-data/by-type", params, call)
            found |= read_quotes(items, datetime.now(UTC), self._rest_delay)
        return found

    def _streamed_quotes(self, instruments: Sequence[Instrument], call: Call) -> dict[str, Quote]:
        symbols = {i.streamer_symbol: i.symbol for i in instruments if i.streamer_symbol}
        found: dict[str, Quote] = {}
        if symbols:
            self._session.asked(call, lambda s: self._collect(s, symbols, found))
        return found

    async def _collect(self, session: Any, symbols: Mapping[str, str], found: dict[str, Quote]) -> None:
        await session.refresh()
        async with self._session.lent(session) as lent:
            found |= await collect(lent, symbols, COLLECT_SECONDS)

    # --- time --------------------------------------------------------------------------------------

    def sessions(self, day: date) -> Mapping[InstrumentType, Session]:
        params = {"instrument-collections[]": list(COLLECTIONS)}
        return understood(sessions_on, day, self._items("/market-time/sessions/current", params))

    def server_time(self) -> datetime:
        """Return the clock of a fresh answer, to the second."""
        call = self._session.call()
        self._session.get("/market-time/equities/holidays", call=call)
        record = call.last()
        try:
            return parsedate_to_datetime(record.date if record else "").astimezone(UTC)
        except ValueError as error:
            raise BrokerError("The broker's answer carried no Date.") from error

    # --- raw answers -------------------------------------------------------------------------------

    def _data(self, path: str, params: Any = None, call: Call | None = None) -> dict[str, Any]:
        data = self._session.get(path, params, call=call).get("data")
        if not isinstance(data, dict):
            raise BrokerError(f"The broker's answer to {path} holds no data.")
        return data

    def _items(self, path: str, params: Any = None, call: Call | None = None) -> list[Any]:
        items = self._data(path, params, call).get("items")
        if not isinstance(items, list):
            raise BrokerError(f"The broker's answer to {path} holds no list.")
        return items


def _may_be_index(instrument: Instrument) -> bool:
    return instrument.kind is InstrumentType.EQUITY


def understood(read: Callable[..., T], *arguments: Any) -> T:
    """Return what a reader makes of an answer; what it cannot read is a BrokerError."""
    try:
        return read(*arguments)
    except Unreadable as error:
        raise BrokerError(f"The broker's answer could not be read: {error}.") from error
