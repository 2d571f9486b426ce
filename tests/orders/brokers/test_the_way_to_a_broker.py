import logging
import multiprocessing
import os
import subprocess
import sys

import pytest

from orders.brokers import close_brokers, get_broker, loop
from orders.brokers.base import CredentialsRefused, HostNotSealed
from tests.orders.brokers.samples import ACCOUNT

LOADED = "import sys, {module}; print([m for m in ('tastytrade', 'pandas', 'httpx2') if m in sys.modules])"


@pytest.mark.parametrize("module", ["orders.brokers", "orders.brokers.base"])
def test_importing_the_brokers_loads_no_sdk(module):
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module=module)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "desk.settings"},
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "TASTYTRADE_SANDBOX_CLIENT_SECRET and TASTYTRADE_SANDBOX_REFRESH_TOKEN"),
        ({"TASTYTRADE_SANDBOX_CLIENT_SECRET": "s"}, "TASTYTRADE_SANDBOX_REFRESH_TOKEN"),
    ],
    ids=["both", "one"],
)
def test_an_environment_without_credentials_is_refused_in_one_sentence(settings, monkeypatch, given, missing):
    monkeypatch.setenv("TT_SECRET", "someone else's")
    monkeypatch.setenv("TT_REFRESH", "someone else's")
    settings.TASTYTRADE_SANDBOX_CLIENT_SECRET = settings.TASTYTRADE_SANDBOX_REFRESH_TOKEN = ""
    for name, value in given.items():
        setattr(settings, name, value)

    with pytest.raises(CredentialsRefused) as refused:
        get_broker("sandbox", ACCOUNT)

    assert str(refused.value) == f"Sandbox has no credentials: set {missing}."


def test_practice_away_from_loopback_is_refused(settings):
    settings.PRACTICE_EXCHANGE_URL = "http://exchange.example:8810"

    with pytest.raises(HostNotSealed):
        get_broker("practice", ACCOUNT)


def test_foreign_secrets_leave_the_process(server, broker_at, monkeypatch):
    monkeypatch.setenv("TT_SECRET", "someone else's")

    broker_at(server.url)

    assert "TT_SECRET" not in os.environ


def test_the_sdk_never_speaks_below_warning(server, broker_at):
    broker_at(server.url)

    assert logging.getLogger("tastytrade").level == logging.WARNING


def test_a_process_has_one_broker_an_account(server, broker_at):
    broker = broker_at(server.url)

    assert get_broker("practice", ACCOUNT) is broker
    assert get_broker("practice", "5WT00002") is not broker
    assert (broker.environment, broker.account_number) == ("practice", ACCOUNT)


def test_a_closed_broker_opens_again(server, broker_at):
    broker_at(server.url).refresh()
    close_brokers()

    broker_at(server.url).refresh()

    assert server.paths() == ["POST /oauth/token", "POST /oauth/token"]


def test_closing_twice_is_safe():
    close_brokers()
    close_brokers()


def _refreshed_in_child(url: str) -> int:
    """Run in a forked child, whose parent has a loop and a broker of its own."""
    get_broker("practice", ACCOUNT).refresh()
    close_brokers()
    return 0


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_makes_its_own_loop_and_session(server, broker_at):
    broker_at(server.url).refresh()
    before = loop.running()

    child = multiprocessing.get_context("fork").Process(target=_refreshed_in_child, args=(server.url,))
    child.start()
    child.join(10)

    assert child.exitcode == 0
    assert server.paths() == ["POST /oauth/token", "POST /oauth/token"]
    assert loop.running() is before
