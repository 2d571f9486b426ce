"""The controls at a proposal: what the trader is told, and what is stored."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.limits import AccountReading
from desk.models import TradingSession, WalkPolicy
from orders import proposing
from orders.brokers.base import DryRun
from orders.controls import account_readings
from orders.enums import BeforeOpen, InstrumentType, OptionType, OrderStatus
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.market import PENNY, Instrument
from orders.models import Order
from orders.terms import ResolvedLeg
from orders.verdicts import Denied
from tests.brokers import FakeBroker
from tests.factories import PRACTICE_URL, make_channel, make_limits, make_position, make_reading, make_trader

pytestmark = pytest.mark.django_db
TYPED_AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BUY = "bto 2 SPY 18dec 600c @ 1.25"


def option(strike: int) -> Instrument:
    symbol = f"SPY   261218C{strike * 1000:08d}"
    return Instrument(
        InstrumentType.EQUITY_OPTION, symbol, "SPY", "SPY", D(100), PENNY, "", date(2026, 12, 18), D(strike),
        OptionType.CALL,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _practice(settings):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL


class Judging(FakeBroker):
    """A broker whose dry-run answers what a test wants."""

    answer = DryRun(D("-250.00"), D("-2.26"))

    def dry_run(self, draft):
        return self.answer


def prepare(text=BUY, broker=None, **channel):
    trader, channel = make_trader(), make_channel(**channel)
    channel.traders.add(trader)
    ticket = parse_command(text, now=TYPED_AT, calendar=NYSE).ticket
    legs = tuple(ResolvedLeg(leg.action, leg.ratio, option(int(leg.contract.strike))) for leg in ticket.legs)
    broker = broker or Judging()
    return proposing.prepare_legs(ticket, legs, channel=channel, trader=trader, broker=broker)


def record(text=BUY, **more):
    prepared = prepare(text, **more)
    return proposing.record(
        prepared, channel=make_channel(), trader=make_trader(), discord_message_id=None, text=text
    )


def refused(text=BUY, **more):
    with pytest.raises(Denied) as refusal:
        prepare(text, **more)
    return str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("bto 5 SPY 18dec 600c covered", id="covered"),
        pytest.param("bto 1 SPY 18dec 600c covered @ 9.51 db", id="at a price"),
        pytest.param("custom 1 bto 100 SPY + sto 1 SPY 18dec 600c @ 9.51 db", id="leg by leg"),
    ],
)
def test_shares_and_options_in_one_order_are_denied_before_they_are_priced(text):
    trader, channel, broker = make_trader(), make_channel(), FakeBroker()
    channel.traders.add(trader)
    shares = Instrument(InstrumentType.EQUITY, "SPY", "SPY", "SPY", D(1), PENNY)
    ticket = parse_command(text, now=TYPED_AT, calendar=NYSE).ticket
    legs = tuple(
        ResolvedLeg(leg.action, leg.ratio, option(600) if leg.contract.strike else shares)
        for leg in ticket.legs
    )

    with pytest.raises(Denied) as refusal:
        proposing.prepare_legs(ticket, legs, channel=channel, trader=trader, broker=broker)

    assert str(refusal.value) == (
        "the broker takes no order of legs of two kinds: ask for shares and options one after the other"
        " (LEGS_OF_TWO_KINDS)"
    )


def test_every_verdict_is_stored_on_the_order():
    order = record()

    assert [v["code"] for v in order.verdicts] == [
        "ENVIRONMENT_KEYS_DISAGREE", "ROLLOUT_STAGE_EXCEEDED", "TRADING_NOT_ACTIVE",
        "MARKET_ORDER_NOT_ALLOWED", "QUANTITY_EXCEEDS_MAXIMUM", "NOTIONAL_EXCEEDS_MAXIMUM",
        "LOSS_EXCEEDS_MAXIMUM", "PRICE_OUTSIDE_COLLAR", "SYMBOL_RESTRICTED", "PRODUCT_NOT_ALLOWED",
        "EXPIRY_TOO_NEAR", "SESSION_CLOSED", "ACCOUNT_READING_STALE", "DAILY_LOSS_AT_MAXIMUM",
        "OPEN_ORDERS_AT_MAXIMUM", "POSITION_EXCEEDS_MAXIMUM", "EXPOSURE_EXCEEDS_MAXIMUM", "SYMBOL_REPEATED",
        "BROKER_WOULD_REJECT", "BUYING_POWER_EXCEEDED",
    ]  # fmt: skip
    assert [v for v in order.verdicts if not v["ok"]] == []


# --- the same again --------------------------------------------------------------------------------


def moved_back(order, seconds):
    Order.objects.filter(pk=order.pk).update(proposed_at=timezone.now() - timedelta(seconds=seconds))


def test_the_same_within_a_minute_is_asked_about_and_told_how_to_confirm():
    order = record()
    moved_back(order, 14)

    assert refused() == (
        f"you asked for the same 14 s ago ({order}): write `again` behind it to mean it twice (ORDER_REPEATED)"
    )


def test_the_same_again_is_taken_where_it_is_meant():
    record()

    order = record(f"{BUY} again")

    assert [(v["code"], v["ok"]) for v in order.verdicts if v["code"] == "ORDER_REPEATED"] == [
        ("ORDER_REPEATED", True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("bto 3 SPY 18dec 600c @ 1.25", id="quantity"),
        pytest.param("bto 2 SPY 18dec 605c @ 1.25", id="contract"),
        pytest.param("btc 2 SPY 18dec 600c @ 1.25", id="action"),
    ],
)
def test_another_quantity_contract_or_action_is_not_the_same(text):
    record()

    prepared = prepare(text, broker=Judging(held=[make_position(-2)]))

    assert [v.code for v in prepared.verdicts if v.code == "ORDER_REPEATED"] == []


@pytest.mark.parametrize("status", [OrderStatus.WITHDRAWN, OrderStatus.DENIED, OrderStatus.LAPSED])
def test_what_was_taken_back_may_be_asked_for_anew(status):
    Order.objects.filter(pk=record().pk).update(status=status)

    assert prepare().ticket.quantity == 2


@pytest.mark.parametrize(("seconds", "window"), [(61, 60), (1, 0)])
def test_after_the_window_nothing_is_asked(seconds, window):
    moved_back(record(), seconds)
    make_limits(make_channel().account, duplicate_seconds=window)

    assert prepare().ticket.quantity == 2


# --- the broker's word -----------------------------------------------------------------------------


def test_what_the_broker_would_refuse_is_recorded_and_shown():
    broker = Judging()
    broker.answer = DryRun(None, None, errors=(("margin_check_failed", "Not enough buying power."),))

    order = record(broker=broker)

    assert order.verdicts[-1] == {
        "code": "BROKER_WOULD_REJECT", "ok": False,
        "sentence": "the broker would refuse it: Not enough buying power.", "numbers": {},
    }  # fmt: skip


@pytest.mark.parametrize(("power", "is_ok"), [(249, False), (250, True)])
def test_the_dry_runs_buying_power_is_compared_with_the_accounts(power, is_ok):
    make_reading(make_channel().account, option_buying_power=power)

    order = record()

    assert [(v["ok"], v["sentence"]) for v in order.verdicts if v["code"] == "BUYING_POWER_EXCEEDED"] == [
        (is_ok, f"takes $250.00 of buying power, ${power}.00 free")
    ]


@pytest.mark.parametrize(("age", "asked"), [(59, False), (61, True)])
def test_the_broker_is_asked_for_the_account_once_a_minute(age, asked):
    now = timezone.now()
    make_reading(make_channel().account, cash=5, now=now - timedelta(seconds=age))

    account_readings.latest(make_channel().account, FakeBroker())

    assert (AccountReading.objects.get().began_at >= now) is asked


# --- price, session --------------------------------------------------------------------------------


def test_a_credit_beyond_the_width_of_the_spread_is_a_slip():
    broker = Judging(
        markets={option(600).symbol: (D("9.80"), D("9.90")), option(605).symbol: (D("4.70"), D("4.80"))}
    )

    told = refused("sto 1 SPY 18dec 600/605c @ 5.05 cr", broker=broker)

    assert told == "a credit of 5.05 for a spread that is 5 wide (PRICE_EXCEEDS_WIDTH)"


def test_a_naked_call_is_judged_by_its_notional():
    told = refused("sto 1 SPY 18dec 600c @ 1.25")

    assert told == "may lose $59,875.00, at most $50,000.00 allowed per order (LOSS_EXCEEDS_MAXIMUM)"


def test_a_closed_market_is_told_with_its_opening_where_the_policy_does_not_wait():
    channel = make_channel()
    WalkPolicy.objects.update(before_open=BeforeOpen.REFUSE)
    opens_at = timezone.now() + timedelta(hours=20)
    TradingSession.objects.create(
        environment=channel.account.environment, kind="Equity Option", day=opens_at.date(),
        opens_at=opens_at, closes_at=opens_at + timedelta(hours=6),
    )  # fmt: skip

    told = refused()

    local = f"{timezone.localtime(opens_at):%a %d %b %H:%M}"
    assert told == (
        f"the market is closed until {local} New York, and the channel's policy does not wait for the open"
        " (SESSION_CLOSED)"
    )


def test_closing_is_let_through_where_nothing_is_opened():
    channel = make_channel()
    make_limits(channel.account, max_open_orders=0, restricted_symbols=["SPY"], allowed_kinds=[])

    told = refused("stc 2 SPY 18dec 600c @ 1.25")

    assert told == "2 of SPY 18 Dec 2026 600 C to close, but 0 held (CLOSE_EXCEEDS_POSITION)"
