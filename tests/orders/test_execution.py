"""An order is worked: stories with a real database and a fake broker."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.models import Account
from orders import execution, requests
from orders.brokers.base import BrokerUnavailable, CredentialsRefused
from orders.enums import WalkMethod
from orders.halts import halting
from orders.models import Approval, Fill, Order, Placement
from tests.brokers import FakeBroker
from tests.factories import make_channel, make_user
from tests.orders.worlds import (
    aged,
    approved,
    crash,
    due,
    fresh,
    next_session,
    open_session,
    pass_turns,
    run,
    statuses,
    step,
    stream_up,
)

pytestmark = pytest.mark.django_db


def test_walks_from_mid_in_steps_of_two_ticks_until_filled(settings):
    order, broker = approved(settings), FakeBroker(fills_at=D("1.29"))

    order = run(order, broker)

    assert broker.prices == [D("1.25"), D("1.27"), D("1.29")]
    assert (order.status, order.filled_quantity, order.average_fill_price) == ("filled", 2, D("1.29"))
    assert statuses(order) == ["cancelled", "cancelled", "filled"]
    assert order.arrival_mid_price == D("1.25")


def test_rests_as_a_day_order_after_the_last_price(settings):
    order, broker = approved(settings, bound_price=D("1.35")), FakeBroker()

    order = run(order, broker)

    assert broker.prices == [D("1.25"), D("1.27"), D("1.29"), D("1.30")]  # the natural ends it
    assert order.status == "resting"
    assert statuses(order) == ["cancelled", "cancelled", "cancelled", "working"]


def test_a_fill_while_resting_closes_the_order(settings):
    order, broker = approved(settings), FakeBroker()
    order = run(order, broker)
    broker.fill(broker.last_id, 2)

    order = run(order, broker)

    assert (order.status, order.filled_quantity) == ("filled", 2)


def test_an_expiry_at_the_broker_closes_a_resting_order_with_a_line(settings):
    order, broker = approved(settings), FakeBroker()
    order = run(order, broker)
    broker.end(broker.last_id, "Expired")

    due(order)
    order = step(order, broker)
    order = run(order, broker)

    assert (order.status, order.note) == ("expired", "the day ended with 0 of 2 filled")


def test_nothing_is_sent_before_its_time(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    order = step(order, broker)
    order = step(order, broker)

    assert broker.prices == [D("1.25")]
    assert order.next_action_at > timezone.now() + timedelta(seconds=5)


def test_only_the_remainder_is_sent_after_a_partial_fill(settings):
    order, broker = approved(settings, quantity=5), FakeBroker()
    order = step(order, broker)
    broker.fill(broker.last_id, 2)
    broker.fills_at = D("1.27")

    order = run(order, broker)

    assert [d.legs[0].quantity for d in broker.drafts] == [5, 3]
    assert (order.status, order.filled_quantity) == ("filled", 5)
    assert order.average_fill_price == D("1.262")


def test_a_fill_that_overtakes_the_cancel_wins(settings):
    order, broker = approved(settings), FakeBroker(cancels_at_once=False)
    order = step(order, broker)
    due(order)
    order = step(order, broker)  # the DELETE is on its way
    broker.fill(broker.last_id, 2)

    order = run(order, broker)

    assert broker.calls == ["POST", "DELETE"]
    assert (order.status, order.filled_quantity) == ("filled", 2)


def test_the_same_price_again_keeps_its_place_in_the_queue(settings):
    order, broker = approved(settings, bound_price=D("1.30"), start_price=D("1.29")), FakeBroker()
    order = step(order, broker)
    broker.ask = D("1.29")  # the natural came to us: the next price would be the working one
    due(order)

    order = step(order, broker)

    assert broker.calls == ["POST"]
    assert order.rung == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"is_halted": True}, "trading of it is halted", id="halted"),
        pytest.param({"bid": D("1.31")}, "the quote is crossed or locked: 1.31 / 1.30", id="crossed"),
        pytest.param({"ask": D("4.00")}, "the spread is too wide: 1.20 / 4.00", id="wide"),
        pytest.param(
            {"quote_age": timedelta(seconds=9)}, "the quote is 9 s old, at most 3 s allowed", id="old"
        ),
        pytest.param({"bid": D("NaN")}, "the quote is one-sided", id="not a number"),
    ],
)
def test_holds_on_an_unusable_quote_and_sends_nothing(settings, change, reason):
    order, broker = approved(settings), FakeBroker(**change)

    order = step(order, broker)

    assert (order.status, order.note, broker.calls) == ("holding", reason, [])


def test_walks_on_when_the_quote_is_usable_again(settings):
    order, broker = approved(settings), FakeBroker(is_halted=True, fills_at=D("1.25"))
    order = step(order, broker)
    broker.is_halted = False

    order = run(order, broker)

    assert (order.status, broker.prices) == ("filled", [D("1.25")])


def test_a_market_that_ran_away_asks_again(settings):
    order, broker = approved(settings), FakeBroker(bid=D("1.40"), ask=D("1.50"))

    order = step(order, broker)

    assert (order.status, broker.calls) == ("proposed", [])
    assert order.note == "the mid moved up from 1.25 to 1.45 since the proposal"
    assert order.proposal_ask_price == D("1.50")
    assert Approval.objects.get(order=order).is_void


def test_a_market_that_moved_in_our_favour_is_recentred(settings):
    order, broker = approved(settings), FakeBroker(bid=D("1.00"), ask=D("1.10"), fills_at=D("1.05"))

    order = run(order, broker)

    assert (order.status, broker.prices) == ("filled", [D("1.05")])


def test_waits_for_the_open(settings):
    order, broker = approved(settings), FakeBroker()
    open_session(opened=False)

    order = step(order, broker)

    assert (order.status, broker.calls) == ("approved", [])
    assert order.next_action_at > timezone.now() + timedelta(minutes=59)


STALE = "the session it was approved for ended with 0 of 2 filled: ask again"


@pytest.mark.parametrize("opened", [False, True], ids=["after the close", "the next morning"])
def test_what_was_approved_and_never_sent_goes_with_its_session(settings, opened):
    order, broker = approved(settings), FakeBroker(is_halted=True)
    order = pass_turns(order, broker, 2)
    assert (order.status, broker.calls) == ("holding", [])
    aged()
    next_session(opened=opened)
    broker.is_halted = False

    order = pass_turns(order, broker, 1)

    assert (order.status, order.note, broker.calls) == ("expired", STALE, [])


def test_what_a_halt_held_back_is_not_sent_when_it_is_resumed_a_day_later(settings):
    order, broker = approved(settings), FakeBroker()
    Account.objects.update(state="halted")
    order = pass_turns(order, broker, 2)
    aged()
    next_session()
    Account.objects.update(state="active")

    order = pass_turns(order, broker, 1)

    assert (order.status, order.note, broker.calls) == ("expired", STALE, [])


def test_what_was_approved_after_the_close_goes_out_at_the_next_open(settings):
    order, broker = approved(settings), FakeBroker()
    next_session(opened=False)
    waiting = pass_turns(order, broker, 1)
    open_session()

    order = pass_turns(order, broker, 1)

    assert (waiting.status, order.status, broker.calls) == ("approved", "walking", ["POST"])


def test_what_is_good_till_cancelled_goes_out_in_a_later_session(settings):
    order, broker = approved(settings, time_in_force="GTC"), FakeBroker(is_halted=True)
    order = pass_turns(order, broker, 2)
    aged()
    next_session()
    broker.is_halted = False

    order = pass_turns(order, broker, 1)

    assert (order.status, broker.calls) == ("walking", ["POST"])


def test_a_walk_between_two_prices_at_the_close_does_not_go_on_the_next_morning(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    due(order)
    order = step(order, broker)
    aged()
    next_session()

    order = pass_turns(order, broker, 2)

    assert (order.status, order.note, broker.calls) == ("expired", STALE, ["POST", "DELETE"])


def test_is_refused_before_the_open_where_the_policy_says_so(settings):
    order, broker = approved(settings, before_open="refuse"), FakeBroker()
    open_session(opened=False)

    order = step(order, broker)

    assert (order.status, order.note) == (
        "denied", "the market is closed, and its policy does not wait for the open",
    )  # fmt: skip


def test_takes_no_step_in_the_last_five_minutes(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    open_session(hours_left=4 / 60)

    order = run(order, broker)

    assert (order.status, broker.calls) == ("resting", ["POST"])


def test_cancels_the_rest_where_the_policy_says_so(settings):
    order, broker = approved(settings, end="cancel"), FakeBroker()

    order = run(order, broker)

    assert (order.status, order.note) == ("cancelled", "the walk is over and nothing is to rest")


def test_a_request_to_cancel_stops_the_walk(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="changed my mind")

    order = run(order, broker)

    assert (broker.calls, order.status) == (["POST", "DELETE"], "cancelled")


def test_an_order_cancelled_at_the_broker_by_a_person_is_not_fought(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.end(broker.last_id, "Cancelled")

    order = run(order, broker)

    assert broker.calls == ["POST"]
    assert (order.status, order.note) == ("cancelled", "cancelled at the broker, not by the desk")


def test_a_refusal_closes_the_order_with_the_brokers_sentence(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["refused"])

    order = run(order, broker)

    assert (order.status, order.note) == ("rejected", "Not enough buying power. (margin_check_failed)")


def test_an_asynchronous_reject_closes_the_order(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.end(broker.last_id, "Rejected", "Session offline")

    order = run(order, broker)

    assert (order.status, order.note) == ("rejected", "Session offline")


def test_what_never_left_is_sent_again(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["not sent"], fills_at=D("1.25"))

    order = run(order, broker)

    assert (order.status, statuses(order)) == ("filled", ["not_sent", "filled"])
    assert broker.prices == [D("1.25")]


def test_an_unknown_outcome_is_adopted_and_never_sent_again(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)
    assert statuses(order) == ["unknown"]
    broker.fill(broker.last_id, 2)

    order = run(order, broker)

    assert (broker.calls, order.status) == (["POST"], "filled")


@pytest.mark.parametrize("moment", ["dies before", "dies after"])
def test_a_worker_that_dies_in_the_call_does_not_make_a_second_order(settings, moment):
    order, broker = approved(settings), FakeBroker(outcomes=[moment])
    crash(order, broker)

    order = step(order, broker)

    assert broker.calls == ["POST"]
    assert statuses(order) == (["working"] if moment == "dies after" else ["unknown"])


def looked_at(order: Order, broker: FakeBroker) -> Order:
    """Let turns pass before the order waits for anything but a look."""
    for _ in range(3):
        Order.objects.update(next_action_at=timezone.now())
        order = step(order, broker)
    return order


@pytest.mark.parametrize("method", WalkMethod)
def test_a_price_whose_worker_died_waits_as_long_as_any_other(settings, method):
    order = approved(settings, method=method, quantity=1, wait_seconds=600)
    broker = FakeBroker(outcomes=["dies after"])
    crash(order, broker)

    order = looked_at(order, broker)

    assert (broker.calls, statuses(order)) == (["POST"], ["working"])


def test_a_replacement_whose_worker_died_waits_as_long_as_any_other(settings):
    order = approved(settings, method=WalkMethod.REPLACE, quantity=1, wait_seconds=600)
    broker = FakeBroker(outcomes=["", "dies after"])
    order = step(order, broker)
    due(order)
    crash(order, broker)

    order = looked_at(order, broker)

    assert (broker.calls, statuses(order)) == (["POST", "PUT"], ["replaced", "working"])


def test_a_replacement_that_was_not_sent_is_tried_again_without_a_whole_wait(settings):
    order = approved(settings, method=WalkMethod.REPLACE, quantity=1, wait_seconds=600)
    broker = FakeBroker(outcomes=["", "not sent"])
    order = step(order, broker)
    due(order)
    order = step(order, broker)
    assert broker.calls == ["POST", "PUT"]

    order = looked_at(order, broker)

    assert (broker.calls, len(broker.live_ids)) == (["POST", "PUT", "PUT"], 1)


def test_a_person_who_has_looked_at_missing_fills_is_left_alone_for_another_patience(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    told = broker.orders[broker.last_id]
    legs = tuple(replace(leg, remaining_quantity=0) for leg in told.legs)
    broker.orders[broker.last_id] = broker._stamped(replace(told, status="Filled", legs=legs))
    order = pass_turns(order, broker, 2)
    assert (order.status, order.needs_review) == ("holding", True)

    requests.reviewed(order.pk, by=order.approvals.get().by, version=order.version)
    order = looked_at(order, broker)

    assert order.needs_review is False


def test_absence_is_proven_by_three_listings_and_only_then_it_is_placed_again(settings):
    settings.ABSENCE_GRACE_SECONDS, settings.ABSENCE_SPACING_SECONDS = 30.0, 10.0
    order, broker = approved(settings), FakeBroker(outcomes=["lost"], fills_at=D("1.25"))
    order = step(order, broker)
    reads = []
    for _ in range(3):
        due(order)
        past = timezone.now() - timedelta(seconds=60)
        Placement.objects.update(send_deadline_at=past)
        Placement.objects.exclude(absent_read_at=None).update(absent_read_at=past)
        order = step(order, broker)
        reads.append(order.placements.get().absent_reads)
    assert (reads, statuses(order), broker.drafts) == ([1, 2, 3], ["not_placed"], [])

    order = run(order, broker)

    assert (order.status, statuses(order)) == ("filled", ["not_placed", "filled"])


@pytest.mark.parametrize(
    ("setback", "minutes"),
    [pytest.param("too early", 0, id="too early"), pytest.param("stream down", 1, id="stream down")],
)
def test_absence_does_not_count(settings, setback, minutes):
    order, broker = approved(settings), FakeBroker(outcomes=["lost"])
    order = step(order, broker)
    Placement.objects.update(send_deadline_at=timezone.now() - timedelta(minutes=minutes))
    if setback == "stream down":
        stream_up(since_hours=-1)
    due(order)

    order = step(order, broker)

    assert (order.placements.get().absent_reads, statuses(order)) == (0, ["unknown"])


def test_a_stale_message_does_nothing(settings):
    order, broker = approved(settings), FakeBroker()
    step(order, broker)
    from orders import execution

    execution.step(order.pk, order.version, get_broker=lambda e, n: broker)

    assert broker.calls == ["POST"]


def test_a_worker_without_the_lease_makes_no_call(settings):
    order, broker = approved(settings), FakeBroker()
    Order.objects.filter(pk=order.pk).update(
        lease="other", leased_until=timezone.now() + timedelta(seconds=8)
    )

    step(order, broker)

    assert broker.calls == []


def test_nothing_is_sent_while_halted(settings):
    order, broker = approved(settings), FakeBroker()
    halting.halt([order.account_id], by="bea", reason="drill")

    order = step(order, broker)

    assert (order.status, broker.calls) == ("holding", [])
    assert order.note == "trading of this account is halted: drill (bea)"


def test_a_halt_with_cancel_takes_back_what_is_live(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    assert halting.halt([order.account_id], by="bea", reason="drill", cancel=True) == 1

    order = run(order, broker)

    assert (broker.calls, order.status) == (["POST", "DELETE"], "cancelled")


def test_nothing_is_sent_before_the_first_complete_pass(settings):
    order, broker = approved(settings), FakeBroker()
    order.account.reconciled_at = None
    order.account.save()

    order = step(order, broker)

    assert (order.status, broker.calls) == ("holding", [])


def test_an_order_whose_environment_disagrees_is_never_sent(settings):
    order, broker = approved(settings), FakeBroker()
    settings.PRACTICE_EXCHANGE_URL = "http://exchange.example.com"

    order = step(order, broker)

    assert (broker.calls, order.note) == ([], "PRACTICE_EXCHANGE_URL is not a loopback address")


def test_a_dry_run_places_nothing(settings):
    order, broker = approved(settings, dry_run=True), FakeBroker()

    order = step(order, broker)

    assert (broker.calls, order.status) == ([], "cancelled")
    assert order.note == "dry run at 1.25: the broker would take it; nothing was placed"


def test_an_outage_holds_and_asks_for_a_reconcile(settings):
    order, broker = approved(settings), FakeBroker(read_fails=BrokerUnavailable("the broker does not answer"))

    order = step(order, broker)

    assert (order.status, order.note) == ("holding", "the broker does not answer")
    assert fresh(order).account.reconciled_at is None


def test_what_an_order_was_held_for_is_no_longer_said_once_it_goes_on(settings):
    order, broker = approved(settings), FakeBroker(read_fails=BrokerUnavailable("the broker does not answer"))
    order = step(order, broker)
    broker.read_fails = None
    Account.objects.update(reconciled_at=timezone.now(), reconcile_due_at=None)

    order = pass_turns(order, broker, 1)

    assert (order.status, order.note, broker.calls) == ("walking", "", ["POST"])


@pytest.mark.parametrize("failures", [pytest.param(1023, id="hours"), pytest.param(32767, id="weeks")])
def test_an_outage_that_lasts_is_borne_however_often_reads_fail(settings, failures):
    order, broker = approved(settings), FakeBroker(read_fails=BrokerUnavailable("the broker does not answer"))
    Order.objects.update(failures=failures)

    order = step(order, broker)

    assert (order.status, order.lease, order.next_action_at > timezone.now()) == ("holding", "", True)


def test_a_revoked_grant_is_one_sentence_and_asks_for_a_person(settings):
    order, broker = approved(settings), FakeBroker(read_fails=CredentialsRefused("the grant is revoked"))

    order = step(order, broker)

    assert (order.status, order.note, order.needs_review) == ("holding", "the grant is revoked", True)


def test_a_broker_that_does_not_answer_for_longer_than_the_patience_asks_for_a_person(settings):
    order, broker = approved(settings), FakeBroker(read_fails=BrokerUnavailable("HTTP 401"))
    order = step(order, broker)
    assert (order.status, order.needs_review) == ("holding", False)
    Order.objects.update(holding_since=timezone.now() - timedelta(seconds=order.patience_seconds + 1))
    due(order)

    order = step(order, broker)

    assert (order.status, order.note, order.needs_review) == ("holding", "HTTP 401", True)


def test_a_step_that_always_raises_is_parked(settings, monkeypatch):
    order, broker = approved(settings), FakeBroker()
    monkeypatch.setattr(FakeBroker, "quotes", lambda self, instruments: 1 / 0)
    for _ in range(5):
        due(order)
        with pytest.raises(ZeroDivisionError):
            step(order, broker)
    due(order)

    order = step(order, broker)

    assert order.parked_reason == "5 steps failed, the last with ZeroDivisionError: division by zero"
    assert (order.needs_review, broker.calls) == (True, [])


def test_replaces_one_unit_at_the_broker_where_the_policy_says_so(settings):
    order, broker = approved(settings, method="replace", quantity=1), FakeBroker(fills_at=D("1.29"))

    order = run(order, broker)

    assert broker.calls == ["POST", "PUT", "PUT"]
    assert (order.status, statuses(order)) == ("filled", ["replaced", "replaced", "filled"])


def test_a_market_order_is_placed_once(settings):
    channel = make_channel(allows_market=True)
    order = approved(
        settings, channel=channel, order_type="Market", price_rule="market", bound_price=D("1.30")
    )
    broker = FakeBroker()

    order = run(order, broker)

    assert (broker.prices, order.status) == ([None], "filled")


def test_a_resting_order_is_worked_again_inside_its_bound(settings):
    order, broker = approved(settings), FakeBroker()
    order = run(order, broker)
    broker.bid, broker.ask = D("1.10"), D("1.20")
    requests.work_again(order.pk, by=order.trader.user, via="discord")

    order = run(order, broker)

    assert broker.prices[-3:] == [D("1.17"), D("1.19"), D("1.20")]
    assert order.status == "resting"


def test_every_fill_is_counted_once_however_often_it_is_told(settings):
    order, broker = approved(settings), FakeBroker(fills_at=D("1.25"))
    order = run(order, broker)
    from orders import recording

    for _ in range(3):
        recording.apply_reading(order.placements.get(), broker.orders[broker.last_id], by="stream")

    assert (Fill.objects.count(), fresh(order).filled_quantity) == (1, 2)


def test_the_story_of_an_order_is_told_in_sequence(settings):
    order, broker = approved(settings), FakeBroker(fills_at=D("1.27"))

    order = run(order, broker)

    events = list(order.events.values_list("sequence", flat=True))
    assert events == list(range(1, order.version + 1))
    assert make_user("nobody").has_perm("orders.approve_order") is False


def test_a_message_about_an_older_version_does_nothing(settings):
    order, broker = approved(settings), FakeBroker()

    execution.step(order.pk, order.version - 1, get_broker=lambda environment, number: broker)

    assert (broker.calls, fresh(order).lease) == ([], "")


def test_a_message_before_its_time_does_nothing(settings):
    order, broker = approved(settings), FakeBroker()
    Order.objects.filter(pk=order.pk).update(next_action_at=timezone.now() + timedelta(minutes=1))

    execution.step(order.pk, order.version, get_broker=lambda environment, number: broker)

    assert (broker.calls, fresh(order).lease) == ([], "")
