"""Prices and quotes as functions of seed and time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.brokers.practice.clock import MarketClock
from orders.brokers.practice.market import SLOT, Market, spot
from orders.brokers.practice.motion import wander
from orders.brokers.practice.sessions import Calendar
from tests.practice.bench import MONDAY_NOON, contract


def test_a_path_repeats_itself_for_a_seed_and_differs_for_another():
    seconds = [n * 7.25 for n in range(400)]
    path = [spot(7, "SPY", s) for s in seconds]
    assert path == [spot(7, "SPY", s) for s in seconds]
    assert path != [spot(8, "SPY", s) for s in seconds]
    assert path[0] == 600


def test_a_path_is_continuous_and_stays_near_its_start():
    steps = [abs(wander(7, "market", s + 0.25) - wander(7, "market", s)) for s in range(0, 40_000, 13)]
    assert max(steps) < 0.02
    assert all(560 < spot(3, "SPY", float(s)) < 640 for s in range(0, 400_000, 997))


def test_speed_scales_the_market_and_a_pause_stops_it_without_a_jump():
    now = [MONDAY_NOON]
    clock = MarketClock(MONDAY_NOON, 4.0, lambda: now[0])
    now[0] += timedelta(seconds=10)
    assert clock.seconds() == 40
    clock.pause()
    now[0] += timedelta(seconds=100)
    assert (clock.seconds(), clock.paused) == (40, True)
    clock.resume()
    now[0] += timedelta(seconds=1)
    assert clock.seconds() == 44


def test_quotes_stand_still_within_a_slot_and_move_between_them():
    now = [MONDAY_NOON]
    market = Market(7, MarketClock(MONDAY_NOON, 1.0, lambda: now[0]), Calendar())
    first = market.quote(contract("QQQ"))
    now[0] += timedelta(seconds=SLOT * 0.9)
    assert market.quote(contract("QQQ")) is first
    now[0] += timedelta(seconds=30)
    assert market.quote(contract("QQQ")).mid != first.mid


def test_spreads_widen_away_from_the_money_and_near_the_close():
    def width(symbol: str, at: datetime) -> Decimal:
        market = Market(7, MarketClock(at, 1.0, lambda: at), Calendar())
        market.pin_price("SPY", Decimal(600))
        quote = market.quote(contract(symbol))
        return quote.ask - quote.bid

    close = datetime(2026, 11, 23, 21, 10, tzinfo=UTC)
    at_the_money, far = "SPY   261218C00600000", "SPY   261218C00500000"
    assert width(at_the_money, MONDAY_NOON) < width(far, MONDAY_NOON)
    assert width(at_the_money, MONDAY_NOON) < width(at_the_money, close)


@given(
    st.sampled_from(["SPY   261218C00600000", "AAPL  261218P00230000", "SPXW  261218C06000000"]),
    st.integers(0, 100_000),
)
def test_every_quote_lies_on_its_grid_and_is_not_crossed(symbol, seconds):
    at = MONDAY_NOON + timedelta(seconds=seconds)
    market = Market(7, MarketClock(MONDAY_NOON, 1.0, lambda: at), Calendar(always_open=True))
    quote = market.quote(contract(symbol))
    assert 0 <= quote.bid < quote.ask
    assert contract(symbol).ticks.holds(quote.bid)
    assert contract(symbol).ticks.holds(quote.ask)
