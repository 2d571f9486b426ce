"""The switch: where any key disagrees nothing is sent, and never elsewhere."""

from dataclasses import replace

import pytest

from desk.environments import Keys, disagreement, is_loopback

PRACTICE = Keys(
    environment="practice", account_environment="practice", is_enabled=True, account_is_allowed=True,
    account_is_listed=False, trader_may_trade_production=False, trader_is_practice=True, stage="off",
    process_uses_sandbox=True, practice_url="http://127.0.0.1:8810",
)  # fmt: skip
SANDBOX = replace(
    PRACTICE, environment="sandbox", account_environment="sandbox", trader_is_practice=False, practice_url=""
)
PRODUCTION = replace(
    SANDBOX, environment="production", account_environment="production", account_is_listed=True,
    trader_may_trade_production=True, stage="full", process_uses_sandbox=False,
)  # fmt: skip


@pytest.mark.parametrize("keys", [PRACTICE, SANDBOX, PRODUCTION], ids=lambda k: k.environment)
def test_all_keys_agree(keys):
    assert disagreement(keys) == ""


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (replace(PRACTICE, practice_url="http://exchange.example.com"), "PRACTICE_EXCHANGE_URL is not a loopback address"),
        (replace(PRACTICE, practice_url=""), "PRACTICE_EXCHANGE_URL is not a loopback address"),
        (replace(PRACTICE, is_enabled=False), "practice is switched off in the admin"),
        (replace(SANDBOX, is_enabled=False), "sandbox is switched off in the admin"),
        (replace(SANDBOX, account_environment="production"), "the account belongs to production, the order to sandbox"),
        (replace(SANDBOX, account_is_allowed=False), "the account is not on the allow-list"),
        (replace(SANDBOX, trader_is_practice=True), "a practice trader can't trade outside practice"),
        (replace(SANDBOX, process_uses_sandbox=False),
         "the process runs with TASTYTRADE_USE_SANDBOX=false, the order is for the sandbox"),
        (replace(PRODUCTION, process_uses_sandbox=True),
         "the process runs with TASTYTRADE_USE_SANDBOX=true, the order is for production"),
        (replace(PRODUCTION, account_is_listed=False), "the account is not in TASTYTRADE_PRODUCTION_ACCOUNTS"),
        (replace(PRODUCTION, trader_may_trade_production=False), "the trader is not allowed to trade production"),
        (replace(PRODUCTION, stage="off"), "production's rollout stage is off"),
        (replace(PRODUCTION, trader_is_practice=True), "a practice trader can't trade outside practice"),
    ],
)  # fmt: skip
def test_each_key_alone_forbids(keys, sentence):
    assert disagreement(keys) == sentence


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8810", True),
        ("http://[::1]:8810", True),
        ("http://localhost:8810", True),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("https://api.tastyworks.com", False),
        ("", False),
    ],
)
def test_is_loopback(url, expected):
    assert is_loopback(url) is expected
