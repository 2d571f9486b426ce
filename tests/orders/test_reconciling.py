"""An account is compared with the broker: who does it, when again, and what of an order that is gone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from desk.models import Account, Heartbeat, TradingSession
from orders import brokers, housekeeping, looking, requests, tasks
from orders.audit import auditing
from orders.brokers.base import BrokerUnavailable
from orders.models import Break, Order, Placement
from orders.reconciliation import breaks, reconciling
from tests.brokers import FakeBroker
from tests.factories import make_account, make_user
from tests.orders.worlds import aged, approved, fresh, in_production, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def compare(monkeypatch):
    """Compare the account with this broker as the queue's task does; return the account."""

    def compared(broker: FakeBroker) -> Account:
        monkeypatch.setattr(brokers, "get_broker", lambda environment, number: broker)
        tasks.reconcile_account(Account.objects.get().pk)
        return Account.objects.get()

    return compared


def gone(settings) -> tuple[Order, FakeBroker, str]:
    """Return an order at work that the broker no longer knows, and its id."""
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    number = broker.last_id
    broker.orders.clear()
    return order, broker, number


def test_one_process_takes_the_pass_that_is_due():
    account = make_account()
    reconciling.mark_due([account.pk])

    passes = [reconciling.claim_pass(account.pk), reconciling.claim_pass(account.pk)]

    assert [began_at is not None for began_at in passes] == [True, False]


def test_a_complete_pass_lets_orders_be_sent(compare):
    account = make_account(reconciled_at=None)
    reconciling.mark_due([account.pk])

    account = compare(FakeBroker())

    assert (account.reconciled_at is not None, account.reconcile_due_at) == (True, None)


def test_a_pass_that_was_asked_for_during_a_pass_is_still_made(compare):
    account = make_account(reconciled_at=None)
    reconciling.mark_due([account.pk])

    account = compare(FakeBroker(during={"live_orders": reconciling.mark_due}))

    assert (account.reconciled_at, account.reconcile_due_at is not None) == (None, True)
    assert reconciling.claim_pass(account.pk) is not None


def test_a_failed_pass_is_made_again_but_not_at_once(compare):
    account = make_account(reconciled_at=None)
    reconciling.mark_due([account.pk])

    account = compare(FakeBroker(read_fails=BrokerUnavailable("502")))

    assert (account.reconciled_at, reconciling.claim_pass(account.pk)) == (None, None)
    assert account.reconcile_due_at > timezone.now()


def test_an_order_that_is_gone_is_taken_for_removed_and_closed(settings):
    order, broker, number = gone(settings)
    aged()

    order = run(order, broker)

    assert (order.status, statuses(order), broker.calls) == ("cancelled", ["removed"], ["POST"])
    assert (order.note, order.needs_review) == (f"the broker no longer knows order {number}", True)
    assert list(Break.objects.values_list("kind", "key")) == [("order vanished", number)]


def test_a_young_order_may_only_not_be_listed_yet(settings):
    order, broker, _ = gone(settings)

    order = pass_turns(order, broker, 1)

    assert (statuses(order)[0] in {"working", "cancelling"}, Break.objects.count()) == (True, 0)


def test_in_production_an_order_that_is_gone_is_parked(settings):
    order, broker, number = gone(settings)
    aged()
    in_production(order)

    order = pass_turns(order, broker, 3)

    assert (order.parked_reason, order.needs_review) == (f"the broker no longer knows order {number}", True)
    assert (order.is_closed, statuses(order), broker.calls) == (False, ["working"], ["POST"])


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_in_production_an_order_that_is_gone_is_removed_once_a_person_has_explained_it(
    settings, is_cancelled
):
    order, broker, number = gone(settings)
    aged()
    in_production(order)
    order = pass_turns(order, broker, 1)
    if is_cancelled:
        requests.cancel(order.pk, by=order.trader.user, via="admin", reason="it is gone")
        requests.unpark(order.pk, by=order.approvals.get().by)
        order = pass_turns(order, broker, 1)
    assert (bool(order.parked_reason), order.is_closed) == (True, False)
    ann, faults = make_user("ann", "orders.resolve_break"), set(auditing.faults())
    breaks.resolve(Break.objects.get().pk, by=ann, cause="support: it never was")

    order = pass_turns(order, broker, 2)

    told = f"the broker no longer knows order {number}: support: it never was (ann)"
    assert (order.status, statuses(order), order.placements.get().cause) == ("cancelled", ["removed"], told)
    assert order.events.filter(kind="placement vanished").last().reason == told
    assert (order.next_action_at, Break.objects.open().exists()) == (None, False)
    assert set(auditing.faults()) - faults == set()  # those are of the clocks that this test moved


