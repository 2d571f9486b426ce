"""The controls once more, in the transaction that commits an intent: what is held and in flight counts."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from desk.limits import AccountReading, ControlState
from desk.models import Account, Channel, StateChange, Trader
from orders import requests
from orders.approval import NotAllowed
from orders.controls import account_readings, at_intent, breakers
from orders.controls import in_flight as in_flight_rows
from orders.enums import OrderStatus, PlacementStatus, Side
from orders.models import Order
from orders.verdicts import first_refusal
from tests.brokers import FakeBroker
from tests.factories import (
    make_approver,
    make_channel,
    make_fill,
    make_limits,
    make_order,
    make_placement,
    make_position,
    make_reading,
)
from tests.orders.worlds import approved, due, fresh, run, step

pytestmark = pytest.mark.django_db
CLOSING = {"side": Side.RECEIVES, "leg": {"action": "Sell to Close"}, "bound_price": D("1.19")}


def held_back(order, broker=None):
    """Let a worker try to send; return the order's status, why, and how many calls that made."""
    broker = broker or FakeBroker()
    order = step(order, broker)
    return order.status, order.note, broker.calls


def refused(sentence):
    return OrderStatus.HOLDING, sentence, []


def in_flight(order, **over):
    """Return another order of the same account with a placement at the broker."""
    other = make_order(channel=order.channel, status=OrderStatus.WALKING, **over)
    make_placement(other)
    return other


def test_the_verdicts_of_the_intent_are_stored_beside_those_of_the_proposal(settings):
    proposed = {"code": "BROKER_WOULD_REJECT", "ok": True, "sentence": "fine", "numbers": {}}
    order = approved(settings, verdicts=[proposed])

    order = step(order, FakeBroker())

    assert [(v["code"], v["ok"]) for v in order.verdicts] == [
        (code, True)
        for code in (
            "BROKER_WOULD_REJECT", "QUANTITY_EXCEEDS_MAXIMUM", "MARKET_ORDER_NOT_ALLOWED", "QUOTE_NOT_USABLE",
            "LOSS_EXCEEDS_MAXIMUM", "NOTIONAL_EXCEEDS_MAXIMUM", "PRICE_OUTSIDE_COLLAR",
            "TRADER_NOT_AUTHORISED", "SYMBOL_RESTRICTED", "PRODUCT_NOT_ALLOWED", "EXPIRY_TOO_NEAR",
            "ACCOUNT_READING_STALE", "DAILY_LOSS_AT_MAXIMUM", "OPEN_ORDERS_AT_MAXIMUM",
            "POSITION_EXCEEDS_MAXIMUM", "EXPOSURE_EXCEEDS_MAXIMUM", "SYMBOL_REPEATED",
            "BUYING_POWER_EXCEEDED", "PLACEMENTS_AT_MAXIMUM", "REJECTS_AT_MAXIMUM", "MESSAGE_RATE_EXCEEDED",
        )
    ]  # fmt: skip


