"""Proposals nobody decides on: the reminder, the lapse, the Repeat button; and those asked again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bot import notices
from bot.models import Notice, Reply, SeenMessage
from orders import approval
from orders.brokers.base import BrokerUnavailable
from orders.enums import OrderStatus
from orders.models import Order
from tests.bot.rig import labels_of, member, replied_to, wait_for
from tests.factories import make_order


def expire(order):
    """Let its time run out, and the desk notice it."""
    Order.objects.filter(pk=order.pk).update(lapses_at=timezone.now() - timedelta(seconds=1))
    approval.lapse_due()


def lapsed(desk):
    order = desk.propose()
    expire(order)
    desk.status(order, "Lapsed")
    return order


def notice(desk, order):
    """Return the one message of its own about an order."""
    card = desk.card(order)
    return desk.reply(lambda m: replied_to(m) == card["id"])


def test_at_half_time_the_approvers_are_called_again_once(desk):
    order = desk.propose()
    Order.objects.update(lapses_at=timezone.now() + timedelta(seconds=100))

    reminder = notice(desk, order)
    Order.objects.update(lapses_at=timezone.now() + timedelta(seconds=90))
    desk.settle()

    role = desk.channel.approver_role_id
    assert reminder["content"].startswith(
        f"`PRACTICE`\n<@&{role}> {order} still waits for approval, lapses <t:"
    )
    assert reminder["mention_roles"] == [str(role)]
    assert Notice.objects.count() == 1
    assert Order.objects.get().version == 1  # what the approver saw is what he decides on


def test_before_half_time_nobody_is_called_again(db):
    order = make_order()
    Reply.objects.create(order=order, discord_channel_id=1, nonce="d1")

    notices.remind_due()

    assert Notice.objects.count() == 0


def test_a_decided_order_reminds_nobody(db):
    order = make_order(status=OrderStatus.APPROVED, lapses_at=timezone.now())
    Reply.objects.create(order=order, discord_channel_id=1, nonce="d1")

    notices.remind_due()

    assert Notice.objects.count() == 0


def test_a_reminder_that_comes_too_late_is_dropped(db):
    order = make_order(version=4)
    Reply.objects.create(order=order, discord_channel_id=1, discord_message_id=2, nonce="d1")
    Notice.objects.create(order=order, kind=Notice.Kind.REMINDER, version=3)

    assert notices.unsaid() == []
    assert Notice.objects.count() == 0


def test_a_reminder_whose_arrival_was_lost_is_not_doubled(desk):
    order = desk.propose()
    desk.chat.fault(method="POST", path="/channels/*/messages", status=503, apply_then_fail=True)
    Order.objects.update(lapses_at=timezone.now() + timedelta(seconds=100))

    wait_for(lambda: Notice.objects.exclude(discord_message_id=None).first())

    assert [replied_to(m) for m in desk.replies()].count(desk.card(order)["id"]) == 1


def test_the_trader_is_told_of_a_lapse_and_may_repeat(desk):
    order = lapsed(desk)

    assert labels_of(desk.card(order)) == ["Repeat"]
    told = notice(desk, order)
    assert told["content"] == (
        f"`PRACTICE`\n<@{member('tessa')}> {order} lapsed: nobody decided in time. "
        "Press Repeat on it to ask again."
    )
    assert [user["id"] for user in told["mentions"]] == [str(member("tessa"))]


def test_repeat_proposes_the_same_words_anew_once(desk):
    order = lapsed(desk)

    outcome = desk.press("tessa", "Repeat")
    again = wait_for(lambda: Order.objects.exclude(pk=order.pk).first())
    desk.status(again, "Waiting")

    assert desk.refusal("tessa", "Repeat") == f"`PRACTICE`\n{order} was repeated already."
    assert again.text == order.text
    assert again.discord_message_id == int(outcome["interaction"])
    assert replied_to(desk.card(again)) == desk.card(order)["id"]
    assert Order.objects.count() == 2
    desk.press("ada", "Approve")
    desk.status(again, "Approved")


def test_a_repeated_order_that_lapses_may_be_repeated_too(desk):
    order = lapsed(desk)
    desk.press("tessa", "Repeat")
    again = wait_for(lambda: Order.objects.exclude(pk=order.pk).first())
    desk.status(again, "Waiting")
    expire(again)
    desk.status(again, "Lapsed")

    desk.press("tessa", "Repeat", message=desk.card(again)["id"])

    wait_for(lambda: Order.objects.count() == 3)


def test_only_its_trader_repeats(desk):
    order = lapsed(desk)

    assert desk.refusal("theo", "Repeat") == "`PRACTICE`\nOnly the trader who asked for it can repeat it."
    assert list(Order.objects.all()) == [order]


def test_a_repeat_that_failed_may_be_pressed_again(desk):
    order = lapsed(desk)
    desk.broker.read_fails = BrokerUnavailable("The broker did not answer: timed out.")

    assert desk.refusal("tessa", "Repeat") == (
        "`PRACTICE`\nThe broker did not answer: timed out. Nothing was recorded: try again in a moment."
    )
    desk.broker.read_fails = None
    desk.press("tessa", "Repeat")

    wait_for(lambda: Order.objects.exclude(pk=order.pk).first())
    wait_for(lambda: not SeenMessage.objects.filter(answered_at=None).exists())


def test_an_approval_after_its_time_lapses(desk):
    order = desk.propose()
    Order.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))

    assert desk.refusal("ada", "Approve") == f"`PRACTICE`\n{order} had lapsed: nobody had decided in time."
    desk.status(order, "Lapsed")


def test_an_order_that_is_asked_again_calls_the_approvers(desk):
    order = desk.propose()
    approval.approve(order.pk, by=desk.user("ada"), via="admin")
    desk.status(order, "Approved")
    with transaction.atomic():
        approval.ask_again(approval.locked(order.pk), reason="the market moved from 1.25 to 1.45")

    line = desk.status(order, "Waiting")

    assert line.startswith("🟡 **Waiting for approval** · asked again, the market moved from 1.25 to 1.45")
    assert labels_of(desk.card(order))[0] == "Approve"
    role = desk.channel.approver_role_id
    assert notice(desk, order)["content"] == (
        f"`PRACTICE`\n<@&{role}> {order} has to be approved anew: the market moved from 1.25 to 1.45."
    )
