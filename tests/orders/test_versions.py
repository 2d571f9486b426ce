"""Two versions at work beside each other: what only the newer one knows is left to it, untouched."""

import pytest
from django.db import connection

from bot.models import Reply
from orders import tasks
from orders.models import Order, Placement
from tests.brokers import FakeBroker
from tests.orders.worlds import approved, due, run, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def any_status():
    """Have the database take a status that a newer version's migration would allow."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            for table, name in (("order", "order_status_known"), ("placement", "placement_status_known")):
                cursor.execute(f"ALTER TABLE orders_{table} DROP CONSTRAINT {name}")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("model", [Order, Placement])
def test_an_order_with_a_status_of_a_newer_version_is_left_to_it(settings, any_status, model):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    due(order)
    known = model.objects.get().status
    model.objects.update(status="later")

    untouched = step(order, broker)

    assert (untouched.failures, untouched.lease, untouched.version) == (0, "", order.version)
    assert not Order.objects.due(untouched.next_action_at).exists()
    model.objects.update(status=known)
    assert run(order, broker).status == "resting"


@pytest.mark.parametrize("model", [Order, Placement])
def test_the_message_of_an_order_with_a_status_of_a_newer_version_is_left_as_it_is(
    settings, any_status, model
):
    order, broker = approved(settings), FakeBroker()
    reply = Reply.objects.create(order=step(order, broker), discord_channel_id=1, nonce="d1")
    known = model.objects.get().status

    model.objects.update(status="later")
    assert list(Reply.stale()) == []
    model.objects.update(status=known)
    assert list(Reply.stale()) == [reply]


def test_a_queue_that_deals_its_messages_out_in_turn_does_not_deal_a_row_to_the_same_worker_for_ever():
    dealt, workers = 0, set()
    for _ in range(100):
        dealt += 1  # the sweep itself
        for _row in tasks.in_any_order([(7, 1)]):
            workers.add(dealt % 2)
            dealt += 1

    assert workers == {0, 1}


def test_a_wake_up_call_with_an_argument_of_a_newer_version_wakes_all_the_same(settings, monkeypatch):
    order, broker = approved(settings), FakeBroker()
    monkeypatch.setattr(tasks.brokers, "get_broker", lambda environment, number: broker)

    tasks.work_order(order.pk, order.version, "why", hint=1)

    assert len(broker.prices) == 1