def test_the_verdict_that_held_an_order_back_is_stored_and_gives_way_to_the_next_one(settings):
    order = approved(settings)
    limits = make_limits(order.account, max_quantity=1)

    held = step(order, FakeBroker())
    limits.max_quantity = 2
    limits.save()
    due(held)
    sent = step(held, FakeBroker())

    quantity = [
        [v for v in each.verdicts if v["code"] == "QUANTITY_EXCEEDS_MAXIMUM"] for each in (held, sent)
    ]
    assert [[(v["ok"], v["numbers"]) for v in found] for found in quantity] == [
        [(False, {"quantity": "2", "maximum": "1"})],
        [(True, {"quantity": "2", "maximum": "2"})],
    ]


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        pytest.param({"max_quantity": 1}, "2 asked, at most 1 allowed here (QUANTITY_EXCEEDS_MAXIMUM)", id="quantity"),
        pytest.param(
            {"max_notional_value": D("249.99")}, "worth $250.00, at most $249.99 allowed per order (NOTIONAL_EXCEEDS_MAXIMUM)", id="notional"
        ),
        pytest.param(
            {"max_loss_value": D("249.99")}, "may lose $250.00, at most $249.99 allowed per order (LOSS_EXCEEDS_MAXIMUM)", id="loss"
        ),
        pytest.param(
            {"max_underlying_quantity": 1},
            "0 contracts of SPY held, 0 in flight and 2 asked: at most 1 allowed (POSITION_EXCEEDS_MAXIMUM)", id="position",
        ),
        pytest.param(
            {"max_underlying_value": D("249.99")},
            "$0.00 at stake in SPY, $0.00 in flight and $250.00 asked: at most $249.99 allowed (EXPOSURE_EXCEEDS_MAXIMUM)", id="exposure",
        ),
        pytest.param({"max_open_orders": 0}, "0 orders of this account are at work, at most 0 allowed (OPEN_ORDERS_AT_MAXIMUM)", id="open"),
        pytest.param(
            {"max_orders_per_symbol": 0},
            "0 other orders in SPY 18 Dec 2026 600 C were sent in 300 s, fewer than 0 allowed (SYMBOL_REPEATED)", id="symbol",
        ),
        pytest.param(
            {"restricted_symbols": ["SPY"]},
            "SPY is on the restricted list: positions in it can only be closed (SYMBOL_RESTRICTED)", id="restricted",
        ),
        pytest.param(
            {"allowed_symbols": ["QQQ"]}, "equity option of SPY is not on this account's allow-list (PRODUCT_NOT_ALLOWED)", id="allow-list"
        ),
        pytest.param({"max_daily_loss_value": D(0)},
                     "the account has lost $0.00 today, less than $0.00 allowed (DAILY_LOSS_AT_MAXIMUM)", id="daily loss"),
    ],
)  # fmt: skip
def test_a_limit_lowered_after_the_approval_holds_the_order_back(settings, limit, sentence):
    order = approved(settings)
    make_limits(order.account, **limit)

    assert held_back(order) == refused(sentence)


def test_an_order_that_a_limit_holds_back_for_long_asks_for_a_person(settings):
    order, broker, asked = approved(settings), FakeBroker(), []
    make_limits(order.account, max_quantity=1)
    for minutes in (0, 1, 60):
        due(order)
        since = timezone.now() - timedelta(minutes=minutes)
        Order.objects.exclude(holding_since=None).update(holding_since=since)
        order = step(order, broker)
        asked.append(order.needs_review)

    assert (order.status, broker.calls, order.patience_seconds) == ("holding", [], 120)
    assert asked == [False, False, True]
    assert list(order.events.filter(kind="needs review").values_list("reason", flat=True)) == [order.note]


def test_an_order_that_a_person_has_looked_at_is_left_alone_for_another_patience(settings):
    order, broker = approved(settings), FakeBroker()
    make_limits(order.account, max_quantity=1)
    order = step(order, broker)
    Order.objects.update(holding_since=timezone.now() - timedelta(hours=1))
    due(order)
    order = step(order, broker)
    assert order.needs_review is True

    order = requests.reviewed(order.pk, by=order.approvals.get().by, version=order.version)
    due(order)
    order = step(order, broker)
    assert (order.status, order.needs_review) == ("holding", False)

    Order.objects.update(holding_since=timezone.now() - timedelta(seconds=order.patience_seconds + 1))
    due(order)
    order = step(order, broker)
    assert order.needs_review is True


@pytest.mark.parametrize(
    ("model", "column"), [(Trader, {"is_active": False}), (Channel, {"is_enabled": False})]
)
def test_who_lost_his_place_opens_nothing_more_and_closes_what_is_held(settings, model, column):
    order = approved(settings)
    model.objects.filter(pk__in=[order.trader_id, order.channel_id]).update(**column)

    opening = held_back(order)
    Order.objects.filter(pk=order.pk).update(next_action_at=None)
    closing = make_order(channel=order.channel, trader=order.trader, status="approved", **CLOSING)
    Order.objects.filter(pk=closing.pk).update(next_action_at=timezone.now(), approved_at=timezone.now())

    assert opening == refused("tim may no longer open positions in #options (TRADER_NOT_AUTHORISED)")
    assert step(closing, FakeBroker()).status == OrderStatus.WALKING


