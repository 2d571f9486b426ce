"""A replacement that is lost, refused or undone: the old order goes on, and nothing trades twice."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from orders import requests
from orders.models import Order, Placement
from tests.brokers import FakeBroker
from tests.factories import make_placement
from tests.orders.worlds import approved, due, listings_pass, pass_turns, run, statuses, step

pytestmark = pytest.mark.django_db


def replacing(settings, *outcomes: str) -> tuple[Order, FakeBroker, str]:
    """Return an order after its first replacement went out, answered so; and the old order's id."""
    order, broker = approved(settings, method="replace", quantity=1), FakeBroker(outcomes=["", *outcomes])
    order = step(order, broker)
    old = broker.last_id
    due(order)
    return step(order, broker), broker, old


def test_a_lost_replacement_leaves_the_old_order_working(settings):
    settings.ABSENCE_GRACE_SECONDS, settings.ABSENCE_SPACING_SECONDS = 30.0, 10.0
    order, broker, old = replacing(settings, "lost")
    assert statuses(order) == ["replacing", "unknown"]

    order = listings_pass(order, broker)

    assert (statuses(order), broker.live_ids) == (["working", "not_placed"], [old])


def test_an_order_walks_on_after_a_lost_replacement(settings):
    settings.ABSENCE_GRACE_SECONDS, settings.ABSENCE_SPACING_SECONDS = 30.0, 10.0
    order, broker, _ = replacing(settings, "lost")
    order = listings_pass(order, broker)

    order = run(order, broker)

    assert (order.status, len(broker.live_ids)) == ("resting", 1)


def test_a_replacement_rejected_afterwards_leaves_the_old_order_working(settings):
    order, broker, old = replacing(settings)
    broker.revive(old)
    broker.end(broker.last_id, "Rejected", "off tick")
    order = run(order, broker)

    assert (order.status, len(broker.live_ids)) == ("resting", 1)
    assert "replacing" not in statuses(order)


@pytest.mark.parametrize("outcome", ["not sent", "refused"])
def test_a_replacement_that_was_not_made_leaves_the_old_order_working(settings, outcome):
    order, broker, old = replacing(settings, outcome)

    assert statuses(order)[0] == "working"
    assert broker.live_ids == [old]


@pytest.mark.parametrize("outcome", ["not sent", "refused"])
@pytest.mark.parametrize(("end", "status"), [("Cancelled", "cancelled"), ("Expired", "expired")])
def test_the_end_of_the_old_order_counts_after_a_replacement_was_not_made(settings, outcome, end, status):
    order, broker, old = replacing(settings, outcome)
    broker.end(old, end)

    order = run(order, broker)

    assert (order.status, broker.calls) == (status, ["POST", "PUT"])


def test_a_cancel_does_not_wait_for_what_became_of_a_replacement(settings):
    order, broker, old = replacing(settings, "lost")
    requests.cancel(order.pk, by=order.trader.user, via="discord", reason="out")

    order = pass_turns(order, broker, 1)

    assert (broker.orders[old].status, statuses(order)) == ("Cancelled", ["cancelling", "unknown"])


def test_an_unknown_replacement_is_not_mistaken_for_one_that_was_aborted_before(settings):
    order, broker, old_id = replacing(settings, "refused")
    old, draft = order.placements.first(), replace(broker.drafts[0], external_identifier="", price=D("1.27"))
    aborted, ours = broker.appear(draft, replaces=old_id), broker.appear(draft, replaces=old_id)
    broker.end(aborted, "Rejected")
    make_placement(order, replaces=old, status="rejected", broker_order_id=aborted, quantity=1)
    Placement.objects.filter(pk=old.pk).update(status="replacing")
    unknown = make_placement(order, replaces=old, status="unknown", broker_order_id="", quantity=1)
    due(order)

    step(order, broker)

    unknown.refresh_from_db()
    assert (unknown.broker_order_id, unknown.status) == (ours, "working")
