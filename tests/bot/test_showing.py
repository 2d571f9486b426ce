"""One message that lives as its order lives: at least once, the latest state only."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from bot import replies, reply_rows
from bot.models import Reply
from orders.approval import locked
from orders.enums import OrderStatus, PlacementStatus
from orders.models import Order
from tests.bot.rig import ORDER, field_of, labels_of, wait_for
from tests.factories import make_order, make_placement

D = Decimal
S = OrderStatus


def move(order, *statuses, **columns):
    """Move an order on as its worker would, in one transaction a step."""
    for status in statuses:
        with transaction.atomic():
            row = locked(order.pk)
            for name, value in columns.items():
                setattr(row, name, value)
            row.move_to(status, by="desk", now=timezone.now(), reason=columns.get("note", ""))


def patches(desk):
    return desk.chat.requests("PATCH", "/channels/*/messages/*")


def test_the_message_follows_the_walk_to_the_fill(desk):
    order = desk.propose()
    move(order, S.APPROVED)
    now = timezone.now()
    make_placement(order, limit_price=D("1.25"), status=PlacementStatus.CANCELLED, now=now)
    make_placement(order, limit_price=D("1.27"), now=now)
    move(order, S.WALKING, rung=1)

    assert desk.status(order, "Working") == "🔵 **Working at 1.27** · step 2 of 4"
    card = desk.card(order)
    assert labels_of(card) == ["Cancel"]
    at = f"<t:{int(now.timestamp())}:T>"
    assert field_of(card, "Prices so far") == f"{at} **1.25** cancelled\n{at} **1.27** working"

    order.placements.filter(limit_price=D("1.27")).update(status=PlacementStatus.FILLED, filled_quantity=2)
    move(order, S.FILLED, filled_quantity=2, average_fill_price=D("1.27"), arrival_mid_price=D("1.25"))

    line = desk.status(order, "Filled")
    assert line == "🟢 **Filled 2 at 1.27** · 0.02 worse than the mid 1.25 at the start"
    assert labels_of(desk.card(order)) == []
    assert len(desk.replies()) == 1


def test_a_resting_order_can_be_worked_again(desk):
    order = desk.propose()
    move(order, S.APPROVED, S.WALKING)
    make_placement(order, limit_price=D("1.30"))
    move(order, S.RESTING, rung=3)

    assert desk.status(order, "Resting") == "🔵 **Resting at 1.30** · DAY order"
    assert labels_of(desk.card(order)) == ["Work again", "Cancel"]
    desk.press("tessa", "Work again")

    desk.until(order, S.WALKING)
    desk.status(order, "Working")


def test_an_order_at_work_is_cancelled_by_button(desk):
    order = desk.propose()
    move(order, S.APPROVED, S.WALKING)
    make_placement(order)
    desk.status(order, "Working")

    desk.press("tessa", "Cancel")

    assert desk.status(order, "cancelled") == "🔵 **Working at 1.30** · being cancelled, asked by tessa"
    assert labels_of(desk.card(order)) == []


@pytest.mark.parametrize(
    ("steps", "columns", "line"),
    [
        pytest.param([S.APPROVED, S.EXPIRED], {"note": "the session ended"},
                     "⚪ **Expired, nothing filled** · the session ended", id="day's end"),
        pytest.param([S.APPROVED, S.WALKING, S.EXPIRED],
                     {"note": "the session ended", "filled_quantity": 1, "average_fill_price": D("1.25")},
                     "🟢 **Expired, filled 1 at 1.25 of 2** · the session ended", id="day's end, part filled"),
        pytest.param([S.APPROVED, S.CANCELLED], {"note": "cancelled in Discord"},
                     "⚪ **Cancelled, nothing filled** · cancelled in Discord", id="cancelled"),
        pytest.param([S.APPROVED, S.WALKING, S.REJECTED], {"note": "margin check failed"},
                     "🔴 **Rejected** · by the broker: margin check failed", id="rejected"),
        pytest.param([S.APPROVED, S.HOLDING], {"note": "the quote is one-sided"},
                     "🟡 **Holding** · the quote is one-sided", id="holding"),
        pytest.param([S.APPROVED, S.DENIED], {"note": "trading is halted"},
                     "🔴 **Denied** · by the desk: trading is halted", id="denied by the desk"),
        pytest.param([S.APPROVED], {"parked_reason": "five failures in a row"},
                     "🔴 **Parked, needs a person** · five failures in a row", id="parked"),
        pytest.param([S.APPROVED, S.WALKING], {"needs_review": True, "note": "may exist at the broker"},
                     "🔴 **Needs review** · may exist at the broker", id="under review"),
    ],
)  # fmt: skip
def test_every_standing_is_one_line(desk, steps, columns, line):
    order = desk.propose()

    move(order, *steps, **columns)

    assert desk.status(order, line) == line


def test_under_rate_limits_only_the_latest_state_is_sent(desk):
    order = desk.propose()
    desk.chat.control("POST", "limits", rules={"PATCH /channels/{channel}/messages/{message}": [1, 1.0]})
    before = len(patches(desk))

    for n in range(30):
        move(order, S.APPROVED if n == 0 else S.WALKING if n % 2 else S.HOLDING, note=f"state {n}")
    move(order, S.HOLDING, note="the last state")

    assert desk.status(order, "the last state") == "🟡 **Holding** · the last state"
    wait_for(lambda: not Reply.stale().exists())
    assert len(patches(desk)) - before < 8


def test_a_429_is_waited_for(desk):
    order = desk.propose()
    desk.chat.fault(
        method="PATCH",
        path="/channels/*/messages/*",
        status=429,
        body={"message": "You are being rate limited.", "retry_after": 0.2, "global": False},
        headers={"Via": "1.1 practice", "Retry-After": "1"},
    )

    move(order, S.APPROVED)

    desk.status(order, "Approved")


def test_an_edit_that_discord_refuses_is_made_later(desk, monkeypatch):
    monkeypatch.setattr(replies, "SCAN_SECONDS", 0.2)
    order = desk.propose()
    desk.chat.fault(method="PATCH", path="/channels/*/messages/*", status=503, times=2)

    move(order, S.APPROVED)

    desk.status(order, "Approved")


def test_what_changed_while_the_bot_was_down_is_shown(quiet_desk):
    desk = quiet_desk
    with desk.client():
        order = desk.propose()
    move(order, S.APPROVED)

    with desk.client():
        desk.status(order, "Approved")


def test_a_reply_that_was_never_posted_is_posted_by_the_next_process(quiet_desk):
    """The process died between recording the order and posting its message."""
    desk = quiet_desk
    order = make_order(trader=desk.tessa, channel=desk.channel)
    Reply.objects.create(
        order=order, discord_channel_id=desk.channel.discord_channel_id, nonce=f"d{order.pk}"
    )

    with desk.client():
        assert desk.status(order, "Waiting")
        assert len(desk.replies()) == 1


def test_a_reply_that_was_posted_but_not_recorded_is_not_doubled(quiet_desk):
    """The process died between Discord's answer and the record of it: the nonce finds the message."""
    desk = quiet_desk
    with desk.client():
        order = desk.propose()
    Reply.objects.update(discord_message_id=None, shown_version=0, shown_at=None, left_to_recorder_until=None)

    with desk.client():
        wait_for(lambda: Reply.objects.get().discord_message_id)
        desk.press("ada", "Approve")
        desk.status(order, "Approved")
        assert len(desk.replies()) == 1


