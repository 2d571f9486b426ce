"""The review queue, the ticket box and the marks of staff: services, pages and who may use them."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from orders import tasks
from orders.alerts import message_proposing, reviewing
from orders.approval import NotAllowed, approve
from orders.enums import MessageState
from orders.language.alerts import Intent
from orders.language.calendar import NEW_YORK, NYSE
from orders.language.expiry_words import day_word
from orders.models import Message, Order
from orders.verdicts import Denied
from tests.factories import grant, make_user
from tests.orders.rooms import COMMAND, DAY, OPEN, Room

pytestmark = pytest.mark.django_db
DOUBTFUL = "BTO 2 SPY 600c @ 1.25"
LIST = "/admin/orders/message/"
NEW = "/admin/orders/message/new/"


@pytest.fixture
def room(settings, monkeypatch):
    room = Room(settings)
    monkeypatch.setattr("orders.brokers.get_broker", room.get_broker)
    return room


@pytest.fixture
def ann(room, client):
    """Return the reviewer, logged in: she may look, complete, and approve what others ask for."""
    user = grant(room.ann.user, "orders.view_message", "orders.review_message", "orders.propose_order")
    client.force_login(user)
    return user


def page_of(message):
    return reverse("admin:orders_message_change", args=(message.pk,))


def press(client, message, verb, **values):
    """Press a button of the page as it stands; return the answer."""
    address = reverse("admin:orders_message_decide", args=(message.pk, verb))
    return client.post(address, {"version": message.version} | values, follow=True)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def fresh(message):
    return Message.objects.get(pk=message.pk)


# --- two clicks -----------------------------------------------------------------------------------


def test_a_waiting_message_is_completed_in_two_clicks(room, ann, client):
    message = room.say(DOUBTFUL)

    opened = client.get(page_of(message))
    assert '<textarea name="commands" rows="3" spellcheck="false">bto 2 SPY ? 600c @ 1.25</textarea>' in (
        opened.content.decode()
    )
    answer = press(client, message, "complete", commands=COMMAND)

    assert said(answer) == ["A worker prices it now."]
    assert fresh(message).state == "to_propose"
    tasks.propose_message(message.pk)
    order = Order.objects.get()
    assert (fresh(message).state, order.text, order.trader) == ("completed", f"!tt {COMMAND}", room.ann)


def test_whoever_completed_it_can_not_approve_it(room, ann):
    message = room.say(DOUBTFUL)
    reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)
    tasks.propose_message(message.pk)

    with pytest.raises(NotAllowed, match="a second person"):
        approve(Order.objects.get().pk, by=ann, via="admin")


def test_the_web_never_asks_the_broker(room, ann, client, monkeypatch):
    message = room.say(DOUBTFUL)

    def no_broker(environment, number):
        raise AssertionError("the web asked for a broker")

    monkeypatch.setattr("orders.brokers.get_broker", no_broker)
    press(client, message, "complete", commands=COMMAND)
    client.get(page_of(message))
    client.post(NEW, {"channel": room.channel.pk, "commands": COMMAND, "propose": ""})

    assert list(Message.objects.values_list("state", flat=True)) == ["to_propose", "to_propose"]


def test_several_lines_become_an_order_each(room, ann):
    message = room.say(DOUBTFUL)
    lines = f"bto 1 SPY {DAY} 600c @ 1.25\n!tt bto 1 SPY {DAY} 605c @ 1.25"

    reviewing.complete(message.pk, lines, by=ann, version=message.version)
    tasks.propose_message(message.pk)

    assert Order.objects.count() == 2


def test_a_mistake_comes_back_with_its_caret_and_what_was_typed(room, ann, client):
    message = room.say(DOUBTFUL)

    text = press(client, message, "complete", commands="bto 2 SPY 18dce 600c @ 1.25").content.decode()

    assert "bto 2 SPY 18dce 600c @ 1.25\n          ^^^^^" in text
    assert "Did you mean <code>18dec</code>?" in text
    assert 'spellcheck="false">bto 2 SPY 18dce 600c @ 1.25</textarea>' in text
    assert fresh(message).state == "review"


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        pytest.param("", "Write an order.", id="nothing"),
        pytest.param("quote SPY", "`quote SPY` is no new order", id="a question"),
        pytest.param("\n".join([COMMAND] * 7), "Write one order a line, at most 6.", id="too many"),
    ],
)
def test_what_is_no_order_is_refused(room, ann, client, commands, sentence):
    message = room.say(DOUBTFUL)

    assert said(press(client, message, "complete", commands=commands))[0].startswith(sentence)
    assert fresh(message).state == "review"


def test_what_the_worker_is_refused_comes_back_to_the_queue(room, ann):
    message = room.say(DOUBTFUL)
    reviewing.complete(message.pk, f"bto 2 SPY {DAY} 612c @ 1.25", by=ann, version=message.version)

    tasks.propose_message(message.pk)

    assert fresh(message).state == "review"
    assert fresh(message).reason.endswith("Nearest: 600, 605, 610.")


def test_a_stale_page_changes_nothing(room, ann, client):
    message = room.say(DOUBTFUL)
    Message.objects.update(version=9)

    assert said(press(client, message, "complete", commands=COMMAND)) == ["It changed meanwhile: look again."]


def test_a_message_is_completed_once(room, ann):
    message = room.say(DOUBTFUL)
    done = reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)

    with pytest.raises(NotAllowed, match="It waits for nobody any more: it is being proposed."):
        reviewing.complete(message.pk, COMMAND, by=ann, version=done.version)


def test_no_second_order_stands_beside_one_that_may_still_trade(room, ann):
    message = room.say(OPEN)
    Message.objects.update(state=MessageState.REVIEW)

    with pytest.raises(NotAllowed, match="is still open: wait until it is closed."):
        reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)


def test_dismissing_needs_a_reason(room, ann, client):
    message = room.say(DOUBTFUL)

    assert said(press(client, message, "dismiss", reason=" ")) == ["Say why: dismissing needs a reason."]
    assert said(press(client, message, "dismiss", reason="a joke")) == ["Dismissed."]
    assert (fresh(message).state, fresh(message).reason) == ("dismissed", "a joke")


# --- the worker -----------------------------------------------------------------------------------


def test_two_workers_propose_once(room, ann):
    message = room.say(DOUBTFUL)
    reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)

    assert [message_proposing.claim(message.pk), message_proposing.claim(message.pk)] == [True, False]


def test_a_task_that_comes_twice_proposes_once(room, ann):
    message = room.say(DOUBTFUL)
    reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)

    for _ in range(2):
        tasks.propose_message(message.pk)

    assert Order.objects.count() == 1


def test_the_sweep_wakes_what_the_queue_forgot(room, ann, monkeypatch):
    message = room.say(DOUBTFUL)
    reviewing.complete(message.pk, COMMAND, by=ann, version=message.version)
    woken = []
    monkeypatch.setattr("orders.queue.publish", lambda task, *args: woken.append((task, *args)))

    tasks.sweep()

    assert ("orders.tasks.propose_message", message.pk) in woken


# --- the ticket box -------------------------------------------------------------------------------


def box(client, room, commands, button):
    return client.post(NEW, {"channel": room.channel.pk, "commands": commands, button: ""}, follow=True)


def test_the_ticket_box_shows_how_a_command_reads(room, ann, client):
    text = box(client, room, COMMAND, "check").content.decode()

    assert "Buy to open 2 SPY" in text
    assert Message.objects.count() == 0


def test_the_ticket_box_points_at_a_mistake(room, ann, client):
    text = box(client, room, "btoo 2 SPY 18dec 600c", "propose").content.decode()

    assert "btoo 2 SPY 18dec 600c\n^^^^" in text
    assert Message.objects.count() == 0


def test_the_ticket_box_has_a_worker_propose(room, ann, client):
    shown = box(client, room, COMMAND, "propose")
    message = Message.objects.get()

    assert shown.redirect_chain == [(page_of(message), 302)]
    assert '<meta http-equiv="refresh" content="1">' in shown.content.decode()
    tasks.propose_message(message.pk)
    order = Order.objects.get()
    assert (order.trader, order.discord_message_id, order.channel) == (room.ann, None, room.channel)


def test_the_ticket_box_offers_only_the_channels_one_trades_in(room, ann, client):
    room.channel.traders.remove(room.ann)

    assert "You trade in no channel" in client.get(NEW).content.decode()
    with pytest.raises(Denied):
        reviewing.ask(room.channel, COMMAND, by=ann)


def test_the_ticket_box_takes_a_close(room, ann):
    room.hold(4)

    message = reviewing.ask(room.channel, f"close SPY {DAY} 600c half @ 1.20", by=ann)
    tasks.propose_message(message.pk)

    order = Order.objects.get()
    assert (fresh(message).state, order.quantity, order.legs.get().action) == (
        "completed",
        2,
        "Sell to Close",
    )


def test_an_account_of_another_channel_is_refused(room, ann):
    message = reviewing.ask(room.channel, f"{COMMAND} acct 5WT99999", by=ann)

    tasks.propose_message(message.pk)

    assert fresh(message).reason == "#alerts trades account 5WX00001, not 5WT99999"


# --- marks ----------------------------------------------------------------------------------------


def exported():
    out = io.StringIO()
    call_command("parse", "--export", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_wrong_reading_becomes_a_test_case(room, ann, client):
    message = room.say("good morning SPY")
    press(client, message, "mark", intent="open", expected=COMMAND)

    found = exported()[0]
    assert (found["id"], found["msg"]) == (f"desk-{message.pk}", "good morning SPY")
    assert datetime.fromisoformat(found["posted"]) == fresh(message).posted_at.replace(microsecond=0)
    assert {key: found["expect"][key] for key in ("intent", "action", "qty", "symbol", "strike", "type")} == {
        "intent": "open",
        "action": "BTO",
        "qty": 2,
        "symbol": "SPY",
        "strike": 600,
        "type": "C",
    }


@pytest.mark.parametrize("intent", [Intent.NOISE, Intent.REVIEW, Intent.UPDATE])
def test_what_should_have_been_no_order_needs_no_command(room, ann, intent):
    message = room.say(OPEN)

    reviewing.mark_wrong(message.pk, by=ann, intent=intent)

    assert exported()[0]["expect"] == {"intent": intent.value}


def test_several_orders_are_expected_as_several(room, ann):
    message = room.say(OPEN)

    reviewing.mark_wrong(message.pk, by=ann, intent=Intent.OPEN, text=f"{COMMAND}\nbto 1 SPY {DAY} 605c @ 2")

    assert [order["qty"] for order in exported()[0]["expect"]["orders"]] == [2, 1]


def test_what_an_old_message_meant_is_read_as_of_its_day(room, ann):
    message = room.say(OPEN, ago=timedelta(days=400))
    day = message.posted_at.astimezone(NEW_YORK).date()
    friday = NYSE.session_on_or_before(day + timedelta(days=(4 - day.weekday()) % 7 or 7))

    reviewing.mark_wrong(message.pk, by=ann, intent=Intent.OPEN, text=f"bto 2 SPY {day_word(friday)} 600c")

    assert exported()[0]["expect"]["expiry"] == friday.isoformat()


def test_what_the_message_does_not_say_stays_unsaid_in_the_test_case(room, ann):
    message = room.say(OPEN)

    reviewing.mark_wrong(message.pk, by=ann, intent=Intent.OPEN, text=f"bto ? SPY {DAY} 600c @ ?")

    expect = exported()[0]["expect"]
    assert (expect["qty"], expect["price"], expect["strike"]) == (None, None, 600)


def test_only_marked_messages_are_exported(room):
    room.say(OPEN)

    assert exported() == []


def test_a_mark_without_the_right_reading_is_refused(room, ann, client):
    message = room.say("good morning")

    text = press(client, message, "mark", intent="open", expected="").content.decode()
    assert "There is nothing to read." in text
    assert said(press(client, message, "mark", intent="nonsense")) == [
        "Say what it should have been read as."
    ]
    assert not fresh(message).is_marked_wrong


# --- the list, and who may look -------------------------------------------------------------------


def test_the_list_shows_what_waits_first_longest_waiting_on_top(room, ann, client):
    texts = ["good morning", DOUBTFUL, OPEN, "BTO 3 SPY 600c @ 1.25", "thanks"]
    for text in texts:
        room.say(text)

    rows = client.get(LIST).context["cl"].result_list

    assert [row.text for row in rows] == [DOUBTFUL, "BTO 3 SPY 600c @ 1.25", "thanks", OPEN, "good morning"]


def test_the_list_says_what_each_message_became(room, ann, client):
    room.say(OPEN)

    order = Order.objects.get()
    assert f'href="/admin/orders/order/{order.pk}/change/">#{order.pk}</a> proposed' in (
        client.get(LIST).content.decode()
    )


def test_the_sidebar_counts_what_waits(room, ann, client):
    room.say(DOUBTFUL)
    room.say("move stop to 1.10")

    items = [item for group in client.get(LIST).context["sidebar_navigation"] for item in group["items"]]

    assert [item.get("badge") for item in items if str(item["title"]) == "Messages"] == ["2"]


def test_a_page_that_is_not_there_is_told(room, ann, client):
    assert client.get(f"{LIST}999/change/").status_code == 404
    assert client.get(f"{LIST}x/change/").status_code == 404


def test_without_the_right_to_review_one_only_looks(room, client):
    message = room.say(DOUBTFUL)
    user = make_user("otto", "orders.view_message")
    client.force_login(user)

    text = client.get(page_of(message)).content.decode()
    assert "Complete it" not in text
    for verb, values in (
        ("complete", {"commands": COMMAND}),
        ("dismiss", {"reason": "no"}),
        ("mark", {"intent": "noise"}),
    ):
        assert said(press(client, message, verb, **values)) == ["You need the right to review messages."]
    assert fresh(message).state == "review"


@pytest.mark.parametrize("rights", [(), ("orders.propose_order",)], ids=["none", "only to propose"])
def test_without_the_right_to_look_there_is_no_page(room, client, rights):
    message = room.say(DOUBTFUL)
    client.force_login(make_user("otto", *rights))

    addresses = [LIST, page_of(message), NEW]
    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]
    assert press(client, message, "dismiss", reason="no").status_code == 403


def test_a_reviewer_who_is_no_trader_is_told_so(room, client):
    message = room.say(DOUBTFUL)
    user = make_user("otto", "orders.view_message", "orders.review_message")
    client.force_login(user)

    assert "You have no trader&#x27;s profile" in client.get(page_of(message)).content.decode()
    assert said(press(client, message, "complete", commands=COMMAND)) == [
        "You have no trader's profile: ask the desk's staff to add one."
    ]


def test_buttons_take_a_post_only_and_known_verbs(room, ann, client):
    message = room.say(DOUBTFUL)

    assert client.get(reverse("admin:orders_message_decide", args=(message.pk, "dismiss"))).status_code == 405
    assert client.post(f"{LIST}{message.pk}/explode/now/").status_code == 404
    assert client.post(page_of(message)).status_code == 403


@pytest.mark.parametrize("text", [OPEN, DOUBTFUL, "good morning", "move stop to 1.10"])
def test_the_page_of_every_kind_of_message_answers(room, ann, client, text):
    message = room.say(text)

    assert client.get(page_of(message)).status_code == 200
