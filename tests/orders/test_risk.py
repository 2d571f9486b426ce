"""Pre-trade controls: each with the numbers it compared."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from orders.controls import risk
from orders.enums import InstrumentType, OrderType, Side, TradingStateName
from orders.market import Quote

QUOTE = Quote(D("1.20"), D("1.30"), datetime(2026, 11, 23, 15, tzinfo=UTC))


def ask(**over):
    return risk.Ask(
        **{
            "kind": InstrumentType.EQUITY_OPTION, "quantity": 2, "order_type": OrderType.LIMIT,
            "bound": D("1.31"), "multiplier": D(100),
        } | over
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "kind", "is_ok", "sentence"),
    [
        (5, InstrumentType.EQUITY_OPTION, True, "5 asked, at most 5 allowed here"),
        (6, InstrumentType.EQUITY_OPTION, False, "6 asked, at most 5 allowed here"),
        (500, InstrumentType.EQUITY, True, "500 asked, at most 500 allowed here"),
        (501, InstrumentType.EQUITY, False, "501 asked, at most 500 allowed here"),
    ],
)
def test_quantity(quantity, kind, is_ok, sentence):
    verdict = risk.quantity(ask(quantity=quantity, kind=kind), 5)

    assert (verdict.code, verdict.is_ok, verdict.sentence) == ("QUANTITY_EXCEEDS_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(("price", "is_ok"), [("5.00", True), ("5.01", False)])
def test_notional(price, is_ok):
    verdict = risk.notional(ask(), D(price), D(1000))

    assert (verdict.is_ok, verdict.numbers["maximum"]) == (is_ok, "1000.00")


@pytest.mark.parametrize(
    ("price", "is_ok"), [("1.87", True), ("1.88", False), ("0.63", True), ("0.62", False)]
)
def test_collar(price, is_ok):
    assert risk.collar(D(price), QUOTE, 50).is_ok is is_ok


def test_the_collar_is_never_tighter_than_the_spread():
    cheap = Quote(D(0), D("0.05"), QUOTE.received_at)

    assert risk.collar(D("0.05"), cheap, 50).is_ok


@pytest.mark.parametrize(
    ("order_type", "allows", "legs", "is_ok", "sentence"),
    [
        (OrderType.LIMIT, False, 1, True, "not a market order"),
        (OrderType.MARKET, True, 1, True, "market orders are accepted here"),
        (
            OrderType.MARKET,
            False,
            1,
            False,
            "this channel does not accept market orders; write a price or @ nat",
        ),
        (OrderType.MARKET, True, 2, False, "a market order has one leg; write a net price"),
    ],
)
def test_market_orders(order_type, allows, legs, is_ok, sentence):
    verdict = risk.market_allowed(ask(order_type=order_type), legs, allowed=allows)

    assert (verdict.is_ok, verdict.sentence) == (is_ok, sentence)


@pytest.mark.parametrize(
    ("state", "is_closing", "is_ok"),
    [
        (TradingStateName.ACTIVE, False, True),
        (TradingStateName.REDUCING, False, False),
        (TradingStateName.REDUCING, True, True),
        (TradingStateName.HALTED, False, False),
        (TradingStateName.HALTED, True, False),
    ],
)
def test_trading_state(state, is_closing, is_ok):
    assert risk.trading_state(state, "", is_closing=is_closing).is_ok is is_ok


@pytest.mark.parametrize(
    ("bid", "ask_price", "age", "halted", "sentence"),
    [
        ("1.20", "1.30", 1, False, ""),
        ("1.20", "1.30", 4, False, "the quote is 4 s old, at most 3 s allowed"),
        ("1.20", "1.20", 1, False, "the quote is crossed or locked: 1.20 / 1.20"),
        ("1.20", "1.30", 1, True, "trading of it is halted"),
        ("1.00", "3.00", 1, False, "the spread is too wide: 1.00 / 3.00"),
        ("0.01", "0.10", 1, False, ""),
        ("NaN", "1.30", 1, False, "the quote is one-sided"),
        ("1.20", "Infinity", 1, False, "the quote is one-sided"),
        (None, "1.30", 1, False, "the quote is one-sided"),
    ],
)
def test_quotes(bid, ask_price, age, halted, sentence):
    quote = Quote(D(bid) if bid else None, D(ask_price), QUOTE.received_at, is_halted=halted)

    verdict = risk.quote_usable(quote, 60, 3.0, age)

    assert (verdict.sentence, verdict.is_ok) == (sentence, not sentence)


PRODUCTION = risk.Rollout(
    environment="production", stage="full", is_dry_run=False, is_canary=False, limited_max_quantity=5
)
OPTION, SHARES = InstrumentType.EQUITY_OPTION, InstrumentType.EQUITY


@pytest.mark.parametrize(
    ("over", "kind", "quantity", "sentence"),
    [
        pytest.param({"stage": "off"}, OPTION, 1, "1 asked, at most 0 while production is at off", id="off"),
        pytest.param(
            {"stage": "dry_run", "is_dry_run": True}, OPTION, 1,
            "production is set to dry run: nothing is placed there", id="dry run",
        ),
        pytest.param(
            {"stage": "canary"}, OPTION, 1,
            "production is at canary: only channels marked for it may place orders", id="no canary channel",
        ),
        pytest.param({"stage": "canary", "is_canary": True}, OPTION, 1, "", id="canary, one"),
        pytest.param(
            {"stage": "canary", "is_canary": True}, OPTION, 2,
            "2 asked, at most 1 while production is at canary", id="canary, two",
        ),
        pytest.param({"stage": "canary", "is_canary": True}, SHARES, 100, "", id="canary, a hundred shares"),
        pytest.param(
            {"stage": "canary", "is_canary": True}, SHARES, 101,
            "101 asked, at most 100 while production is at canary", id="canary, more shares",
        ),
        pytest.param({"stage": "limited"}, OPTION, 5, "", id="limited, five"),
        pytest.param(
            {"stage": "limited"}, OPTION, 6, "6 asked, at most 5 while production is at limited",
            id="limited, six",
        ),
        pytest.param(
            {"stage": "limited", "limited_max_quantity": 2}, SHARES, 201,
            "201 asked, at most 200 while production is at limited", id="limited, shares",
        ),
        pytest.param({}, OPTION, 10_000, "", id="full"),
        pytest.param(
            {"is_dry_run": True}, OPTION, 1, "production is set to dry run: nothing is placed there",
            id="full, but the environment's own dry run",
        ),
        pytest.param({"environment": "sandbox", "stage": "off"}, OPTION, 100, "", id="the sandbox has no ladder"),
        pytest.param(
            {"environment": "sandbox", "stage": "off", "is_dry_run": True}, OPTION, 1,
            "sandbox is set to dry run: nothing is placed there", id="the sandbox's dry run",
        ),
        pytest.param({"environment": "practice", "stage": "off"}, OPTION, 100, "", id="nor has practice"),
    ],
)  # fmt: skip
def test_the_rollout_stage(over, kind, quantity, sentence):
    rollout = replace(PRODUCTION, **over)

    verdict = risk.stage(kind, quantity, rollout, asks_dry_run=False)

    assert (verdict.code, verdict.is_ok) == ("ROLLOUT_STAGE_EXCEEDED", not sentence)
    assert verdict.sentence == (sentence or f"within what {rollout.environment} is opened for")


@pytest.mark.parametrize("stage", ["off", "dry_run", "canary", "limited", "full"])
def test_a_dry_run_places_nothing_and_so_passes_every_stage(stage):
    rollout = replace(PRODUCTION, stage=stage, is_dry_run=True)

    assert risk.stage(OPTION, 100, rollout, asks_dry_run=True).is_ok


@pytest.mark.parametrize(
    ("kind", "value", "is_ok", "sentence"),
    [
        (OPTION, "999.99", True, "may lose $999.99, at most $1,000.00 allowed per order"),
        (OPTION, "1000.00", True, "may lose $1,000.00, at most $1,000.00 allowed per order"),
        (OPTION, "1000.01", False, "may lose $1,000.01, at most $1,000.00 allowed per order"),
        (InstrumentType.FUTURE, "1000.01", True, "a future: judged by quantity alone"),
    ],
)
def test_the_most_an_order_may_lose(kind, value, is_ok, sentence):
    verdict = risk.max_loss(kind, D(value), D(1000))

    assert (verdict.code, verdict.is_ok, verdict.sentence) == ("LOSS_EXCEEDS_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(
    ("price", "side", "is_ok", "sentence"),
    [
        ("4.99", Side.RECEIVES, True, "a credit of 4.99 for a spread that is 5 wide"),
        ("5.00", Side.RECEIVES, True, "a credit of 5 for a spread that is 5 wide"),
        ("5.01", Side.RECEIVES, False, "a credit of 5.01 for a spread that is 5 wide"),
        ("5.01", Side.PAYS, False, "a debit of 5.01 for a spread that is 5 wide"),
    ],
)
def test_no_spread_is_priced_beyond_its_width(price, side, is_ok, sentence):
    verdict = risk.within_width(D(price), D(5), side)

    assert (verdict.code, verdict.is_ok, verdict.sentence) == ("PRICE_EXCEEDS_WIDTH", is_ok, sentence)
