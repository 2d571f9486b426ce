"""The admin on a phone and on a desk: nothing is cut off, nothing is wider than the window."""

import pytest
from django.utils import timezone

from orders.models import Message
from tests.factories import make_channel, make_order, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
LONG = "BTO SPY 600c 12/18 @ 11.50, adding to the runner from this morning, small size, who is in with me?"
REASON = "the alert does not say how many, and its channel has no number of its own"
CUT_OFF = """() => [...document.querySelectorAll("#result_list td, #result_list th")]
    .filter((cell) => cell.scrollHeight > cell.clientHeight + 2)
    .map((cell) => cell.className.split(" ")[0])"""
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def staff(visit):
    user = make_user("ann", is_superuser=True)
    user.set_password("correct horse battery")
    user.save()
    window = visit()
    window.log_in("ann", "correct horse battery")
    return window


@pytest.fixture
def channel():
    found, now = make_channel(), timezone.now()
    Message.objects.create(
        channel=found, author_name="alerter", text=LONG, posted_at=now, changed_at=now, state="review",
        reason=REASON,
    )  # fmt: skip
    return found


@pytest.mark.parametrize("width", [390, 1400])
def test_no_cell_of_a_list_is_cut_off_and_no_page_is_too_wide(staff, channel, width):
    order = make_order(channel=channel, leg={"symbol": "./ESZ6 EW4X6 261127C6000"})
    staff.page.set_viewport_size({"width": width, "height": 844})
    pages = {
        "first": "/admin/",
        "orders": "/admin/orders/order/",
        "order": f"/admin/orders/order/{order.pk}/change/",
        "messages": "/admin/orders/message/",
        "channel": f"/admin/desk/channel/{channel.pk}/change/",
        "account": f"/admin/desk/account/{channel.account_id}/change/",
    }
    found = {}
    for name, path in pages.items():
        staff.page.goto(staff.address + path)
        found[name] = (staff.page.evaluate(CUT_OFF), staff.page.evaluate(WIDTH))

    assert found == dict.fromkeys(pages, ([], width))
    assert staff.faults == []
