"""Many at once for the last unit of a limit: exactly as many intents commit as it allows, never one more."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desk.models import Account
from orders import approval, execution, requests
from orders.enums import OrderStatus
from orders.models import Approval, Order, OrderEvent, Placement
from orders.reconciliation import reconciling
from tests.brokers import FakeBroker
from tests.factories import PRACTICE_URL, make_account, make_approver, make_limits, make_order
from tests.orders.test_collisions import slow_law, together
from tests.orders.worlds import approved, fresh

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["slow_law"]
WIDE = {
    "max_open_orders": 1000, "max_underlying_quantity": 1000, "max_underlying_value": 10_000_000,
    "max_orders_per_symbol": 1000, "message_burst": 1000,
}  # fmt: skip


def fifty(settings, **limits):
    """Return fifty orders of one account, approved and due, for one contract each."""
    settings.LEASE_SECONDS = 3600
    first = approved(settings, quantity=1)
    make_limits(first.account, **WIDE | limits)
    orders = [first]
    for _ in range(49):
        order = make_order(channel=first.channel, quantity=1)
        orders.append(approval.approve(order.pk, by=make_approver().user, via="admin"))
    return orders


def race(orders):
    """Let a worker each take every order's turn, all at once; return what reached the broker.

    However long they wait for each other, no quote grows old and no lease runs out: limits alone decide.
    """
    broker = FakeBroker(quote_age=-timedelta(hours=1))

    def work(order):
        execution.step(order.pk, order.version, get_broker=lambda environment, number: broker)

    together(*[lambda o=order: work(o) for order in orders])
    return broker.calls


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"max_open_orders": 1}, id="open orders"),
        pytest.param({"max_underlying_value": 249}, id="dollars"),
        pytest.param({"message_burst": 1, "messages_per_minute": 1}, id="messages"),
    ],
)
def test_fifty_orders_racing_for_the_last_unit_of_a_limit_commit_one_intent(settings, limits):
    orders = fifty(settings, **limits)

    calls = race(orders)

    assert calls == ["POST"]
    assert Placement.objects.count() == 1
    assert Counter(Order.objects.values_list("status", flat=True)) == {"walking": 1, "holding": 49}


def test_fifty_orders_racing_for_seven_contracts_never_pass_the_limit(settings):
    orders = fifty(settings, max_underlying_quantity=7)

    calls = race(orders)

    assert (len(calls), Placement.objects.live().aggregate(sum=Sum("quantity"))["sum"]) == (7, 7)


def test_twenty_people_approving_one_order_make_one_approval(settings, slow_law):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    order = make_order()
    people = [make_approver(f"ann{n}").user for n in range(20)]

    results = together(
        *[lambda p=p: approval.approve(order.pk, by=p, via="admin", quantity=1).quantity for p in people]
    )

    assert Counter(results) == {1: 1, "IllegalTransition": 19}
    assert (Approval.objects.filter(is_yes=True).count(), fresh(order).quantity) == (1, 1)
    assert OrderEvent.objects.filter(order=order, kind="approved").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_approving_against_cancelling_leaves_nothing_that_could_be_sent(settings, slow_law, attempt):
    order, broker = approved(settings), FakeBroker()
    second = make_order(channel=order.channel)
    ann, tim = make_approver().user, second.trader.user

    yes, cancelled = together(
        lambda: approval.approve(second.pk, by=ann, via="admin").status,
        lambda: requests.cancel(second.pk, by=tim, via="discord", reason="no").status,
    )
    Order.objects.filter(pk=second.pk).update(next_action_at=timezone.now())
    execution.step(second.pk, fresh(second).version, get_broker=lambda environment, number: broker)

    assert (yes, cancelled, fresh(second).status, broker.calls) in [
        ("approved", OrderStatus.CANCELLED, "cancelled", []),  # approved first, and cancelled unsent
        ("IllegalTransition", OrderStatus.WITHDRAWN, "withdrawn", []),
    ]


def test_a_halt_and_the_minutes_comparison_lock_accounts_in_one_order():
    first, second = make_account(number="5WX00001"), make_account(number="5WX00002")
    Account.objects.filter(pk=first.pk).update(nickname="written last")  # so its row lies behind the other's

    with CaptureQueriesContext(connection) as asked:
        reconciling.mark_due()

    updates = [query["sql"] for query in asked if query["sql"].startswith("UPDATE")]
    assert [
        f'"desk_account"."id" = {account.pk}' in sql
        for account, sql in zip((first, second), updates, strict=True)
    ] == [True, True]
