"""Alerts on Discord: heard, answered as the channel wants, amended and stopped, and never traded late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bot import client
from bot.alerts import open_messages
from bot.models import Reply
from bot.practice import world
from orders import approval
from orders.enums import OrderStatus
from orders.models import Message, Order
from tests.bot.rig import TYPED, D, is_bots, replied_to, wait_for
from tests.bot.test_away import lose_session
from tests.orders.rooms import OPEN, Room

ALERT = f"BTO 2 SPY {TYPED} 600c @ 1.25"
NO_EXPIRY = "BTO 2 SPY 600c @ 1.25"


@pytest.fixture
def room(quiet_desk):
    """A desk whose channel #alerts reads alerts; its bot is not running yet."""
    channel = quiet_desk.add_channel("alerts")
    channel.reads_alerts = True
    channel.save()
    quiet_desk.room = channel
    return quiet_desk


def say(desk, text, member="tessa", **more):
    return desk.chat.say(member, text, channel="alerts", **more)


def read(said):
    """Return the row of a message once it has been decided upon."""
    return wait_for(
        lambda: Message.objects.filter(discord_message_id=said["id"]).exclude(state="heard").first()
    )


def order_of(said):
    return wait_for(lambda: Order.objects.filter(part_of__message__discord_message_id=said["id"]).last())


def answers(desk, said):
    return [m for m in desk.chat.messages("alerts") if is_bots(m) and replied_to(m) == said["id"]]


def card(desk, order):
    """Return the message that shows an order, once it stands."""
    title = f"{order} "
    return desk.reply(lambda m: m["embeds"] and m["embeds"][0]["title"].startswith(title), "alerts")


def settle(desk):
    """Wait until the bot has dealt with everything said in #alerts so far."""
    desk.answer_to(say(desk, "!tt help"), "alerts")


def test_a_whole_alert_becomes_an_order_whose_card_answers_it(room):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        shown = card(room, order)

    assert (order.status, order.quantity, order.bound_price) == (OrderStatus.PROPOSED, 2, D("1.25"))
    assert order.trader == room.tessa
    assert replied_to(shown) == said["id"]
    assert read(said).state == "proposed"


def test_an_alert_is_approved_by_a_second_person(room):
    with room.client():
        order = order_of(say(room, ALERT))
        card(room, order)
        room.press("ada", "Approve", channel="alerts")
        room.until(order, OrderStatus.APPROVED)


def test_a_doubtful_alert_is_answered_with_its_reason(room):
    with room.client():
        said = say(room, NO_EXPIRY)

        assert room.answer_to(said, "alerts")["content"] == "`PRACTICE`\nNeeds a person: missing: expiry."
        assert Order.objects.count() == 0


def test_talk_is_recorded_and_not_answered(room):
    with room.client():
        said = say(room, "good morning")
        settle(room)

    assert read(said).state == "noise"
    assert answers(room, said) == []


def test_a_channel_that_wants_no_replies_gets_none(room):
    room.room.replies_to_alerts = False
    room.room.save()
    with room.client():
        order, doubtful = order_of(say(room, ALERT)), say(room, NO_EXPIRY)
        assert read(doubtful).state == "review"
        settle(room)

    assert answers(room, doubtful) == []
    assert not Reply.objects.filter(order=order).exists()


def test_a_channel_that_only_looks_says_what_it_would_do_and_records_nothing(room):
    room.room.preview_only = True
    room.room.save()
    with room.client():
        said = say(room, ALERT)
        command = room.ask(f"!tt bto 2 SPY {TYPED} 600c @ 1.25", channel="alerts")

        assert room.answer_to(said, "alerts")["content"].startswith(
            "`PRACTICE`\nPreview, nothing recorded: would propose bto 2 SPY"
        )
    assert command.startswith("`PRACTICE`\nPreview, nothing recorded: Buy to open 2 SPY")
    assert Order.objects.count() == 0
    assert read(said).state == "preview"


