"""Ticks and quotes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from orders.enums import Side
from orders.market import PENNY, Quote, Tick, in_favour, net_quote, plain, round_to_tick, tick_at

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STANDARD = (Tick(D("0.05"), D(3)), Tick(D("0.10")))


@pytest.mark.parametrize(
    ("price", "expected"), [("2.99", "0.05"), ("3.00", "0.10"), ("-2.99", "0.05"), ("-3", "0.10")]
)
def test_the_threshold_is_strict_and_of_the_absolute_price(price, expected):
    assert tick_at(D(price), STANDARD) == D(expected)


@pytest.mark.parametrize(
    ("price", "up", "expected"),
    [
        ("1.234", False, "1.20"),
        ("1.234", True, "1.25"),
        ("2.96", True, "3.00"),
        ("3.04", False, "3.00"),
        ("3.01", True, "3.10"),
    ],
)
def test_round_to_tick(price, up, expected):
    assert round_to_tick(D(price), STANDARD, up=up) == D(expected)


@pytest.mark.parametrize(("side", "expected"), [(Side.PAYS, "1.23"), (Side.RECEIVES, "1.24")])
def test_rounds_in_our_favour(side, expected):
    assert in_favour(D("1.235"), PENNY, side) == D(expected)


def test_an_empty_table_is_an_error_with_the_facts():
    with pytest.raises(ValueError, match="no tick at this price"):
        tick_at(D(1), ())


def legs(*rows):
    return [(ratio, Quote(D(bid), D(ask), NOW)) for ratio, bid, ask in rows]


def test_the_net_of_a_debit_vertical():
    net = net_quote(legs((1, "5.00", "5.20"), (-1, "2.00", "2.10")), Side.PAYS)

    assert (net.bid, net.ask, net.mid) == (D("2.90"), D("3.20"), D("3.05"))


def test_the_net_of_a_credit_condor_is_what_it_brings():
    condor = legs((-1, "5.00", "5.20"), (1, "2.00", "2.10"), (-1, "6.00", "6.20"), (1, "3.00", "3.10"))

    net = net_quote(condor, Side.RECEIVES)

    assert (net.bid, net.ask) == (D("5.80"), D("6.40"))
    assert net.natural(Side.RECEIVES) == D("5.80")


def test_the_net_is_as_old_and_as_halted_as_its_worst_leg():
    old = NOW - timedelta(seconds=9)
    net = net_quote(
        [(1, Quote(D(1), D(2), NOW, is_halted=True)), (-1, Quote(D(1), D(2), old, delayed_seconds=900))],
        Side.PAYS,
    )

    assert (net.received_at, net.is_halted, net.delayed_seconds) == (old, True, 900)


def test_the_net_of_a_one_sided_leg_has_no_side():
    net = net_quote([(1, Quote(D(1), None, NOW)), (-1, Quote(D(1), D(2), NOW))], Side.PAYS)

    assert (net.bid, net.ask) == (D(-1), None)


@pytest.mark.parametrize(
    ("number", "expected"), [("1.2000", "1.20"), ("600", "600"), ("0.0150", "0.015"), ("1E+2", "100")]
)
def test_numbers_are_written_as_people_do(number, expected):
    assert plain(D(number)) == expected
