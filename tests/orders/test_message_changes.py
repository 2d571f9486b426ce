"""Edited and deleted messages: the same ticket before approval, a stop and a question after it."""

from datetime import timedelta

import pytest

from orders import approval
from orders.alerts import message_changes
from orders.enums import OrderStatus
from orders.models import Message, Order
from tests.factories import make_placement, make_trader
from tests.orders.rooms import DAY, OPEN, TYPED, Room

pytestmark = pytest.mark.django_db
NEW = f"BTO 1 SPY {TYPED} 605c @ 1.25"


@pytest.fixture
def room(settings):
    return Room(settings)


def edit(room, message, text, **more):
    posted = room.posted(text, message_id=message.discord_message_id)
    message_changes.edited(posted, room.channel, room.get_broker, **more)
    return Message.objects.get(pk=message.pk)


def delete(room, message):
    message_changes.deleted(message.discord_message_id, room.channel)
    return Message.objects.get(pk=message.pk)


def statuses():
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


def approved(message):
    order = message.parts.get().order
    return approval.approve(order.pk, by=make_trader("ann").user, via="admin")


def test_before_approval_an_edit_withdraws_the_old_order_and_proposes_the_new(room):
    message = edit(room, room.say(OPEN), NEW)

    assert statuses() == ["withdrawn", "proposed"]
    assert (message.state, message.revision, message.commands) == (
        "proposed",
        1,
        f"bto 1 SPY {DAY} 605c @ 1.25",
    )
    assert Order.objects.get(status="withdrawn").note == "its message was edited"


def test_the_old_words_are_kept(room):
    message = edit(room, room.say(OPEN), NEW)

    assert [entry["why"] for entry in message.history if "was:" in entry["why"]] == [f"edited, was: {OPEN}"]


def test_an_update_without_a_new_text_changes_nothing(room):
    before = room.say(OPEN)

    assert edit(room, before, OPEN).version == before.version
    assert statuses() == ["proposed"]


def test_an_edit_that_is_told_twice_is_one(room):
    message = room.say(OPEN)

    assert edit(room, edit(room, message, NEW), NEW).revision == 1
    assert statuses() == ["withdrawn", "proposed"]


def test_an_edit_that_leaves_no_order_withdraws(room):
    message = edit(room, room.say(OPEN), "good morning")

    assert (message.state, message.reason) == ("withdrawn", "edited: no order is left in it")
    assert statuses() == ["withdrawn"]


def test_an_edit_that_completes_a_doubtful_alert_is_proposed(room):
    message = edit(room, room.say("BTO 2 SPY 600c @ 1.25"), OPEN)

    assert message.state == "proposed"
    assert statuses() == ["proposed"]


def test_an_edit_that_makes_it_doubtful_asks(room):
    message = edit(room, room.say(OPEN), "BTO 2 SPY 600c @ 1.25")

    assert (message.state, message.reason) == ("review", "missing: expiry")
    assert statuses() == ["withdrawn"]


def test_talk_that_is_edited_into_an_order_asks(room):
    message = edit(room, room.say("good morning"), OPEN)

    assert (message.state, message.reason) == ("review", "message edited: it was no order at first")
    assert statuses() == []


def test_talk_that_is_edited_into_other_talk_stays_talk(room):
    assert edit(room, room.say("good morning"), "good evening").state == "noise"


@pytest.mark.parametrize("change", [lambda r, m: edit(r, m, NEW), delete], ids=["edited", "deleted"])
def test_after_approval_a_change_stops_the_walk_and_asks(room, change):
    message = room.say(OPEN)
    order = approved(message)
    make_placement(order)

    message = change(room, message)

    order.refresh_from_db()
    assert order.cancel_requested_by == "tessa"
    assert order.status == OrderStatus.APPROVED  # the worker ends it once the broker has
    assert message.state == "review"
    assert message.reason.endswith(f"after approval: {order} is being cancelled")
    assert Order.objects.count() == 1


def test_an_approved_order_that_was_never_sent_is_cancelled_at_once(room):
    message = room.say(OPEN)
    order = approved(message)

    assert edit(room, message, NEW).reason == f"message edited after approval: {order} is cancelled"
    assert statuses() == ["cancelled"]


def test_a_second_edit_after_approval_trades_nothing_either(room):
    message = room.say(OPEN)
    approved(message)

    edit(room, message, NEW)
    message = edit(room, message, f"BTO 3 SPY {TYPED} 605c @ 1.25")

    assert message.state == "review"
    assert statuses() == ["cancelled"]


def test_an_order_that_filled_is_not_undone_and_a_person_is_asked(room):
    message = room.say(OPEN)
    order = approved(message)
    Order.objects.update(status=OrderStatus.FILLED)

    assert edit(room, message, NEW).reason == f"message edited after approval: {order} is filled"
    assert statuses() == ["filled"]


def test_a_message_deleted_after_its_order_ended_changes_nothing(room):
    message = room.say(OPEN)
    Order.objects.update(status=OrderStatus.DENIED)

    assert delete(room, message).state == "proposed"


@pytest.mark.parametrize("text", [OPEN, "BTO 2 SPY 600c @ 1.25"], ids=["proposed", "in the queue"])
def test_a_deleted_message_is_withdrawn(room, text):
    message = delete(room, room.say(text))

    assert (message.state, message.reason) == ("withdrawn", "its message was deleted")
    assert OrderStatus.PROPOSED not in statuses()


def test_a_message_deleted_twice_is_withdrawn_once(room):
    message = delete(room, room.say(OPEN))

    assert delete(room, message).version == message.version


def test_a_message_that_was_never_read_can_change_as_it_likes(room):
    posted = room.posted(OPEN)

    assert message_changes.edited(posted, room.channel, room.get_broker) is None
    assert message_changes.deleted(posted.message_id, room.channel) is None


def test_an_edit_long_after_the_message_waits_for_a_person(room):
    message = room.say(OPEN, ago=timedelta(minutes=30))

    assert edit(room, message, NEW).reason == "message edited long after it was posted"
    assert statuses() == ["withdrawn"]


def test_an_order_that_nobody_may_stop_is_named(room):
    message = room.say(OPEN)
    order = approved(message)
    room.tessa.user.is_active = False
    room.tessa.user.save()

    reason = delete(room, message).reason
    assert reason.startswith(f"message deleted after approval: {order} could not be stopped")
