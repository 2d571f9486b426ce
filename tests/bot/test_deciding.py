"""Buttons and forms: who may, who was first, what was seen."""

from decimal import Decimal

import pytest
from django.db import transaction

from bot.buttons import Press, Verb
from bot.pressing import decimal, whole
from orders import approval
from orders.approval import NotAllowed
from orders.enums import OrderStatus
from tests.bot.rig import field_of, labels_of


def test_a_second_person_approves_by_button(desk):
    order = desk.propose()

    desk.press("ada", "Approve")

    assert desk.status(order, "Approved") == "🔵 **Approved** · not sent yet"
    card = desk.card(order)
    assert labels_of(card) == ["Cancel"]
    assert card["content"] == ""
    assert field_of(card, "Decided").startswith("Approved by ada in Discord ")
    desk.until(order, OrderStatus.APPROVED)


def test_the_requester_cannot_approve_his_own_order(desk):
    order = desk.propose(member="bea")

    sentence = desk.refusal("bea", "Approve")

    assert sentence == "`PRACTICE`\nYou asked for this order: a second person has to approve it."
    desk.until(order, OrderStatus.PROPOSED)


@pytest.mark.parametrize("button", ["Approve", "Approve less…", "Deny"])
def test_a_trader_without_the_right_cannot_decide(desk, button):
    order = desk.propose()

    sentence = desk.refusal("theo", button)

    assert sentence == "`PRACTICE`\nYou need the right to approve orders."
    desk.until(order, OrderStatus.PROPOSED)


def test_the_second_to_press_is_told_who_was_first(desk):
    order = desk.propose()
    desk.freeze_cards()

    desk.press("ada", "Approve")
    desk.until(order, OrderStatus.APPROVED)

    assert desk.refusal("bea", "Approve") == f"`PRACTICE`\n{order} is already approved by ada."
    assert desk.refusal("bea", "Deny") == f"`PRACTICE`\n{order} is already approved by ada."
    assert order.approvals.count() == 1


def test_a_press_on_what_is_no_longer_there_decides_nothing(desk):
    """The market moved and the order asks anew: a button of before stands for another price."""
    order = desk.propose()
    desk.freeze_cards()
    approval.approve(order.pk, by=desk.user("ada"), via="admin")
    with transaction.atomic():
        approval.ask_again(approval.locked(order.pk), reason="the market moved to 1.40")

    sentence = desk.refusal("ada", "Approve")

    assert sentence == f"`PRACTICE`\n{order} changed meanwhile: look at it again, then decide."
    desk.until(order, OrderStatus.PROPOSED)


def test_a_denial_asks_for_its_reason_and_shows_it(desk):
    order = desk.propose()

    desk.send("ada", desk.form("ada", "Deny"), reason="too big today")

    assert desk.status(order, "Denied") == "🔴 **Denied** · by ada: too big today"
    assert labels_of(desk.card(order)) == []
    desk.until(order, OrderStatus.DENIED)


def test_an_approver_may_take_less(desk):
    order = desk.propose()

    desk.send("ada", desk.form("ada", "Approve less…"), quantity="1", bound="1.28")

    desk.status(order, "Approved")
    assert "1 at 1.28 instead of 2 at 1.30" in field_of(desk.card(order), "Decided")
    order.refresh_from_db()
    assert (order.quantity, order.bound_price, order.asked_quantity) == (1, Decimal("1.28"), 2)


@pytest.mark.parametrize(
    ("quantity", "bound", "sentence"),
    [
        pytest.param(
            "3", "1.30", "An approver can only reduce the quantity: 1 to 2, not 3.", id="more contracts"
        ),
        pytest.param(
            "2", "1.35", "An approver can only tighten the bound 1.30, not to 1.35.", id="looser bound"
        ),
        pytest.param("two", "1.30", "The quantity has to be a whole number, not 'two'.", id="no number"),
        pytest.param(
            "2", "1,25", "The bound has to be a price such as 1.25, not '1,25'.", id="decimal comma"
        ),
    ],
)
def test_an_approver_may_not_take_more(desk, quantity, bound, sentence):
    order = desk.propose()

    said = desk.refused_form("ada", desk.form("ada", "Approve less…"), quantity=quantity, bound=bound)

    assert said == f"`PRACTICE`\n{sentence}"
    desk.until(order, OrderStatus.PROPOSED)


def test_the_trader_takes_his_proposal_back(desk):
    order = desk.propose()

    desk.press("tessa", "Cancel")

    assert desk.status(order, "Withdrawn") == "⚪ **Withdrawn** · cancelled in Discord"
    assert labels_of(desk.card(order)) == []


def test_another_trader_cannot_cancel(desk):
    desk.propose()

    sentence = desk.refusal("theo", "Cancel")

    assert sentence == (
        "`PRACTICE`\nOnly its trader, or staff with the right to cancel, can cancel this order."
    )


def test_a_stranger_presses_in_vain(desk):
    desk.propose()
    desk.forget("theo")

    assert desk.refusal("theo", "Approve").startswith("`PRACTICE`\nThe desk doesn't know you yet")


def test_the_buttons_of_before_a_restart_work(quiet_desk):
    desk = quiet_desk
    with desk.client():
        order = desk.propose()

    with desk.client():
        desk.press("ada", "Approve")
        desk.status(order, "Approved")


def test_a_form_opened_before_a_restart_works(quiet_desk):
    desk = quiet_desk
    with desk.client():
        order = desk.propose()
        form = desk.form("ada", "Deny")

    with desk.client():
        desk.send("ada", form, reason="not today")
        desk.status(order, "Denied")


def test_an_approval_by_the_admin_shows_in_discord(desk):
    order = desk.propose()

    approval.approve(order.pk, by=desk.user("ada"), via="admin")

    desk.status(order, "Approved")
    assert field_of(desk.card(order), "Decided").startswith("Approved by ada in the admin ")


def test_a_press_that_came_too_late_for_discord_does_nothing(desk):
    """Its presser was told that it failed, and may have decided otherwise since."""
    order = desk.propose()
    desk.chat.fault(
        method="POST",
        path="/interactions/*",
        status=404,
        body={"message": "Unknown interaction", "code": 10062},
    )

    desk.chat.click("ada", "Approve", wait=0)
    desk.settle()

    order.refresh_from_db()
    assert order.status == OrderStatus.PROPOSED


@pytest.mark.parametrize("verb", Verb)
def test_a_custom_id_says_everything(verb):
    press = Press(verb, 12, 3)

    assert Press.read(press.custom_id) == press


@pytest.mark.parametrize("custom_id", ["", "desk:approve:12", "desk:fly:12:1", "other:approve:12:1"])
def test_a_custom_id_of_others_is_not_ours(custom_id):
    assert Press.read(custom_id) is None


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e2", "٣"])
def test_a_quantity_is_a_whole_number(text):
    with pytest.raises(NotAllowed):
        whole(text)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1,25", "abc"])
def test_a_bound_is_a_price(text):
    with pytest.raises(NotAllowed):
        decimal(text)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_press_whose_acknowledgement_broke_off_counts_once(desk, arrived):
    order = desk.propose()
    desk.chat.fault(method="POST", path="/interactions/*", drop=True, apply_then_fail=arrived)

    desk.press("ada", "Approve")

    desk.status(order, "Approved")
    assert order.approvals.count() == 1
