from datetime import date
from decimal import Decimal

import pytest

from orders.enums import InstrumentType, OptionType
from orders.language.doubt import Doubt
from orders.language.symbols import (
    FUTURES,
    chain_roots,
    equity_root,
    is_index,
    occ_symbol,
    parse_future,
    parse_future_option,
    parse_occ,
    spoken,
    underlying,
)
from orders.language.ticket import Contract

TODAY = date(2026, 11, 23)
SPY_CALL = Contract(InstrumentType.EQUITY_OPTION, "SPY", date(2026, 12, 18), Decimal(600), OptionType.CALL)


@pytest.mark.parametrize(
    "text",
    [
        "SPY   261218C00600000",
        "SPY261218C00600000",
        "SPY261218C600",
        ".SPY261218C600",
        "spy261218c600",
        "SPY 261218C600.0",
    ],
)
def test_every_form_of_an_occ_symbol_is_the_same_option(text):
    assert parse_occ(text) == SPY_CALL


def test_an_occ_strike_of_eight_digits_is_in_thousandths():
    assert parse_occ("F     261218P00012500").strike == Decimal("12.5")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SPY261318C600", id="no month 13"),
        pytest.param("SPY261218C0060000", id="a digit lost"),
        pytest.param("SPY261218C0", id="no strike"),
        pytest.param("SPY261218X600", id="neither call nor put"),
        pytest.param("SPY", id="a root"),
    ],
)
def test_what_is_no_occ_symbol_is_none(text):
    assert parse_occ(text) is None


def test_an_occ_symbol_is_written_with_21_characters():
    assert occ_symbol(SPY_CALL) == "SPY   261218C00600000"


def test_an_occ_symbol_drops_the_slash_of_a_share_class():
    contract = Contract(
        InstrumentType.EQUITY_OPTION, "BRK/B", date(2026, 12, 18), Decimal("482.5"), OptionType.PUT
    )

    assert occ_symbol(contract) == "BRKB  261218P00482500"


@pytest.mark.parametrize(
    "contract",
    [
        Contract(InstrumentType.EQUITY, "SPY"),
        Contract(InstrumentType.FUTURE, "/ES", month="Z6"),
        Contract(InstrumentType.EQUITY_OPTION, "SPY", date(2026, 12, 18), Decimal("0.0001"), OptionType.CALL),
    ],
)
def test_what_has_no_occ_symbol_raises(contract):
    with pytest.raises(ValueError, match="no OCC"):
        occ_symbol(contract)


@pytest.mark.parametrize(
    ("text", "root", "month"),
    [
        ("/ES", "/ES", ""),
        ("/es", "/ES", ""),
        ("/ESZ6", "/ES", "Z6"),
        ("/ESZ26", "/ES", "Z6"),
        ("/ESZ26:XCME", "/ES", "Z6"),
        ("/M2KH7", "/M2K", "H7"),
        ("/6EH7", "/6E", "H7"),
        ("/M6EZ6", "/M6E", "Z6"),
        ("/CLF7", "/CL", "F7"),
        ("/CLZ1", "/CL", "Z1"),
        ("/ZNZ6", "/ZN", "Z6"),
    ],
)
def test_a_future_is_read_with_its_month(text, root, month):
    assert parse_future(text, today=TODAY) == Contract(InstrumentType.FUTURE, root, month=month)


@pytest.mark.parametrize(
    ("text", "message", "spellings"),
    [
        ("/FOO", "/FOO is no futures root the desk knows.", ()),
        ("/ESV6", "/ES has no V contract; its months are H, M, U, Z.", ("/ESZ6", "/ESH7", "/ESM7")),
        ("/ESU6", "/ESU6 of 2026 has expired.", ("/ESZ6", "/ESH7", "/ESM7")),
        ("/ESZ5", "/ESZ5 of 2025 has expired.", ("/ESZ6", "/ESH7", "/ESM7")),
    ],
)
def test_a_future_that_cannot_be_is_asked_back(text, message, spellings):
    assert parse_future(text, today=TODAY) == Doubt(message, spellings)


@pytest.mark.parametrize("text", ["ES", "/", "/E S", "/ESZ", "/ESZ666"])
def test_what_is_no_futures_word_is_none_or_in_doubt(text):
    assert not isinstance(parse_future(text, today=TODAY), Contract)


@pytest.mark.parametrize(
    ("text", "strike", "day"),
    [
        ("./ESZ6 EW4X6 261127C6000", "6000", date(2026, 11, 27)),
        ("./ESZ6 ESZ6  261218C6300", "6300", date(2026, 12, 18)),
    ],
)
def test_a_brokers_symbol_of_a_futures_option_is_read(text, strike, day):
    expected = Contract(InstrumentType.FUTURE_OPTION, "/ES", day, Decimal(strike), OptionType.CALL, "Z6")

    assert parse_future_option(text) == expected


def test_a_broken_futures_option_symbol_is_none():
    assert parse_future_option("./ESZ6 EW4X6 261332C6000") is None


@pytest.mark.parametrize(
    ("root", "roots"),
    [
        ("SPX", ("SPX", "SPXW")),
        ("NDX", ("NDX", "NDXP")),
        ("VIX", ("VIX", "VIXW")),
        ("RUT", ("RUT", "RUTW")),
        ("SPXW", ("SPXW",)),
        ("SPY", ("SPY",)),
    ],
)
def test_an_index_may_mean_its_weeklies_but_not_the_reverse(root, roots):
    assert chain_roots(root) == roots


def test_a_weekly_root_hangs_on_its_index():
    assert [underlying(root) for root in ("SPXW", "NDXP", "SPX", "SPY")] == ["SPX", "NDX", "SPX", "SPY"]


def test_indices_have_no_shares_and_funds_do():
    assert [is_index(root) for root in ("SPX", "SPXW", "XSP", "SPY", "QQQ")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_share_classes_are_written_as_the_broker_does():
    assert [equity_root(word) for word in ("brk.b", "$SPY", "BRK/B")] == ["BRK/B", "SPY", "BRK/B"]


@pytest.mark.parametrize(
    ("root", "multiplier"),
    [("/ES", "50"), ("/MES", "5"), ("/CL", "1000"), ("/ZT", "2000"), ("/6J", "12500000")],
)
def test_multipliers_are_usd_per_point(root, multiplier):
    assert FUTURES[root].multiplier == Decimal(multiplier)


@pytest.mark.parametrize(
    ("symbol", "said"),
    [
        pytest.param("SPY   261218C00600000", "SPY 18 Dec 2026 600 C", id="an option"),
        pytest.param("SPY   261218P00602500", "SPY 18 Dec 2026 602.50 P", id="half a strike"),
        pytest.param("./ESZ6 EW4X6 261127C6000", "/ES 27 Nov 2026 6000 C", id="an option on a future"),
        pytest.param("/ESZ6", "/ESZ6", id="a future"),
        pytest.param("AAPL  ", "AAPL", id="shares"),
    ],
)
def test_a_symbol_in_words(symbol, said):
    assert spoken(symbol) == said
