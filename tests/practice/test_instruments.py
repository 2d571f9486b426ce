"""What is listed, and by which names it is found."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from orders.brokers.practice.expiries import (
    future_months,
    future_option_series,
    option_expiries,
    third_friday,
)
from orders.brokers.practice.instruments import Kind, find, future, future_option
from orders.brokers.practice.products import FUTURES, Cadence
from tests.practice.bench import TODAY, contract


def test_expiries_hold_days_fridays_months_and_the_third_friday_of_december():
    listed = option_expiries(Cadence.DAILY, TODAY)
    assert listed[:4] == (TODAY, date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 27))
    assert third_friday(2026, 12) == date(2026, 12, 18)
    assert date(2026, 12, 18) in listed
    assert date(2027, 12, 17) in option_expiries(Cadence.WEEKLY, TODAY)
    assert third_friday(2026, 6) == date(2026, 6, 18)  # Juneteenth falls on the Friday


def test_futures_follow_their_own_cycles():
    symbols = {code: [m.symbol for m in future_months(p, TODAY)] for code, p in FUTURES.items()}
    assert symbols["ES"] == ["/ESZ6", "/ESH7", "/ESM7", "/ESU7"]
    assert symbols["CL"][:2] == ["/CLF7", "/CLG7"]
    assert symbols["GC"] == ["/GCZ6", "/GCG7", "/GCJ7", "/GCM7"]


@pytest.mark.parametrize(
    ("symbol", "streamer", "kind"),
    [
        ("SPY   261218C00600000", ".SPY261218C600", Kind.EQUITY_OPTION),
        ("AAPL  261218P00227500", ".AAPL261218P227.5", Kind.EQUITY_OPTION),
        ("/ESZ6", "/ESZ26:XCME", Kind.FUTURE),
        ("./ESZ6 EW4X6 261127C6000", "./EW4X26C6000:XCME", Kind.FUTURE_OPTION),
        ("./ESZ6 ESZ6  261218C6300", "./ESZ26C6300:XCME", Kind.FUTURE_OPTION),
        ("SPX", "SPX", Kind.INDEX),
    ],
)
def test_a_contract_is_found_by_both_of_its_names(symbol, streamer, kind):
    assert contract(symbol) == contract(streamer)
    assert (contract(symbol).symbol, contract(symbol).kind) == (symbol, kind)


@pytest.mark.parametrize(
    "symbol",
    ["SPY   261218C00600500", "SPY   261219C00600000", "XYZ   261218C00600000", "/ESX6", "SPY 6", ""],
)
def test_what_is_not_listed_is_not_found(symbol):
    assert find(symbol, TODAY) is None


@pytest.mark.parametrize("day", [date(2026, 11, 22) + timedelta(days=11 * n) for n in range(70)], ids=str)
def test_on_any_day_every_series_has_a_name_of_its_own_and_is_found_by_it(day):
    series = future_option_series(FUTURES["ES"], day)
    assert len({s.contract for s in series}) == len({s.streamer_contract for s in series}) == len(series)
    for one in series:
        option = future_option(one, Decimal(6000), is_call=False)
        assert find(option.symbol, day) == find(option.streamer_symbol, day) == option
    months = [m for product in FUTURES.values() for m in future_months(product, day)]
    assert all(find(m.symbol, day) == find(m.streamer_symbol, day) == future(m) for m in months)
