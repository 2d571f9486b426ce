"""May this go there? Where any key disagrees the answer is no, never elsewhere."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from desk.models import Account, Environment, Trader
from orders.enums import EnvironmentName, Stage
from orders.verdicts import Verdict

CODE = "ENVIRONMENT_KEYS_DISAGREE"


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key that has to turn before an order may go to its environment."""

    environment: str
    account_environment: str
    is_enabled: bool
    account_is_allowed: bool
    account_is_listed: bool  # in TASTYTRADE_PRODUCTION_ACCOUNTS
    trader_may_trade_production: bool
    trader_is_practice: bool
    stage: str
    process_uses_sandbox: bool
    practice_url: str


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine by a loopback address or `localhost`."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def disagreement(keys: Keys) -> str:
    """Return the sentence about the first key that disagrees; empty when all agree. Pure."""
    if keys.account_environment != keys.environment:
        return f"the account belongs to {keys.account_environment}, the order to {keys.environment}"
    if not keys.is_enabled:
        return f"{keys.environment} is switched off in the admin"
    if not keys.account_is_allowed:
        return "the account is not on the allow-list"
    check = {
        EnvironmentName.PRACTICE: _practice,
        EnvironmentName.SANDBOX: _sandbox,
        EnvironmentName.PRODUCTION: _production,
    }
    return check[EnvironmentName(keys.environment)](keys)


def _practice(keys: Keys) -> str:
    if not is_loopback(keys.practice_url):
        return "PRACTICE_EXCHANGE_URL is not a loopback address"
    return ""


def _live(keys: Keys) -> str:
    return "a practice trader can't trade outside practice" if keys.trader_is_practice else ""


def _sandbox(keys: Keys) -> str:
    if not keys.process_uses_sandbox:
        return "the process runs with TASTYTRADE_USE_SANDBOX=false, the order is for the sandbox"
    return _live(keys)


def _production(keys: Keys) -> str:
    if keys.process_uses_sandbox:
        return "the process runs with TASTYTRADE_USE_SANDBOX=true, the order is for production"
    if not keys.account_is_listed:
        return "the account is not in TASTYTRADE_PRODUCTION_ACCOUNTS"
    if not keys.trader_may_trade_production:
        return "the trader is not allowed to trade production"
    if keys.stage == Stage.OFF:
        return "production's rollout stage is off"
    return _live(keys)


def keys_for(environment_name: str, account: Account, trader: Trader) -> Keys:
    """Read the keys as they stand now; call inside the transaction that commits the intent."""
    environment = Environment.objects.get(pk=environment_name)
    return Keys(
        environment=environment_name,
        account_environment=account.environment_id,
        is_enabled=environment.is_enabled,
        account_is_allowed=account.is_allowed,
        account_is_listed=account.number in settings.TASTYTRADE_PRODUCTION_ACCOUNTS,
        trader_may_trade_production=trader.may_trade_production,
        trader_is_practice=trader.is_practice,
        stage=environment.stage,
        process_uses_sandbox=settings.TASTYTRADE_USE_SANDBOX,
        practice_url=settings.PRACTICE_EXCHANGE_URL,
    )


def seal(environment_name: str, account: Account, trader: Trader) -> Verdict:
    """Return the verdict on every key of an order's environment."""
    sentence = disagreement(keys_for(environment_name, account, trader))
    return Verdict(CODE, not sentence, sentence or f"every key agrees on {environment_name}")


def is_live_enabled() -> bool:
    """Whether sandbox or production is on."""
    return Environment.objects.exclude(pk=EnvironmentName.PRACTICE).filter(is_enabled=True).exists()


def is_dry_run(environment: Environment, *, asked: bool = False) -> bool:
    """Of every dry-run setting and the stage the most careful wins."""
    staged = environment.name == EnvironmentName.PRODUCTION and environment.stage in {
        Stage.OFF,
        Stage.DRY_RUN,
    }
    return asked or environment.dry_run or settings.TASTYTRADE_DRY_RUN or staged
