"""What was said while the bot was away is answered, and never traded."""

from datetime import UTC, datetime, timedelta

from django.db import OperationalError

from bot import catching_up, client, snowflakes
from bot.models import SeenMessage
from desk.models import Channel, Heartbeat
from orders.enums import OrderStatus
from orders.models import Order
from tests.bot.rig import ORDER, wait_for

AWAY = "`PRACTICE`\nI was away when you wrote this and did nothing with it: send it again."


def lose_session(desk, meanwhile):
    """Take the gateway away, with every session, while something happens."""
    desk.chat.control("POST", "gateway", down=True)
    desk.chat.act("forget")
    desk.chat.act("abort")
    wait_for(lambda: not desk.running.client.is_connected)
    done = meanwhile()
    desk.chat.control("POST", "gateway", down=False)
    wait_for(lambda: desk.running.client.is_connected and desk.running.client.catching_up.is_done, within=20)
    return done


def test_a_command_said_before_the_bot_started_is_not_traded(quiet_desk):
    desk = quiet_desk
    with desk.client():
        desk.settle()
    said = desk.chat.say("tessa", ORDER)
    talk = desk.chat.say("tessa", "anyone there?")
    others = desk.chat.say("newsbot", ORDER)

    with desk.client():
        answer = desk.answer_to(said)
        desk.settle()

    assert answer["content"] == AWAY
    assert [desk.answers_to(m) for m in (talk, others)] == [[], []]
    assert Order.objects.count() == 0


def test_a_command_said_while_the_session_was_lost_is_not_traded(desk):
    desk.settle()

    said = lose_session(desk, lambda: desk.chat.say("tessa", ORDER))

    assert desk.answer_to(said)["content"] == AWAY
    assert len(desk.answers_to(said)) == 1
    assert Order.objects.count() == 0
    assert desk.propose()


def test_what_was_answered_before_is_not_answered_again(quiet_desk):
    desk = quiet_desk
    with desk.client():
        said = desk.chat.say("tessa", "!tt help")
        desk.answer_to(said)
    Channel.objects.update(last_message_id=0)

    with desk.client():
        desk.settle()

    assert len(desk.answers_to(said)) == 1


def test_a_channels_newest_message_is_kept(desk):
    said = desk.chat.say("tessa", "talk")

    wait_for(lambda: Channel.objects.get().last_message_id == int(said["id"]))


def test_a_message_of_a_new_session_does_not_hide_the_missed_ones(quiet_desk):
    """Until the channel was read, what comes live must not count as the newest message seen."""
    desk = quiet_desk
    with desk.client():
        desk.settle()
    seen = Channel.objects.get().last_message_id
    desk.chat.fault(method="GET", path="/channels/*/messages", delay=1.0)

    with desk.client_not_read_yet():
        live = desk.chat.say("tessa", "!tt help")
        desk.answer_to(live)
        assert Channel.objects.get().last_message_id == seen


def test_an_order_whose_message_was_deleted_meanwhile_is_withdrawn(desk):
    order = desk.propose()
    said = {"id": str(order.discord_message_id)}

    lose_session(desk, lambda: desk.chat.delete("tessa", said))

    desk.until(order, OrderStatus.WITHDRAWN)


def test_an_order_whose_message_was_edited_meanwhile_is_withdrawn(desk):
    order = desk.propose()
    said = {"id": str(order.discord_message_id)}

    lose_session(desk, lambda: desk.chat.edit("tessa", said, f"{ORDER} @ 1.25"))

    desk.until(order, OrderStatus.WITHDRAWN)


def test_an_order_whose_message_stands_lives_on(desk):
    order = desk.propose()

    lose_session(desk, lambda: None)

    desk.until(order, OrderStatus.PROPOSED)


def test_an_order_by_slash_command_lives_on(desk):
    desk.chat.slash("tessa", "tt", text=ORDER.removeprefix("!tt "))
    order = Order.objects.get()

    lose_session(desk, lambda: None)

    desk.until(order, OrderStatus.PROPOSED)


def test_the_heartbeat_begins_anew_with_each_session(desk):
    wait_for(lambda: Heartbeat.objects.filter(pk="bot").first())
    before = Heartbeat.objects.get(pk="bot").since_at

    lose_session(desk, lambda: None)

    wait_for(lambda: Heartbeat.objects.get(pk="bot").since_at > before)


def test_a_message_that_a_resume_delivers_late_is_not_traded(desk, monkeypatch):
    monkeypatch.setattr(client, "LATE_SECONDS", -1.0)

    assert desk.ask(ORDER) == AWAY
    wait_for(lambda: SeenMessage.objects.exclude(answered_at=None).count() == 1)
    assert Order.objects.count() == 0


def test_a_channel_that_cannot_be_read_yet_is_read_later(quiet_desk, monkeypatch):
    monkeypatch.setattr("bot.catching_up.RETRY_SECONDS", 0.05)
    desk = quiet_desk
    said = desk.chat.say("tessa", ORDER)
    desk.chat.fault(method="GET", path="/channels/*/messages", status=503, times=2)

    with desk.client():
        assert desk.answer_to(said)["content"] == AWAY


def test_an_id_tells_when_it_was_made():
    moment = datetime(2026, 11, 22, 14, 30, 0, 123000, tzinfo=UTC)
    first = snowflakes.first_at(moment)

    assert snowflakes.made_at(first) == moment
    assert snowflakes.made_at(snowflakes.earlier(first, timedelta(minutes=1))) == moment - timedelta(
        minutes=1
    )
    assert snowflakes.first_at(datetime(2010, 1, 1, tzinfo=UTC)) == 0


def test_a_database_that_fails_meanwhile_is_asked_again(quiet_desk, monkeypatch, caplog):
    monkeypatch.setattr("bot.catching_up.RETRY_SECONDS", 0.05)
    failures = [OperationalError("the database went away")]
    read = catching_up.allowed_channels

    def failing_once():
        if failures:
            raise failures.pop()
        return read()

    monkeypatch.setattr(catching_up, "allowed_channels", failing_once)
    desk = quiet_desk
    said = desk.chat.say("tessa", ORDER)

    with desk.client():
        assert desk.answer_to(said)["content"] == AWAY
    assert "the channels cannot be read, trying again" in [r.getMessage() for r in caplog.records]
