"""Giving up a position: by the order that opened it, or by its contract. With a fake broker."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.utils import timezone

from desk.models import Account
from orders import amending, approval, closing, proposing
from orders.brokers.base import BrokerLeg, BrokerOrder, Position
from orders.controls import in_flight
from orders.enums import Action, InstrumentType, OptionType, OrderType, PriceRule, Side
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.values import Close
from orders.market import PENNY, Instrument, Tick
from orders.models import Order
from orders.resolving import UnresolvedTicket
from orders.verdicts import Denied
from tests.brokers import FakeBroker
from tests.factories import (
    PRACTICE_URL,
    make_approver,
    make_channel,
    make_fill,
    make_leg,
    make_limits,
    make_order,
    make_placement,
    make_reading,
    make_trader,
)
from tests.orders.worlds import open_session, step

pytestmark = pytest.mark.django_db
TYPED_AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CALL = "SPY   261218C00600000"
SPOKEN = "SPY 18 Dec 2026 600 C"
HIGHER = "SPY   261218C00610000"
ES = "/ESZ6"


def option(symbol: str, strike: int, root: str = "SPY", underlying: str = "SPY") -> Instrument:
    return Instrument(
        InstrumentType.EQUITY_OPTION, symbol, root, underlying, D(100), PENNY, "", date(2026, 12, 18),
        D(strike), OptionType.CALL,
    )  # fmt: skip


def held(symbol: str, quantity: int, kind: InstrumentType = InstrumentType.EQUITY_OPTION) -> Position:
    return Position(symbol, kind, "SPY", quantity, D("1.25"), D(100))


@pytest.fixture
def broker(settings) -> FakeBroker:
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    broker = FakeBroker(held=[held(CALL, 4)])
    broker.instruments = {CALL: option(CALL, 600), HIGHER: option(HIGHER, 610)}
    return broker


def typed(text: str) -> Close:
    command = parse_command(text, now=TYPED_AT, calendar=NYSE)
    assert isinstance(command, Close), command
    return command


def prepare(asked: Close | str, broker: FakeBroker) -> proposing.Prepared:
    trader, channel = make_trader(), make_channel()
    channel.traders.add(trader)
    asked = typed(asked) if isinstance(asked, str) else asked
    return closing.prepare(asked, channel=channel, trader=trader, broker=broker)


def refused(asked: Close | str, broker: FakeBroker) -> str:
    with pytest.raises((UnresolvedTicket, Denied)) as refusal:
        prepare(asked, broker)
    return str(refusal.value)


def opened(quantity: int = 2, **over) -> Order:
    return make_order(quantity=quantity, filled_quantity=quantity, status="filled", **over)


def what(prepared: proposing.Prepared) -> list[tuple[Action, str, int]]:
    return [
        (leg.action, leg.instrument.symbol, leg.ratio * prepared.ticket.quantity) for leg in prepared.legs
    ]


# --- which way, and how much -----------------------------------------------------------------------


def test_a_long_is_sold_to_close(broker):
    prepared = prepare("close SPY 18dec 600c", broker)

    assert what(prepared) == [(Action.SELL_TO_CLOSE, CALL, 4)]
    assert (prepared.side, prepared.terms.bound, prepared.order_type) == (
        Side.RECEIVES, D("1.20"), OrderType.LIMIT,
    )  # fmt: skip


def test_a_short_is_bought_to_close(broker):
    broker.held = [held(CALL, -4)]

    assert what(prepare("close SPY 18dec 600c", broker)) == [(Action.BUY_TO_CLOSE, CALL, 4)]


@pytest.mark.parametrize(
    ("words", "quantity"),
    [
        pytest.param("", 4, id="all of it"),
        pytest.param("half", 2, id="half"),
        pytest.param("third", 1, id="a third, rounded down"),
        pytest.param("75%", 3, id="percent"),
        pytest.param("qty 3", 3, id="a number"),
        pytest.param("half @ 1.22", 2, id="half at a price"),
    ],
)
def test_so_much_is_closed(broker, words, quantity):
    assert prepare(f"close SPY 18dec 600c {words}", broker).ticket.quantity == quantity


def test_a_part_that_is_less_than_one_is_asked_back(broker):
    broker.held = [held(CALL, 1)]

    assert refused("close SPY 18dec 600c half", broker) == (
        "That part of 1 of SPY 18 Dec 2026 600 call is less than one: write qty 1."
    )


def test_more_than_is_held_is_denied_with_its_numbers(broker):
    assert refused("close SPY 18dec 600c qty 5", broker) == (
        f"5 of {SPOKEN} to close, but 4 held (CLOSE_EXCEEDS_POSITION)"
    )


# --- what is already being closed ------------------------------------------------------------------


def closing_order(quantity: int, **over) -> Order:
    """Return an order of two minutes ago that closes so many."""
    asked = {"now": timezone.now() - timedelta(minutes=2), "side": Side.RECEIVES}
    return make_order(quantity=quantity, leg={"action": "Sell to Close"}, **asked | over)


def test_what_is_already_being_closed_is_not_closed_twice(broker):
    closing_order(3, status="resting")

    assert prepare("close SPY 18dec 600c", broker).ticket.quantity == 1


def test_a_proposal_has_its_claim_before_it_is_approved(broker):
    order = closing_order(4)

    assert refused("close SPY 18dec 600c", broker) == (
        f"All 4 of SPY 18 Dec 2026 600 call are already being closed by {order}."
    )


def test_what_is_named_beyond_what_is_free_is_denied(broker):
    closing_order(3, status="walking")

    assert refused("close SPY 18dec 600c half", broker) == (
        f"2 of {SPOKEN} to close, but 4 held and 3 of them are already being closed (CLOSE_EXCEEDS_POSITION)"
    )


def test_orders_of_other_people_count_too_and_a_pair_counts_once(broker):
    leg = BrokerLeg(CALL, Action.SELL_TO_CLOSE, 3, 3)
    target = BrokerOrder("1", "Live", (leg,), complex_order_id="90001")
    broker.orders = {
        "1": target,
        "2": replace(target, broker_order_id="2"),
        "3": replace(target, broker_order_id="3", complex_order_id="", status="Cancelled"),
    }

    assert prepare("close SPY 18dec 600c", broker).ticket.quantity == 1


def test_what_waits_asleep_at_the_broker_does_not_count(broker):
    closing_order(4, status="resting", waits_for_entry=True)

    assert prepare("close SPY 18dec 600c", broker).ticket.quantity == 4


def test_a_filled_close_no_longer_counts(broker):
    closing_order(4, status="filled", filled_quantity=4)

    assert prepare("close SPY 18dec 600c", broker).ticket.quantity == 4


# --- none or two -----------------------------------------------------------------------------------


def test_nothing_held_is_said(broker):
    broker.held = []

    assert refused("close SPY 18dec 600c", broker) == "The account holds no SPY 18 Dec 2026 600 call."


def test_two_that_fit_are_asked_back(broker):
    broker.held = [
        held("SPX   261218C06000000", 1),
        held("SPXW  261218C06000000", 1),
    ]

    assert refused("close SPX 18dec 6000c", broker) == (
        "Two positions fit SPX 18 Dec 2026 6000 call: SPX   261218C06000000 and SPXW  261218C06000000. "
        "Write which one."
    )


def test_the_weekly_of_an_index_is_found_under_its_parent(broker):
    symbol = "SPXW  261218C06000000"
    broker.held = [held(symbol, 1)]
    broker.instruments[symbol] = option(symbol, 6000, "SPXW", "SPX")

    assert what(prepare("close SPX 18dec 6000c", broker)) == [(Action.SELL_TO_CLOSE, symbol, 1)]


def test_a_future_without_its_month_is_the_one_that_is_held(broker, monkeypatch):
    future = Instrument(InstrumentType.FUTURE, "/ESH7", "/ES", "/ESH7", D(50), PENNY)
    monkeypatch.setattr(FakeBroker, "futures", lambda self, root: [future])
    broker.held = [held("/ESH7", -2, InstrumentType.FUTURE)]

    prepared = prepare("close /ES sl 2.00 tp 0.80", broker)

    assert what(prepared) == [(Action.BUY, "/ESH7", 2)]
    assert (prepared.order_type, prepared.terms.rule, prepared.side) == ("OCO", PriceRule.EXIT, Side.PAYS)


def test_a_future_of_any_month_is_named_by_its_root(broker):
    assert refused("close /ES", broker) == "The account holds no /ES."

    broker.held = [held(symbol, 1, InstrumentType.FUTURE) for symbol in ("/ESZ6", "/ESH7")]
    assert refused("close /ES", broker) == "Two positions fit /ES: /ESH7 and /ESZ6. Write which one."


@pytest.fixture
def es(broker, monkeypatch) -> FakeBroker:
    """A broker that lists one future, of which the account is long one."""
    future = Instrument(InstrumentType.FUTURE, ES, "/ES", "/ES", D(50), (Tick(D("0.25")),))
    broker.bid, broker.ask = D("6000.00"), D("6000.50")
    broker.held = [Position(ES, InstrumentType.FUTURE, "/ES", 1, D(6000), D(50))]
    monkeypatch.setattr(FakeBroker, "futures", lambda self, root: [future])
    return broker


def closing_future(words: str, broker: FakeBroker) -> Order:
    """Return the approved order that these words make, in an account that the broker has just told of."""
    prepared, trader, channel = prepare(words, broker), make_trader(), make_channel()
    make_reading(channel.account, *broker.held)
    Account.objects.update(reconciled_at=timezone.now())
    order = proposing.record(prepared, channel=channel, trader=trader, discord_message_id=None, text=words)
    open_session()
    return approval.approve(order.pk, by=make_approver().user, via="admin")


@pytest.mark.parametrize("words", ["", " @ 6000", " sl 5900 tp 6100"], ids=["walks", "at a price", "exit"])
def test_more_of_a_future_than_is_held_is_denied(es, words):
    assert refused(f"close {ES} qty 5{words}", es) == (
        f"5 of {ES} to close, but 1 held (CLOSE_EXCEEDS_POSITION)"
    )


@pytest.mark.parametrize(
    ("words", "call", "quantities"),
    [
        pytest.param("", "POST", [1], id="walks"),
        pytest.param(" sl 5900 tp 6100", "POST complex", [1, 1], id="exit"),
    ],
)
def test_a_future_is_closed_where_nothing_of_it_may_be_opened(es, words, call, quantities):
    make_limits(make_channel().account, max_underlying_quantity=0, restricted_symbols=["/ES"])
    order = closing_future(f"close {ES}{words}", es)
    Account.objects.update(state="reducing")

    order = step(order, es)

    assert (order.status, es.calls, es.quantities) == ("walking", [call], quantities)


@pytest.mark.parametrize("words", ["", " sl 5900 tp 6100"], ids=["walks", "exit"])
def test_a_future_that_is_gone_since_the_approval_is_not_sold_short(es, words):
    order = closing_future(f"close {ES}{words}", es)
    make_reading(order.account)

    order = step(order, es)

    assert (order.status, order.note, es.calls) == (
        "holding", f"1 of {ES} to close, but 0 held (CLOSE_EXCEEDS_POSITION)", [],
    )  # fmt: skip


def test_a_closed_future_counts_for_nothing_opened(es):
    order = closing_future(f"close {ES}", es)
    make_fill(make_placement(order, status="filled"))
    account, later = order.account, timezone.now() + timedelta(seconds=1)
    fills = in_flight.fills_since(account, None)

    assert in_flight.held_quantity([], fills, "/ES") == 0
    assert in_flight.opened_lately(account, [ES], later - timedelta(minutes=5), None) == {}


def test_an_amended_close_of_a_future_is_still_one(es):
    order = closing_future(f"close {ES} @ 6000", es)
    asked = parse_command(f"amend {order.pk} qty 5", now=TYPED_AT, calendar=NYSE)

    with pytest.raises(Denied) as refusal:
        amending.amend(asked, by=order.trader, via="discord", broker=es)

    assert str(refusal.value) == f"5 of {ES} to close, but 1 held (CLOSE_EXCEEDS_POSITION)"


def test_max_does_not_go_with_selling_a_long(broker):
    assert refused("close SPY 18dec 600c max 1.40", broker) == (
        "Closing SPY 18 Dec 2026 600 call receives: its bound is min, not max."
    )


# --- by the order that opened it -------------------------------------------------------------------


def test_an_order_is_closed_by_its_number_for_what_it_filled(broker):
    order = opened(2)

    assert what(prepare(f"close {order.pk}", broker)) == [(Action.SELL_TO_CLOSE, CALL, 2)]


def test_what_was_closed_meanwhile_is_not_closed_again(broker):
    order = opened(4)
    broker.held = [held(CALL, 1)]

    assert prepare(f"close {order.pk}", broker).ticket.quantity == 1


def test_a_spread_is_closed_as_one_order(broker):
    order = opened(2)
    make_leg(order, symbol=HIGHER, action="Sell to Open", strike=D(610))
    broker.held = [held(CALL, 2), held(HIGHER, -2)]
    broker.markets = {CALL: (D("1.20"), D("1.24")), HIGHER: (D("1.13"), D("1.14"))}

    prepared = prepare(f"close {order.pk} half @ 0.10", broker)

    assert what(prepared) == [(Action.SELL_TO_CLOSE, CALL, 1), (Action.BUY_TO_CLOSE, HIGHER, 1)]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(
            lambda: make_order(), "Nothing of #{} has filled, so there is nothing to close.", id="no fill"
        ),
        pytest.param(
            lambda: closing_order(2, status="filled", filled_quantity=2),
            "#{} closes a position itself: name the order that opened it.",
            id="itself a close",
        ),
    ],
)
def test_an_order_that_has_nothing_to_close_says_so(broker, make, sentence):
    order = make()

    assert refused(f"close {order.pk}", broker) == sentence.format(order.pk)


def test_an_order_whose_position_is_gone_says_so(broker):
    order = opened(2)
    broker.held = []

    assert refused(f"close {order.pk}", broker) == f"The account holds nothing of {order} any more."


def test_a_number_of_no_order_says_so(broker):
    assert refused("close 999", broker) == "There is no order #999 in this channel's account."


# --- stop and target -------------------------------------------------------------------------------


def test_stop_and_target_make_an_exit(broker):
    prepared = prepare("close SPY 18dec 600c half sl 0.80 tp 2.50", broker)

    assert (prepared.order_type, prepared.terms.rule, prepared.terms.bound, prepared.prices) == (
        OrderType.OCO, PriceRule.EXIT, None, (),
    )  # fmt: skip
    assert [v.code for v in prepared.verdicts if not v.is_ok] == []


def test_an_exit_is_recorded_with_its_prices(broker):
    trader, channel = make_trader(), make_channel()
    prepared = prepare("close SPY 18dec 600c sl 0.80 tp 2.50 gtc", broker)

    order = proposing.record(prepared, channel=channel, trader=trader, discord_message_id=1, text="close")

    order.refresh_from_db()
    assert (order.order_type, order.price_rule, order.target_price, order.stop_price, order.bound_price) == (
        "OCO", "exit", D("2.50"), D("0.80"), None,
    )  # fmt: skip
    assert (order.retries, order.time_in_force, order.is_exit, order.wants_exits) == (0, "GTC", True, False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(
            "tp 1.10",
            "the target 1.10 is not above the mid 1.25: close at a price instead (EXIT_TRIGGERS_AT_ONCE)",
            id="target below the market",
        ),
        pytest.param(
            "sl 1.30",
            "the stop 1.30 is not below the mid 1.25: it would trigger at once (EXIT_TRIGGERS_AT_ONCE)",
            id="stop above the market",
        ),
        pytest.param(
            "tp 2.505", "2.505 is not on the tick of this instrument (PRICE_OFF_TICK)", id="between two ticks"
        ),
    ],
)
def test_an_exit_that_makes_no_sense_is_denied(broker, words, sentence):
    assert refused(f"close SPY 18dec 600c {words}", broker) == sentence


def test_a_stop_on_a_spread_is_denied(broker):
    order = opened(2)
    make_leg(order, symbol=HIGHER, action="Sell to Open", strike=D(610))
    broker.held = [held(CALL, 2), held(HIGHER, -2)]
    broker.markets = {CALL: (D("1.20"), D("1.24")), HIGHER: (D("1.13"), D("1.14"))}

    assert refused(f"close {order.pk} sl 0.01 tp 0.50", broker) == (
        "the broker takes a stop on one leg only: write tp alone for a spread (STOP_NEEDS_ONE_LEG)"
    )


def test_a_fraction_counts_what_is_held(broker):
    asked = Close(contract=typed("close SPY 18dec 600c").contract, fraction=Fraction(1, 2))

    assert prepare(asked, broker).ticket.quantity == 2
