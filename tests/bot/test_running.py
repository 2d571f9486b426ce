"""The bot's lives: what ends them, what begins them anew, and when a person has to act."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from bot import ending, running
from bot.practice import world
from bot.running import BAD_LOGIN, NO_CONTENT, NO_LOGIN, Unusable, run
from tests.bot.practice.chat_fixture import discord_at, running_chat, wait_for
from tests.bot.rig import PromptDesk

NO_PRIVILEGED_INTENTS = 0


@pytest.fixture(autouse=True)
def _prompt(monkeypatch):
    monkeypatch.setattr(running, "FIRST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(running, "LONGEST_WAIT_SECONDS", 0.2)


class Lives:
    """The supervised bot in a thread of its own."""

    def __init__(self, desk, token):
        self._desk, self._token = desk, token
        self.clients, self.error = [], None
        self._thread = threading.Thread(target=self._run, name="bot")
        self._thread.start()

    def _run(self):
        async def live():
            self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
            await run(self._token, self._client, self._stop)

        try:
            asyncio.run(live())
        except Unusable as error:
            self.error = str(error)

    def _client(self):
        self.clients.append(PromptDesk(self._desk.broker))
        return self.clients[-1]

    @property
    def is_ready(self):
        return bool(self.clients) and self.clients[-1].is_connected

    def ended(self):
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.error

    def stop(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def living(desk, token=world.BOT_TOKEN):
    with discord_at(desk.chat):
        lives = Lives(desk, token)
        try:
            yield lives
        finally:
            lives.stop()


def test_a_bad_token_ends_with_a_sentence_that_says_what_to_change(quiet_desk):
    with living(quiet_desk, token="not-the-token") as lives:
        assert lives.ended() == BAD_LOGIN
    assert "DISCORD_TOKEN" in BAD_LOGIN


def test_no_token_ends_with_a_sentence(quiet_desk):
    with living(quiet_desk, token=" ") as lives:
        assert lives.ended() == NO_LOGIN


def test_a_missing_intent_ends_with_a_sentence_that_says_what_to_switch_on(quiet_desk):
    quiet_desk.chat.control("POST", "gateway", application_flags=NO_PRIVILEGED_INTENTS)

    with living(quiet_desk) as lives:
        assert lives.ended() == NO_CONTENT
    assert "Message Content Intent" in NO_CONTENT


def test_a_token_that_is_withdrawn_meanwhile_ends_with_a_sentence(quiet_desk):
    with living(quiet_desk) as lives:
        wait_for(lambda: lives.is_ready)
        quiet_desk.chat.act("close", code=4004)

        assert lives.ended() == BAD_LOGIN


def test_it_outlives_a_gateway_that_is_down_at_the_start(quiet_desk):
    quiet_desk.chat.control("POST", "gateway", down=True)

    with living(quiet_desk) as lives:
        wait_for(lambda: len(lives.clients) > 1, within=20)
        quiet_desk.chat.control("POST", "gateway", down=False)
        wait_for(lambda: lives.is_ready, within=20)


def test_it_outlives_a_discord_that_is_down_at_the_start(quiet_desk):
    quiet_desk.chat.fault(method="GET", path="/users/@me", status=503, times=2)

    with living(quiet_desk) as lives:
        wait_for(lambda: lives.is_ready)
        assert len(lives.clients) == 3


@pytest.mark.parametrize("code", [1000, 4000])
def test_it_does_not_storm_a_gateway_that_closes_before_ready(quiet_desk, code):
    quiet_desk.chat.control("POST", "gateway", close_before_ready=[code] * 6)

    with living(quiet_desk) as lives:
        wait_for(lambda: lives.is_ready, within=30)
        assert 2 <= len(lives.clients) <= 4


def test_it_outlives_an_event_it_cannot_read(quiet_desk, caplog):
    """One key that is missing ends discord.py's client."""
    desk = quiet_desk
    with living(desk) as lives:
        wait_for(lambda: lives.is_ready)
        parsers = lives.clients[-1]._connection.parsers
        parsers["MESSAGE_CREATE"] = lambda data: data["not there"]

        desk.chat.say("tessa", "talk")

        wait_for(lambda: len(lives.clients) == 2 and lives.is_ready)
    assert "the bot fell over, beginning anew" in [record.getMessage() for record in caplog.records]


