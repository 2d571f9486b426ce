from datetime import date
from decimal import Decimal

import pytest

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
from orders.brokers.reading import Unreadable
from orders.enums import InstrumentType, OptionType
from orders.market import PENNY, Instrument, Tick

PENNY_ROWS = [{"value": "0.05"}, {"value": "0.01", "threshold": "3.0"}]
PENNY_TICKS = (Tick(Decimal("0.01"), Decimal("3.0")), Tick(Decimal("0.05")))
DECEMBER = date(2026, 12, 18)


def strike(price: str, **changes) -> dict:
    return {
        "strike-price": price,
        "call": f"C{price}",
        "put": f"P{price}",
        "call-streamer-symbol": f".C{price}",
        "put-streamer-symbol": f".P{price}",
    } | changes


def chain(root: str, *strikes: dict, settlement: str = "PM", **changes) -> dict:
    expiration = {"expiration-date": "2026-12-18", "settlement-type": settlement, "strikes": list(strikes)}
    return {
        "underlying-symbol": "SPX",
        "root-symbol": root,
        "option-chain-type": "Standard",
        "shares-per-contract": 100,
        "tick-sizes": PENNY_ROWS,
        "expirations": [expiration],
    } | changes


def test_ticks_rise_and_end_with_the_fallback():
    rows = [{"value": "0.5"}, {"value": "0.25", "threshold": "100"}, {"value": "0.05", "threshold": "5"}]

    assert read_ticks(rows, PENNY) == (
        Tick(Decimal("0.05"), Decimal(5)),
        Tick(Decimal("0.25"), Decimal(100)),
        Tick(Decimal("0.5")),
    )


@pytest.mark.parametrize("rows", [None, [], [{"value": "0.05", "symbol": "/ESH7"}]])
def test_without_ticks_of_its_own_the_default_holds(rows):
    assert read_ticks(rows, PENNY) == PENNY


def test_an_equity_is_read():
    data = {"symbol": "SPY", "streamer-symbol": "SPY", "tick-sizes": PENNY_ROWS}

    assert read_equity(data) == Instrument(
        InstrumentType.EQUITY, "SPY", "SPY", "SPY", Decimal(1), PENNY_TICKS, "SPY"
    )


def test_an_option_is_read_with_the_ticks_of_its_underlying():
    data = {
        "symbol": "SPXW  261218C06000000",
        "root-symbol": "SPXW",
        "underlying-symbol": "SPX",
        "shares-per-contract": 100,
        "expiration-date": "2026-12-18",
        "strike-price": "6000.0",
        "option-type": "C",
    }

    assert read_option(data, OPTION_TICKS) == Instrument(
        InstrumentType.EQUITY_OPTION,
        "SPXW  261218C06000000",
        "SPXW",
        "SPX",
        Decimal(100),
        OPTION_TICKS,
        "",
        DECEMBER,
        Decimal(6000),
        OptionType.CALL,
    )


def test_a_futures_option_is_worth_its_notional_not_its_multiplier():
    data = {
        "symbol": "./ESZ6 ESZ6  261218C6300",
        "root-symbol": "/ES",
        "underlying-symbol": "/ESZ6",
        "multiplier": "1.0",
        "notional-value": "0.5",
        "display-factor": "0.01",
        "expiration-date": "2026-12-18",
        "strike-price": "6300",
        "option-type": "P",
        "streamer-symbol": "./ESZ26P6300:XCME",
    }

    assert read_future_option(data, OPTION_TICKS).multiplier == 50


def future(symbol: str, expires: str, **changes) -> dict:
    return {
        "symbol": symbol,
        "product-code": "ES",
        "notional-multiplier": "50.0",
        "tick-size": "0.25",
        "streamer-symbol": f"{symbol}:XCME",
        "expiration-date": expires,
        "active": True,
        "is-closing-only": False,
        "is-tradeable": True,
    } | changes


def test_futures_come_nearest_first_without_those_that_cannot_be_opened():
    found = read_tradeable_futures(
        [
            future("/ESH7", "2027-03-19"),
            future("/ESU6", "2026-09-18", active=False),
            future("/ESZ6", "2026-12-18"),
            future("/ESM7", "2027-06-18", **{"is-tradeable": False}),
            future("/ESN7", "2027-07-18", **{"is-closing-only": True}),
        ]
    )

    assert [f.symbol for f in found] == ["/ESZ6", "/ESH7"]
    assert found[0] == Instrument(
        InstrumentType.FUTURE,
        "/ESZ6",
        "/ES",
        "/ESZ6",
        Decimal(50),
        (Tick(Decimal("0.25")),),
        "/ESZ6:XCME",
        DECEMBER,
    )


def test_a_chain_holds_every_root_with_ascending_strikes():
    found = read_chain(
        [chain("SPXW", strike("6010"), strike("6000")), chain("SPX", strike("6000"), settlement="AM")]
    )

    assert [(e.root, e.expires_on, e.is_am_settled) for e in found] == [
        ("SPX", DECEMBER, True),
        ("SPXW", DECEMBER, False),
    ]
    assert found[1].strikes == (Decimal(6000), Decimal(6010))
    assert found[1].puts[Decimal(6000)] == Instrument(
        InstrumentType.EQUITY_OPTION,
        "P6000",
        "SPXW",
        "SPX",
        Decimal(100),
        PENNY_TICKS,
        ".P6000",
        DECEMBER,
        Decimal(6000),
        OptionType.PUT,
    )


def test_strikes_without_streamer_symbols_are_left_out_not_the_chain():
    bare = {k: v for k, v in strike("6010").items() if k != "call-streamer-symbol"}

    (found,) = read_chain([chain("SPX", strike("6000"), bare)])

    assert found.strikes == (Decimal(6000),)
    assert set(found.calls) == set(found.puts) == {Decimal(6000)}


def test_chains_that_deliver_something_else_are_left_out():
    assert read_chain([chain("SPX1", strike("6000"), **{"option-chain-type": "Non-standard"})]) == []


def test_a_futures_chain_names_the_options_root_and_the_futures():
    expiration = {
        "underlying-symbol": "/ESZ6",
        "option-root-symbol": "EW4",
        "option-contract-symbol": "EW4X6",
        "notional-value": "0.5",
        "display-factor": "0.01",
        "expiration-date": "2026-11-27",
        "settlement-type": "Future",
        "tick-sizes": [{"value": "0.05", "threshold": "5"}, {"value": "0.25"}],
        "strikes": [strike("6000")],
    }
    data = {
        "futures": [],
        "option-chains": [{"underlying-symbol": "/ES", "root-symbol": "/ES", "expirations": [expiration]}],
    }

    (found,) = read_future_chain(data)

    assert (found.root, found.expires_on) == ("EW4", date(2026, 11, 27))
    call = found.calls[Decimal(6000)]
    assert (call.root, call.underlying, call.multiplier) == ("/ES", "/ESZ6", Decimal(50))
    assert call.ticks == (Tick(Decimal("0.05"), Decimal(5)), Tick(Decimal("0.25")))


def test_a_chain_that_says_too_little_is_unreadable():
    with pytest.raises(Unreadable):
        read_chain([{"root-symbol": "SPX", "expirations": []}, {}])
