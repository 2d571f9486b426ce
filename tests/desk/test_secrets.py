"""Secrets stay out of whatever the desk writes: its lines, its rows, its queue, its pages."""

import io
import logging
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from bot.practice import world
from desk.logs import Redact, UtcFormatter, redacted
from desk.running.chat_hand import ChatHand
from desk.running.demo_day import Contracts, never, now, still
from desk.running.practice_rows import PASSWORD
from desk.running.welcome import example_expiry, example_listed
from orders.brokers.credentials import PRACTICE
from tests.bot.practice.chat_fixture import running_chat
from tests.chaos.desks import ROOT, running_desk, wait_until

NAMES = (
    "SECRET_KEY",
    "DISCORD_TOKEN",
    "TASTYTRADE_SANDBOX_CLIENT_SECRET",
    "TASTYTRADE_SANDBOX_REFRESH_TOKEN",
    "TASTYTRADE_PRODUCTION_CLIENT_SECRET",
    "TASTYTRADE_PRODUCTION_REFRESH_TOKEN",
)

# --- a line ---------------------------------------------------------------------------------------


@pytest.fixture
def secrets(settings):
    """Give every setting that holds a secret one of its own, and return them by name."""
    found = {name: f"hush-{name.lower()}-0a1b2c" for name in NAMES}
    for name, secret in found.items():
        setattr(settings, name, secret)
    return found


@pytest.fixture
def wrote():
    """Give a logger with the handler of the settings, and what it wrote."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Redact())
    handler.setFormatter(UtcFormatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("test of secrets")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, written.getvalue
    logger.removeHandler(handler)


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_is_blanked_in_a_message_and_in_its_arguments(name, secrets, wrote):
    log, written = wrote

    log.info(f"login with {secrets[name]}")
    log.warning("login with %s of %s", secrets[name], {"held": secrets[name]})

    assert written() == (f"INFO login with <{name}>\nWARNING login with <{name}> of {{'held': '<{name}>'}}\n")


def test_a_secret_is_blanked_in_a_traceback_and_in_the_error_it_came_from(secrets, wrote):
    log, written = wrote

    def refused():
        raise OSError(f"refused {secrets['DISCORD_TOKEN']}")

    def login():
        try:
            refused()
        except OSError as error:
            raise RuntimeError(f"no login: {secrets['SECRET_KEY']}") from error

    try:
        login()
    except RuntimeError:
        log.exception("it broke", stack_info=True)

    said = written()
    assert [secret for secret in secrets.values() if secret in said] == []
    assert "OSError: refused <DISCORD_TOKEN>" in said
    assert "RuntimeError: no login: <SECRET_KEY>" in said
    assert "Stack (most recent call last)" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer eyJhbGciOi.J9.x-y_z", "Authorization: Bearer <token>"),
        ("Authorization: Bot MTI3.Gh0st.abcdef", "Authorization: Bot <token>"),
        ("the Bot said hello to Ann", "the Bot said hello to Ann"),
    ],
)
def test_a_bearer_token_that_no_setting_knows_is_blanked(text, expected):
    assert redacted(text) == expected


def test_a_secret_that_begins_like_another_leaves_no_end(secrets, settings):
    settings.DISCORD_TOKEN = secrets["SECRET_KEY"] + "-and-its-end"

    assert redacted(f"{settings.DISCORD_TOKEN} {settings.SECRET_KEY}") == "<DISCORD_TOKEN> <SECRET_KEY>"


def test_the_passwords_of_database_and_queue_are_blanked(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "hush-database")
    settings.CELERY_BROKER_URL = "amqp://desk:hush-queue@10.0.0.1/desk"

    assert redacted("hush-database, hush-queue") == "<DATABASE_URL>, <CELERY_BROKER_URL>"


def test_arguments_that_do_not_fit_break_nobody_and_hide_nothing_else(secrets, wrote):
    log, written = wrote

    log.info("%d orders of %s", "two", secrets["DISCORD_TOKEN"])

    assert written() == "INFO %d orders of %s ('two', '<DISCORD_TOKEN>')\n"


def test_a_setting_without_a_secret_blanks_nothing(settings):
    for name in NAMES[1:]:  # Django itself refuses an empty key
        setattr(settings, name, "")

    assert redacted("two orders") == "two orders"


# --- a whole desk ---------------------------------------------------------------------------------

PAGES = (
    "/admin/", "/admin/orders/order/", "/admin/orders/order/1/change/", "/admin/orders/placement/",
    "/admin/desk/environment/practice/change/", "/admin/desk/preflightrun/", "/admin/desk/heartbeat/",
    "/admin/desk/account/", "/admin/django_q/success/", "/admin/django_q/schedule/",
)  # fmt: skip
# The exchange's books are the counterpart's: it wrote down the tokens that it issued itself.
COUNTERPARTS_OWN = "exchange.sqlite3"


def told(folder, chat):
    """Return a desk's environment with a secret in every place for one, and the secrets by name."""
    secrets = {name: f"hush-{name.lower()}-{os.urandom(6).hex()}" for name in NAMES}
    secrets["DISCORD_TOKEN"] = world.BOT_TOKEN
    values = dict(secrets)
    for name in ("DISCORD_TOKEN", "TASTYTRADE_PRODUCTION_REFRESH_TOKEN"):
        path = folder / name.lower()
        path.write_text(values.pop(name))
        values |= {f"{name}_FILE": str(path), name: ""}
    addresses = {"DISCORD_API_URL": chat.api_url, "DISCORD_GATEWAY_URL": chat.gateway_url}
    return values | addresses | {"LOG_LEVEL": "DEBUG"}, secrets


