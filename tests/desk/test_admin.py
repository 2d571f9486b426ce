"""Who may do what with which row, and that every page answers."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.signing import SignedPackage

from bot.models import DigestPost, Reply, SeenMessage
from desk.models import (
    Account,
    Channel,
    Environment,
    EnvironmentChange,
    Heartbeat,
    PreflightRun,
    RiskLimits,
    StateChange,
    Trader,
    TradingSession,
    WalkPolicy,
)
from orders.audit import digests
from orders.models import (
    Approval,
    Break,
    DayDigest,
    External,
    Fill,
    Leg,
    MassCancel,
    Message,
    Order,
    OrderEvent,
    Placement,
)
from tests.factories import (
    grant,
    make_account,
    make_channel,
    make_environment,
    make_fill,
    make_order,
    make_placement,
    make_trader,
    make_user,
)

pytestmark = pytest.mark.django_db

READ_ONLY = [
    Approval,
    Break,
    DayDigest,
    DigestPost,
    EnvironmentChange,
    External,
    Failure,
    Fill,
    Heartbeat,
    Leg,
    MassCancel,
    Message,
    Order,
    OrderEvent,
    OrmQ,
    Placement,
    PreflightRun,
    Reply,
    Schedule,
    SeenMessage,
    StateChange,
    Success,
    TradingSession,
]
EDITED = [Account, Channel, Trader, WalkPolicy]
FOREIGN = re.compile(r'(?:src|href|action|hx-get|hx-post)="(?:https?:)?//[^"]*"')


def name(model):
    return f"{model._meta.app_label}_{model._meta.model_name}"


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def boss():
    return make_user("boss", is_superuser=True)


@pytest.fixture
def rows():
    """Make one row of every model that the admin shows."""
    now = timezone.now()
    order = make_order()
    RiskLimits.objects.create(account=order.account)
    placement = make_placement(order)
    make_fill(placement)
    order.approvals.create(
        is_yes=True, by=make_user("ann"), via="admin", at=now, quantity=2, bound_price=order.bound_price
    )
    External.objects.create(
        account=order.account, key="1", sentence="a hand", on=now.date(), first_seen_at=now, last_seen_at=now
    )
    Break.objects.create(
        account=order.account,
        kind="fill",
        key="7",
        sentence="A fill differs.",
        first_seen_at=now,
        last_seen_at=now,
    )
    DigestPost.objects.create(digest=digests.write(now), channel=order.channel)
    asked = {"by": "bea", "reason": "drill", "asked_at": now, "due_at": now}
    MassCancel.objects.create(account=order.account, **asked)
    change = {"was": "active", "becomes": "halted", "by": "bea", "at": now}
    StateChange.objects.create(environment=order.account.environment, account=order.account, **change)
    Heartbeat.beat("bot", now=now)
    Message.objects.create(
        channel=order.channel, author_name="tim", text="good morning", posted_at=now, changed_at=now
    )
    make_change(n=0)
    Reply.objects.create(order=order, discord_channel_id=1)
    SeenMessage.objects.create(discord_message_id=1, discord_channel_id=1, seen_at=now)
    TradingSession.objects.create(
        environment=make_environment(),
        kind="Equity",
        day=now.date(),
        opens_at=now,
        closes_at=now + timedelta(hours=6),
    )
    Schedule.objects.create(
        name="reconcile", func="desk.housekeeping.reconcile", schedule_type="I", minutes=1
    )
    run = {"func": "desk.housekeeping.reconcile", "started": now, "stopped": now + timedelta(seconds=1)}
    Success.objects.create(id="1" * 32, name="well", success=True, result="ok", **run)
    Failure.objects.create(
        id="2" * 32, name="ill", success=False, result="Traceback ...\nOSError: gone", **run
    )
    OrmQ.objects.create(
        key="desk", lock=now, payload=SignedPackage.dumps({"func": "desk.housekeeping.reconcile"})
    )
    return order


def registered():
    return sorted(admin.site._registry, key=name)


def test_every_registered_model_is_edited_or_read_only_on_purpose():
    assert {name(m) for m in registered()} == {
        "auth_user",
        "auth_group",
        "desk_environment",
        *(name(m) for m in READ_ONLY + EDITED),
    }


@pytest.mark.parametrize("model", READ_ONLY, ids=name)
def test_nobody_adds_changes_or_deletes_what_services_write(model, rows, boss, client):
    client.force_login(boss)
    pk = model.objects.first().pk

    answers = [
        client.get(reverse(f"admin:{name(model)}_add")).status_code,
        client.post(reverse(f"admin:{name(model)}_add")).status_code,
        client.post(reverse(f"admin:{name(model)}_change", args=(pk,))).status_code,
        client.post(reverse(f"admin:{name(model)}_delete", args=(pk,)), {"post": "yes"}).status_code,
    ]

    assert answers == [403, 403, 403, 403]
    assert model.objects.filter(pk=pk).exists()


@pytest.mark.parametrize("model", READ_ONLY, ids=name)
def test_read_only_rows_can_not_be_deleted_in_bulk(model, rows, boss, client):
    client.force_login(boss)

    client.post(
        reverse(f"admin:{name(model)}_changelist"),
        {"action": "delete_selected", "_selected_action": [model.objects.first().pk], "post": "yes"},
    )

    assert model.objects.count() >= 1


@pytest.mark.parametrize("model", [*READ_ONLY, *EDITED, Environment], ids=name)
def test_rows_are_shown_to_those_with_the_right_to_view_them(model, rows, client):
    client.force_login(make_user("eve"))
    address = reverse(f"admin:{name(model)}_changelist")
    page = reverse(f"admin:{name(model)}_change", args=(model.objects.first().pk,))
    without = [client.get(address).status_code, client.get(page).status_code]
    grant(make_user("eve"), f"{model._meta.app_label}.view_{model._meta.model_name}")

    assert without == [403, 403]
    assert [client.get(address).status_code, client.get(page).status_code] == [200, 200]


@pytest.mark.parametrize("model", registered(), ids=name)
def test_every_page_answers_shows_the_environment_and_names_no_foreign_host(model, rows, boss, client):
    client.force_login(boss)
    pk = model.objects.first().pk if model.objects.exists() else None
    addresses = [reverse(f"admin:{name(model)}_changelist")]
    if pk is not None:
        addresses.append(reverse(f"admin:{name(model)}_change", args=(pk,)))
        addresses.append(reverse(f"admin:{name(model)}_history", args=(pk,)))
    if model in EDITED:
        addresses.append(reverse(f"admin:{name(model)}_add"))

    for address in addresses:
        answer = client.get(address)
        text = answer.content.decode()
        assert (address, answer.status_code) == (address, 200)
        assert re.search(r"bg-green-100[^>]*>\s*practice\s*<", text), address
        assert FOREIGN.findall(text) == []
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("model", [m for m in registered() if name(m) != "auth_group"], ids=name)
def test_lists_ask_the_database_no_more_for_three_rows_than_for_one(
    model, rows, boss, client, django_assert_max_num_queries
):
    client.force_login(boss)
    address = reverse(f"admin:{name(model)}_changelist")
    client.get(address)
    with django_assert_max_num_queries(60) as one:
        client.get(address)
    for n in (1, 2):
        more_rows(n)

    with django_assert_max_num_queries(len(one.captured_queries)):
        assert client.get(address).status_code == 200


def more_rows(n):
    """Make one more row of what has a list worth counting."""
    now = timezone.now()
    trader = make_trader(f"trader{n}")
    account = make_account(number=f"5WX0001{n}", nickname="")
    channel_of = {"discord_channel_id": 3000 + n, "name": f"c{n}", "account": account}
    order = make_order(trader=trader)
    Channel.objects.create(policy=order.policy, **channel_of)
    WalkPolicy.objects.create(name=f"p{n}")
    make_fill(make_placement(order))
    order.approvals.create(
        is_yes=False, by=trader.user, via="admin", at=now, quantity=2, bound_price=order.bound_price
    )
    External.objects.create(
        account=account, key=str(n), sentence="x", on=now.date(), first_seen_at=now, last_seen_at=now
    )
    Break.objects.create(
        account=account, kind="fill", key=str(n), sentence="x", first_seen_at=now, last_seen_at=now
    )
    Reply.objects.create(order=order, discord_channel_id=1)
    make_change(n)


def make_change(n):
    """Make one preflight, and one change that was made on it by two people."""
    now = timezone.now()
    run = PreflightRun.objects.create(
        environment=make_environment("production"), at=now, verdict="amber",
        results=[{"check": "clock", "environment": "production", "colour": "amber", "sentence": "3 s apart"}],
    )  # fmt: skip
    run.environment.changes.create(
        setting="stage", was="off", becomes="dry_run", status="confirmed", preflight=run, asked_at=now,
        asked_by=make_user(f"asker{n}"), ended_by=make_user(f"other{n}"), ended_at=now,
    )  # fmt: skip


# --- environments ---------------------------------------------------------------------------------


RIGHTS = ("desk.view_environment", "desk.change_environment")


def press(client, environment, act, **values):
    """Press a button of the switch as the page draws it; return the page that follows."""
    address = reverse("admin:desk_environment_switch", args=(environment, act))
    page = reverse("admin:desk_environment_change", args=(environment,))
    assert f'action="{address}"' in client.get(page).content.decode()
    return client.post(address, values, follow=True)


def stands(environment):
    row = Environment.objects.get(pk=environment)
    return row.is_enabled, row.stage, row.dry_run


def checked(verdict="green", **over):
    finding = {"check": "clock", "environment": "production", "colour": verdict, "sentence": "3 s apart"}
    values = {"at": timezone.now(), "verdict": verdict, "results": [finding]} | over
    return PreflightRun.objects.create(environment_id="production", **values)


def test_one_person_switches_the_sandbox(client):
    make_environment("sandbox")
    client.force_login(make_user("eve", *RIGHTS))

    answer = press(client, "sandbox", "ask", setting="is_enabled", value="on")

    assert (stands("sandbox")[0], messages_of(answer)) == (
        True, ["Sandbox: switch from off to on, made."],
    )  # fmt: skip


def test_production_goes_up_by_two_people(client):
    make_environment("production", is_enabled=True, stage="dry_run")
    checked()
    client.force_login(make_user("ann", *RIGHTS))
    asked = press(client, "production", "ask", setting="stage", value="canary")
    waiting = EnvironmentChange.objects.get()
    before = stands("production")
    client.force_login(make_user("bob", *RIGHTS))

    confirmed = press(client, "production", "confirm", change=waiting.pk)

    assert messages_of(asked) == [
        "Production: rollout stage from dry run to canary, waits for a second person."
    ]
    assert before == (True, "dry_run", False)
    assert messages_of(confirmed) == ["Production: rollout stage from dry run to canary, confirmed."]
    assert stands("production") == (True, "canary", False)


def test_whoever_asked_has_no_confirm_button_and_is_refused_anyway(client):
    make_environment("production", is_enabled=True, stage="dry_run")
    checked()
    client.force_login(make_user("ann", *RIGHTS))
    page = press(client, "production", "ask", setting="stage", value="canary").content.decode()
    waiting = EnvironmentChange.objects.get()
    address = reverse("admin:desk_environment_switch", args=("production", "confirm"))

    answer = client.post(address, {"change": waiting.pk}, follow=True)

    assert address not in page
    assert "You asked for it: a second person has to confirm." in page
    assert messages_of(answer) == ["You asked for this change: a second person has to confirm it."]
    assert stands("production") == (True, "dry_run", False)


def test_a_change_that_waits_is_withdrawn_with_a_button(client):
    make_environment("production", is_enabled=True, stage="dry_run")
    checked()
    client.force_login(make_user("ann", *RIGHTS))
    press(client, "production", "ask", setting="stage", value="canary")

    press(client, "production", "withdraw", change=EnvironmentChange.objects.get().pk)

    assert EnvironmentChange.objects.get().status == "withdrawn"


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        pytest.param("stage", "off", (True, "off", False), id="down the ladder"),
        pytest.param("is_enabled", "off", (False, "full", False), id="off"),
        pytest.param("dry_run", "on", (True, "full", True), id="into dry run"),
    ],
)
def test_one_person_takes_production_down_whatever_the_preflight(setting, value, expected, client):
    make_environment("production", is_enabled=True, stage="full")
    checked("red")
    client.force_login(make_user("ann", *RIGHTS))

    press(client, "production", "ask", setting=setting, value=value)

    assert stands("production") == expected


def test_the_page_shows_the_ladder_the_preflight_and_why_there_is_no_way_up(client):
    make_environment("production", is_enabled=True, stage="canary")
    run = checked("red", at=timezone.now() - timedelta(minutes=20))
    client.force_login(make_user("ann", *RIGHTS))

    text = client.get(reverse("admin:desk_environment_change", args=("production",))).content.decode()

    assert re.findall(r'aria-current="step">\s*<strong>(.*?)</strong>', text) == ["canary"]
    assert re.findall(r"<strong>(off|dry run|canary|limited|full)</strong>", text) == [
        "off", "dry run", "canary", "limited", "full",
    ]  # fmt: skip
    assert "Not up from here: The last preflight is red" in text
    assert f"Number {run.pk}, begun" in text
    assert "3 s apart" in text
    assert re.findall(r'<button class="desk-button[^"]*">(.*?)</button>', text) == [
        "Switch off", "Dry run on", "Stage down to off", "Stage down to dry run", "Set the cap",
    ]  # fmt: skip


def test_the_ways_up_are_offered_on_a_good_preflight(client):
    make_environment("production", dry_run=True)
    checked()
    client.force_login(make_user("ann", *RIGHTS))

    text = client.get(reverse("admin:desk_environment_change", args=("production",))).content.decode()

    assert re.findall(r'<button class="desk-button[^"]*">(.*?)</button>', text) == [
        "Ask: switch on", "Ask: dry run off", "Ask: stage up to dry run", "Set the cap",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "values", "sentence"),
    [
        ("production", {"setting": "stage", "value": "sky"}, "The form asked for nothing that can be switched."),
        ("production", {"setting": "name", "value": "on"}, "The form asked for nothing that can be switched."),
        ("production", {}, "The form asked for nothing that can be switched."),
        ("production", {"setting": "limited_max_quantity", "value": "-3"}, "Write the cap as a whole number."),
        ("sandbox", {"setting": "stage", "value": "full"}, "Only production has a rollout ladder."),
    ],
)  # fmt: skip
def test_a_form_that_asks_for_nonsense_is_told_so(environment, values, sentence, boss, client):
    make_environment(environment)
    client.force_login(boss)

    assert messages_of(press(client, environment, "ask", **values)) == [sentence]


def test_the_cap_is_lowered_by_one_and_raised_by_two(client):
    make_environment("production")
    checked()
    client.force_login(make_user("ann", *RIGHTS))

    press(client, "production", "ask", setting="limited_max_quantity", value="3")
    checked()
    press(client, "production", "ask", setting="limited_max_quantity", value="9")

    assert Environment.objects.get(pk="production").limited_max_quantity == 3
    assert [c.status for c in EnvironmentChange.objects.order_by("pk")] == ["made", "asked"]


def test_a_person_who_may_only_look_has_no_button_and_is_refused(client):
    make_environment("production", is_enabled=True)
    client.force_login(make_user("eve", "desk.view_environment"))
    address = reverse("admin:desk_environment_switch", args=("production", "ask"))

    text = client.get(reverse("admin:desk_environment_change", args=("production",))).content.decode()
    answer = client.post(address, {"setting": "is_enabled", "value": "off"}, follow=True)

    assert (address in text, "You need the right to change environments." in text) == (False, True)
    assert messages_of(answer) == ["You need the right to change environments."]
    assert stands("production")[0] is True


def test_the_switch_answers_to_posts_of_those_who_may_look_and_to_known_acts_only(boss, client):
    make_environment("production")
    client.force_login(make_user("eve"))
    ask = reverse("admin:desk_environment_switch", args=("production", "ask"))
    stranger = client.post(ask, {"setting": "is_enabled", "value": "off"}).status_code
    client.force_login(boss)

    answers = [
        client.get(ask).status_code,
        client.post(reverse("admin:desk_environment_switch", args=("production", "burn"))).status_code,
        client.post(reverse("admin:desk_environment_switch", args=("nowhere", "ask"))).status_code,
        client.post(
            reverse("admin:desk_environment_switch", args=("production", "confirm")), {"change": "77"}
        ).status_code,
    ]

    assert (stranger, answers) == (403, [405, 404, 404, 404])


def test_the_form_of_an_environment_turns_no_switch(boss, client, monkeypatch):
    make_environment("production")
    client.force_login(boss)
    read = admin.site._registry[Environment].get_object

    def read_then_dry(*args, **kwargs):
        found = read(*args, **kwargs)
        Environment.objects.update(dry_run=True)
        return found

    monkeypatch.setattr(admin.site._registry[Environment], "get_object", read_then_dry)
    client.post(
        reverse("admin:desk_environment_change", args=("production",)),
        {"quote_delay_seconds": "900", "is_enabled": "on", "stage": "full", "limited_max_quantity": "99"},
    )

    row = Environment.objects.get(pk="production")
    assert stands("production") == (False, "off", True)
    assert (row.quote_delay_seconds, row.limited_max_quantity) == (900, 5)


@pytest.mark.parametrize("may", [True, False])
def test_which_channels_go_first_in_production_is_for_those_who_switch_it(may, client):
    channel = make_channel()
    client.force_login(make_user("eve", "desk.change_channel", *(RIGHTS if may else ())))

    page = client.get(reverse("admin:desk_channel_change", args=(channel.pk,))).content.decode()

    assert ('name="is_canary"' in page) is may


def test_environments_are_neither_added_nor_deleted(boss, client):
    make_environment()
    client.force_login(boss)

    assert client.get(reverse("admin:desk_environment_add")).status_code == 403
    assert (
        client.post(reverse("admin:desk_environment_delete", args=("practice",)), {"post": "yes"}).status_code
        == 403
    )


@pytest.mark.parametrize(
    ("enabled", "text", "variant"),
    [
        pytest.param(["practice"], "practice", "bg-green-100", id="practice is green"),
        pytest.param(["practice", "sandbox"], "sandbox + practice", "bg-orange-100", id="sandbox is amber"),
        pytest.param(
            ["practice", "production"], "production + practice", "bg-red-100", id="production is red"
        ),
        pytest.param([], "everything off", "bg-blue-100", id="nothing is on"),
    ],
)
def test_every_page_is_badged_by_the_riskiest_environment_that_is_on(enabled, text, variant, boss, client):
    for environment in ("practice", "sandbox", "production"):
        make_environment(environment, is_enabled=environment in enabled)
    client.force_login(boss)

    page = client.get(reverse("admin:desk_account_changelist")).content.decode()

    assert re.search(rf"{variant}[^>]*>\s*{re.escape(text)}\s*<", page)


# --- accounts -------------------------------------------------------------------------------------


def turn(client, account, **values):
    return client.post(reverse("admin:desk_account_switch", args=(account.pk,)), values, follow=True)


def test_one_button_halts_an_account_and_keeps_the_reason(client):
    account = make_account()
    client.force_login(make_user("eve", "desk.halt_account", "desk.view_account"))

    answer = turn(client, account, turn="halt", reason="odd fills")

    account.refresh_from_db()
    assert (account.state, account.state_reason) == ("halted", "odd fills (eve)")
    assert messages_of(answer) == ["Practice one (practice) is halted."]


def test_a_halt_can_cancel_what_is_at_work(client):
    order = make_order(status="walking")
    client.force_login(make_user("eve", "desk.halt_account", "desk.view_account"))

    answer = turn(client, order.account, turn="halt", cancel="on")

    order.refresh_from_db()
    assert (order.cancel_requested_by, order.cancel_reason) == ("eve", "halted in the admin")
    assert messages_of(answer) == ["Practice one (practice) is halted. Asked to cancel: 1 order."]


def test_whoever_halted_an_account_can_not_resume_it(client):
    account = make_account()
    client.force_login(make_user("eve", "desk.halt_account", "desk.resume_account", "desk.view_account"))
    turn(client, account, turn="halt")

    answer = turn(client, account, turn="resume")

    account.refresh_from_db()
    assert account.state == "halted"
    assert messages_of(answer)[-1].endswith("You halted it: a second person has to resume trading.")


def test_a_second_person_resumes_a_halted_account(client):
    account = make_account(state="halted", state_reason="odd fills (eve)")
    client.force_login(make_user("ann", "desk.resume_account", "desk.view_account"))

    turn(client, account, turn="resume")

    account.refresh_from_db()
    assert (account.state, account.state_reason) == ("active", "")


@pytest.mark.parametrize("state", ["active", "halted"])
def test_the_kill_switch_is_for_those_with_the_right(state, client):
    account = make_account(state=state)
    client.force_login(make_user("eve", "desk.view_account", "desk.change_account"))

    assert turn(client, account, turn="halt").status_code == 403
    assert turn(client, account, turn="resume").status_code == 403
    account.refresh_from_db()
    assert account.state == state


def test_a_right_to_resume_is_no_right_to_halt(client):
    account = make_account(state="halted")
    client.force_login(make_user("eve", "desk.view_account", "desk.resume_account"))

    assert turn(client, account, turn="halt").status_code == 403


@pytest.mark.parametrize("action", ["halt_selected", "halt_and_cancel_selected"])
def test_accounts_are_halted_in_bulk_with_a_message_each(action, client):
    accounts = [make_account(), make_account(number="5WX00002", nickname="Two")]
    client.force_login(make_user("eve", "desk.halt_account", "desk.view_account"))

    answer = client.post(
        reverse("admin:desk_account_changelist"),
        {"action": action, "_selected_action": [a.pk for a in accounts]},
        follow=True,
    )

    assert set(Account.objects.values_list("state", flat=True)) == {"halted"}
    assert len(messages_of(answer)) == 2


def test_saving_an_account_does_not_undo_a_halt_that_came_meanwhile(boss, client, monkeypatch):
    account = make_account()
    client.force_login(boss)
    read = admin.site._registry[Account].get_object

    def read_then_halted(*args, **kwargs):
        found = read(*args, **kwargs)
        Account.objects.filter(pk=account.pk).update(state="halted")
        return found

    monkeypatch.setattr(admin.site._registry[Account], "get_object", read_then_halted)
    limits = {"limits-TOTAL_FORMS": "0", "limits-INITIAL_FORMS": "0"}
    client.post(
        reverse("admin:desk_account_change", args=(account.pk,)),
        {"nickname": "New name", "is_allowed": "on"} | limits,
    )

    account.refresh_from_db()
    assert (account.nickname, account.state) == ("New name", "halted")


def test_an_account_never_moves_to_another_environment(boss, client):
    account = make_account()
    make_environment("sandbox")
    client.force_login(boss)

    client.post(
        reverse("admin:desk_account_change", args=(account.pk,)),
        {"environment": "sandbox", "number": "X", "limits-TOTAL_FORMS": "0", "limits-INITIAL_FORMS": "0"},
    )

    account.refresh_from_db()
    assert (account.environment_id, account.number) == ("practice", "5WX00001")


# --- people ---------------------------------------------------------------------------------------


def test_staff_who_may_edit_users_can_not_hand_out_rights(client):
    eve = make_user("eve", "auth.change_user", "auth.view_user")
    client.force_login(eve)

    client.post(
        reverse("admin:auth_user_change", args=(eve.pk,)),
        {"username": "eve", "is_active": "on", "is_staff": "on", "is_superuser": "on", "first_name": "Eve",
         "trader-TOTAL_FORMS": "0", "trader-INITIAL_FORMS": "0"},
    )  # fmt: skip

    eve.refresh_from_db()
    assert (eve.first_name, eve.is_superuser) == ("Eve", False)


def test_staff_can_not_touch_the_login_of_a_superuser(boss, client):
    client.force_login(make_user("eve", "auth.change_user", "auth.view_user"))

    password = client.post(
        reverse("admin:auth_user_password_change", args=(boss.pk,)),
        {"password1": "a-new-password-42", "password2": "a-new-password-42"},
    )

    assert password.status_code == 403
    assert (
        client.post(reverse("admin:auth_user_change", args=(boss.pk,)), {"username": "x"}).status_code == 403
    )


def test_staff_can_not_give_a_trader_production_or_take_the_practice_mark_away(client):
    trader = make_trader(is_practice=True)
    client.force_login(make_user("eve", "desk.change_trader"))

    client.post(
        reverse("admin:desk_trader_change", args=(trader.pk,)),
        {"discord_user_id": "77", "is_active": "on", "may_trade_production": "on"},
    )

    trader.refresh_from_db()
    assert (trader.discord_user_id, trader.may_trade_production, trader.is_practice) == (77, False, True)
