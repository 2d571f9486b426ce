"""The preflight checks of the desk itself: database, keys of the environments, people, processes."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from desk import environments, health
from desk.models import Account, Environment, Trader
from desk.preflight import Finding, amber, check, environment_check, green, red
from orders.enums import EnvironmentName, Stage


@check("database")
def database() -> Iterator[Finding]:
    """Reachable, and its tables as this version wants them."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield red(f"{len(missing)} migrations are not applied: run manage.py migrate")
    else:
        yield green(f"{connection.vendor}, every migration applied")


@check("practice people")
def practice_people() -> Iterator[Finding]:
    """Their password is public: none may be active while another environment is on."""
    names = list(
        Trader.objects.filter(is_practice=True, is_active=True, user__is_active=True)
        .order_by("user__username")
        .values_list("user__username", flat=True)
    )
    if names and environments.is_live_enabled():
        yield red(f"{', '.join(names)} are active beside a live environment: run manage.py practice --off")
    else:
        yield green(f"{len(names)} active, and no live environment is on")


@check("processes")
def processes() -> Iterator[Finding]:
    """Each has shown a sign of life lately."""
    for sign in health.signs(timezone.now()):
        yield green(sign.sentence) if sign.is_alive else red(sign.sentence)


@environment_check("keys of the environment")
def environment_keys(name: str) -> Iterator[Finding]:
    """The switch, the process's own setting and the rollout stage agree."""
    environment = Environment.objects.filter(pk=name).first()
    if environment is None or (not environment.is_enabled and name != EnvironmentName.PRODUCTION):
        yield red(f"{name} is switched off in the admin")
        return
    if sentence := _disagreement(environment):
        yield red(sentence)
    elif name == EnvironmentName.PRODUCTION and (waits := _not_yet(environment)):
        yield amber(waits)
    else:
        yield green(f"every key agrees on {name}")
    if environments.is_dry_run(environment):
        yield amber("dry-run: nothing will be placed")


def _not_yet(production: Environment) -> str:
    """Say which of production's own keys are not turned: the preflight comes before they are."""
    if not production.is_enabled:
        return "production is switched off in the admin: nothing is sent before two people switch it on"
    return "production's rollout stage is off: nothing is sent" if production.stage == Stage.OFF else ""


def _disagreement(environment: Environment) -> str:
    if environment.name == EnvironmentName.PRACTICE:
        is_near = environments.is_loopback(settings.PRACTICE_EXCHANGE_URL)
        return "" if is_near else "PRACTICE_EXCHANGE_URL is not a loopback address"
    wants_sandbox = environment.name == EnvironmentName.SANDBOX
    if settings.TASTYTRADE_USE_SANDBOX is not wants_sandbox:
        return f"{environment.name} needs TASTYTRADE_USE_SANDBOX={str(wants_sandbox).lower()}"
    return ""


@environment_check("allowed accounts")
def allowed_accounts(name: str) -> Iterator[Finding]:
    """At least one account may be traded; production's are also named in the settings."""
    numbers = set(Account.objects.filter(environment=name, is_allowed=True).values_list("number", flat=True))
    if not numbers:
        yield red(f"no account of {name} is allowed in the admin")
        return
    yield green(f"allowed: {', '.join(sorted(numbers))}")
    unlisted = numbers - set(settings.TASTYTRADE_PRODUCTION_ACCOUNTS)
    if name == EnvironmentName.PRODUCTION and unlisted:
        yield red(f"not in TASTYTRADE_PRODUCTION_ACCOUNTS: {', '.join(sorted(unlisted))}")
