"""Many at once: exactly one wins, on SQLite and on PostgreSQL. The collisions are made on purpose."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from desk.models import Account, Environment
from orders import approval, execution, lifecycle, requests, signs
from orders.brokers.base import BrokerUnavailable
from orders.enums import OrderStatus
from orders.halts import halting
from orders.machine import leases
from orders.models import Approval, Order, OrderEvent, Placement
from tests.brokers import FakeBroker
from tests.factories import PRACTICE_URL, make_approver, make_order
from tests.orders.worlds import approved, due, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls):
    """Run every call on a thread and a connection of its own; return results or exception names."""
    gate = threading.Barrier(len(calls))

    def one(call):
        try:
            gate.wait(10)
            return call()
        except (lifecycle.IllegalTransition, approval.NotAllowed) as error:
            return type(error).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.fixture
def slow_law(monkeypatch):
    """Make every transition take a while, so that whoever does not lock collides."""
    real = lifecycle.require

    def slowed(old, new):
        real(old, new)
        time.sleep(0.02)

    monkeypatch.setattr(lifecycle, "require", slowed)


def test_twenty_people_approving_make_one_approval(settings, slow_law):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    order = make_order()
    people = [make_approver(f"ann{n}").user for n in range(20)]

    results = together(*[lambda p=p: approval.approve(order.pk, by=p, via="admin").status for p in people])

    assert Counter(results) == {"approved": 1, "IllegalTransition": 19}
    assert Approval.objects.filter(order=order, is_yes=True).count() == 1
    assert OrderEvent.objects.filter(order=order, kind="approved").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_approving_against_withdrawing_has_one_winner(settings, slow_law, attempt):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    order, ann = make_order(), make_approver().user

    yes, taken_back = together(
        lambda: approval.approve(order.pk, by=ann, via="admin").status,
        lambda: approval.withdraw(order.pk, by="tim", reason="edited"),
    )

    assert (yes, taken_back, fresh(order).status) in {
        ("approved", False, "approved"),
        ("IllegalTransition", True, "withdrawn"),
    }


def test_ten_workers_with_the_same_message_make_one_placement(settings):
    order, broker = approved(settings), FakeBroker()

    def work():
        execution.step(order.pk, order.version, get_broker=lambda environment, number: broker)

    together(*[work] * 10)

    assert broker.calls == ["POST"]
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_after_the_halt_no_intent_commits(settings, attempt):
    order, broker = approved(settings), FakeBroker()
    halted_at = []

    def halt():
        halting.halt([order.account_id], by="bea", reason="drill")
        halted_at.append(timezone.now())

    together(halt, lambda: execution.step(order.pk, order.version, get_broker=lambda e, n: broker))
    due(order)
    execution.step(order.pk, fresh(order).version, get_broker=lambda e, n: broker)

    assert Account.objects.get().state == "halted"
    assert [p for p in Placement.objects.all() if p.intended_at > halted_at[0]] == []
    assert len(broker.drafts) == Placement.objects.count()


@pytest.mark.parametrize("attempt", range(5))
def test_after_the_halt_of_its_environment_no_intent_commits(settings, attempt):
    order, broker = approved(settings), FakeBroker()
    halted_at = []

    def halt():
        halting.halt_environment(order.environment, by="bea", reason="drill")
        halted_at.append(timezone.now())

    together(halt, lambda: execution.step(order.pk, order.version, get_broker=lambda e, n: broker))
    due(order)
    execution.step(order.pk, fresh(order).version, get_broker=lambda e, n: broker)

    assert Environment.objects.get().state == "halted"
    assert [p for p in Placement.objects.all() if p.intended_at > halted_at[0]] == []
    assert len(broker.drafts) == Placement.objects.count()


def test_an_intent_that_comes_while_its_environment_is_being_halted_waits_and_is_refused(
    settings, monkeypatch
):
    order, broker = approved(settings), FakeBroker()
    in_halt, sent, lowered = threading.Event(), threading.Event(), halting._lower

    def lower_slowly(*args, **kwargs):
        in_halt.set()
        sent.wait(2)  # an intent that needs no lock of ours gets through meanwhile
        lowered(*args, **kwargs)

    def work():
        in_halt.wait(10)
        execution.step(order.pk, order.version, get_broker=lambda e, n: broker)
        sent.set()

    monkeypatch.setattr(halting, "_lower", lower_slowly)

    together(lambda: halting.halt_environment(order.environment, by="bea", reason="drill"), work)

    assert (Placement.objects.count(), broker.calls) == (0, [])


def test_a_halt_against_an_outage_waits_and_both_are_done(settings, monkeypatch):
    order = approved(settings)
    Order.objects.update(lease="mine")
    in_outage, in_halt = threading.Event(), threading.Event()
    reported, at_work = signs.broker_failed, halting._at_work

    def report_slowly(*args):
        in_outage.set()
        in_halt.wait(0.5)  # a halt that gets so far holds the account, and will want the order
        reported(*args)

    def lock_and_say_so(accounts):
        in_halt.set()
        return at_work(accounts)

    def halt():
        in_outage.wait(10)
        return halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    monkeypatch.setattr(signs, "broker_failed", report_slowly)
    monkeypatch.setattr(halting, "_at_work", lock_and_say_so)

    outage = partial(leases.outage, lease="mine", error=BrokerUnavailable("502"), needs_review=False)
    together(lambda: execution.give_up(order.pk, outage), halt)

    order = fresh(order)
    assert (Account.objects.get().state, order.cancel_requested_by) == ("halted", "bea")
    assert (order.status, order.failures) == ("holding", 1)


def test_cancelling_against_approving_never_leaves_an_order_alive_and_cancelled(settings, slow_law):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    order, ann = make_order(), make_approver().user

    together(
        lambda: approval.approve(order.pk, by=ann, via="admin").status,
        lambda: requests.cancel(order.pk, by=order.trader.user, via="discord", reason="no").status,
    )

    assert fresh(order).status in {OrderStatus.WITHDRAWN, OrderStatus.CANCELLED}


def test_the_database_itself_refuses_a_second_live_placement(settings):
    from django.db import IntegrityError, transaction

    from tests.factories import make_placement

    order = approved(settings)
    make_placement(order)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_placement(order)
    assert Order.objects.count() == 1
