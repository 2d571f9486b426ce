"""Taken for never placed, and live after all: it is cancelled, and if it filled the account halts."""

from collections.abc import Callable
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.models import Account
from orders import requests
from orders.brokers.base import Draft
from orders.machine import drafts
from orders.models import Break, Order, Placement
from orders.reconciliation import reconciling
from orders.reconciliation.breaks import resolve
from orders.values import Rows
from tests.brokers import FakeBroker
from tests.factories import make_user
from tests.orders.worlds import aged, approved, due, fresh, listings_pass, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


def draft_of(placement: Placement) -> Draft:
    """Return what was sent, or would have been."""
    work = Rows(placement.order).work
    return drafts.draft_for(work, work.placement(placement.external_identifier))


def breaks() -> list[str]:
    return list(Break.objects.values_list("kind", flat=True))


def explained() -> None:
    """Let a person explain every break: until then nothing is sent beside a zombie."""
    person = make_user("carl", "orders.resolve_break")
    for found in Break.objects.open():
        resolve(found.pk, by=person, cause="the broker was late")


def unseen(settings, **over) -> tuple[Order, FakeBroker, str]:
    """Return an order whose placement no listing shows, proven absent, and the id it has all the same."""
    settings.ABSENCE_GRACE_SECONDS, settings.ABSENCE_SPACING_SECONDS = 30.0, 10.0
    order, broker = approved(settings, **over), FakeBroker(outcomes=["unknown"])
    order = step(order, broker)
    broker.hidden.add(order.placements.get().external_identifier)
    order = listings_pass(order, broker)
    assert statuses(order) == ["not_placed"]
    return order, broker, broker.last_id


def shown(order: Order, broker: FakeBroker) -> Order:
    """Let the listings show everything, and the account be compared."""
    broker.hidden.clear()
    reconciling.reconcile(order.account, broker)
    return fresh(order)


def test_a_zombie_beside_its_successor_is_cancelled_and_the_successor_works_on(settings):
    order, broker, zombie = unseen(settings)
    due(order)
    order = step(order, broker)
    successor = broker.last_id
    assert statuses(order) == ["not_placed", "working"]

    order = shown(order, broker)
    order = step(order, broker)
    Order.objects.update(next_action_at=timezone.now())
    order = step(order, broker)

    assert (broker.orders[zombie].status, broker.live_ids) == ("Cancelled", [successor])
    assert (order.status, statuses(order), breaks()) == ("walking", ["cancelled", "working"], ["zombie"])


def test_a_zombie_before_its_successor_is_cancelled_first(settings):
    order, broker, _ = unseen(settings)

    order = shown(order, broker)
    order = step(order, broker)

    assert (broker.calls, broker.live_ids) == (["POST", "DELETE"], [])
    assert statuses(order) == ["cancelling"]


def test_a_zombie_of_a_closed_order_is_cancelled(settings):
    order, broker, zombie = unseen(settings)
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")
    due(order)
    order = step(order, broker)
    assert order.status == "cancelled"

    order = shown(order, broker)
    order = pass_turns(order, broker, 3)

    assert (broker.orders[zombie].status, statuses(order)) == ("Cancelled", ["cancelled"])
    assert (order.status, order.next_action_at) == ("cancelled", None)


def test_a_zombie_is_asked_to_go_until_it_has_gone(settings):
    order, broker, zombie = unseen(settings)
    broker.cancels_at_once = False

    order = shown(order, broker)
    order = step(order, broker)
    assert statuses(order) == ["cancelling"]
    broker.end(zombie, "Cancelled")
    order = pass_turns(order, broker, 1)

    assert (statuses(order)[0], broker.calls.count("DELETE")) == ("cancelled", 1)


def test_a_zombie_that_filled_opens_a_break_and_halts_the_account(
    settings, django_capture_on_commit_callbacks
):
    order, broker, zombie = unseen(settings)
    due(order)
    order = step(order, broker)
    broker.fill(zombie, 2)

    with django_capture_on_commit_callbacks(execute=True):
        order = shown(order, broker)

    account = Account.objects.get()
    identifier = order.placements.first()
    assert breaks() == ["zombie"]
    assert (account.state, account.state_reason) == (
        "halted", f"{identifier} filled after it was taken for gone (desk)",
    )  # fmt: skip


def test_a_zombie_that_fills_after_it_was_found_halts_the_account(
    settings, django_capture_on_commit_callbacks
):
    order, broker, zombie = unseen(settings)
    broker.cancels_at_once = False
    with django_capture_on_commit_callbacks(execute=True):
        order = shown(order, broker)
        order = step(order, broker)
    assert (broker.calls, Account.objects.get().state) == (["POST", "DELETE"], "active")
    broker.fill(zombie, 2)

    with django_capture_on_commit_callbacks(execute=True):
        order = shown(order, broker)

    assert (statuses(order), order.filled_quantity) == (["filled"], 2)
    assert (Account.objects.get().state, breaks()) == ("halted", ["zombie"])


def test_what_a_zombie_filled_is_counted_and_its_successor_cancelled(settings):
    order, broker, zombie = unseen(settings)
    due(order)
    order = step(order, broker)
    broker.fill(zombie, 2)

    order = shown(order, broker)
    order = pass_turns(order, broker, 2)

    assert (order.status, order.filled_quantity, broker.live_ids) == ("filled", 2, [])


