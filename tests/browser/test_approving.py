"""A second person approves in a real browser, and watches the order live."""

from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import timezone

from orders import approval
from orders.enums import OrderStatus
from orders.models import Order
from tests.factories import PRACTICE_URL, make_approver, make_fill, make_order, make_placement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a-long-enough-password"


@pytest.fixture
def ann(settings):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    user = make_approver().user
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_second_person_approves_and_watches_each_step_without_reloading(ann, visit):
    order = make_order()
    window = visit()
    page = window.page
    window.log_in("ann", PASSWORD)

    page.click(f"text=#{order.pk}")
    page.click("button:text-is('Approve')")
    page.wait_for_selector(f"text=#{order.pk}: approved: BTO 2 SPY 18 Dec 600 C")
    page.evaluate("window.neverReloaded = true")
    order.refresh_from_db()
    assert order.status == "approved"

    order.move_to(OrderStatus.WALKING, by="worker", now=timezone.now())
    placement = make_placement(order, limit_price=D("1.27"))
    order.tell("sending", by="worker", now=timezone.now(), reason="2 at 1.27")
    page.wait_for_selector("#order-live .desk-badge:text-is('Walking')")
    page.wait_for_selector("#order-live td strong:text-is('1.27')")

    make_fill(placement)
    order.filled_quantity, order.average_fill_price = 2, D("1.27")
    order.move_to(OrderStatus.FILLED, by="worker", now=timezone.now())
    page.wait_for_selector("#order-live .desk-badge:text-is('Filled')")
    page.wait_for_selector("text=2 of 2")

    assert page.evaluate("window.neverReloaded") is True
    assert page.get_attribute("#order-live", "hx-get") is None
    assert (window.faults, window.foreign_requests) == ([], [])


def test_an_order_that_is_asked_again_under_the_reader_must_be_looked_at_again(ann, visit):
    order = make_order()
    window = visit()
    page = window.page
    window.log_in("ann", PASSWORD)
    page.goto(window.address + reverse("admin:orders_order_change", args=(order.pk,)))
    page.wait_for_selector("button:text-is('Approve')")

    approval.approve(order.pk, by=ann, via="discord")
    approval.ask_again(Order.objects.get(pk=order.pk), reason="the market moved 12 ticks")
    page.click("text=Look again")
    page.wait_for_selector("text=the market moved 12 ticks")
    page.click("button:text-is('Approve')")
    page.wait_for_selector(f"text=#{order.pk}: approved")

    assert Order.objects.get().status == "approved"
    assert (window.faults, window.foreign_requests) == ([], [])
