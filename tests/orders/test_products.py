"""Controls on what may be traded and when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orders.controls import products
from orders.enums import InstrumentType

TODAY = date(2026, 12, 18)
CLOSE = datetime(2026, 12, 18, 21, 0, tzinfo=UTC)
KINDS = ["Equity Option", "Future"]


def told(verdict):
    return verdict.code, verdict.is_ok, verdict.sentence


@pytest.mark.parametrize(
    ("symbol", "is_closing", "is_ok", "sentence"),
    [
        ("SPY", False, True, "SPY is not on the restricted list"),
        ("GME", False, False, "GME is on the restricted list: positions in it can only be closed"),
        ("GME", True, True, "GME is on the restricted list: positions in it can only be closed"),
    ],
)
def test_the_restricted_list(symbol, is_closing, is_ok, sentence):
    verdict = products.restricted(symbol, ["GME"], is_closing=is_closing)

    assert told(verdict) == ("SYMBOL_RESTRICTED", is_ok, sentence)


@pytest.mark.parametrize(
    ("kind", "symbols", "is_closing", "is_ok", "sentence"),
    [
        ("Equity Option", [], False, True, "equity option of SPY is on this account's allow-list"),
        ("Equity Option", ["SPY"], False, True, "equity option of SPY is on this account's allow-list"),
        ("Equity Option", ["QQQ"], False, False, "equity option of SPY is not on this account's allow-list"),
        ("Equity", [], False, False, "equity of SPY is not on this account's allow-list"),
        ("Equity", [], True, True, "equity of SPY is not on this account's allow-list"),
    ],
)
def test_the_allow_list(kind, symbols, is_closing, is_ok, sentence):
    verdict = products.allowed(
        InstrumentType(kind), "SPY", kinds=KINDS, symbols=symbols, is_closing=is_closing
    )

    assert told(verdict) == ("PRODUCT_NOT_ALLOWED", is_ok, sentence)


@pytest.mark.parametrize(
    ("days", "minutes_left", "allows", "is_closing", "is_ok", "sentence"),
    [
        (1, 5, False, False, True, "it expires on 19 Dec 2026"),
        (0, 31, True, False, True, "it expires on 18 Dec 2026"),
        (0, 30, True, False, False, "it expires today: nothing is opened in its last 30 minutes"),
        (0, 29, True, False, False, "it expires today: nothing is opened in its last 30 minutes"),
        (0, 29, True, True, True, "it expires today: nothing is opened in its last 30 minutes"),
        (0, 300, False, False, False, "it expires today: this account opens nothing on the last day"),
        (0, 300, False, True, True, "it expires today: this account opens nothing on the last day"),
        (-1, 300, True, True, False, "it expired on 17 Dec 2026"),
    ],
)
def test_expiry_day(days, minutes_left, allows, is_closing, is_ok, sentence):
    verdict = products.expiry(
        TODAY + timedelta(days=days), TODAY, closes_at=CLOSE, now=CLOSE - timedelta(minutes=minutes_left),
        allows_same_day=allows, cutoff_minutes=30, is_closing=is_closing,
    )  # fmt: skip

    assert told(verdict) == ("EXPIRY_TOO_NEAR", is_ok, sentence)


@pytest.mark.parametrize(
    ("minutes", "waits", "is_ok", "sentence"),
    [
        (
            1,
            False,
            False,
            "the market is closed until Mon 09:30, and the channel's policy does not wait for the open",
        ),
        (1, True, True, "the market is closed until Mon 09:30"),
        (0, False, True, "its session is open"),
        (-1, False, True, "its session is open"),
        (None, False, True, "no session of it is known yet"),
    ],
)
def test_the_session(minutes, waits, is_ok, sentence):
    opens_at = CLOSE + timedelta(minutes=minutes) if minutes is not None else None

    verdict = products.session(opens_at, CLOSE, waits=waits, local="Mon 09:30")

    assert told(verdict) == ("SESSION_CLOSED", is_ok, sentence)
