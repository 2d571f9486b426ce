"""A decision grows old: between it and the call a machine may sleep, a limit sink, a session end."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
import time_machine
from django.utils import timezone

from desk.models import RiskLimits, TradingSession
from orders.models import Order
from tests.brokers import FakeBroker
from tests.orders.worlds import approved, fresh, open_session, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    """Stop the clock; a test moves it on."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def lease_runs_out(order: Order, seconds: float = -1) -> None:
    Order.objects.filter(pk=order.pk).update(leased_until=timezone.now() + timedelta(seconds=seconds))


def test_a_worker_that_slept_over_the_close_sends_nothing(settings, clock):
    order = approved(settings)
    open_session(hours_left=0.5)
    broker = FakeBroker(during={"refresh": lambda: clock.shift(timedelta(hours=1))})

    order = step(order, broker)

    assert (broker.calls, statuses(order)) == ([], [])


def test_a_worker_whose_lease_ran_out_sends_nothing(settings):
    order = approved(settings)
    broker = FakeBroker(during={"refresh": lambda: lease_runs_out(order)})

    order = step(order, broker)

    assert (broker.calls, statuses(order)) == ([], [])


def test_nothing_is_sent_on_a_quote_that_grew_old(settings, clock):
    order = approved(settings, order_type="Market", price_rule="market", bound_price=D("1.30"))
    broker = FakeBroker(during={"refresh": lambda: clock.shift(timedelta(seconds=5))})

    order = step(order, broker)

    assert (broker.calls, statuses(order)) == ([], [])


def test_nothing_is_sent_when_the_session_ends_meanwhile(settings):
    order = approved(settings)
    broker = FakeBroker(during={"refresh": lambda: open_session(hours_left=-0.1)})

    order = step(order, broker)

    assert (broker.calls, statuses(order)) == ([], [])


def test_what_was_too_late_is_sent_in_the_next_turn(settings, clock):
    order = approved(settings)
    broker = FakeBroker(during={"refresh": lambda: clock.shift(timedelta(seconds=5))}, fills_at=D("1.25"))

    order = run(order, broker)

    assert (order.status, broker.calls) == ("filled", ["POST"])


def test_a_limit_that_was_lowered_after_the_approval_binds(settings):
    order, broker = approved(settings), FakeBroker()
    RiskLimits.objects.update_or_create(account=order.account, defaults={"max_quantity": 1})

    order = step(order, broker)

    assert (order.status, broker.calls) == ("holding", [])
    assert order.note == "2 asked, at most 1 allowed here (QUANTITY_EXCEEDS_MAXIMUM)"


def test_no_step_is_taken_without_a_session(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    TradingSession.objects.all().delete()

    order = pass_turns(order, broker, 4)

    assert (broker.calls, statuses(order)) == (["POST"], ["working"])


def test_a_refusal_that_came_late_is_recorded_over_the_doubt(settings):
    order, other = approved(settings), FakeBroker()

    def another_worker():
        lease_runs_out(order)
        step(order, other)
        assert statuses(order) == ["unknown"]

    order = step(order, FakeBroker(outcomes=["refused"], during={"place": another_worker}))

    assert (statuses(order), other.calls) == (["rejected"], [])


def test_the_lease_begins_anew_at_the_intent(settings):
    order, left = approved(settings), []
    hooks = {
        "quotes": lambda: lease_runs_out(order, seconds=2),
        "place": lambda: left.append(fresh(order).leased_until - timezone.now()),
    }

    step(order, FakeBroker(during=hooks))

    assert [each > timedelta(seconds=settings.CALL_SECONDS) for each in left] == [True]