def play(desk, chat):
    """Work one order through a walk, a refused token and a fill; run a preflight beside it."""
    today = timezone.localdate()
    contracts = Contracts(example_expiry(today), example_listed(today))
    stage, symbol = desk.stage(), contracts.symbol(600)
    stage.chat = ChatHand(chat.url)
    stage.exchange.set_faults(never(symbol), still(symbol))
    reply = stage.ask("tessa", f"!tt bto 2 {contracts.word(600)} wait 2s")
    stage.approve("ada", reply)
    stage.exchange.set_faults(
        never(symbol), still(symbol), {"kind": "expire_tokens"}, {"kind": "oauth_hiccup"}
    )
    wait_until(lambda: len(stage.exchange.placements_of(reply.order_id)) > 1, "the second price", 60)
    stage.exchange.set_faults(now(symbol))
    stage.shows(reply, "Filled 2", seconds=60)
    with (desk.place.var / "preflight.out").open("wb") as output:
        command = [sys.executable, "manage.py", "preflight"]
        subprocess.run(
            command, cwd=ROOT, env=desk.environment(), stdout=output, stderr=output, timeout=100, check=False
        )
    return stage


def pages(stage):
    """Return what the admin shows to someone who may see everything."""
    stage.admin.log_in("bea", PASSWORD)
    return {page: stage.admin._get(page).encode() for page in PAGES}


def written(var):
    """Return what the desk's processes wrote, by file, and the commands they were started with."""
    files = [path for path in var.rglob("*") if path.is_file() and COUNTERPARTS_OWN not in path.name]
    return {str(path.relative_to(var)): path.read_bytes() for path in files}


def commands(desk):
    return {f"process {pid}": Path(f"/proc/{pid}/cmdline").read_bytes() for pid in desk.pids()}


def issued_tokens(var):
    """Return every access token the exchange gave out."""
    ledger = sqlite3.connect(f"file:{var / COUNTERPARTS_OWN}?mode=ro", uri=True)
    try:
        return [token for (token,) in ledger.execute("SELECT token FROM tokens")]
    finally:
        ledger.close()


@pytest.mark.chaos
@pytest.mark.timeout(400)
def test_a_day_of_the_desk_leaves_no_secret_and_no_token_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(world, "BOT_TOKEN", f"hush-discord-{os.urandom(6).hex()}")
    var, kept = tmp_path / "var", tmp_path / "kept"
    kept.mkdir()
    var.mkdir()
    with running_chat() as chat:
        environment, secrets = told(kept, chat)
        with running_desk(var, **environment) as desk:
            shown = pages(play(desk, chat))
            seen = shown | commands(desk)
            desk.stop()
            seen |= written(var)

    tokens = issued_tokens(var)
    assert len(tokens) > 1
    hidden = secrets | {f"token {n}": token for n, token in enumerate(tokens)}
    hidden |= {"practice secret": PRACTICE.client_secret, "practice refresh": PRACTICE.refresh_token}
    found = [
        (name, where) for name, secret in hidden.items() for where in seen if secret.encode() in seen[where]
    ]
    assert found == []
    assert_everything_was_read(seen, shown)


def assert_everything_was_read(seen, shown):
    """A search that looked at nothing finds nothing."""
    logs = {Path(name).stem for name in seen if name.startswith("logs/")}
    assert {"web", "worker", "beat", "bot", "qcluster", "streamer", "exchange"} <= logs
    assert b"practice-d1-" in seen["desk.sqlite3"]  # an external identifier: the database was read
    assert any(re.match(r"queue/.*aof", name) for name in seen)
    assert b"DEBUG" in seen["logs/bot.log"]
    assert b"credentials and account (practice)" in seen["preflight.out"]
    assert all(b"Log out" in page for page in shown.values())
