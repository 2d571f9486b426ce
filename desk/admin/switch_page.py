"""The switch on the page of an environment: how it stands, what waits, and what may be asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.safestring import SafeString

from desk import switching
from desk.admin.base import ago, badge
from desk.models import Colour, Environment, EnvironmentChange, PreflightRun
from desk.switching import Setting, Value
from orders.enums import EnvironmentName, Stage

TONES: Mapping[str, str] = {Colour.GREEN: "green", Colour.AMBER: "amber", Colour.RED: "red"}
WORST_FIRST = [Colour.RED, Colour.AMBER, Colour.GREEN]
SHOWN_CHANGES = 12


class BadRequest(ValueError):
    """The form named no setting, or a value that it can't have. The text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Button:
    """One change that a person may ask for."""

    setting: str
    value: str
    label: str
    is_up: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage of the rollout ladder, as it is drawn."""

    label: str
    meaning: str
    is_now: bool
    is_reached: bool


MEANINGS: Mapping[Stage, str] = {
    Stage.OFF: "nothing is sent",
    Stage.DRY_RUN: "the broker is asked what it would do",
    Stage.CANARY: "one contract per order, from channels marked for it",
    Stage.LIMITED: "at most {} contracts per order",
    Stage.FULL: "within the limits of the account",
}


def context(environment: Environment, user: User, *, now: datetime) -> dict[str, Any]:
    """Return what the page shows of the switch."""
    is_production = environment.name == EnvironmentName.PRODUCTION
    last = switching.last_preflight(environment)
    changes = list(environment.changes.select_related("asked_by", "ended_by").order_by("-pk")[:SHOWN_CHANGES])
    return {
        "environment": environment,
        "is_production": is_production,
        "fault": switching.person_fault(user, environment.name),
        "rungs": list(_rungs(environment)) if is_production else [],
        "waiting": next((c for c in changes if c.status == EnvironmentChange.Status.ASKED), None),
        "buttons": list(_buttons(environment)),
        "not_up": switching.preflight_fault(environment, last, now=now) if is_production else "",
        "preflight": last,
        "preflight_age": ago(last.at) if last else "",
        "verdict": _verdict(last) if last else "",
        "findings": _findings(last) if last else [],
        "changes": changes,
    }


def _rungs(environment: Environment) -> Iterator[Rung]:
    now = switching.LADDER.index(Stage(environment.stage))
    for index, stage in enumerate(switching.LADDER):
        meaning = MEANINGS[stage].format(environment.limited_max_quantity)
        yield Rung(_word(stage), meaning, index == now, index <= now)


def _buttons(environment: Environment) -> Iterator[Button]:
    """Return what is possible from here: up by one rung, down by any, the switches the other way."""
    on = environment.is_enabled
    yield Button(Setting.IS_ENABLED, "off" if on else "on", "Switch off" if on else "Switch on", not on)
    dry = environment.dry_run
    yield Button(Setting.DRY_RUN, "off" if dry else "on", "Dry run off" if dry else "Dry run on", dry)
    if environment.name != EnvironmentName.PRODUCTION:
        return
    rung = switching.LADDER.index(Stage(environment.stage))
    for index, stage in enumerate(switching.LADDER[: rung + 2]):
        if index != rung:
            way = "Stage up" if index > rung else "Stage down"
            yield Button(Setting.STAGE, stage, f"{way} to {_word(stage)}", index > rung)


def wanted(posted: Mapping[str, str]) -> dict[str, Value]:
    """Return the change that a form asks for. Raises BadRequest."""
    name, value = posted.get("setting", ""), posted.get("value", "").strip()
    if name in {Setting.IS_ENABLED, Setting.DRY_RUN} and value in {"on", "off"}:
        return {name: value == "on"}
    if name == Setting.STAGE and value in Stage.values:
        return {name: value}
    if name == Setting.LIMITED_MAX_QUANTITY and value.isdecimal() and len(value) < 7:
        return {name: int(value)}
    raise BadRequest("Write the cap as a whole number." if name == Setting.LIMITED_MAX_QUANTITY else
                     "The form asked for nothing that can be switched.")  # fmt: skip


def _word(stage: Stage) -> str:
    return stage.value.replace("_", " ")


def _verdict(run: PreflightRun) -> SafeString:
    return badge(run.verdict, TONES[run.verdict])


def _findings(run: PreflightRun) -> list[tuple[SafeString, str, str]]:
    """Return each check with its colour and sentence, the worst first."""
    found = sorted(run.results, key=lambda each: WORST_FIRST.index(each["colour"]))
    return [(badge(f["colour"], TONES[f["colour"]]), f["check"], f["sentence"]) for f in found]
