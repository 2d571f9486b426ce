"""The first page: what stands out, and how it stays fresh."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from desk.models import Account, Heartbeat
from orders import signs
from orders.models import Break, Message
from tests.factories import (
    make_account,
    make_channel,
    make_environment,
    make_order,
    make_trader,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client):
    user = make_user(
        "ann", "orders.view_order", "orders.view_break", "desk.halt_account", "desk.resume_account"
    )
    client.force_login(user)
    return user


def ask(client, part, had=""):
    return client.get(reverse("desk_live", args=(part,)), {"had": had})


def digest_of(answer):
    return answer.content.decode().split("?had=")[1].split('"')[0]


def section(text, title):
    """Return what stands under a heading."""
    return text.split(f"<h3>{title}")[1].split("</section>")[0]


def heard(text, **over):
    now = timezone.now()
    return Message.objects.create(
        channel=make_channel(), author_name="alerter", text=text, posted_at=now, changed_at=now, **over
    )


def test_the_first_page_groups_orders_by_what_they_need(ann, client):
    waiting, working = make_order(), make_order(status="walking")
    odd = make_order(status="holding", parked_reason="five failures")
    make_order(status="filled")

    text = client.get("/admin/").content.decode()

    assert f"#{waiting.pk}" in section(text, "Waiting for approval")
    assert f"#{working.pk}" in section(text, "At work")
    assert [n for n in (waiting.pk, working.pk, odd.pk) if f"#{n}" in section(text, "Needs a person")] == [
        odd.pk
    ]
    assert "five failures" in section(text, "Needs a person")


def test_a_difference_from_the_brokers_books_needs_a_person(ann, client):
    now = timezone.now()
    Break.objects.create(
        account=make_account(),
        kind="fill",
        key="7",
        sentence="A fill is missing.",
        first_seen_at=now,
        last_seen_at=now,
    )

    text = section(client.get("/admin/").content.decode(), "Needs a person")
    assert ("A fill is missing." in text, "nobody looks after it" in text) == (True, True)


def test_a_difference_says_who_looks_after_it_until_it_is_explained(ann, client):
    now, account = timezone.now(), make_account()
    seen = {"account": account, "kind": "fill differs", "first_seen_at": now, "last_seen_at": now}
    Break.objects.create(key="7", sentence="A fill is missing.", owner=ann, **seen)
    Break.objects.create(key="8", sentence="An old one.", resolved_at=now, **seen)

    text = section(client.get("/admin/").content.decode(), "Needs a person")

    assert ("with ann" in text, "An old one." in text) == (True, False)


def test_differences_are_for_those_who_may_see_them(client):
    now = timezone.now()
    client.force_login(make_user("bob", "orders.view_order"))
    Break.objects.create(
        account=make_account(), kind="fill differs", key="7", sentence="Differs.", first_seen_at=now,
        last_seen_at=now,
    )  # fmt: skip

    assert "Differs." not in client.get("/admin/").content.decode()


def test_a_message_that_waits_for_review_is_on_the_first_page(client):
    client.force_login(make_user("rev", "orders.view_message"))
    waiting = heard("buy some SPY calls", state="review", reason="Which strike?")
    heard("lunch?", state="noise")

    text = section(client.get("/admin/").content.decode(), "Alerts to complete or dismiss")

    assert reverse("admin:orders_message_change", args=(waiting.pk,)) in text
    assert ("buy some SPY calls" in text, "Which strike?" in text, "lunch?" in text) == (True, True, False)


def test_without_the_right_to_see_messages_none_is_on_the_first_page(ann, client):
    heard("buy some SPY calls", state="review")

    assert "buy some SPY calls" not in client.get("/admin/").content.decode()


def test_the_switches_and_trading_states_are_in_sight_with_a_halt_button(ann, client):
    make_environment("production")
    active, halted = (
        make_account(),
        make_account(number="2", nickname="Two", state="halted", state_reason="storm (bob)"),
    )

    text = client.get("/admin/").content.decode()

    accounts = section(text, "Accounts")
    assert "storm (bob)" in accounts
    assert accounts.count("Halt …") == accounts.count("Resume …") == 1
    assert reverse("admin:desk_account_switch", args=(active.pk,)) in accounts
    assert reverse("admin:desk_account_switch", args=(halted.pk,)) in accounts
    assert "PRODUCTION" in section(text, "Environments")


def test_a_change_of_production_that_waits_for_a_second_person_is_in_sight(ann, client):
    production = make_environment("production", stage="canary")
    production.changes.create(
        setting="stage", was="canary", becomes="limited", status="asked",
        asked_by=make_user("bob"), asked_at=timezone.now(),
    )  # fmt: skip

    text = section(client.get("/admin/").content.decode(), "Environments")

    assert "rollout: canary" in text
    assert "bob asks for rollout stage from canary to limited</a>" in text
    assert reverse("admin:desk_environment_change", args=("production",)) in text


def test_staff_without_rights_see_neither_orders_nor_the_kill_switch(client):
    order = make_order()
    client.force_login(make_user("eve"))

    text = client.get("/admin/").content.decode()

    assert f"#{order.pk}" not in text
    assert "Halt …" not in text


@pytest.mark.parametrize(
    ("name", "what", "age_seconds", "detail", "state"),
    [
        pytest.param("bot", "The bot", 5, {}, "alive", id="fresh"),
        pytest.param("bot", "The bot", 60, {}, "silent", id="silent"),
        pytest.param("housekeeping", "The housekeeping", 60, {}, "alive", id="it beats by the minute"),
        pytest.param("housekeeping", "The housekeeping", 600, {}, "silent", id="not for long"),
        pytest.param("stream x", "stream x", 5, {}, "alive", id="a stream"),
        pytest.param("stream x", "stream x", 60, {}, "silent", id="a stream that is gone"),
        pytest.param("broker x", "broker x", 150, {}, "alive", id="a broker is asked by the minute"),
        pytest.param("broker x", "broker x", 240, {}, "silent", id="a broker that was not asked"),
        pytest.param(
            "broker x", "broker x", 5, {"error": "Nobody answers."}, "error", id="a broker in trouble"
        ),
        pytest.param(
            "stream x", "stream x", 5, {"error": "The grant was revoked."}, "error", id="in trouble"
        ),
    ],
)
def test_a_process_is_red_when_silent_or_in_trouble(name, what, age_seconds, detail, state, ann, client):
    beat_at = timezone.now() - timedelta(seconds=age_seconds)
    Heartbeat.objects.create(name=name, beat_at=beat_at, since_at=beat_at, detail=detail)

    text = ask(client, "health").content.decode()

    tone = "desk-green" if state == "alive" else "desk-red"
    assert f'<span class="desk-badge {tone}">{state}</span> <strong>{what}</strong>' in text
    assert detail.get("error", "") in text


def test_an_account_that_is_not_traded_owes_no_sign_of_life(ann, client):
    make_account()
    idle = make_account(environment=make_environment("sandbox"), number="5WX00009")
    for each in Account.objects.all():
        Heartbeat.beat(signs.broker_name(each), now=timezone.now())

    text = ask(client, "health").content.decode()

    assert "<strong>The broker, 5WX00001 (practice)</strong>" in text
    assert signs.broker_name(idle) not in text


def test_a_process_that_never_beat_is_red(ann, client):
    text = ask(client, "health").content.decode()

    assert '<span class="desk-badge desk-red">silent</span> <strong>The bot</strong>' in text
    assert "never seen" in text


@pytest.mark.parametrize(
    ("minutes", "tone"), [pytest.param(1, "green", id="lately"), pytest.param(60, "red", id="long ago")]
)
def test_an_account_that_was_not_reconciled_lately_is_red(minutes, tone, ann, client):
    make_account(reconciled_at=timezone.now() - timedelta(minutes=minutes))

    assert f"desk-text-{tone}" in section(ask(client, "desk").content.decode(), "Accounts")


@pytest.mark.parametrize("part", ["desk", "health"])
def test_a_part_is_sent_again_only_when_it_says_something_new(part, ann, client):
    make_order()
    Heartbeat.beat("bot", now=timezone.now())
    first = ask(client, part)
    again = ask(client, part, digest_of(first))
    make_order()
    Heartbeat.beat("worker", now=timezone.now())

    assert (first.status_code, again.status_code, again.content) == (200, 204, b"")
    assert ask(client, part, digest_of(first)).status_code == 200


def test_the_page_holds_the_parts_as_their_polls_send_them(ann, client):
    make_order()

    text = client.get("/admin/").content.decode()

    assert ask(client, "desk").content.decode() in text


def test_a_poll_costs_no_more_for_three_orders_than_for_one(ann, client, django_assert_max_num_queries):
    make_order()
    ask(client, "desk")
    with django_assert_max_num_queries(20) as one:
        ask(client, "desk")
    for n in (1, 2):
        make_order(trader=make_trader(f"trader{n}"))

    with django_assert_max_num_queries(len(one.captured_queries)):
        ask(client, "desk")


def test_a_page_whose_login_ended_reloads_itself(client):
    answer = ask(client, "desk")

    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (200, "true", b"")


def test_there_is_no_other_part(ann, client):
    assert ask(client, "secrets").status_code == 404


def test_the_sidebar_shows_what_a_person_may_see_and_how_much_waits(ann, client):
    make_order()

    groups = client.get("/admin/").context["sidebar_navigation"]

    assert [[item["title"] for item in group["items"]] for group in groups] == [
        ["The desk now"],
        ["Orders", "Breaks"],
    ]
    assert groups[1]["items"][0]["badge"] == "1"
