"""Messages that their authors edit or delete, and replies that somebody deletes."""

from bot import changes, listening
from bot.listening import Heard
from bot.models import Reply
from orders import approval
from orders.enums import OrderStatus
from orders.models import Order
from tests.bot.rig import ORDER, wait_for
from tests.factories import make_channel


def said_of(order):
    return {"id": str(order.discord_message_id), "channel_id": str(order.channel.discord_channel_id)}


def test_editing_withdraws_an_undecided_order(desk):
    order = desk.propose()

    desk.chat.edit("tessa", said_of(order), f"{ORDER} @ 1.25")

    assert desk.status(order, "Withdrawn") == "⚪ **Withdrawn** · its message was edited: send it again"
    assert Order.objects.count() == 1


def test_deleting_withdraws_an_undecided_order(desk):
    order = desk.propose()

    desk.chat.delete("tessa", said_of(order))

    assert desk.status(order, "Withdrawn") == "⚪ **Withdrawn** · its message was deleted"


def test_an_update_without_a_new_text_changes_nothing(desk):
    order = desk.propose()

    desk.repeat_event("MESSAGE_UPDATE", desk.message(said_of(order)))
    desk.repeat_event(
        "MESSAGE_UPDATE", desk.message(said_of(order)) | {"edited_timestamp": "2026-11-22T14:00:00+00:00"}
    )
    desk.settle()

    desk.until(order, OrderStatus.PROPOSED)
    assert len(desk.answers_to(said_of(order))) == 1


def test_editing_after_the_approval_changes_nothing_and_says_so_once(desk):
    order = desk.propose()
    approval.approve(order.pk, by=desk.user("ada"), via="admin")

    desk.chat.edit("tessa", said_of(order), f"{ORDER} @ 1.25")
    desk.chat.edit("tessa", said_of(order), f"{ORDER} @ 1.26")
    wait_for(lambda: len(desk.answers_to(said_of(order))) == 2)
    desk.settle()

    assert [m["content"] for m in desk.answers_to(said_of(order))][1:] == [
        f"`PRACTICE`\nEditing changes nothing: {order} is approved. Press Cancel to stop it."
    ]
    desk.until(order, OrderStatus.APPROVED)


def test_deleting_after_the_approval_changes_nothing_and_says_so(desk):
    order = desk.propose()
    approval.approve(order.pk, by=desk.user("ada"), via="admin")

    desk.chat.delete("tessa", said_of(order))

    said = f"`PRACTICE`\nDeleting the message changes nothing: {order} is approved. Press Cancel to stop it."
    desk.reply(lambda m: m["content"] == said)
    desk.until(order, OrderStatus.APPROVED)


def test_a_mistake_that_is_edited_is_not_read_again(desk):
    said = desk.chat.say("tessa", "!tt btoo")
    desk.answer_to(said)

    desk.chat.edit("tessa", said, ORDER)

    wait_for(lambda: len(desk.answers_to(said)) == 2)
    assert desk.answers_to(said)[1]["content"] == (
        "`PRACTICE`\nAn edited message isn't read again: send it anew."
    )
    assert Order.objects.count() == 0


def test_talk_that_is_edited_into_a_command_is_not_traded(desk):
    said = desk.chat.say("tessa", "good morning")

    desk.chat.edit("tessa", said, ORDER)

    assert desk.answer_to(said)["content"] == "`PRACTICE`\nAn edited message isn't read again: send it anew."
    assert Order.objects.count() == 0


def test_edits_in_other_channels_are_not_answered(desk):
    said = desk.chat.say("tessa", "good morning", channel="lobby")

    desk.chat.edit("tessa", said, ORDER)
    desk.settle()

    assert desk.replies("lobby") == []


def test_a_change_that_overtakes_the_recording_still_withdraws(desk):
    """The author deletes his message while the broker is being asked."""
    asked = desk.broker.dry_run

    def deleted_meanwhile(draft):
        said = next(m for m in desk.chat.messages() if m["content"] == ORDER)
        desk.chat.delete("tessa", said)
        wait_for(lambda: listening.was_changed(said["id"]))
        return asked(draft)

    desk.broker.dry_run = deleted_meanwhile
    desk.chat.say("tessa", ORDER)

    order = wait_for(lambda: Order.objects.first())
    desk.until(order, OrderStatus.WITHDRAWN)


def test_a_message_deleted_before_it_was_heard_is_not_traded(db):
    channel = make_channel()

    changes.deleted(7, channel.discord_channel_id)

    assert listening.hear(Heard(7, channel.discord_channel_id, 1, ORDER), advances=False) is None


def test_a_reply_that_somebody_deletes_is_posted_anew(desk):
    order = desk.propose()
    first = desk.card(order)

    desk.chat.as_bot("DELETE", f"/channels/{first['channel_id']}/messages/{first['id']}")

    wait_for(lambda: Reply.objects.get().discord_message_id not in {None, int(first["id"])})
    assert desk.card(order)["id"] != first["id"]
    desk.press("ada", "Approve")
    desk.status(order, "Approved")
