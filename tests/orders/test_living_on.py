"""Orders that live on after their end: in which moments, of which orders, and what no word of theirs may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from desk.models import Account
from orders import approval, execution, recording, requests
from orders.brokers.base import BrokerOrder, BrokerUnavailable, Unknown
from orders.enums import WalkMethod
from orders.machine import drafts, turn
from orders.machine.requests import Finish
from orders.models import Break, Component, Order, Placement
from orders.reconciliation import reconciling
from orders.values import Rows
from tests.brokers import FakeBroker
from tests.orders.test_amending import amend, asked_again
from tests.orders.test_exits import ids, pair
from tests.orders.test_zombies import breaks, ended, explained, refused, shown
from tests.orders.worlds import aged, approved, due, fresh, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


def proposed_anew(settings) -> tuple[Order, FakeBroker, str]:
    """Return an amended order that is asked again while what was cancelled for it lives on."""
    order, broker = approved(settings, wait_seconds=600), FakeBroker()
    order = step(order, broker)
    amend(order, "max 1.28", broker)
    order = asked_again(order, broker)
    assert (order.status, statuses(order)) == ("proposed", ["cancelled"])
    broker.revive(broker.last_id)
    order = shown(order, broker)
    assert (statuses(order), breaks()) == (["cancelling"], ["zombie"])
    return order, broker, broker.last_id


def compared_and_worked(order: Order, broker: FakeBroker) -> Order:
    """Let a minute pass, then comparisons and turns."""
    Placement.objects.update(cancel_requested_at=timezone.now() - timedelta(minutes=1))
    for _ in range(3):
        reconciling.reconcile(order.account, broker)
        order = pass_turns(order, broker, 1)
    return order


def withdrawn(order: Order) -> None:
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")


def denied(order: Order) -> None:
    approval.deny(order.pk, by=order.approvals.first().by, via="admin", reason="no")


def lapsed(order: Order) -> None:
    Order.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))
    approval.lapse_due()


@pytest.mark.parametrize("decide", [withdrawn, denied, lapsed])
def test_what_lives_on_goes_also_where_its_order_is_decided_first(settings, decide):
    order, broker, number = proposed_anew(settings)
    decide(order)

    order = compared_and_worked(order, broker)

    assert (broker.orders[number].status, broker.calls.count("DELETE")) == ("Cancelled", 2)


def test_a_broker_that_does_not_answer_leaves_what_is_asked_again_as_it_is(settings):
    order, broker, _ = proposed_anew(settings)
    broker.read_fails = BrokerUnavailable("503")

    order = step(order, broker)

    assert (order.status, order.lease, order.failures) == ("proposed", "", 1)


def test_what_lives_on_of_a_closed_order_goes_also_where_a_worker_died_right_after_it_had_finished(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    number = broker.last_id
    broker.end(number, "Cancelled")
    order = run(order, broker)
    broker.revive(number)
    order = shown(order, broker)
    broker.cancel = lambda _: Unknown("timeout")
    player, answer = execution.Player(execution.read(order.pk), broker), None
    script = turn.take_turn(execution.claim(order.pk, order.version))
    while not isinstance(request := script.send(answer), Finish):
        answer = player.obey(request)
    player.obey(request)
    del broker.cancel

    order = compared_and_worked(order, broker)

    assert (order.status, broker.orders[number].status) == ("cancelled", "Cancelled")


def test_what_we_had_cancelled_ourselves_is_asked_to_go_at_once(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    order = shown(pass_turns(order, broker, 1), broker)
    assert (statuses(order), broker.calls) == (["cancelled"], ["POST", "DELETE"])
    Placement.objects.update(cancel_requested_at=timezone.now(), cancel_attempts=5)
    broker.revive(broker.last_id)

    order = step(shown(order, broker), broker)

    assert (broker.calls, statuses(order)) == (["POST", "DELETE", "DELETE"], ["cancelling"])


@pytest.mark.parametrize("gone", [refused, ended("Rejected"), ended("Cancelled"), ended("Expired")])
def test_an_order_whose_walk_had_ended_goes_on_only_by_a_person(settings, gone):
    order, broker = approved(settings), FakeBroker()
    gone(order, broker)
    order = pass_turns(shown(order, broker), broker, 3)
    posts = broker.calls.count("POST")
    explained()

    order = pass_turns(order, broker, 3)

    assert (broker.calls.count("POST"), order.needs_review) == (posts, True)
    assert order.parked_reason.endswith("and the broker has it")


def test_what_was_replaced_and_is_shown_live_is_cancelled(settings):
    order = approved(settings, method=WalkMethod.REPLACE, quantity=1, wait_seconds=600)
    broker = FakeBroker()
    order = step(order, broker)
    old = broker.last_id
    due(order)
    order = shown(step(order, broker), broker)
    assert statuses(order) == ["replaced", "working"]
    broker.revive(old)

    order = pass_turns(shown(order, broker), broker, 1)

    assert (broker.orders[old].status, breaks()) == ("Cancelled", ["zombie"])


def test_what_had_filled_and_is_live_after_its_fill_was_busted_is_cancelled(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    number = broker.last_id
    broker.fill(number, 2)
    order = shown(order, broker)
    assert (order.status, statuses(order)) == ("filled", ["filled"])
    broker.take_back(number)
    broker.revive(number)

    order = pass_turns(shown(order, broker), broker, 2)

    assert (broker.live_ids, "zombie" in breaks()) == ([], True)


def test_what_is_said_to_have_filled_halts_before_its_fills_are_told(
    settings, django_capture_on_commit_callbacks
):
    order, broker = approved(settings), FakeBroker()
    number = refused(order, broker)
    told = broker.orders[number]
    legs = tuple(replace(leg, remaining_quantity=0) for leg in told.legs)
    broker.orders[number] = broker._stamped(replace(told, status="Filled", legs=legs))

    with django_capture_on_commit_callbacks(execute=True):
        order = shown(order, broker)

    assert (statuses(order), Account.objects.get().state) == (["cancelling"], "halted")


# --- what is no zombie -----------------------------------------------------------------------------


def cancelled_in_one_millisecond(settings) -> tuple[Order, FakeBroker, BrokerOrder]:
    """Return an order whose end was told before the answer to our cancel, both of one millisecond."""
    order, broker = approved(settings), FakeBroker(cancels_at_once=False)
    order = step(order, broker)
    order = pass_turns(order, broker, 1)
    assert statuses(order) == ["cancelling"]
    asked, row = broker.orders[broker.last_id], order.placements.get()
    broker.orders[broker.last_id] = told = replace(asked, status="Cancelled")
    recording.apply_reading(row, told, by="stream")
    recording.apply_reading(row, asked, by="answer")
    return order, broker, asked


def test_an_end_stays_against_a_word_of_the_same_millisecond(settings):
    order, _, asked = cancelled_in_one_millisecond(settings)

    recording.apply_reading(order.placements.get(), asked, by="stream")

    assert (statuses(fresh(order)), breaks()) == (["cancelled"], [])


def test_a_fill_that_overtook_a_cancel_of_the_same_millisecond_is_counted(settings):
    order, broker, _ = cancelled_in_one_millisecond(settings)
    broker.fill(broker.last_id, 2)

    order = shown(order, broker)

    assert (order.filled_quantity, breaks()) == (2, [])


WORDS = [
    ("Removed", "Cancelled"),
    ("Cancelled", "Removed"),
    ("Rejected", "Cancelled"),
    ("Cancelled", "Rejected"),
]


@pytest.mark.parametrize("words", WORDS)
def test_the_ends_of_a_pair_that_was_gone_can_be_kept(settings, words):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    known, bundles, numbers = dict(broker.orders), dict(broker.bundles), ids(broker)
    broker.orders.clear()
    broker.bundles.clear()
    aged()
    order = pass_turns(order, broker, 2)
    assert statuses(order) == ["removed"]
    broker.orders.update(known)
    broker.bundles.update(bundles)
    for number, word in zip(numbers, words, strict=True):
        broker.end(number, word)

    order = shown(shown(order, broker), broker)

    assert ("unreadable order" in breaks(), broker.live_ids) == (False, [])


@pytest.mark.parametrize("words", WORDS)
def test_the_ends_of_a_pair_that_was_refused_can_be_kept(settings, words):
    order, broker = pair(settings), FakeBroker(outcomes=["refused"])
    order = step(order, broker)
    assert (statuses(order), Component.objects.count()) == (["rejected"], 2)
    work = Rows(order).work
    broker._take_bundle(drafts.pair_draft(work, work.placements[0]))
    for number, word in zip(ids(broker), words, strict=True):
        broker.end(number, word)

    order = shown(shown(order, broker), broker)

    assert ("unreadable order" in breaks(), broker.live_ids) == (False, [])


@pytest.mark.parametrize(("seconds", "told"), [(20, []), (31, ["zombie"])])
def test_the_half_that_lives_on_beside_a_filled_one_is_a_break(settings, seconds, told):
    order, broker = pair(settings), FakeBroker()
    order = run(order, broker)
    target, stop = ids(broker)
    broker.fill(target, 2)
    order = shown(order, broker)
    assert (order.status, statuses(order), breaks()) == ("filled", ["filled"], [])
    broker.revive(stop)
    Placement.objects.update(ended_at=timezone.now() - timedelta(seconds=seconds))

    order = shown(shown(order, broker), broker)

    assert (breaks(), order.status, broker.live_ids) == (told, "filled", [stop])
    name = f"{order.placements.get().external_identifier}"
    assert [found.sentence for found in Break.objects.all()] == [
        f"{name} has filled, and its stop lives on: cancel order {stop}" for _ in told
    ]
