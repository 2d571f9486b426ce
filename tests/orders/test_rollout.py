"""Production's rung and the dry run hold at the proposal, and again when an order is to be sent."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.models import Account, Channel, Environment
from desk.switching import request_change
from orders import approval
from orders.controls import at_proposal
from orders.enums import Action, InstrumentType, OptionType, PriceRule, Side
from orders.ladder import Terms
from orders.language.ticket import Ticket
from orders.market import PENNY, Instrument, Quote
from orders.terms import ResolvedLeg
from orders.verdicts import first_refusal
from tests.brokers import FakeBroker
from tests.factories import (
    make_account,
    make_approver,
    make_channel,
    make_environment,
    make_order,
    make_trader,
    make_user,
)
from tests.orders.worlds import due, open_session, step, stream_up

pytestmark = pytest.mark.django_db
QUOTE = Quote(D("1.20"), D("1.30"), datetime(2026, 11, 23, 15, tzinfo=UTC))
CALL = Instrument(
    kind=InstrumentType.EQUITY_OPTION, symbol="SPY   261218C00600000", root="SPY", underlying="SPY",
    multiplier=D(100), ticks=PENNY, streamer_symbol=".SPY261218C600", expires_on=date(2026, 12, 18),
    strike=D(600), option_type=OptionType.CALL,
)  # fmt: skip


@pytest.fixture
def production(settings):
    """A production whose every key is turned, but for the stage, which a test sets."""
    settings.TASTYTRADE_USE_SANDBOX = False
    settings.TASTYTRADE_PRODUCTION_ACCOUNTS = ["5WT9"]
    environment = make_environment("production", is_enabled=True, stage="full")
    account = make_account(environment=environment, number="5WT9")
    make_channel(account=account)
    make_trader(may_trade_production=True)
    return environment


def opened(**over):
    """Set production to a rung, and return its channel as the bot reads it."""
    Environment.objects.filter(pk="production").update(**over)
    return Channel.objects.select_related("account__environment").get()


def approved(**over):
    """Return an approved production order of a desk that may send."""
    order = make_order(channel=Channel.objects.get(), trader=make_trader(), **over)
    Account.objects.update(reconciled_at=timezone.now())
    open_session()
    stream_up()
    return approval.approve(order.pk, by=make_approver().user, via="admin")


def refusal_of_proposal(channel, quantity, *, dry_run=False):
    ticket = Ticket(legs=(), quantity=quantity, dry_run=dry_run)
    leg = ResolvedLeg(Action.BUY_TO_OPEN, 1, CALL)
    terms = Terms(
        side=Side.PAYS, rule=PriceRule.NONE, ticks=PENNY, retries=3, ticks_per_step=2, bound=D("1.31")
    )
    asked = at_proposal.candidate_of(ticket, [leg], terms)
    trader = make_trader(may_trade_production=True)
    found = first_refusal(at_proposal.verdicts_on(asked, ticket, QUOTE, terms, channel, trader))
    return (found.code, found.sentence) if found else None


@pytest.mark.parametrize(
    ("over", "is_canary", "quantity", "sentence"),
    [
        pytest.param({"stage": "canary"}, False, 1,
                     "production is at canary: only channels marked for it may place orders", id="not a canary"),
        pytest.param({"stage": "canary"}, True, 1, None, id="canary, one"),
        pytest.param({"stage": "canary"}, True, 2, "2 asked, at most 1 while production is at canary",
                     id="canary, two"),
        pytest.param({"stage": "limited"}, False, 5, None, id="limited, five"),
        pytest.param({"stage": "limited"}, False, 6, "6 asked, at most 5 while production is at limited",
                     id="limited, six"),
        pytest.param({"stage": "full"}, False, 10, None, id="full"),
        pytest.param({"stage": "dry_run"}, False, 10, None, id="a dry run is asked, not placed"),
        pytest.param({"stage": "canary", "dry_run": True}, False, 10, None, id="the flag, too"),
    ],
)  # fmt: skip
def test_a_proposal_beyond_the_stage_is_denied(over, is_canary, quantity, sentence, production):
    channel = opened(**over)
    channel.is_canary = is_canary

    refusal = refusal_of_proposal(channel, quantity)

    assert refusal == (("ROLLOUT_STAGE_EXCEEDED", sentence) if sentence else None)


def test_at_full_an_approved_order_is_placed(production):
    broker = FakeBroker("production", "5WT9")

    order = step(approved(), broker)

    assert (broker.calls, order.status) == (["POST"], "walking")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        pytest.param({"stage": "limited"}, "9 asked, at most 5 while production is at limited", id="limited"),
        pytest.param(
            {"stage": "canary"}, "production is at canary: only channels marked for it may place orders",
            id="canary",
        ),
        pytest.param({"stage": "dry_run"}, "production is set to dry run: nothing is placed there", id="dry run"),
        pytest.param({"dry_run": True}, "production is set to dry run: nothing is placed there", id="the flag"),
        pytest.param({"stage": "off"}, "production's rollout stage is off", id="off"),
        pytest.param({"is_enabled": False}, "production is switched off in the admin", id="switched off"),
    ],
)  # fmt: skip
def test_an_order_that_was_approved_higher_up_is_not_placed_after_the_way_down(wanted, sentence, production):
    order, broker = approved(quantity=9), FakeBroker("production", "5WT9")
    request_change("production", by=make_user("ann", "desk.change_environment"), **wanted)

    order = step(order, broker)

    assert (broker.calls, order.status, order.note) == ([], "holding", sentence)


def test_a_rung_taken_away_between_the_look_and_the_intent_stops_the_intent(production, monkeypatch):
    order, broker = approved(quantity=9), FakeBroker("production", "5WT9")
    monkeypatch.setattr(FakeBroker, "refresh", lambda self: opened(stage="limited"))

    order = step(order, broker)

    assert (broker.calls, order.placements.count()) == ([], 0)
    assert (order.status, order.note) == (
        "holding",
        "9 asked, at most 5 while production is at limited (ROLLOUT_STAGE_EXCEEDED)",
    )


def test_an_order_goes_on_when_the_stage_is_back(production):
    order, broker = approved(quantity=9), FakeBroker("production", "5WT9")
    opened(stage="limited")
    held = step(order, broker).status
    opened(stage="full")
    due(order)

    assert (held, step(order, broker).status, broker.calls) == ("holding", "walking", ["POST"])


def test_a_dry_run_set_on_the_sandbox_stops_what_was_approved_before(settings):
    environment = make_environment("sandbox", is_enabled=True)
    make_channel(account=make_account(environment=environment))
    order, broker = approved(), FakeBroker("sandbox")
    request_change("sandbox", by=make_user("ann", "desk.change_environment"), dry_run=True)

    order = step(order, broker)

    assert (broker.calls, order.note) == ([], "sandbox is set to dry run: nothing is placed there")