def test_an_order_being_posted_by_its_handler_is_left_to_it(db):
    order = make_order()
    soon = timezone.now() + timedelta(seconds=10)
    Reply.objects.create(order=order, discord_channel_id=1, nonce="d1", left_to_recorder_until=soon)

    assert reply_rows.all_stale().replies == ()

    Reply.objects.update(left_to_recorder_until=timezone.now())
    assert reply_rows.all_stale().replies == ((order.reply.pk, 1),)


def test_looking_costs_one_query_where_nothing_happened(db, django_assert_num_queries):
    order = make_order()
    Reply.objects.create(order=order, discord_channel_id=1, discord_message_id=2, nonce="d1")
    event_id = reply_rows.newest_event()

    with django_assert_num_queries(1):
        assert reply_rows.stale_since(event_id) == reply_rows.Stale(event_id)


def test_an_event_of_an_order_makes_its_reply_stale(db):
    order = make_order()
    reply = Reply.objects.create(
        order=order, discord_channel_id=1, discord_message_id=2, nonce="d1", shown_version=1
    )
    event_id = reply_rows.newest_event()

    move(order, S.APPROVED)

    found = reply_rows.stale_since(event_id)
    assert found.replies == ((reply.pk, 1),)
    assert found.event_id > event_id


def test_a_slow_channel_does_not_hold_up_a_prompt_one(desk):
    """Discord's 500 is retried by discord.py for seconds, and holds up its own channel only."""
    slow = desk.propose()
    desk.add_channel("alerts")
    prompt_said = desk.chat.say("tessa", f"{ORDER} again", channel="alerts")
    prompt_card = desk.answer_to(prompt_said, "alerts")
    prompt = Order.objects.get(discord_message_id=prompt_said["id"])
    desk.chat.fault(
        method="PATCH", path=f"/channels/{desk.channel.discord_channel_id}/messages/*", delay=3.0, times=0
    )

    move(slow, S.APPROVED)
    move(prompt, S.APPROVED)

    found = desk.reply(lambda m: m["id"] == prompt_card["id"] and m["edited_timestamp"], "alerts")
    assert found["embeds"][0]["description"] == "🔵 **Approved** · not sent yet"


def test_an_order_that_came_from_elsewhere_is_shown_in_its_channel(desk):
    order = make_order(trader=desk.tessa, channel=desk.channel)

    assert desk.status(order, "Waiting")
    card = desk.card(order)
    assert card["mention_roles"] == [str(desk.channel.approver_role_id)]
    desk.press("ada", "Approve")
    desk.status(order, "Approved")


def test_after_a_press_edits_take_the_presss_own_way(desk):
    """The edits of a channel share one narrow rate limit; those of an interaction do not."""
    order = desk.propose()
    desk.chat.control("POST", "limits", rules={"PATCH /channels/{channel}/messages/{message}": [1, 60.0]})
    desk.press("ada", "Approve")
    desk.status(order, "Approved")

    for status, word in (
        (S.WALKING, "Working"),
        (S.RESTING, "Resting"),
        (S.WALKING, "Working"),
        (S.HOLDING, "Holding"),
    ):
        move(order, status)
        desk.status(order, word)

    assert len(patches(desk)) <= 1  # the first may go before the press was answered


def test_where_the_presss_way_is_closed_the_channels_is_taken(desk):
    order = desk.propose()
    desk.press("ada", "Approve")
    desk.status(order, "Approved")
    desk.chat.fault(method="PATCH", path="/webhooks/*", status=401, times=0)
    before = len(patches(desk))

    move(order, S.WALKING)

    desk.status(order, "Working")
    assert len(patches(desk)) == before + 1