def test_what_was_taken_for_never_sent_and_is_shown_live_is_cancelled(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["not sent"])
    order = step(order, broker)
    zombie = broker.appear(draft_of(order.placements.get()))

    order = shown(order, broker)
    order = step(order, broker)

    assert (breaks(), statuses(order)) == (["zombie"], ["cancelling"])
    assert (broker.orders[zombie].status, broker.live_ids) == ("Cancelled", [])


def vanished(settings) -> tuple[Order, FakeBroker, str]:
    """Return an order that the broker did not know any more, closed for it, and the id it had."""
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    number = broker.last_id
    known = dict(broker.orders)
    broker.orders.clear()
    aged()
    order = run(order, broker)
    assert (order.status, statuses(order)) == ("cancelled", ["removed"])
    broker.orders.update(known)
    return order, broker, number


def test_what_the_broker_had_lost_and_shows_live_again_is_cancelled(settings):
    order, broker, number = vanished(settings)

    order = pass_turns(shown(order, broker), broker, 2)

    assert (broker.orders[number].status, statuses(order)) == ("Cancelled", ["cancelled"])
    assert (order.status, breaks()) == ("cancelled", ["order vanished", "zombie"])


def test_what_the_broker_had_lost_and_shows_filled_halts_the_account(
    settings, django_capture_on_commit_callbacks
):
    order, broker, number = vanished(settings)
    broker.fill(number, 2)

    with django_capture_on_commit_callbacks(execute=True):
        order = shown(order, broker)

    assert (order.status, order.filled_quantity, statuses(order)) == ("filled", 2, ["filled"])
    assert (Account.objects.get().state, breaks()) == ("halted", ["order vanished", "zombie"])


def refused(order: Order, broker: FakeBroker) -> str:
    """Have the broker refuse the order with a 4xx, and have it all the same; return its id."""
    broker.outcomes = ["refused"]
    step(order, broker)
    return broker.appear(draft_of(order.placements.get()))


def ended(status: str) -> Callable[[Order, FakeBroker], str]:
    """Have the broker tell of this end of its own, and then of the order being live."""

    def told(order: Order, broker: FakeBroker) -> str:
        step(order, broker)
        broker.end(broker.last_id, status)
        shown(order, broker)
        broker.revive(broker.last_id)
        return broker.last_id

    return told


@pytest.mark.parametrize(
    ("gone", "before"),
    [
        pytest.param(refused, "rejected", id="refused"),
        pytest.param(ended("Rejected"), "rejected", id="rejected"),
        pytest.param(ended("Removed"), "removed", id="removed"),
        pytest.param(ended("Cancelled"), "cancelled", id="cancelled"),
        pytest.param(ended("Expired"), "expired", id="expired"),
    ],
)
def test_what_has_ended_and_is_shown_live_after_all_is_cancelled(settings, gone, before):
    order, broker = approved(settings), FakeBroker()
    number = gone(order, broker)
    assert statuses(order) == [before]

    order = pass_turns(shown(order, broker), broker, 2)

    assert (broker.orders[number].status, statuses(order)) == ("Cancelled", ["cancelled"])
    assert (breaks(), broker.live_ids) == (["zombie"], [])


def test_an_older_word_that_it_is_live_does_not_raise_what_has_ended(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    live = broker.orders[broker.last_id]
    broker.end(broker.last_id, "Cancelled")
    order = shown(order, broker)
    broker.orders[broker.last_id] = live

    order = shown(order, broker)

    assert (statuses(order), breaks()) == (["cancelled"], [])


def test_the_word_that_a_refused_order_was_rejected_raises_nothing(settings):
    order, broker = approved(settings), FakeBroker()
    number = refused(order, broker)
    broker.end(number, "Rejected", "off tick")

    order = shown(order, broker)

    assert (statuses(order), breaks()) == (["rejected"], [])


def test_nothing_is_placed_beside_a_zombie_that_has_not_gone(settings):
    order, broker, zombie = unseen(settings)
    broker.cancels_at_once = False

    order = shown(order, broker)
    order = pass_turns(order, broker, 3)

    assert (broker.live_ids, statuses(order)) == ([zombie], ["cancelling"])


def test_a_wish_to_cancel_reaches_the_old_order_beside_a_replacement_that_was_made_after_all(settings):
    settings.ABSENCE_GRACE_SECONDS, settings.ABSENCE_SPACING_SECONDS = 30.0, 10.0
    order = approved(settings, method="replace", quantity=1)
    broker = FakeBroker(outcomes=["", "lost"], cancels_at_once=False)
    order = step(order, broker)
    due(order)
    order = listings_pass(step(order, broker), broker)
    zombie = broker.appear(draft_of(order.placements.last()))
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")

    order = shown(order, broker)
    order = step(order, broker)

    asked = [number for number, each in broker.orders.items() if each.status == "Cancel Requested"]
    assert (asked, statuses(order)) == (["1001", zombie], ["cancelling", "cancelling"])


def test_a_zombie_is_no_price_that_was_tried(settings):
    order, broker, _ = unseen(settings)

    order = shown(order, broker)
    explained()
    order = pass_turns(order, broker, 2)

    assert broker.prices == [D("1.25"), D("1.25")]


def test_a_second_order_with_our_identifier_does_not_end_the_first(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    first, twin = broker.last_id, broker.appear(broker.drafts[-1])
    broker.end(twin, "Cancelled")

    order = shown(order, broker)

    assert (statuses(order), order.placements.get().broker_order_id) == (["working"], first)


def test_a_second_live_order_with_our_identifier_is_a_break(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    twin = broker.appear(broker.drafts[-1])

    shown(order, broker)

    assert list(Break.objects.values_list("kind", "key")) == [("order without a placement", twin)]