def test_channels_that_read_no_alerts_record_none(room):
    with room.client():
        room.chat.say("tessa", ALERT)
        room.settle()

    assert Message.objects.count() == 0


def test_bots_are_read_only_where_the_channel_lists_them(room):
    room.room.alert_trader = room.tessa
    room.room.save()
    embed = {
        "title": "Entry",
        "description": f"SPY {TYPED} 600c @ 1.25",
        "fields": [{"name": "Qty", "value": "2"}],
    }
    with room.client():
        say(room, ALERT, "newsbot")
        settle(room)
        assert Message.objects.count() == 0

        room.room.alert_author_ids = [world.MEMBERS["newsbot"].id]
        room.room.save()
        order = order_of(say(room, ALERT, "newsbot"))
        embedded = read(say(room, "", "newsbot", embeds=[embed]))
        several = read(say(room, "", "newsbot", embeds=[embed, {"title": "Exit", "description": "STC QQQ"}]))

    assert order.trader == room.tessa
    assert (embedded.embed_title, embedded.text) == ("Entry", f"SPY {TYPED} 600c @ 1.25\nQty: 2")
    assert (several.embed_title, several.text) == ("Entry", f"{embedded.text}\nExit\nSTC QQQ")


def test_strangers_to_the_channel_are_not_read(room):
    room.room.traders.remove(room.tessa)
    with room.client():
        say(room, ALERT)
        room.ask("!tt help", member="theo", channel="alerts")

    assert Message.objects.count() == 0


def test_an_edited_alert_is_amended_in_the_same_row(room):
    with room.client():
        said = say(room, ALERT)
        first = order_of(said)
        card(room, first)
        room.chat.edit("tessa", said, f"BTO 1 SPY {TYPED} 605c @ 1.25")
        room.until(first, OrderStatus.WITHDRAWN)
        second = wait_for(lambda: Order.objects.filter(status=OrderStatus.PROPOSED).first())
        card(room, second)

    assert (second.quantity, second.legs.get().strike) == (1, 605)
    assert [part.revision for part in Message.objects.get().parts.all()] == [0, 1]


def test_a_deleted_alert_is_withdrawn(room):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        card(room, order)
        room.chat.delete("tessa", said)
        room.until(order, OrderStatus.WITHDRAWN)

    assert Message.objects.get().state == "withdrawn"


@pytest.mark.parametrize("how", ["edited", "deleted"])
def test_a_change_after_the_approval_stops_the_order_and_asks(room, how):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        card(room, order)
        approval.approve(order.pk, by=room.user("ada"), via="admin")
        if how == "edited":
            room.chat.edit("tessa", said, f"BTO 3 SPY {TYPED} 600c @ 1.25")
        else:
            room.chat.delete("tessa", said)
        room.until(order, OrderStatus.CANCELLED)
        sentence = f"Needs a person: message {how} after approval: {order} is cancelled."
        room.reply(lambda m: m["content"] == f"`PRACTICE`\n{sentence}", "alerts")

    assert Order.objects.count() == 1
    assert Message.objects.get().state == "review"


def test_an_alert_edited_into_a_command_is_withdrawn_and_not_obeyed(room):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        card(room, order)
        room.chat.edit("tessa", said, f"!tt bto 5 SPY {TYPED} 600c")
        room.until(order, OrderStatus.WITHDRAWN)
        settle(room)

    assert Order.objects.count() == 1


def test_alerts_said_while_the_bot_was_away_wait_for_a_person(room):
    with room.client():
        settle(room)
    said = say(room, ALERT)

    with room.client():
        answer = room.answer_to(said, "alerts")["content"]

    assert answer == "`PRACTICE`\nNeeds a person: came while the desk was away."
    assert Order.objects.count() == 0
    assert Message.objects.get().commands.startswith("bto 2 SPY")


def test_an_alert_is_read_once_however_often_it_comes(room):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        card(room, order)
        for _ in range(3):
            room.repeat_event("MESSAGE_CREATE", room.message(said))
        lose_session(room, lambda: None)
        settle(room)

    assert Order.objects.count() == 1
    assert len(answers(room, said)) == 1