# --- what is in flight -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "is_sent"), [pytest.param(11, False, id="above"), pytest.param(12, True, id="at the limit")]
)
def test_positions_fills_and_orders_in_flight_count_against_an_underlying(settings, most, is_sent):
    order = approved(settings)
    make_limits(order.account, max_underlying_quantity=most)
    make_reading(order.account, make_position(-4), now=timezone.now() - timedelta(seconds=30))
    make_fill(make_placement(make_order(channel=order.channel, quantity=3, status="filled"), status="filled"))
    in_flight(order, quantity=3)

    found = held_back(order)

    sentence = (
        "7 contracts of SPY held, 3 in flight and 2 asked: at most 11 allowed (POSITION_EXCEEDS_MAXIMUM)"
    )
    assert found == ((OrderStatus.WALKING, "", ["POST"]) if is_sent else refused(sentence))


def test_an_order_between_two_of_its_prices_keeps_its_place(settings):
    order = approved(settings)
    make_limits(order.account, max_open_orders=1)
    other = make_order(channel=order.channel, status=OrderStatus.WALKING)
    make_placement(other, status=PlacementStatus.CANCELLED)

    sentence = "1 orders of this account are at work, at most 1 allowed (OPEN_ORDERS_AT_MAXIMUM)"
    assert held_back(order) == refused(sentence)


def test_an_unknown_outcome_keeps_its_place_whatever_the_order_says(settings):
    order = approved(settings)
    other = make_order(channel=order.channel, status=OrderStatus.HOLDING)
    make_placement(other, status=PlacementStatus.UNKNOWN)

    assert in_flight_rows.reserving(order.account, order.pk) == [other]


def test_an_approved_order_that_was_never_sent_takes_no_place(settings):
    order = approved(settings)
    make_limits(order.account, max_open_orders=1)
    make_order(channel=order.channel, status=OrderStatus.APPROVED)

    assert held_back(order) == (OrderStatus.WALKING, "", ["POST"])


def test_a_walk_is_not_counted_against_itself(settings):
    order, broker = approved(settings, quantity=2), FakeBroker()
    make_limits(order.account, max_open_orders=1, max_underlying_quantity=2, max_underlying_value=D(262),
                max_orders_per_symbol=1)  # fmt: skip
    make_reading(order.account, option_buying_power=262)

    order = run(order, broker)

    assert (order.status, broker.calls.count("POST")) == (OrderStatus.RESTING, 4)


@pytest.mark.parametrize(("power", "is_sent"), [(523, False), (524, True)])
def test_buying_power_that_left_since_the_brokers_word_is_counted(settings, power, is_sent):
    order = approved(settings)
    make_reading(order.account, option_buying_power=power, now=timezone.now() - timedelta(seconds=9))
    in_flight(order)

    found = held_back(order)

    sentence = "takes $262.00 of buying power, $261.00 free (BUYING_POWER_EXCEEDED)"
    assert found == ((OrderStatus.WALKING, "", ["POST"]) if is_sent else refused(sentence))


def test_a_loss_of_the_day_is_measured_against_the_day_before(settings):
    order, now = approved(settings), timezone.now()
    AccountReading.objects.all().delete()
    make_reading(order.account, now=now - timedelta(days=1))
    make_reading(order.account, net_liquidating_value=95_000, now=now - timedelta(seconds=20))
    make_reading(order.account, net_liquidating_value=90_000, now=now - timedelta(seconds=10))

    assert held_back(order) == refused(
        "the account has lost $10,000.00 today, less than $10,000.00 allowed (DAILY_LOSS_AT_MAXIMUM)"
    )


@pytest.mark.parametrize("old", [None, 301])
def test_without_the_brokers_word_nothing_is_opened(settings, old):
    order = approved(settings)
    AccountReading.objects.all().delete()
    if old:
        make_reading(order.account, now=timezone.now() - timedelta(seconds=old))

    status, note, calls = held_back(order)

    expected = "the broker has not yet said what the account holds (ACCOUNT_READING_STALE)"
    if old:
        expected = (
            "the broker's word on the account is 301 s old, at most 300 s allowed (ACCOUNT_READING_STALE)"
        )
    assert (status, note, calls) == refused(expected)


