"""Preflight: is everything in place to trade? A registry of checks, each with its verdict.

`orders` and `bot` add theirs at start-up. Every check is carried out, whatever the others say, and none
prints a secret or a stack trace.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from desk.logs import redacted
from desk.models import Colour, Environment, PreflightRun

log = logging.getLogger(__name__)
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says, in a sentence for people."""

    colour: Colour
    sentence: str


@dataclass(frozen=True, slots=True)
class Result:
    """A finding with the name of its check; `environment` is empty for the whole desk's."""

    check: str
    environment: str
    colour: Colour
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Check: TypeAlias = Callable[[], Iterable[Finding]]
EnvironmentCheck: TypeAlias = Callable[[str], Iterable[Finding]]
_desk_checks: dict[str, Check] = {}
_environment_checks: dict[str, EnvironmentCheck] = {}


def green(sentence: str) -> Finding:
    return Finding(Colour.GREEN, sentence)


def amber(sentence: str) -> Finding:
    return Finding(Colour.AMBER, sentence)


def red(sentence: str) -> Finding:
    return Finding(Colour.RED, sentence)


def check(name: str) -> Callable[[Check], Check]:
    """Register a check of the whole desk, under the name people read."""

    def registered(function: Check) -> Check:
        _desk_checks[name] = function
        return function

    return registered


def environment_check(name: str) -> Callable[[EnvironmentCheck], EnvironmentCheck]:
    """Register a check that is made once for each environment."""

    def registered(function: EnvironmentCheck) -> EnvironmentCheck:
        _environment_checks[name] = function
        return function

    return registered


def run(environments: Iterable[str]) -> list[Result]:
    """Carry out every check, those of an environment once for each of these."""
    results = [result for name, made in _desk_checks.items() for result in _results(name, "", made)]
    for environment in environments:
        for name, asked in _environment_checks.items():
            results += _results(name, environment, partial(asked, environment))
    return results


def _results(name: str, environment: str, made: Check) -> list[Result]:
    return [Result(name, environment, each.colour, redacted(each.sentence)) for each in _findings(made)]


def _findings(made: Check) -> list[Finding]:
    try:
        return list(made())
    except Exception as error:
        # The one place where any error is an answer: this check did not go through, the others go on.
        log.debug("a check could not be carried out", exc_info=True)
        return [red(f"could not be carried out: {type(error).__name__}: {error}".splitlines()[0])]


def enabled_environments() -> list[str]:
    """Return the environments that are switched on."""
    return list(Environment.objects.filter(is_enabled=True).order_by("name").values_list("name", flat=True))


def is_red(results: Iterable[Result]) -> bool:
    """Whether any check says: do not trade."""
    return any(result.colour is Colour.RED for result in results)


def record(results: Iterable[Result], environments: Iterable[str], *, at: datetime) -> list[PreflightRun]:
    """Write down one run for each environment: the desk's own checks and its own. `at` is its beginning.

    What nothing was switched on is dropped after 90 days.
    """
    results = list(results)
    PreflightRun.objects.filter(at__lt=at - KEPT, changes=None).delete()
    rows = Environment.objects.filter(pk__in=list(environments)).order_by("pk")
    return [_recorded(row, [r for r in results if r.environment in {"", row.pk}], at) for row in rows]


def _recorded(environment: Environment, results: list[Result], at: datetime) -> PreflightRun:
    order = list(Colour)
    worst = max((Colour(r.colour) for r in results), key=order.index, default=Colour.RED)
    return PreflightRun.objects.create(
        environment=environment, at=at, verdict=worst, results=[r.as_json() for r in results]
    )
