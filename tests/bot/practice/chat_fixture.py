"""A running practice Discord for tests, and the real discord.py on it.

`running_chat()` serves on a free port in a thread; its helpers talk to the control API. `running_client`
runs a discord.py client in a thread of its own, so that a test may simply wait for what happens.
"""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlencode

import discord
import yarl

from bot.practice import world
from bot.practice.server import ChatServer

PATIENCE = 30.0  # seconds until a test gives up waiting


class Refused(Exception):
    """The control API said no."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


def wait_for(predicate, *, within=PATIENCE):
    """Poll until `predicate()` is true and return it; AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while not (found := predicate()):
        assert time.monotonic() < deadline, f"nothing within {within} s"
        time.sleep(0.01)
    return found


class RunningChat:
    """A practice Discord that serves; every method is one call of its control API."""

    def __init__(self, server):
        self.server = server
        self.url = server.url
        self.api_url = server.url + "/api/v10"
        self.gateway_url = f"ws://127.0.0.1:{server.port}/gateway"

    def control(self, method, path, /, **words):
        """Call /practice/<path>; raises Refused for an answer of 400 and above."""
        return self.request(method, "/practice/" + path, words)

    def request(self, method, path, words=None, headers=None):
        """Send a plain request; raises Refused for an answer of 400 and above."""
        words = words or {}
        query = "?" + urlencode(words) if words and method == "GET" else ""
        body = json.dumps(words).encode() if words and method != "GET" else None
        request = urllib.request.Request(self.url + path + query, data=body, method=method)
        request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                raw = answer.read()
                return json.loads(raw) if raw else None
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, json.loads(refused.read())) from None

    def as_bot(self, method, path, words=None):
        """Send a REST request as the desk's bot."""
        return self.request(method, "/api/v10" + path, words, {"Authorization": f"Bot {world.BOT_TOKEN}"})

    def say(self, member, content, channel="orders", **more):
        """Post as a member and return the message."""
        return self.control("POST", "say", member=member, channel=channel, content=content, **more)

    def edit(self, member, message, content):
        """Edit a member's message."""
        return self.control("POST", "edit", member=member, message=message["id"], content=content)

    def delete(self, member, message):
        """Delete a member's message."""
        return self.control("POST", "delete", member=member, message=message["id"])

    def click(self, member, button, channel="orders", **more):
        """Press the newest button with that label or custom_id; return the outcome."""
        try:
            return self.control("POST", "click", member=member, channel=channel, label=button, **more)
        except Refused as refused:
            if "no such component" not in str(refused.body):
                raise
        return self.control("POST", "click", member=member, channel=channel, custom_id=button, **more)

    def submit(self, member, outcome, /, **fields):
        """Send the modal of an outcome; return the new outcome."""
        words = {"member": member, "interaction": outcome["interaction"], "fields": fields}
        return self.control("POST", "modal", **words)

    def slash(self, member, name, /, channel="orders", **options):
        """Send a slash command; return the outcome."""
        return self.control("POST", "slash", member=member, channel=channel, name=name, options=options)

    def messages(self, channel="orders", member=None):
        """Return a channel's messages, oldest first, as that member (or everyone) sees them."""
        words = {"channel": channel} | ({"member": member} if member else {})
        return self.control("GET", "messages", **words)

    def wait_for_message(self, predicate, channel="orders", member=None):
        """Return the first message for which the predicate holds, once there is one."""
        return wait_for(lambda: next(filter(predicate, self.messages(channel, member)), None))

    def fault(self, **words):
        """Plan a fault."""
        return self.control("POST", "faults", **words)

    def requests(self, method="*", path="*"):
        """Return the log of REST requests."""
        return self.control("GET", "requests", method=method, path=path)

    def act(self, action, **words):
        """Act on the gateway: reconnect, invalid, close, abort, beat, forget."""
        return self.control("POST", "gateway/act", action=action, **words)

    def bots(self):
        """Return how many bots are connected."""
        return self.control("GET", "health")["bots"]


@contextmanager
def running_chat(store=":memory:", *, limits="off", port=0):
    """Serve a practice Discord in a thread until the block ends."""
    server = ChatServer("127.0.0.1", port, store)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="practice-chat")
    thread.start()
    try:
        wait_for(lambda: server.server.started)
        chat = RunningChat(server)
        chat.control("POST", "limits", mode=limits)
        yield chat
    finally:
        server.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@contextmanager
def discord_at(chat):
    """Point discord.py, whose addresses are process-wide, at the chat, and back."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = chat.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(chat.gateway_url)
    try:
        yield
    finally:
        discord.http.Route.BASE = base
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


class RunningClient:
    """A discord.py client in a thread of its own."""

    def __init__(self, make_client, token):
        self.client = None
        self.error = None  # what ended it, if not `close`
        self._loop = None
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(make_client, token), name="discord-client")

    def _run(self, make_client, token):
        async def live():
            self._loop = asyncio.get_running_loop()
            self.client = make_client()
            self._made.set()
            async with self.client:
                await self.client.start(token)

        try:
            asyncio.run(live())
        except Exception as error:  # noqa: BLE001 - handed to the test, which looks at it
            self.error = error

    def start(self):
        """Start and wait for the client object."""
        self._thread.start()
        assert self._made.wait(PATIENCE)
        return self

    def until_ready(self):
        """Wait until the guild is known."""
        wait_for(lambda: self._knows_its_guilds() or self.error)
        assert self.error is None, self.error
        return self

    def _knows_its_guilds(self):
        return self.client.is_ready() and not any(guild.unavailable for guild in self.client.guilds)

    def until_ended(self):
        """Wait until the client has stopped by itself; return the exception that ended it."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.error

    def call(self, coroutine):
        """Run a coroutine in the client's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def close(self):
        """Close the client and wait for the end of its thread."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self.client.close(), self._loop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@contextmanager
def running_client(chat, make_client, *, token=world.BOT_TOKEN, ready=True):
    """Run a client on the chat until the block ends. `make_client` is called in its loop."""
    with discord_at(chat):
        running = RunningClient(make_client, token).start()
        try:
            yield running.until_ready() if ready else running
        finally:
            running.close()


def all_intents():
    """Return default intents plus the privileged ones that the desk needs."""
    intents = discord.Intents.default()
    intents.message_content = True
    intents.members = True
    return intents