def test_the_reconcile_brings_the_brokers_word(settings):
    from orders.reconciliation import reconciling

    order = approved(settings)
    broker = FakeBroker(held=[make_position(5)])

    reconciling.reconcile(order.account, broker)

    assert account_readings.positions_of(AccountReading.objects.get()) == [make_position(5)]


@settings_of(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["works", "fills", "is cancelled"])), max_size=8),
    st.integers(1, 12),
)
def test_what_is_held_and_in_flight_never_passes_the_limit_and_always_may_reach_it(db, asked, limit):
    with transaction.atomic():
        channel, taken = make_channel(), 0
        make_limits(channel.account, max_underlying_quantity=limit, max_orders_per_symbol=100)
        make_reading(channel.account, now=timezone.now() - timedelta(seconds=10))
        for quantity, fate in asked:
            order = make_order(channel=channel, quantity=quantity, status=OrderStatus.APPROVED)
            is_sent = first_refusal(at_intent.take(order, None, D("1.25"))) is None

            assert is_sent == (taken + quantity <= limit)
            if is_sent:
                become(order, fate)
                taken += 0 if fate == "is cancelled" else quantity
        transaction.set_rollback(True)


def become(order, fate):
    """Let what was sent work on, fill, or be cancelled."""
    status = {"works": "walking", "fills": "filled", "is cancelled": "cancelled"}[fate]
    placement = make_placement(order, status="working" if fate == "works" else status)
    if fate == "fills":
        make_fill(placement)
    Order.objects.filter(pk=order.pk).update(
        status=status, filled_quantity=order.quantity if fate == "fills" else 0
    )


# --- closing, opposite -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "working", "status", "sentence"),
    [
        (4, 2, OrderStatus.WALKING, ""),
        (3, 2, OrderStatus.HOLDING,
         "2 of SPY 18 Dec 2026 600 C to close, but 3 held and 2 of them are already being closed (CLOSE_EXCEEDS_POSITION)"),
        (1, 0, OrderStatus.HOLDING, "2 of SPY 18 Dec 2026 600 C to close, but 1 held (CLOSE_EXCEEDS_POSITION)"),
    ],
)  # fmt: skip
def test_a_close_never_exceeds_what_is_held_and_not_being_closed(settings, held, working, status, sentence):
    order = approved(settings, **CLOSING)
    if working:
        in_flight(order, quantity=working, **CLOSING)
    make_reading(order.account, make_position(held))

    order = step(order, FakeBroker())

    assert (order.status, order.note) == (status, sentence)


def test_what_filled_since_the_brokers_word_can_be_closed(settings):
    order = approved(settings, **CLOSING)
    make_reading(order.account, now=timezone.now() - timedelta(seconds=30))
    make_fill(make_placement(make_order(channel=order.channel, quantity=2, status="filled"), status="filled"))

    assert step(order, FakeBroker()).status == OrderStatus.WALKING


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        ("1.26", ""),
        (
            "1.25",
            "at 1.25 it could trade with {other}, which is the other way round at 1.25 (OPPOSITE_ORDER_WORKING)",
        ),
    ],
)
def test_an_order_does_not_trade_with_another_of_its_account(settings, theirs, sentence):
    order = approved(settings)
    other = in_flight(order, **CLOSING | {"bound_price": D(theirs)})

    order = step(order, FakeBroker())

    assert order.note == sentence.format(other=other)


# --- how often -------------------------------------------------------------------------------------


def test_an_empty_bucket_holds_an_order_back_and_never_a_cancel(settings):
    order, broker = approved(settings), FakeBroker()
    make_limits(order.account, message_burst=1, messages_per_minute=1)
    step(order, broker)

    due(order)
    order = step(order, broker)  # takes its first price back
    due(order)
    order = step(order, broker)

    assert broker.calls == ["POST", "DELETE"]
    assert (order.status, order.note) == (
        OrderStatus.HOLDING, "0 of 1 messages of this account are left, 1 come back a minute (MESSAGE_RATE_EXCEEDED)"
    )  # fmt: skip


