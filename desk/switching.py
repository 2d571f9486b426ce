"""The switch of an environment: on and off, dry run, and production's rollout.

Production goes up, which is toward more orders, by two people after a preflight without a red check,
and only one rung of the ladder at a time. It goes down by one person, at once. Practice and the sandbox
are switched by one. Every change is written down.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from desk.models import Account, Colour, Environment, EnvironmentChange, PreflightRun, said
from orders import queue
from orders.enums import EnvironmentName, Stage

Value: TypeAlias = bool | int | str
Setting: TypeAlias = EnvironmentChange.Setting
Status: TypeAlias = EnvironmentChange.Status
LADDER: Final = tuple(Stage)
PREFLIGHT_GOOD_FOR: Final = timedelta(minutes=15)


class NotSwitched(Exception):
    """This change is refused. The text is one sentence for people."""


@transaction.atomic
def request_change(name: str, *, by: User, **becomes: Value) -> EnvironmentChange:
    """Ask for one change, such as `stage="canary"`, and make it at once where one person is enough.

    What comes back is ASKED where a second person has to confirm, else MADE. Raises NotSwitched with the
    sentence why not, ValueError for anything but one known setting with a value of its kind.
    """
    environment, now = _locked(name), timezone.now()
    setting, value = _one_of(becomes)
    _require_person(by, name)
    change = EnvironmentChange(
        environment=environment, setting=setting, was=getattr(environment, setting), becomes=value,
        asked_by=by, asked_at=now,
    )  # fmt: skip
    if change.was == value:
        raise NotSwitched(f"{environment}'s {change.get_setting_display()} is already {said(value)}.")
    _require_possible(change)
    if needs_second_person(change):
        change.preflight, change.status = _good_preflight(environment, now), Status.ASKED
        _require_nothing_asked(environment)
        change.save()
        return change
    change.status = Status.MADE
    _make(change, now)
    return change


@transaction.atomic
def confirm_change(change_id: int, *, by: User) -> EnvironmentChange:
    """Make a change that another person asked for. Raises NotSwitched, also if someone was first."""
    change, now = _asked(change_id), timezone.now()
    _require_person(by, change.environment_id)
    if change.asked_by_id == by.pk:
        raise NotSwitched("You asked for this change: a second person has to confirm it.")
    if getattr(change.environment, change.setting) != change.was:
        raise NotSwitched("It was switched otherwise meanwhile: withdraw this change and ask anew.")
    _require_possible(change)
    change.preflight, change.status = _good_preflight(change.environment, now), Status.CONFIRMED
    change.ended_by = by
    _make(change, now)
    return change


@transaction.atomic
def withdraw_change(change_id: int, *, by: User) -> EnvironmentChange:
    """Take back a change that waits. Whoever may ask for one may withdraw any. Raises NotSwitched."""
    change = _asked(change_id)
    _require_person(by, change.environment_id)
    change.status, change.ended_by, change.ended_at = Status.WITHDRAWN, by, timezone.now()
    change.save()
    return change


def needs_second_person(change: EnvironmentChange) -> bool:
    return change.environment_id == EnvironmentName.PRODUCTION and is_up(
        Setting(change.setting), change.was, change.becomes
    )


def is_up(setting: Setting, was: Value, becomes: Value) -> bool:
    """Whether a change lets more through than before. Pure."""
    if setting is Setting.STAGE:
        return _rung(becomes) > _rung(was)
    if setting is Setting.DRY_RUN:
        return bool(was) and not becomes
    return int(becomes) > int(was)  # off and on count as 0 and 1


def person_fault(user: User, name: str) -> str:
    """Return why this user may not change this environment; empty if he may."""
    if not user.is_active or not user.has_perm("desk.change_environment"):
        return "You need the right to change environments."
    person = getattr(user, "trader", None)
    if person is not None and not person.is_active:
        return "Your desk profile is switched off."
    if person is not None and person.is_practice and name != EnvironmentName.PRACTICE:
        return "Practice users can't switch the sandbox or production: their password is public."
    return ""


def preflight_fault(environment: Environment, last: PreflightRun | None, *, now: datetime) -> str:
    """Return why the environment may not go up on its last preflight; empty if it may."""
    command = f"manage.py preflight --environment {environment.pk}"
    if last is None:
        return f"There is no preflight yet: run {command} first."
    if last.verdict == Colour.RED:
        return f"The last preflight is red: mend what it found and run {command} again."
    if now - last.at > PREFLIGHT_GOOD_FOR:
        minutes = int((now - last.at).total_seconds() // 60)
        return f"The last preflight is {minutes} minutes old, at most 15 count: run {command} again."
    made = environment.changes.filter(status__in=[Status.MADE, Status.CONFIRMED], ended_at__gte=last.at)
    if made.exists():
        return f"The last preflight was made before the last change: run {command} again."
    return ""


def last_preflight(environment: Environment) -> PreflightRun | None:
    return environment.preflights.order_by("-at", "-pk").first()


def _locked(name: str) -> Environment:
    """Return the environment, locked. Its accounts come first: every intent takes that lock.

    So no intent commits past a turned switch. All the environments are locked, in one order, because
    sandbox and production exclude each other.
    """
    list(Account.objects.select_for_update(no_key=True).filter(environment=name).order_by("pk"))
    rows = {row.pk: row for row in Environment.objects.select_for_update(no_key=True).order_by("pk")}
    return rows[name]


def _asked(change_id: int) -> EnvironmentChange:
    """Return a change that waits, read again under the lock of its environment."""
    name = EnvironmentChange.objects.values_list("environment_id", flat=True).get(pk=change_id)
    environment = _locked(name)
    change = EnvironmentChange.objects.select_related("ended_by").get(pk=change_id)
    if change.status != Status.ASKED:
        who = f" by {change.ended_by.get_username()}" if change.ended_by else ""
        raise NotSwitched(f"This change is already {change.get_status_display().lower()}{who}.")
    change.environment = environment
    return change


def _one_of(becomes: Mapping[str, Value]) -> tuple[Setting, Value]:
    if len(becomes) != 1:
        raise ValueError(f"one setting at a time, had {sorted(becomes)}")
    ((name, value),) = becomes.items()
    setting = Setting(name)
    if setting is Setting.STAGE:
        return setting, Stage(str(value)).value
    is_fitting = isinstance(value, bool) is (setting is not Setting.LIMITED_MAX_QUANTITY)
    if not is_fitting or not isinstance(value, int):
        raise ValueError(f"not a value of {setting}: {value!r}")
    return setting, value


def _require_possible(change: EnvironmentChange) -> None:
    """Raise NotSwitched for what nobody may do, however many confirm."""
    name = change.environment_id
    if change.setting == Setting.STAGE:
        _require_next_rung(name, change.was, change.becomes)
    if change.setting == Setting.LIMITED_MAX_QUANTITY and change.becomes < 1:
        raise NotSwitched("The cap is at least one contract; to place nothing, go down the ladder.")
    if change.setting == Setting.IS_ENABLED and change.becomes and name != EnvironmentName.PRACTICE:
        others = Environment.objects.exclude(pk__in=[name, EnvironmentName.PRACTICE])
        for other in others.filter(is_enabled=True):
            raise NotSwitched(f"{other} is on: switch it off first, only one of the two can be on.")


def _require_next_rung(name: str, was: str, becomes: str) -> None:
    if name != EnvironmentName.PRODUCTION:
        raise NotSwitched("Only production has a rollout ladder.")
    if _rung(becomes) > _rung(was) + 1:
        following = LADDER[_rung(was) + 1]
        raise NotSwitched(
            f"One step at a time: after {Stage(was).label.lower()} comes {following.label.lower()}."
        )


def _rung(stage: Value) -> int:
    return LADDER.index(Stage(str(stage)))


def _require_person(user: User, name: str) -> None:
    if fault := person_fault(user, name):
        raise NotSwitched(fault)


def _good_preflight(environment: Environment, now: datetime) -> PreflightRun:
    """Return the newest preflight, if production may go up on it. Raises NotSwitched."""
    last = last_preflight(environment)
    fault = preflight_fault(environment, last, now=now)
    if last is None or fault:
        raise NotSwitched(fault)
    return last


def _require_nothing_asked(environment: Environment) -> None:
    waiting = environment.changes.filter(status=Status.ASKED).select_related("asked_by").first()
    if waiting is not None:
        who = waiting.asked_by.get_username()
        raise NotSwitched(f"{who} has already asked for {waiting.what}: confirm or withdraw that first.")


def _make(change: EnvironmentChange, now: datetime) -> None:
    """Write the change, under the locks. One that goes down takes back what waits to go up."""
    environment, setting = change.environment, Setting(change.setting)
    setattr(environment, setting, change.becomes)
    environment.save(update_fields=[setting.value])
    change.ended_at = now
    change.save()
    if not is_up(setting, change.was, change.becomes):
        waiting = environment.changes.filter(status=Status.ASKED)
        waiting.update(status=Status.WITHDRAWN, ended_by=change.asked_by, ended_at=now)
    if setting is Setting.IS_ENABLED and change.becomes:
        _begin(environment, now)


def _begin(environment: Environment, now: datetime) -> None:
    """Nothing is sent before the accounts were compared anew, and the calendar is written now."""
    environment.accounts.update(reconciled_at=None, reconcile_due_at=now)
    transaction.on_commit(partial(queue.publish, "orders.tasks.write_calendar"))
