"""Preflight: every check tells, whatever the others do, and none tells a secret."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from bot import preflight as of_the_bot
from desk import desk_preflight, health, preflight
from desk.models import Colour, Environment, Heartbeat, PreflightRun
from desk.preflight import Finding, amber, green, red
from orders import preflight as of_the_orders
from tests.factories import make_account, make_channel, make_environment, make_trader

DRY = amber("dry-run: nothing will be placed")
NOT_ON = "production is switched off in the admin: nothing is sent before two people switch it on"


@pytest.fixture
def registry(monkeypatch):
    """Two empty registries to fill."""
    desk, environments = {}, {}
    monkeypatch.setattr(preflight, "_desk_checks", desk)
    monkeypatch.setattr(preflight, "_environment_checks", environments)
    return desk, environments


def boom():
    raise RuntimeError("no route\nto anywhere")


def test_a_check_that_breaks_is_red_in_one_line_and_the_others_go_on(registry):
    registry[0].update(first=boom, second=lambda: [green("fine")])

    assert [(r.check, r.colour, r.sentence) for r in preflight.run([])] == [
        ("first", Colour.RED, "could not be carried out: RuntimeError: no route"),
        ("second", Colour.GREEN, "fine"),
    ]


def test_a_check_of_an_environment_is_made_once_for_each(registry):
    registry[1]["asked"] = lambda name: [green(f"of {name}")]

    found = preflight.run(["practice", "sandbox"])

    assert [(r.environment, r.sentence) for r in found] == [
        ("practice", "of practice"), ("sandbox", "of sandbox"),
    ]  # fmt: skip


def test_a_secret_in_a_sentence_is_blanked(registry, settings):
    settings.DISCORD_TOKEN = "very-secret-token"
    registry[0]["leaks"] = lambda: [red("login with very-secret-token failed")]

    assert preflight.run([])[0].sentence == "login with <DISCORD_TOKEN> failed"


@pytest.mark.django_db
def test_the_command_ends_with_one_when_a_check_is_red(registry, capsys):
    registry[0].update(good=lambda: [green("fine")], bad=lambda: [red("not fine")])

    with pytest.raises(SystemExit) as ended:
        call_command("preflight")

    assert ended.value.code == 1
    assert capsys.readouterr().out == ("ok    good: fine\nSTOP  bad: not fine\nRed: 1. Do not trade.\n")


@pytest.mark.django_db
def test_the_command_tells_in_json_too_and_ends_well_without_a_red_one(registry, capsys):
    registry[0]["good"] = lambda: [green("fine")]

    call_command("preflight", "--json")

    assert json.loads(capsys.readouterr().out) == [
        {"check": "good", "environment": "", "colour": "green", "sentence": "fine"}
    ]


@pytest.mark.django_db
def test_each_run_is_written_down_for_its_environment_with_the_worst_verdict(registry):
    for name in ("practice", "sandbox"):
        make_environment(name, is_enabled=True)
    registry[0]["desk"] = lambda: [amber("look")]
    registry[1]["keys"] = lambda name: [red("stop") if name == "sandbox" else green("fine")]
    began = timezone.now()

    with pytest.raises(SystemExit):
        call_command("preflight")

    runs = PreflightRun.objects.order_by("environment")
    assert [(r.environment_id, r.verdict, [x["sentence"] for x in r.results]) for r in runs] == [
        ("practice", "amber", ["look", "fine"]), ("sandbox", "red", ["look", "stop"]),
    ]  # fmt: skip
    assert all(began <= run.at <= timezone.now() for run in runs)


@pytest.mark.django_db
def test_a_run_without_a_single_finding_is_red(registry):
    make_environment()

    call_command("preflight")

    assert PreflightRun.objects.get().verdict == "red"


@pytest.mark.django_db
def test_runs_are_kept_for_ninety_days_and_those_that_switched_something_longer(registry):
    production, now = make_environment("production"), timezone.now()
    long_ago = now - timedelta(days=91)
    kept, _dropped = (preflight.record([], ["production"], at=long_ago)[0] for _ in range(2))
    production.changes.create(
        setting="stage", was="off", becomes="dry_run", status="asked", preflight=kept,
        asked_by=make_trader().user, asked_at=long_ago,
    )  # fmt: skip

    fresh = preflight.record([], ["production"], at=now)[0]

    assert set(PreflightRun.objects.all()) == {kept, fresh}


@pytest.mark.django_db
@pytest.mark.parametrize("check", [of_the_orders.stream, of_the_orders.reconciled, of_the_orders.calendar])
def test_what_begins_with_productions_switch_does_not_hold_it_back(check):
    make_account(environment=make_environment("production"))
    before = list(check("production"))

    Environment.objects.filter(pk="production").update(is_enabled=True)

    assert before == [amber("begins when production is switched on: look again then")]
    assert [each.colour for each in check("production")] == [Colour.RED]


@pytest.mark.django_db
def test_active_practice_people_beside_a_live_environment_are_red():
    make_trader("tessa", is_practice=True)
    calm = list(desk_preflight.practice_people())

    make_environment("sandbox", is_enabled=True)

    assert calm == [green("1 active, and no live environment is on")]
    assert list(desk_preflight.practice_people()) == [
        red("tessa are active beside a live environment: run manage.py practice --off")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "over", "process", "expected"),
    [
        pytest.param("practice", {}, {}, [green("every key agrees on practice")], id="practice"),
        pytest.param(
            "practice", {}, {"PRACTICE_EXCHANGE_URL": "http://10.0.0.1:1"},
            [red("PRACTICE_EXCHANGE_URL is not a loopback address")], id="practice elsewhere",
        ),
        pytest.param(
            "practice", {"is_enabled": False}, {}, [red("practice is switched off in the admin")], id="off"
        ),
        pytest.param(
            "sandbox", {"is_enabled": True}, {"TASTYTRADE_USE_SANDBOX": False},
            [red("sandbox needs TASTYTRADE_USE_SANDBOX=true")], id="sandbox against the process",
        ),
        pytest.param(
            "sandbox", {"is_enabled": True, "dry_run": True}, {},
            [green("every key agrees on sandbox"), DRY],
            id="dry-run",
        ),
        pytest.param(
            "production", {"is_enabled": True}, {"TASTYTRADE_USE_SANDBOX": False},
            [amber("production's rollout stage is off: nothing is sent"), DRY],
            id="production without a stage",
        ),
        pytest.param(
            "production", {}, {"TASTYTRADE_USE_SANDBOX": False}, [amber(NOT_ON), DRY],
            id="production that waits for its switch",
        ),
        pytest.param(
            "production", {}, {}, [red("production needs TASTYTRADE_USE_SANDBOX=false"), DRY],
            id="production against the process",
        ),
        pytest.param(
            "production", {"is_enabled": True, "stage": "full"}, {"TASTYTRADE_USE_SANDBOX": False},
            [green("every key agrees on production")], id="production",
        ),
    ],
)  # fmt: skip
def test_the_keys_of_an_environment(settings, name, over, process, expected):
    settings.PRACTICE_EXCHANGE_URL = "http://127.0.0.1:1"
    for key, value in process.items():
        setattr(settings, key, value)
    make_environment(name, **over)

    assert list(desk_preflight.environment_keys(name)) == expected


@pytest.mark.django_db
def test_an_environment_without_an_allowed_account_is_red():
    make_account(is_allowed=False)

    assert list(desk_preflight.allowed_accounts("practice")) == [
        red("no account of practice is allowed in the admin")
    ]


@pytest.mark.django_db
def test_a_production_account_must_be_in_the_settings_too(settings):
    settings.TASTYTRADE_PRODUCTION_ACCOUNTS = ["5WT1"]
    for number in ("5WT1", "5WT2"):
        make_account(environment=make_environment("production"), number=number)

    assert list(desk_preflight.allowed_accounts("production")) == [
        green("allowed: 5WT1, 5WT2"), red("not in TASTYTRADE_PRODUCTION_ACCOUNTS: 5WT2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "colour"),
    [(0, Colour.GREEN), (1.9, Colour.GREEN), (-1.9, Colour.GREEN), (5, Colour.AMBER), (-11, Colour.RED)],
)
def test_clocks_are_judged_by_how_far_they_are_apart(seconds, colour):
    ours = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)

    finding = of_the_orders.skew_finding(ours + timedelta(seconds=seconds), ours)

    assert finding.colour is colour


@pytest.mark.django_db
def test_an_account_that_was_never_compared_with_the_broker_is_red():
    account = make_account()
    before = list(of_the_orders.reconciled("practice"))

    account.reconciled_at = timezone.now() - timedelta(minutes=6)
    account.save()

    assert before == [red("5WX00001: not yet compared with the broker: nothing will be sent")]
    assert [each.colour for each in of_the_orders.reconciled("practice")] == [Colour.AMBER]


@pytest.mark.django_db
def test_a_revoked_or_missing_grant_is_one_red_sentence(settings):
    settings.TASTYTRADE_SANDBOX_CLIENT_SECRET = ""
    make_account(environment=make_environment("sandbox"), number="5WT1")

    (finding,) = of_the_orders.account("sandbox")

    assert finding.colour is Colour.RED
    assert "TASTYTRADE_SANDBOX_CLIENT_SECRET" in finding.sentence


def test_a_queue_that_is_down_is_red_and_its_address_is_not_told(registry, settings):
    settings.CELERY_BROKER_URL = "redis://:hunter2-password@127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    registry[0]["queue"] = of_the_orders.queue

    (result,) = preflight.run([])

    assert result.colour is Colour.RED
    assert "hunter2" not in result.sentence


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (1 << 18, green("it may read messages")),
        (1 << 19, green("it may read messages")),
        (1 << 15, red("switch on Message Content Intent under Bot in Discord's developer portal")),
    ],
)
def test_the_bot_must_be_allowed_to_read_messages(flags, expected):
    found = list(of_the_bot.findings({"name": "Desk", "flags": flags}))

    assert found == [green("Discord knows the bot as Desk"), expected]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_said_to_be_refused(status):
    assert of_the_bot.refusal(status) == red(
        "Discord refuses the token in DISCORD_TOKEN: make a new one in the developer portal"
    )


def test_a_discord_that_does_not_answer_is_red(settings):
    settings.DISCORD_TOKEN, settings.DISCORD_API_URL = "some-token", "http://127.0.0.1:1/api/v10"

    (finding,) = of_the_bot.token()

    assert finding.colour is Colour.RED
    assert finding.sentence.startswith("http://127.0.0.1:1/api/v10 does not answer")


@pytest.mark.django_db
def test_a_desk_without_channels_listens_nowhere():
    before = list(of_the_bot.channels())

    make_channel(name="orders")

    assert before == [red("no channel is on the allow-list: messages are answered nowhere")]
    assert list(of_the_bot.channels()) == [
        green("listening in #orders"),
        amber("#orders has no trader who may ask there"),
    ]


@pytest.mark.django_db
def test_a_process_is_alive_while_its_last_sign_is_young(monkeypatch):
    monkeypatch.setattr(health, "_expected", {})
    health.expect("bot", "The bot", timedelta(seconds=30))
    now = timezone.now()
    never = [(each.is_alive, each.sentence) for each in health.signs(now)]
    Heartbeat.beat("bot", now=now)

    young, old = (health.signs(now + timedelta(seconds=age))[0] for age in (29, 31))

    assert never == [(False, "The bot has never shown a sign of life")]
    assert (young.is_alive, old.is_alive) == (True, False)
    assert old.sentence == "The bot: last sign of life 31 s ago"


def test_every_part_of_the_desk_has_registered_its_checks():
    names = {*preflight._desk_checks, *preflight._environment_checks}

    assert names == {
        "database", "practice people", "processes", "queue", "Discord token", "channels",
        "keys of the environment", "allowed accounts", "credentials and account", "clock",
        "account stream", "reconciled", "session calendar",
    }  # fmt: skip
    assert set(health._expected) == {"worker", "housekeeping", "bot"}


def test_a_finding_is_a_value():
    assert red("x") == Finding(Colour.RED, "x")