def test_a_second_ready_answers_nothing_twice(quiet_desk):
    desk = quiet_desk
    with living(desk) as lives:
        wait_for(lambda: lives.is_ready)
        said = desk.chat.say("tessa", "!tt help")
        desk.answer_to(said)
        client = lives.clients[-1]

        async def again():
            await client.on_connect()

        asyncio.run_coroutine_threadsafe(again(), lives._loop).result(5)
        wait_for(lambda: client.catching_up.is_done)
        desk.settle()

        assert len(desk.answers_to(said)) == 1


def command_environment(chat, tmp_path, **more):
    return (
        os.environ
        | {
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3",
            "DISCORD_TOKEN": world.BOT_TOKEN,
            "DISCORD_API_URL": chat.api_url,
            "DISCORD_GATEWAY_URL": "",
        }
        | more
    )


def manage(*words, env):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.timeout(180)
def test_runbot_starts_asks_for_the_gateway_and_ends_promptly(tmp_path):
    with running_chat() as chat:
        env = command_environment(chat, tmp_path)
        manage("migrate", "-v0", env=env)
        with subprocess.Popen(
            [sys.executable, "manage.py", "runbot"], env=env, stderr=subprocess.PIPE, text=True
        ) as process:
            wait_for(lambda: chat.bots() == 1, within=60)
            process.send_signal(signal.SIGTERM)
            _, wrote = process.communicate(timeout=10)

    assert process.returncode == 0, wrote
    assert f"the bot's token goes to {chat.api_url} instead of Discord" in wrote
    assert world.BOT_TOKEN not in wrote
    assert "Traceback" not in wrote


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        pytest.param({"DISCORD_TOKEN": ""}, f"CommandError: {NO_LOGIN}", id="no token"),
        pytest.param({"DISCORD_TOKEN": "bad"}, f"CommandError: {BAD_LOGIN}", id="bad token"),
    ],
)
def test_runbot_ends_with_one_sentence_where_a_person_has_to_act(tmp_path, over, sentence):
    with running_chat() as chat:
        env = command_environment(chat, tmp_path, **over)
        ended = manage("runbot", env=env)

    assert ended.returncode == 1
    assert ended.stderr.splitlines().count(sentence) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.timeout(180)
def test_runbot_refuses_to_send_its_token_over_an_open_network(tmp_path):
    env = os.environ | {"VAR_DIR": str(tmp_path), "DISCORD_API_URL": "http://discord.example/api"}

    ended = manage("runbot", env=env)

    assert ended.returncode == 1
    assert "(bot.E001) DISCORD_API_URL must be https, or http on this machine" in ended.stderr


HANGS = """
import asyncio, os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "desk.settings"
import django; django.setup()
from bot import ending, running
from bot.management.commands.runbot import until_told
async def run(*_):
    print("runs", flush=True)
    await asyncio.to_thread(time.sleep, 600)
running.run = run
asyncio.run(until_told())
"""


def test_runbot_ends_when_told_to_although_a_call_hangs(tmp_path):
    env = os.environ | {"VAR_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", HANGS], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, wrote = process.communicate(timeout=30)

    assert (process.returncode, "something hangs: ending without it" in wrote) == (1, True)


class DeafClient:
    """Its life loses the first cancellation, as asyncio.wait_for of Python 3.11 can."""

    def __init__(self):
        self.has_given_up, self.closed = asyncio.Event(), False

    async def start(self, token):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    async def close(self):
        self.closed = True


async def test_a_life_that_loses_its_cancellation_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(ending, "CANCEL_SECONDS", 0.01)
    client, stop = DeafClient(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)

    async with asyncio.timeout(20):
        await running.one_life(client, "token", stop)

    assert client.closed is True


async def test_a_client_whose_loops_lose_their_cancellation_closes_all_the_same(quiet_desk, monkeypatch):
    monkeypatch.setattr(ending, "CANCEL_SECONDS", 0.01)
    client = PromptDesk(quiet_desk.broker)
    client._loops = [asyncio.create_task(DeafClient().start(""))]
    await asyncio.sleep(0)

    async with asyncio.timeout(20):
        await client.close()

    assert client._loops[0].done()