def test_an_alert_delivered_late_is_not_traded(room, monkeypatch):
    monkeypatch.setattr(client, "LATE_SECONDS", -1.0)
    with room.client():
        said = say(room, ALERT)
        assert read(said).reason == "came while the desk was away"

    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        pytest.param("delete", "withdrawn", "its message was deleted", id="deleted"),
        pytest.param("edit", "review", "message edited while the desk was away", id="edited"),
    ],
)
def test_changes_made_while_the_bot_was_away_are_acted_on(room, change, status, reason):
    with room.client():
        said = say(room, ALERT)
        order = order_of(said)
        card(room, order)
        if change == "delete":
            lose_session(room, lambda: room.chat.delete("tessa", said))
        else:
            lose_session(room, lambda: room.chat.edit("tessa", said, f"{ALERT} lotto"))
        room.until(order, OrderStatus.WITHDRAWN)
        wait_for(lambda: Message.objects.get().state == status)

    assert Message.objects.get().reason == reason
    assert Order.objects.count() == 1


def test_an_answer_that_discord_did_not_take_is_given_again(room):
    with room.client():
        room.chat.fault(method="POST", path="/channels/*/messages", status=503, times=6)
        said = say(room, NO_EXPIRY)

        assert room.answer_to(said, "alerts")["content"] == "`PRACTICE`\nNeeds a person: missing: expiry."
        wait_for(lambda: Message.objects.get().answered_at)
        assert len(answers(room, said)) == 1


def test_what_a_person_completed_is_shown_in_the_channel(room):
    """A worker records it; the bot finds the order by itself."""
    from orders.alerts import message_proposing, reviewing

    with room.client():
        said = say(room, NO_EXPIRY)
        message = read(said)
        bea = room.user("bea")
        bea.user_permissions.add(_permission("review_message"))
        reviewing.complete(
            message.pk, f"bto 2 SPY {TYPED} 600c @ 1.25", by=room.user("bea"), version=message.version
        )
        message_proposing.propose(message.pk, get_broker=lambda environment, number: room.broker)
        shown = card(room, order_of(said))

    assert replied_to(shown) == said["id"]
    assert Message.objects.get().state == "completed"


def _permission(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename)


def test_a_silent_channel_still_shows_what_was_asked_for_in_the_ticket_box(room):
    from orders.alerts import message_proposing, reviewing

    room.room.replies_to_alerts = False
    room.room.save()
    with room.client():
        ticket = reviewing.ask(room.room, f"bto 2 SPY {TYPED} 600c @ 1.25", by=room.user("bea"))
        message_proposing.propose(ticket.pk, get_broker=lambda environment, number: room.broker)
        shown = card(room, Order.objects.get())

    assert replied_to(shown) is None


@pytest.mark.parametrize(("status", "is_looked_at"), [("resting", True), ("filled", False)])
def test_an_old_alert_is_looked_at_for_changes_while_its_order_can_trade(db, settings, status, is_looked_at):
    room = Room(settings)
    message = room.say(OPEN)
    Message.objects.update(posted_at=timezone.now() - timedelta(days=9))
    Order.objects.update(status=status)

    assert open_messages(room.channel) == ([message.discord_message_id] if is_looked_at else [])


def test_messages_left_behind_by_a_process_that_died_are_referred(db):
    from orders.alerts import message_proposing
    from tests.factories import make_channel

    long_ago = timezone.now() - timedelta(minutes=5)
    message = Message.objects.create(
        channel=make_channel(), author_name="tessa", text=ALERT, posted_at=long_ago, changed_at=long_ago
    )

    assert [message_proposing.refer_stale(timezone.now()) for _ in range(2)] == [1, 0]
    message.refresh_from_db()
    assert (message.state, message.reason) == ("review", "the desk was interrupted before it was proposed")
