"""Controls on what an account holds and has in flight: just below, at and just above each limit."""

from decimal import Decimal as D

import pytest

from orders.controls import exposure
from orders.enums import Side


def told(verdict):
    return verdict.code, verdict.is_ok, verdict.sentence


@pytest.mark.parametrize(("count", "is_ok"), [(18, True), (19, True), (20, False)])
def test_open_orders(count, is_ok):
    sentence = f"{count} orders of this account are at work, at most 20 allowed"

    assert told(exposure.open_orders(count, 20)) == ("OPEN_ORDERS_AT_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(("asked", "is_ok"), [(2, True), (3, True), (4, False)])
def test_contracts_of_one_underlying(asked, is_ok):
    verdict = exposure.underlying_quantity("SPY", held=5, reserved=2, asked=asked, most=10)

    sentence = f"5 contracts of SPY held, 2 in flight and {asked} asked: at most 10 allowed"
    assert told(verdict) == ("POSITION_EXCEEDS_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(("asked", "is_ok"), [("299.99", True), ("300.00", True), ("300.01", False)])
def test_dollars_at_stake_in_one_underlying(asked, is_ok):
    verdict = exposure.underlying_value("SPY", held=D(500), reserved=D(200), asked=D(asked), most=D(1000))

    sentence = f"$500.00 at stake in SPY, $200.00 in flight and ${asked} asked: at most $1,000.00 allowed"
    assert told(verdict) == ("EXPOSURE_EXCEEDS_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(("needed", "is_ok"), [("799.99", True), ("800.00", True), ("800.01", False)])
def test_buying_power(needed, is_ok):
    verdict = exposure.buying_power(needed=D(needed), available=D(1000), reserved=D(200))

    assert told(verdict) == (
        "BUYING_POWER_EXCEEDED", is_ok, f"takes ${needed} of buying power, $800.00 free"
    )  # fmt: skip


def test_what_frees_buying_power_passes_where_there_is_none():
    assert exposure.buying_power(needed=D(-5), available=D(0), reserved=D(10)).is_ok


@pytest.mark.parametrize(
    ("lost", "is_ok", "said"),
    [
        ("999.99", True, "999.99"),
        ("1000.00", False, "1,000.00"),
        ("1000.01", False, "1,000.01"),
        ("-50", True, "0.00"),
    ],
)
def test_the_daily_loss(lost, is_ok, said):
    sentence = f"the account has lost ${said} today, less than $1,000.00 allowed"

    assert told(exposure.daily_loss(D(lost), D(1000))) == ("DAILY_LOSS_AT_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(
    ("age", "is_ok", "sentence"),
    [
        (299, True, "the broker's word on the account is 299 s old, at most 300 s allowed"),
        (300, True, "the broker's word on the account is 300 s old, at most 300 s allowed"),
        (301, False, "the broker's word on the account is 301 s old, at most 300 s allowed"),
        (None, False, "the broker has not yet said what the account holds"),
    ],
)
def test_the_age_of_the_brokers_word(age, is_ok, sentence):
    assert told(exposure.reading_age(age, 300)) == ("ACCOUNT_READING_STALE", is_ok, sentence)


@pytest.mark.parametrize(
    ("side", "price", "other", "is_ok", "ours", "theirs"),
    [
        (Side.PAYS, "1.24", "1.25", True, "at 1.24", "at 1.25"),
        (Side.PAYS, "1.25", "1.25", False, "at 1.25", "at 1.25"),
        (Side.PAYS, "1.26", "1.25", False, "at 1.26", "at 1.25"),
        (Side.RECEIVES, "1.26", "1.25", True, "at 1.26", "at 1.25"),
        (Side.RECEIVES, "1.25", "1.25", False, "at 1.25", "at 1.25"),
        (Side.RECEIVES, "1.24", "1.25", False, "at 1.24", "at 1.25"),
        (Side.PAYS, None, "9.00", False, "at market", "at 9"),
        (Side.PAYS, "1.00", None, False, "at 1", "at market"),
    ],
)
def test_opposite_orders(side, price, other, is_ok, ours, theirs):
    verdict = exposure.not_crossing(side, D(price) if price else None, "#7", D(other) if other else None)

    sentence = f"{ours} it could trade with #7, which is the other way round {theirs}"
    assert told(verdict) == ("OPPOSITE_ORDER_WORKING", is_ok, sentence)
