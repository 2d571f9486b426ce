"""Quotes out of the broker's market data. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from orders.brokers.reading import Json, Unreadable, number, read_time, strictly
from orders.enums import InstrumentType
from orders.market import Instrument, Quote

PER_REQUEST = 100  # symbols of all kinds together, the broker's limit
PARAMETERS = {
    InstrumentType.EQUITY: "equity",
    InstrumentType.EQUITY_OPTION: "equity-option",
    InstrumentType.FUTURE: "future",
    InstrumentType.FUTURE_OPTION: "future-option",
}
INDEX = "index"
DELAYED_SECONDS = 15 * 60  # what the sandbox, and the demo feed of its stream, lag


def by_type(instruments: Iterable[Instrument]) -> Iterator[dict[str, list[str]]]:
    """Yield the parameters of the requests that cover the instruments, each once."""
    wanted = iter(dict.fromkeys((PARAMETERS[i.kind], i.symbol) for i in instruments))
    while batch := list(islice(wanted, PER_REQUEST)):
        yield _grouped(batch)


def _grouped(batch: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for parameter, symbol in batch:
        grouped.setdefault(parameter, []).append(symbol)
    return grouped


def read_quotes(items: Iterable[Any], received_at: datetime, delayed_seconds: int = 0) -> dict[str, Quote]:
    """Return the quotes by symbol; an item that cannot be read is no quote."""
    found: dict[str, Quote] = {}
    for item in items:
        try:
            found[item["symbol"]] = read_quote(item, received_at, delayed_seconds)
        except (Unreadable, KeyError, TypeError):
            continue
    return found


@strictly
def read_quote(data: Json, received_at: datetime, delayed_seconds: int) -> Quote:
    """Return one quote of REST market data; an index has neither side."""
    return Quote(
        bid=price_or_none(data.get("bid")),
        ask=price_or_none(data.get("ask")),
        received_at=received_at,
        quoted_at=read_time(data.get("updated-at")),
        is_halted=bool(data.get("is-trading-halted")),
        delayed_seconds=delayed_seconds,
    )


def price_or_none(value: Any) -> Decimal | None:
    """Return a price; None for nothing and for the feeds' NaN."""
    try:
        return None if value is None else number(value)
    except (Unreadable, ArithmeticError):
        return None


def streamed_quote(
    bid: Any, ask: Any, *, times: Iterable[int], received_at: datetime, delayed_seconds: int
) -> Quote:
    """Return the quote of a stream's event; `times` are the sides' epoch milliseconds, 0 for unknown."""
    latest = max(times, default=0)
    return Quote(
        bid=price_or_none(bid),
        ask=price_or_none(ask),
        received_at=received_at,
        quoted_at=datetime.fromtimestamp(latest / 1000, UTC) if latest else None,
        delayed_seconds=delayed_seconds,
    )
