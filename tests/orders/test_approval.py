"""A second person decides."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.models import Account, Environment
from orders import approval, housekeeping, requests
from orders.approval import NotAllowed
from orders.halts import halting
from orders.lifecycle import IllegalTransition
from orders.models import Order
from tests.factories import (
    PRACTICE_URL,
    grant,
    make_approver,
    make_environment,
    make_order,
    make_trader,
    make_user,
)
from tests.orders.worlds import approved, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def practice_is_here(settings):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL


def test_approving_freezes_what_was_asked_and_makes_it_due():
    order, ann = make_order(), make_approver()

    order = approval.approve(order.pk, by=ann.user, via="discord")

    yes = order.approvals.get()
    assert (order.status, yes.by, yes.via, yes.quantity, yes.bound_price) == (
        "approved",
        ann.user,
        "discord",
        2,
        D("1.31"),
    )
    assert order.next_action_at <= timezone.now()


def test_a_requester_may_not_approve_his_own_order():
    order = make_order()
    both = grant(order.trader.user, "orders.approve_order")

    with pytest.raises(NotAllowed, match=r"^You asked for this order: a second person has to approve it\.$"):
        approval.approve(order.pk, by=both, via="admin")
    assert fresh(order).status == "proposed"


def test_a_requester_may_where_the_desk_says_so(settings):
    settings.FOUR_EYES = False
    order = make_order()
    both = grant(order.trader.user, "orders.approve_order")

    assert approval.approve(order.pk, by=both, via="admin").status == "approved"


def test_approving_needs_the_right():
    order = make_order()

    with pytest.raises(NotAllowed, match=r"^You need the right to approve orders\.$"):
        approval.approve(order.pk, by=make_user("zoe"), via="admin")


@pytest.mark.parametrize(
    ("change", "terms", "said"),
    [
        pytest.param({"quantity": 1}, (1, D("1.31")), "1 at 1.31 instead of 2 at 1.31", id="fewer"),
        pytest.param(
            {"bound": D("1.28")}, (2, D("1.28")), "2 at 1.28 instead of 2 at 1.31", id="a tighter bound"
        ),
        pytest.param({}, (2, D("1.31")), "", id="as asked"),
    ],
)
def test_an_approver_may_approve_less_and_it_is_recorded(change, terms, said):
    order = approval.approve(make_order().pk, by=make_approver().user, via="admin", **change)

    assert (order.quantity, order.bound_price) == terms
    assert (order.asked_quantity, order.asked_bound_price) == (2, D("1.31"))
    assert order.approvals.get().reason == said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"quantity": 3}, "An approver can only reduce the quantity: 1 to 2, not 3."),
        ({"quantity": 0}, "An approver can only reduce the quantity: 1 to 2, not 0."),
        ({"bound": D("1.32")}, "An approver can only tighten the bound 1.31, not to 1.32."),
        ({"bound": D("1.285")}, "1.285 is not on the tick of this instrument."),
        ({"bound": D(-1)}, "-1 is not on the tick of this instrument."),
    ],
)
def test_an_approver_may_not_approve_more(change, sentence):
    order = make_order()

    with pytest.raises(NotAllowed) as refusal:
        approval.approve(order.pk, by=make_approver().user, via="admin", **change)
    assert (str(refusal.value), fresh(order).status) == (sentence, "proposed")


def test_an_approval_that_comes_too_late_finds_the_order_lapsed():
    order = make_order(now=timezone.now() - timedelta(minutes=6))

    assert approval.approve(order.pk, by=make_approver().user, via="admin").status == "lapsed"


def test_what_is_not_decided_in_time_lapses_once():
    make_order(now=timezone.now() - timedelta(minutes=6))
    make_order()

    assert (housekeeping.lapse_approvals(), housekeeping.lapse_approvals()) == (1, 0)
    assert sorted(Order.objects.values_list("status", flat=True)) == ["lapsed", "proposed"]


def test_a_denial_needs_a_reason_and_keeps_it():
    order, ann = make_order(), make_approver()
    with pytest.raises(NotAllowed, match="^Say why: a denial needs a reason.$"):
        approval.deny(order.pk, by=ann.user, via="admin", reason="  ")

    order = approval.deny(order.pk, by=ann.user, via="admin", reason="too big")

    assert (order.status, order.note, order.approvals.get().is_yes) == ("denied", "too big", False)


def test_a_decided_order_is_not_decided_again():
    order, ann = make_order(), make_approver()
    approval.approve(order.pk, by=ann.user, via="admin")

    with pytest.raises(IllegalTransition, match="^the order is already approved, it can't become denied$"):
        approval.deny(order.pk, by=ann.user, via="admin", reason="late")


def test_practice_people_cannot_approve_while_another_environment_is_on():
    order, ann = make_order(), make_approver(is_practice=True)
    make_environment("sandbox", is_enabled=True)

    with pytest.raises(NotAllowed, match="^Practice users can't approve while sandbox or production is on.$"):
        approval.approve(order.pk, by=ann.user, via="admin")


def test_an_environment_switched_off_meanwhile_refuses():
    order = make_order()
    Environment.objects.update(is_enabled=False)

    with pytest.raises(
        NotAllowed, match=r"^practice is switched off in the admin \(ENVIRONMENT_KEYS_DISAGREE\)$"
    ):
        approval.approve(order.pk, by=make_approver().user, via="admin")


def test_a_stranger_cannot_cancel(settings):
    order = approved(settings)

    with pytest.raises(
        NotAllowed, match="^Only its trader, or staff with the right to cancel, can cancel this order.$"
    ):
        requests.cancel(order.pk, by=make_trader("tom").user, via="discord", reason="")


def test_cancelling_before_anything_was_sent_closes_it_at_once(settings):
    order = approved(settings)

    order = requests.cancel(order.pk, by=order.trader.user, via="discord", reason="no")

    assert (order.status, order.next_action_at) == ("cancelled", None)


def test_whoever_halted_cannot_resume():
    order = make_order()
    bea = grant(make_user("bea"), "desk.resume_account")
    halting.halt([order.account_id], by="bea", reason="drill")

    with pytest.raises(NotAllowed, match="^You halted it: a second person has to resume trading.$"):
        halting.resume(order.account_id, by=bea)
    other = grant(make_user("bob"), "desk.resume_account")
    assert halting.resume(order.account_id, by=other).state == "active"
    assert Account.objects.get().state_reason == ""
