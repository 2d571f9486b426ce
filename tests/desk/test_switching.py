"""The switch: production goes up by two people after a good preflight, and down by one at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from desk.models import Account, Environment, EnvironmentChange, PreflightRun
from desk.switching import NotSwitched, confirm_change, is_up, request_change, withdraw_change
from tests.factories import make_account, make_environment, make_trader, make_user

pytestmark = pytest.mark.django_db
RIGHT = "desk.change_environment"
Setting = EnvironmentChange.Setting


@pytest.fixture
def ann():
    return make_user("ann", RIGHT)


@pytest.fixture
def bob():
    return make_user("bob", RIGHT)


def production(**over):
    """Return production, switched on and at dry run."""
    return make_environment("production", **{"is_enabled": True, "stage": "dry_run"} | over)


def preflight(verdict="green", minutes=0, environment="production"):
    """Write down a preflight that began so many minutes ago."""
    at = timezone.now() - timedelta(minutes=minutes)
    return PreflightRun.objects.create(environment_id=environment, at=at, verdict=verdict, results=[])


def now(name="production"):
    """Return (switch, stage, dry run, cap) as they stand in the database."""
    row = Environment.objects.get(pk=name)
    return row.is_enabled, row.stage, row.dry_run, row.limited_max_quantity


# --- two people -----------------------------------------------------------------------------------


def test_one_asks_and_another_confirms_on_a_good_preflight(ann, bob):
    production()
    asked_on = preflight()

    asked = request_change("production", by=ann, stage="canary")
    before = now()
    confirmed_on = preflight("amber")
    made = confirm_change(asked.pk, by=bob)

    assert (asked.status, asked.preflight, before) == ("asked", asked_on, (True, "dry_run", False, 5))
    assert now() == (True, "canary", False, 5)
    assert (made.status, made.asked_by, made.ended_by, made.preflight) == (
        "confirmed",
        ann,
        bob,
        confirmed_on,
    )
    assert asked.asked_at <= made.ended_at <= timezone.now()
    assert str(made) == "production: rollout stage from dry run to canary"


@pytest.mark.parametrize(
    ("over", "wanted", "expected"),
    [
        pytest.param({"is_enabled": False}, {"is_enabled": True}, (True, "dry_run", False, 5), id="on"),
        pytest.param(
            {"stage": "off"}, {"stage": "dry_run"}, (True, "dry_run", False, 5), id="the first rung"
        ),
        pytest.param({"stage": "limited"}, {"stage": "full"}, (True, "full", False, 5), id="the last rung"),
        pytest.param({"dry_run": True}, {"dry_run": False}, (True, "dry_run", False, 5), id="out of dry run"),
        pytest.param({}, {"limited_max_quantity": 6}, (True, "dry_run", False, 6), id="a higher cap"),
    ],
)
def test_each_way_up_takes_two_people(over, wanted, expected, ann, bob):
    production(**over)
    preflight()
    before = now()

    asked = request_change("production", by=ann, **wanted)

    assert (asked.status, now()) == ("asked", before)
    confirm_change(asked.pk, by=bob)
    assert now() == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"is_enabled": False}, (False, "full", False, 5), id="off"),
        pytest.param({"stage": "limited"}, (True, "limited", False, 5), id="one rung"),
        pytest.param({"stage": "off"}, (True, "off", False, 5), id="all rungs at once"),
        pytest.param({"dry_run": True}, (True, "full", True, 5), id="into dry run"),
        pytest.param({"limited_max_quantity": 1}, (True, "full", False, 1), id="a lower cap"),
    ],
)
def test_each_way_down_takes_one_person_and_no_preflight(wanted, expected, ann):
    production(stage="full")

    change = request_change("production", by=ann, **wanted)

    assert (change.status, change.ended_by, change.preflight, now()) == ("made", None, None, expected)


def test_the_same_person_can_not_confirm(ann):
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")

    with pytest.raises(NotSwitched, match="You asked for this change: a second person has to confirm it"):
        confirm_change(asked.pk, by=ann)

    assert now() == (True, "dry_run", False, 5)


def test_two_people_are_needed_even_where_one_may_approve_his_own_orders(ann, settings):
    settings.FOUR_EYES = False
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")

    with pytest.raises(NotSwitched, match="a second person"):
        confirm_change(asked.pk, by=ann)


def test_the_database_holds_no_change_confirmed_by_who_asked(ann):
    row = production()

    with pytest.raises(IntegrityError), transaction.atomic():
        row.changes.create(
            setting="stage", was="off", becomes="dry_run", status="confirmed", asked_by=ann, ended_by=ann,
            asked_at=timezone.now(),
        )  # fmt: skip


def people():
    """Return by name who may not switch production, each for a reason of his own."""
    retired = make_user("retired", RIGHT)
    retired.is_active = False
    retired.save()
    return {
        "nobody": make_user("eve"),
        "retired": retired,
        "idle": make_trader("idle", user=make_user("idle", RIGHT), is_active=False).user,
        "practice": make_trader("bea", user=make_user("bea", is_superuser=True), is_practice=True).user,
    }


REFUSALS = {
    "nobody": "You need the right to change environments.",
    "retired": "You need the right to change environments.",
    "idle": "Your desk profile is switched off.",
    "practice": "Practice users can't switch the sandbox or production: their password is public.",
}


@pytest.mark.parametrize("who", REFUSALS)
def test_who_may_neither_ask_nor_confirm_nor_withdraw_nor_go_down(who, ann):
    production()
    preflight()
    asked, person = request_change("production", by=ann, stage="canary"), people()[who]

    said = []
    for attempt in (
        lambda: request_change("production", by=person, dry_run=True),
        lambda: request_change("production", by=person, stage="off"),
        lambda: confirm_change(asked.pk, by=person),
        lambda: withdraw_change(asked.pk, by=person),
    ):
        with pytest.raises(NotSwitched) as refused:
            attempt()
        said.append(str(refused.value))

    assert (said, now()) == ([REFUSALS[who]] * 4, (True, "dry_run", False, 5))


# --- the preflight --------------------------------------------------------------------------------

RUN = "manage.py preflight --environment production"


def nothing():
    """Leave production without a preflight."""


def red_after_green():
    preflight(minutes=2)
    preflight("red", minutes=1)


def green_before_the_last_change():
    preflight(minutes=2)
    request_change("production", by=make_user("carl", RIGHT), dry_run=True)


BAD = {
    "none": (nothing, f"There is no preflight yet: run {RUN} first."),
    "another environment's": (
        lambda: (make_environment("sandbox"), preflight(environment="sandbox")),
        f"There is no preflight yet: run {RUN} first.",
    ),
    "red": (red_after_green, f"The last preflight is red: mend what it found and run {RUN} again."),
    "stale": (
        lambda: preflight(minutes=16),
        f"The last preflight is 16 minutes old, at most 15 count: run {RUN} again.",
    ),
    "before the last change": (
        green_before_the_last_change,
        f"The last preflight was made before the last change: run {RUN} again.",
    ),
}


@pytest.mark.parametrize(("bad", "sentence"), BAD.values(), ids=BAD)
def test_production_is_not_asked_to_go_up_on_a_bad_preflight(bad, sentence, ann):
    production()
    bad()

    with pytest.raises(NotSwitched) as refused:
        request_change("production", by=ann, stage="canary")

    assert (str(refused.value), now()[1]) == (sentence, "dry_run")


@pytest.mark.parametrize("name", ["red", "stale"])
def test_nor_does_it_go_up_if_the_preflight_went_bad_since(name, ann, bob):
    bad, sentence = BAD[name]
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")
    PreflightRun.objects.update(at=timezone.now() - timedelta(hours=1))
    bad()

    with pytest.raises(NotSwitched) as refused:
        confirm_change(asked.pk, by=bob)

    assert (str(refused.value), now()[1]) == (sentence, "dry_run")


def test_a_preflight_of_fifteen_minutes_still_counts(ann, bob):
    production()
    preflight(minutes=14)

    asked = request_change("production", by=ann, stage="canary")

    assert confirm_change(asked.pk, by=bob).status == "confirmed"


def test_each_step_up_needs_a_preflight_of_its_own(ann, bob):
    production()
    preflight()
    confirm_change(request_change("production", by=ann, stage="canary").pk, by=bob)

    with pytest.raises(NotSwitched, match="was made before the last change"):
        request_change("production", by=ann, stage="limited")


# --- what nobody may do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "over", "wanted", "sentence"),
    [
        ("production", {"stage": "off"}, {"stage": "canary"}, "One step at a time: after off comes dry run."),
        ("production", {"stage": "canary"}, {"stage": "full"}, "One step at a time: after canary comes limited."),
        ("production", {}, {"stage": "dry_run"}, "Production's rollout stage is already dry run."),
        ("production", {}, {"is_enabled": True}, "Production's switch is already on."),
        ("production", {}, {"limited_max_quantity": 0},
         "The cap is at least one contract; to place nothing, go down the ladder."),
        ("sandbox", {"stage": "off"}, {"stage": "dry_run"}, "Only production has a rollout ladder."),
    ],
)  # fmt: skip
def test_what_is_refused_to_everybody(name, over, wanted, sentence, ann):
    make_environment(name, **{"is_enabled": True, "stage": "dry_run"} | over)
    preflight(environment=name)

    with pytest.raises(NotSwitched) as refused:
        request_change(name, by=ann, **wanted)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("name", "other"), [("production", "sandbox"), ("sandbox", "production")], ids=["production", "sandbox"]
)
def test_only_one_of_sandbox_and_production_is_on(name, other, ann):
    make_environment(name)
    make_environment(other, is_enabled=True)
    preflight(environment=name)

    with pytest.raises(NotSwitched) as refused:
        request_change(name, by=ann, is_enabled=True)

    assert str(refused.value) == (
        f"{other.capitalize()} is on: switch it off first, only one of the two can be on."
    )


def test_the_sandbox_that_came_on_meanwhile_stops_a_confirmation(ann, bob):
    production(is_enabled=False)
    preflight()
    asked = request_change("production", by=ann, is_enabled=True)
    make_environment("sandbox", is_enabled=True)

    with pytest.raises(NotSwitched, match="Sandbox is on: switch it off first"):
        confirm_change(asked.pk, by=bob)


@pytest.mark.parametrize(
    "wanted",
    [{}, {"is_enabled": True, "dry_run": False}, {"name_": True}, {"stage": "sky"}, {"dry_run": "no"},
     {"is_enabled": 1}, {"limited_max_quantity": True}],
    ids=str,
)  # fmt: skip
def test_a_request_names_one_known_setting_with_a_value_of_its_kind(wanted, ann):
    production()

    with pytest.raises((ValueError, TypeError)):
        request_change("production", by=ann, **wanted)


# --- one at a time, and taken back ----------------------------------------------------------------


def test_one_change_waits_at_a_time(ann, bob):
    production(dry_run=True)
    preflight()
    request_change("production", by=ann, stage="canary")

    with pytest.raises(NotSwitched) as refused:
        request_change("production", by=bob, dry_run=False)

    assert str(refused.value) == (
        "ann has already asked for rollout stage from dry run to canary: confirm or withdraw that first."
    )


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_change_that_waits_is_withdrawn_by_whoever_may_ask(who, ann, bob):
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")

    withdrawn = withdraw_change(asked.pk, by={"ann": ann, "bob": bob}[who])

    assert (withdrawn.status, withdrawn.ended_by.username, now()[1]) == ("withdrawn", who, "dry_run")
    with pytest.raises(NotSwitched, match=f"This change is already withdrawn by {who}"):
        confirm_change(asked.pk, by=bob)


def test_going_down_takes_back_what_waits_to_go_up(ann, bob):
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")

    request_change("production", by=bob, is_enabled=False)

    asked.refresh_from_db()
    assert (asked.status, asked.ended_by) == ("withdrawn", bob)


# --- the others, and what a switch begins ---------------------------------------------------------


@pytest.mark.parametrize("name", ["practice", "sandbox"])
def test_practice_and_sandbox_are_switched_by_one_person_and_written_down(name, ann):
    make_environment(name, is_enabled=False)

    changes = [request_change(name, by=ann, is_enabled=value) for value in (True, False)]

    assert [(c.status, c.was, c.becomes, c.asked_by) for c in changes] == [
        ("made", False, True, ann), ("made", True, False, ann),
    ]  # fmt: skip
    assert now(name)[0] is False


def test_practice_people_switch_practice(ann):
    make_environment(is_enabled=False)
    bea = make_trader("bea", user=make_user("bea", RIGHT), is_practice=True).user

    request_change("practice", by=bea, is_enabled=True)

    assert now("practice")[0] is True


def test_an_environment_that_comes_on_sends_nothing_before_its_books_were_compared(ann):
    account = make_account(environment=make_environment("sandbox"), reconciled_at=timezone.now())
    other = make_account(reconciled_at=timezone.now())

    request_change("sandbox", by=ann, is_enabled=True)

    account.refresh_from_db()
    assert account.reconciled_at is None
    assert account.reconcile_due_at <= timezone.now()
    assert Account.objects.get(pk=other.pk).reconciled_at is not None


def test_up_is_what_lets_more_through():
    assert [is_up(Setting.IS_ENABLED, a, b) for a, b in ((False, True), (True, False))] == [True, False]
    assert [is_up(Setting.DRY_RUN, a, b) for a, b in ((False, True), (True, False))] == [False, True]
    assert [is_up(Setting.LIMITED_MAX_QUANTITY, 5, n) for n in (4, 6)] == [False, True]
    assert [is_up(Setting.STAGE, "canary", s) for s in ("off", "dry_run", "limited", "full")] == [
        False, False, True, True,
    ]  # fmt: skip


# --- at the same time -----------------------------------------------------------------------------


def together(*calls):
    """Run every call on a thread and a connection of its own; return what each said."""
    gate = threading.Barrier(len(calls))

    def one(call):
        try:
            gate.wait(10)
            return call().status
        except NotSwitched as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_wins(ann, bob):
    carl = make_user("carl", RIGHT)
    production()
    preflight()
    asked = request_change("production", by=ann, stage="canary")

    said = together(*[lambda p=p: confirm_change(asked.pk, by=p) for p in (bob, carl)])

    asked.refresh_from_db()
    winner = asked.ended_by.username
    assert sorted(said) == [f"This change is already confirmed by {winner}.", "confirmed"]
    assert now() == (True, "canary", False, 5)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_one_waits(ann, bob):
    production()
    preflight()

    said = together(*[lambda p=p: request_change("production", by=p, stage="canary") for p in (ann, bob)])

    waiting = EnvironmentChange.objects.get()
    refusal = f"{waiting.asked_by} has already asked for {waiting.what}: confirm or withdraw that first."
    assert sorted(said) == sorted(["asked", refusal])


@pytest.mark.django_db(transaction=True)
def test_sandbox_and_production_never_come_on_together(ann, bob):
    make_environment("sandbox")
    production(is_enabled=False)
    preflight()
    asked = request_change("production", by=ann, is_enabled=True)

    said = together(
        lambda: confirm_change(asked.pk, by=bob), lambda: request_change("sandbox", by=ann, is_enabled=True)
    )

    assert len([each for each in said if each.endswith("only one of the two can be on.")]) == 1
    assert sorted([now()[0], now("sandbox")[0]]) == [False, True]