def test_what_nobody_has_explained_is_no_way_out(settings):
    order, broker, number = gone(settings)
    aged()
    in_production(order)
    order = pass_turns(order, broker, 1)
    Break.objects.update(resolved_at=timezone.now(), cause="no longer found")

    order = pass_turns(order, broker, 1)

    assert (order.is_closed, statuses(order)) == (False, ["working"])
    assert list(Break.objects.open().values_list("key", flat=True)) == [number]


def test_an_order_that_is_gone_can_be_cancelled(settings):
    order, broker, _ = gone(settings)
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")
    order = pass_turns(order, broker, 1)
    aged()

    order = run(order, broker)

    assert (order.status, statuses(order)) == ("cancelled", ["removed"])


def test_an_order_that_is_gone_does_not_stop_the_account(settings):
    order, broker, _ = gone(settings)
    aged()

    order = pass_turns(order, broker, 1)

    assert fresh(order).account.reconciled_at is not None


def test_the_pass_finds_what_is_gone(settings, compare):
    order, broker, _ = gone(settings)
    aged()
    reconciling.mark_due([order.account_id])

    account = compare(broker)

    assert (statuses(order), account.reconcile_due_at) == (["removed"], None)


def test_the_end_of_the_day_wakes_parked_orders_too(settings):
    order = approved(settings)
    Order.objects.update(parked_reason="five steps failed", next_action_at=None)
    TradingSession.objects.update(closes_at=timezone.now() - timedelta(minutes=1))

    woken = housekeeping.close_day()

    assert (woken, fresh(order).next_action_at is not None) == (1, True)


# --- without the account stream --------------------------------------------------------------------


def reconciled(order, seconds: float) -> None:
    Account.objects.update(reconciled_at=timezone.now() - timedelta(seconds=seconds), reconcile_due_at=None)


@pytest.mark.parametrize(
    ("beat", "compared", "is_due"),
    [
        pytest.param(1, 60, False, id="its stream tells"),
        pytest.param(9, 60, True, id="its stream fell silent"),
        pytest.param(None, 60, True, id="it has no stream"),
        pytest.param(None, 1, False, id="it was compared just now"),
    ],
)
def test_an_account_without_its_stream_is_compared_every_few_seconds(settings, beat, compared, is_due):
    order = step(approved(settings), FakeBroker())
    now = timezone.now()
    Heartbeat.objects.all().delete()
    if beat is not None:
        Heartbeat.beat(looking.stream_name(order.account), now=now - timedelta(seconds=beat))
    reconciled(order, compared)

    reconciling.mark_unstreamed(now)

    assert (Account.objects.get().reconcile_due_at is not None) is is_due


def test_without_anything_live_nobody_asks_the_broker(settings):
    order = approved(settings)
    Heartbeat.objects.all().delete()
    reconciled(order, 60)

    reconciling.mark_unstreamed(timezone.now())

    assert Account.objects.get().reconcile_due_at is None


@pytest.mark.parametrize(
    "minutes_ago, is_due",
    [(-5, False), (1, True), (11, False)],
    ids=["still open", "just over", "long over"],
)
def test_an_account_is_compared_once_more_when_its_session_is_over(settings, minutes_ago, is_due):
    approved(settings)
    TradingSession.objects.update(closes_at=timezone.now() - timedelta(minutes=minutes_ago))

    housekeeping.close_day()

    assert (Account.objects.get().reconcile_due_at is not None) is is_due


def test_an_order_that_another_process_adopts_between_two_looks_is_no_orphan(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)
    (placement,) = order.placements.all()
    (reading,) = broker.live_orders()
    account, asked = order.account, []

    def adopted_meanwhile(execute, sql, *rest):
        answer = execute(sql, *rest)
        asked.append(sql)
        if len(asked) == 1:  # it was looked for by its id, which it has not got yet
            Placement.objects.filter(pk=placement.pk).update(broker_order_id=reading.broker_order_id)
        return answer

    with connection.execute_wrapper(adopted_meanwhile):
        found = reconciling.adopt(account, reading)

    assert (found, Break.objects.count()) == (placement, 0)
