"""The price ladder: tables of what a trader would expect, and what must always hold."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.enums import PriceRule, Side
from orders.ladder import Terms, better, bound_of, ladder, place_in_spread, price_at, spread_share
from orders.market import NICKEL, PENNY, Quote, Tick, is_on_tick

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STANDARD = (Tick(D("0.05"), D(3)), Tick(D("0.10")))
ES = (Tick(D("0.05"), D(5)), Tick(D("0.10"), D(20)), Tick(D("0.25"), D(100)), Tick(D("0.50")))


def quote(bid: str, ask: str) -> Quote:
    return Quote(D(bid), D(ask), NOW)


def terms(side=Side.PAYS, rule=PriceRule.NONE, ticks=PENNY, retries=3, k=2, start=None, bound=None) -> Terms:
    return Terms(side, rule, ticks, retries, k, D(start) if start else None, D(bound) if bound else None)


def fixed(q: Quote, t: Terms) -> Terms:
    return terms(t.side, t.rule, t.ticks, t.retries, t.ticks_per_step, t.start, str(bound_of(q, t)))


@pytest.mark.parametrize(
    ("q", "t", "expected"),
    [
        pytest.param(("1.20", "1.30"), terms(), "1.25 1.27 1.29 1.30", id="buy: mid, then two ticks each, to the natural"),
        pytest.param(("1.00", "2.00"), terms(), "1.50 1.52 1.54 1.56", id="buy in a wide market"),
        pytest.param(("1.00", "2.00"), terms(k=3), "1.50 1.53 1.56 1.59", id="three ticks a step"),
        pytest.param(("1.00", "2.00"), terms(Side.RECEIVES), "1.50 1.48 1.46 1.44", id="sell comes down"),
        pytest.param(("1.20", "1.25"), terms(), "1.22 1.24 1.25", id="buy rounds the mid down"),
        pytest.param(("1.20", "1.25"), terms(Side.RECEIVES), "1.23 1.21 1.20", id="sell rounds the mid up"),
        pytest.param(("1.00", "2.00"), terms(bound="1.53"), "1.50 1.52 1.53", id="never past the bound"),
        pytest.param(("1.00", "2.00"), terms(bound="1.30"), "1.30", id="a bound better than mid is the start"),
        pytest.param(("1.00", "2.00"), terms(rule=PriceRule.LIMIT, start="1.10", bound="1.15"), "1.10 1.12 1.14 1.15",
                     id="a typed start with max"),
        pytest.param(("1.00", "2.00"), terms(rule=PriceRule.NATURAL), "2.00", id="the natural at once"),
        pytest.param(("2.90", "3.10"), terms(ticks=STANDARD), "3.00 3.10", id="ten-cent ticks at three dollars"),
        pytest.param(("2.80", "3.00"), terms(ticks=STANDARD), "2.90 3.00", id="five cents below three dollars"),
        pytest.param(("2.60", "3.40"), terms(ticks=STANDARD, bound="3.40"), "3.00 3.20 3.40", id="up from three"),
        pytest.param(("3.00", "3.20"), terms(Side.RECEIVES, ticks=STANDARD), "3.10 3.00", id="sell to the threshold"),
        pytest.param(("4.80", "5.40"), terms(ticks=ES, bound="5.40"), "5.10 5.30 5.40", id="futures options table"),
        pytest.param(("2.00", "2.30"), terms(ticks=NICKEL), "2.15 2.25 2.30", id="index spreads in nickels"),
        pytest.param(("1.00", "2.00"), terms(retries=0), "1.50", id="no retries"),
    ],
)  # fmt: skip
def test_ladder(q, t, expected):
    market = quote(*q)

    assert " ".join(map(str, ladder(market, fixed(market, t)))) == expected


def test_a_market_moving_our_way_recentres_the_ladder():
    t = terms(bound="1.56")

    assert price_at(1, D("1.50"), quote("0.80", "1.80"), t) == D("1.32")


def test_a_market_running_away_is_followed_one_step_at_a_time():
    t = terms(bound="1.90")

    assert price_at(1, D("1.50"), quote("1.60", "2.00"), t) == D("1.52")


@pytest.mark.parametrize(
    ("price", "side", "expected"),
    [("1.20", Side.PAYS, 0), ("1.25", Side.PAYS, 50), ("1.30", Side.PAYS, 100), ("1.22", Side.RECEIVES, 80)],
)
def test_spread_share(price, side, expected):
    assert spread_share(D(price), quote("1.20", "1.30"), side) == expected


cents = st.integers(1, 50_000).map(lambda n: D(n) / 100)
tables = st.sampled_from([PENNY, NICKEL, STANDARD, ES])


@st.composite
def markets(draw: st.DrawFn) -> tuple[Quote, Terms]:
    low, width = draw(cents), draw(cents)
    t = terms(
        draw(st.sampled_from(Side)),
        ticks=draw(tables),
        retries=draw(st.integers(0, 6)),
        k=draw(st.integers(1, 4)),
    )
    q = Quote(low, low + width, NOW)
    return q, fixed(q, t)


@given(markets(), st.lists(st.tuples(cents, cents), max_size=6))
def test_every_price_is_on_the_tick_inside_the_bound_and_at_most_one_step_worse(market, moves):
    first, t = market
    last = None
    for rung, q in enumerate([first, *(Quote(a, a + b, NOW) for a, b in moves)]):
        price = price_at(rung, last, q, t)
        assert price == 0 or is_on_tick(price, t.ticks)
        assert better(price, t.bound, t.side) == price
        if last is not None:
            step = price_at(1, None, Quote(last, last, NOW), terms(t.side, ticks=t.ticks, k=t.ticks_per_step))
            limit = (
                last
                if step is None
                else last + t.side * abs(t.ticks_per_step) * max(x.value for x in t.ticks)
            )
            assert better(price, limit, t.side) == price
        last = price


@given(markets())
def test_a_standing_market_walks_monotonically_toward_the_natural(market):
    q, t = market
    prices = ladder(q, t)

    assert list(prices) == sorted(prices, reverse=t.side is Side.RECEIVES)
    assert len(prices) == len(set(prices)) <= 1 + t.retries


@pytest.mark.parametrize(
    ("price", "side", "said"),
    [
        pytest.param("1.25", Side.PAYS, " = 50 % of the spread", id="inside"),
        pytest.param("1.31", Side.PAYS, ", above the ask", id="pays more than asked"),
        pytest.param("1.00", Side.PAYS, ", below the bid", id="pays less than bid"),
        pytest.param("1.31", Side.RECEIVES, ", above the ask", id="wants more than asked"),
        pytest.param("1.00", Side.RECEIVES, ", below the bid", id="takes less than bid"),
    ],
)
def test_a_place_in_the_spread_in_words(price, side, said):
    assert place_in_spread(D(price), quote("1.20", "1.30"), side) == said


def test_without_a_spread_there_is_no_place_in_it():
    assert place_in_spread(D("1.20"), quote("1.20", "1.20"), Side.PAYS) == ""
