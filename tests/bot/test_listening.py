"""Whom the bot answers, and that it answers once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bot import listening
from bot.listening import Heard, command_in
from bot.models import SeenMessage
from desk.models import Channel
from orders.models import Order
from tests.bot.rig import ORDER, is_bots, shown, wait_for
from tests.factories import make_channel


@pytest.mark.parametrize(
    ("content", "command"),
    [
        pytest.param("!tt bto 2 SPY", "bto 2 SPY", id="command"),
        pytest.param("  !TT   help ", "help", id="spaces and capitals"),
        pytest.param("!tt", "", id="bare"),
        pytest.param("!tt\nquote SPY", "quote SPY", id="new line"),
        pytest.param("!ttt help", None, id="another word"),
        pytest.param("say !tt help", None, id="inside"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_follows_the_prefix_is_the_command(content, command):
    assert command_in(content) == command


def test_other_channels_are_not_answered(desk):
    desk.chat.say("tessa", ORDER, channel="lobby")
    desk.settle()

    assert desk.replies("lobby") == []
    assert Order.objects.count() == 0


def test_a_channel_that_is_switched_off_is_not_answered(desk):
    desk.add_channel("alerts")
    Channel.objects.filter(name="alerts").update(is_enabled=False)

    desk.chat.say("tessa", ORDER, channel="alerts")
    desk.settle()

    assert desk.replies("alerts") == []
    assert Order.objects.count() == 0


def test_other_bots_are_not_answered(desk):
    desk.chat.say("newsbot", ORDER)
    desk.settle()

    assert Order.objects.count() == 0
    assert SeenMessage.objects.count() == 1  # the settling one


def test_the_bot_does_not_answer_itself(desk):
    desk.chat.as_bot("POST", f"/channels/{desk.channel.discord_channel_id}/messages", {"content": ORDER})
    desk.settle()

    assert Order.objects.count() == 0


def test_talk_is_not_answered(desk):
    said = desk.chat.say("tessa", "good morning")
    desk.settle()

    assert desk.answers_to(said) == []


def test_a_repeated_event_is_answered_once(desk):
    order = desk.propose()
    said = {"id": str(order.discord_message_id), "channel_id": str(desk.channel.discord_channel_id)}

    for _ in range(3):
        desk.repeat_event("MESSAGE_CREATE", desk.message(said))
    desk.settle()

    assert Order.objects.count() == 1
    assert len(desk.answers_to(said)) == 1


def test_a_message_sent_while_the_socket_was_down_is_answered_once_after_the_resume(desk):
    desk.propose()
    desk.chat.act("abort")
    said = desk.chat.say("tessa", f"{ORDER} again")

    wait_for(lambda: shown(Order.objects.filter(discord_message_id=said["id"]).first()))
    desk.settle()

    assert len(desk.answers_to(said)) == 1
    assert Order.objects.count() == 2


def test_a_message_is_claimed_by_one(db):
    assert [listening.claim(7, 1), listening.claim(7, 1)] == [True, False]


def test_the_newest_message_never_moves_back(db):
    channel = make_channel()

    for message_id in (5, 9, 7):
        listening.hear(Heard(message_id, channel.discord_channel_id, 1, "talk"), advances=True)

    channel.refresh_from_db()
    assert channel.last_message_id == 9


def test_a_message_that_nobody_answered_is_made_up_for(desk):
    """A process that dies between the claim and the answer leaves a claimed message behind."""
    with_nobody = desk.chat.say("tessa", "as if it had been a command")
    SeenMessage.objects.create(
        discord_message_id=with_nobody["id"],
        discord_channel_id=desk.channel.discord_channel_id,
        seen_at=timezone.now() - timedelta(minutes=1),
    )

    answer = desk.answer_to(with_nobody)

    assert answer["content"] == (
        "`PRACTICE`\nSomething went wrong while I answered this, and nothing was recorded: send it again."
    )
    wait_for(lambda: SeenMessage.objects.get(pk=with_nobody["id"]).answered_at)


def test_an_answer_that_discord_did_not_take_is_made_up_for(desk, monkeypatch):
    monkeypatch.setattr(listening, "UNANSWERED_SECONDS", 0.2)
    desk.chat.fault(method="POST", path="/channels/*/messages", status=503)

    said = desk.chat.say("tessa", "!tt help")

    assert desk.answer_to(said)["content"].startswith("`PRACTICE`\n")
    wait_for(lambda: SeenMessage.objects.get(pk=said["id"]).answered_at)
    assert len(desk.answers_to(said)) == 1


def test_an_answer_whose_arrival_was_lost_is_not_doubled(desk):
    desk.chat.fault(method="POST", path="/channels/*/messages", status=500, apply_then_fail=True)

    order = desk.propose()

    assert [m["embeds"][0]["title"] for m in filter(is_bots, desk.chat.messages())] == [
        desk.card(order)["embeds"][0]["title"]
    ]


@pytest.mark.parametrize("arrived", [True, False])
def test_an_answer_on_a_connection_that_breaks_is_posted_once(desk, arrived):
    desk.chat.fault(method="POST", path="/channels/*/messages", drop=True, apply_then_fail=arrived)

    order = desk.propose()

    assert len(desk.replies()) == 1
    assert desk.card(order)["id"] == str(order.reply.discord_message_id)
