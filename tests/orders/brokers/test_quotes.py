from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.brokers.quotes import by_type, read_quotes, streamed_quote
from orders.enums import InstrumentType
from orders.market import PENNY, Instrument, Quote

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
QUOTED = "2026-11-23T14:59:58.250+00:00"


def instrument(symbol: str, kind: InstrumentType = InstrumentType.EQUITY) -> Instrument:
    return Instrument(kind, symbol, symbol, symbol, Decimal(1), PENNY, symbol)


def test_instruments_are_asked_for_by_their_type_each_once():
    wanted = [
        instrument("SPY"),
        instrument("/ESZ6", InstrumentType.FUTURE),
        instrument("QQQ"),
        instrument("SPY"),
    ]

    assert list(by_type(wanted)) == [{"equity": ["SPY", "QQQ"], "future": ["/ESZ6"]}]


def test_no_request_asks_for_more_than_a_hundred():
    batches = list(by_type(instrument(f"S{n}") for n in range(205)))

    assert [len(batch["equity"]) for batch in batches] == [100, 100, 5]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, Quote(Decimal("1.2"), Decimal("1.3"), NOW), id="two sides"),
        pytest.param({"bid": "NaN"}, Quote(None, Decimal("1.3"), NOW), id="no bid"),
        pytest.param({"ask": None}, Quote(Decimal("1.2"), None, NOW), id="no ask"),
        pytest.param(
            {"is-trading-halted": True},
            Quote(Decimal("1.2"), Decimal("1.3"), NOW, is_halted=True),
            id="halted",
        ),
        pytest.param(
            {"updated-at": QUOTED},
            Quote(
                Decimal("1.2"),
                Decimal("1.3"),
                NOW,
                quoted_at=datetime(2026, 11, 23, 14, 59, 58, 250_000, UTC),
            ),
            id="its own time",
        ),
    ],
)
def test_a_quote_is_read(changes, expected):
    assert read_quotes([{"symbol": "SPY", "bid": "1.2", "ask": "1.3"} | changes], NOW) == {"SPY": expected}


def test_a_delayed_source_says_so():
    (quote,) = read_quotes([{"symbol": "SPY", "bid": "1.2", "ask": "1.3"}], NOW, 900).values()

    assert quote.delayed_seconds == 900


def test_an_item_that_is_no_quote_is_left_out():
    assert read_quotes(["odd", {"bid": "1"}, {"symbol": "SPY", "updated-at": "soon"}], NOW) == {}


def test_a_streamed_quote_takes_the_later_sides_time():
    found = streamed_quote(
        Decimal("1.2"), Decimal("1.3"), times=(0, 1795444202049), received_at=NOW, delayed_seconds=900
    )

    assert found == Quote(
        Decimal("1.2"),
        Decimal("1.3"),
        NOW,
        quoted_at=datetime.fromtimestamp(1795444202.049, UTC),
        delayed_seconds=900,
    )