def test_a_refused_intent_gives_its_message_back(settings):
    order = approved(settings)
    make_limits(order.account, max_quantity=1, message_burst=5)

    held_back(order)

    assert ControlState.objects.count() == 0


def test_another_order_of_the_same_contract_is_counted(settings):
    order = approved(settings)
    make_limits(order.account, max_orders_per_symbol=2)
    for _ in range(2):
        in_flight(order)

    sentence = (
        "2 other orders in SPY 18 Dec 2026 600 C were sent in 300 s, fewer than 2 allowed (SYMBOL_REPEATED)"
    )
    assert held_back(order) == refused(sentence)


# --- breakers --------------------------------------------------------------------------------------


def rejects(order, count, *, ago=timedelta(seconds=10)):
    now = timezone.now() - ago
    for _ in range(count):
        make_placement(order, status=PlacementStatus.REJECTED, now=now, ended_at=now)


def states():
    return [(a.state, a.state_reason) for a in Account.objects.all()]


def test_three_rejects_in_five_minutes_halt_the_account_until_a_person_resumes_it(settings):
    order = make_order(status="rejected")
    rejects(order, 2)
    untouched = breakers.trip_all()
    rejects(order, 1)

    tripped = (breakers.trip_all(), breakers.trip_all())

    reason = "the broker rejected 3 placements in 300 s, fewer than 3 allowed (REJECTS_AT_MAXIMUM) (desk)"
    assert (untouched, tripped, states()) == (0, (1, 0), [("halted", reason)])
    assert [(c.becomes, c.by) for c in StateChange.objects.all()] == [("halted", "desk")]


def test_rejects_that_halted_once_do_not_halt_again(settings):
    order = make_order(status="rejected")
    rejects(order, 3)
    breakers.trip_all()
    Account.objects.update(state="active", state_reason="")

    again = breakers.trip_all()
    rejects(order, 2, ago=timedelta(0))

    assert (again, breakers.trip_all(), states()) == (0, 0, [("active", "")])


def test_rejects_of_longer_ago_are_forgotten(settings):
    rejects(make_order(status="rejected"), 3, ago=timedelta(seconds=301))

    assert breakers.trip_all() == 0


def test_between_the_third_reject_and_the_halt_nothing_is_sent(settings):
    order = approved(settings)
    rejects(make_order(channel=order.channel, status="rejected"), 3)

    sentence = "the broker rejected 3 placements in 300 s, fewer than 3 allowed (REJECTS_AT_MAXIMUM)"
    assert held_back(order) == refused(sentence)


@pytest.mark.parametrize(("sent", "halted"), [(8, 0), (9, 1)])
def test_an_order_sent_more_than_twice_as_often_as_allowed_halts_its_account(settings, sent, halted):
    order = approved(settings)
    for _ in range(sent):
        make_placement(order, status=PlacementStatus.CANCELLED)

    assert (breakers.trip_all(), held_back(order)[2]) == (halted, [])


def test_the_sweep_trips_the_breakers(settings):
    from orders import tasks

    rejects(make_order(status="rejected"), 3)

    tasks.sweep()

    assert Account.objects.get().state == "halted"


# --- approval --------------------------------------------------------------------------------------


def test_what_the_broker_would_refuse_cannot_be_approved(settings):
    told = {
        "code": "BROKER_WOULD_REJECT",
        "ok": False,
        "sentence": "the broker would refuse it: no",
        "numbers": {},
    }

    with pytest.raises(NotAllowed, match=r"^the broker would refuse it: no \(BROKER_WOULD_REJECT\)$"):
        approved(settings, verdicts=[told])


def test_a_bound_tightened_out_of_the_collar_cannot_be_approved(settings):
    from orders import approval

    order = approved(settings)  # the desk may send
    other = make_order(channel=order.channel)

    with pytest.raises(NotAllowed, match=r"^0.62 is 0.63 from the mid 1.25, at most 0.625 allowed"):
        approval.approve(other.pk, by=make_approver().user, via="admin", bound=D("0.62"))
    assert fresh(other).status == OrderStatus.PROPOSED
