"""The gateway: sessions that resume, close codes, intents."""

import json
import zlib
from contextlib import contextmanager

import discord
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.practice import intents, world
from tests.bot.practice.chat_fixture import all_intents, running_client, wait_for
from tests.bot.practice.clients import Recorder

IDENTIFY = {"token": world.BOT_TOKEN, "intents": all_intents().value, "properties": {}}


class Raw:
    """A gateway client that says exactly what a test tells it to."""

    def __init__(self, socket):
        self.socket = socket

    def send(self, op, data=None):
        self.socket.send(json.dumps({"op": op, "d": data}))

    def receive(self):
        return json.loads(self.socket.recv(timeout=30))

    def until(self, name):
        """Return the first event of that name."""
        while (frame := self.receive())["t"] != name:
            pass
        return frame

    def closed_with(self):
        """Read until the server closes; return its code."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code


@contextmanager
def raw(chat, query="v=10&encoding=json"):
    with connect(f"{chat.gateway_url}?{query}", compression=None) as socket:
        yield Raw(socket)


@contextmanager
def raw_identified(chat, **more):
    with raw(chat) as client:
        client.send(2, IDENTIFY | more)
        client.until("GUILD_CREATE")
        yield client


def contents(running):
    return [message.content for message in running.client.of("message")]


def test_the_address_of_the_gateway_is_on_the_same_port(chat):
    assert chat.as_bot("GET", "/gateway/bot") == {
        "url": chat.gateway_url,
        "shards": 1,
        "session_start_limit": {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1},
    }


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param({"action": "reconnect"}, id="op 7"),
        pytest.param({"action": "invalid", "resumable": True}, id="op 9 true"),
        pytest.param({"action": "close", "code": 4000}, id="close 4000"),
        pytest.param({"action": "close", "code": 1001}, id="close 1001"),
        pytest.param({"action": "abort"}, id="cut connection"),
    ],
)
def test_a_client_that_comes_back_resumes_and_misses_nothing(chat, cut):
    with running_client(chat, Recorder) as running:
        chat.act(**cut)
        chat.say("tessa", "while you were away")
        wait_for(lambda: running.client.of("resumed"))
        chat.say("tessa", "and now")
        wait_for(lambda: len(running.client.of("message")) == 2)

    assert contents(running) == ["while you were away", "and now"]
    assert running.client.names().count("ready") == 1


def test_a_client_whose_session_is_lost_starts_anew_and_nothing_is_replayed(chat):
    with running_client(chat, Recorder) as running:
        chat.act("forget")
        chat.say("tessa", "lost")
        chat.act("close", code=4000)
        wait_for(lambda: len(running.client.of("ready")) == 2)
        chat.say("tessa", "heard")
        wait_for(lambda: running.client.of("message"))

    assert contents(running) == ["heard"]
    assert running.client.of("resumed") == []


def test_op_9_without_resume_makes_the_client_identify_again(chat):
    with running_client(chat, Recorder) as running:
        chat.act("invalid", resumable=False)
        wait_for(lambda: len(running.client.of("ready")) == 2)

    assert running.client.of("resumed") == []


def test_a_resume_from_the_future_is_an_invalid_session(chat):
    with raw_identified(chat) as first, raw(chat) as second:
        ready_session = next(iter(chat.server.practice.sessions.connected())).id
        second.send(6, {"token": world.BOT_TOKEN, "session_id": ready_session, "seq": 999})
        hello, answer = second.receive(), second.receive()
        first.socket.close()

    assert hello["op"] == 10
    assert (answer["op"], answer["d"]) == (9, False)


def test_a_resume_replays_every_event_after_the_last_one_seen(chat):
    with raw_identified(chat) as first:
        session = chat.server.practice.sessions.connected()[0].id
        chat.say("tessa", "one")
        seen = first.until("MESSAGE_CREATE")["s"]
        chat.act("abort")
    chat.say("tessa", "two")
    chat.say("tessa", "three")
    with raw(chat) as second:
        second.send(6, {"token": world.BOT_TOKEN, "session_id": session, "seq": seen})
        frames = [second.receive() for _ in range(4)][1:]

    assert [(f["t"], f["s"] - seen) for f in frames] == [
        ("MESSAGE_CREATE", 1),
        ("MESSAGE_CREATE", 2),
        ("RESUMED", 3),
    ]
    assert [f["d"]["content"] for f in frames[:2]] == ["two", "three"]


def test_missing_permission_for_privileged_intents_ends_the_client(chat):
    chat.control("POST", "gateway", application_flags=0)
    with running_client(chat, Recorder, ready=False) as running:
        error = running.until_ended()

    assert isinstance(error, discord.PrivilegedIntentsRequired)


def test_a_wrong_token_fails_at_login(chat):
    with running_client(chat, Recorder, token="wrong", ready=False) as running:
        error = running.until_ended()

    assert isinstance(error, discord.LoginFailure)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        pytest.param(['{"op": 8, "d": {}}'], 4003, id="before identify"),
        pytest.param(["no json"], 4002, id="no JSON"),
        pytest.param(['{"op": "two"}'], 4002, id="op is no number"),
        pytest.param(['{"op": 2, "d": 5}'], 4002, id="identify without fields"),
        pytest.param(['{"op": 99}'], 4001, id="unknown op"),
        pytest.param([json.dumps({"op": 2, "d": IDENTIFY | {"token": "x"}})], 4004, id="bad token"),
        pytest.param([json.dumps({"op": 2, "d": IDENTIFY | {"intents": 1 << 30}})], 4013, id="bad intents"),
        pytest.param([json.dumps({"op": 2, "d": IDENTIFY})] * 2, 4005, id="identified twice"),
        pytest.param(['{"op": 1, "d": null}'] * 121, 4008, id="too many"),
        pytest.param(['{"op": 6, "d": {"token": "x"}}'], 4004, id="resume with a bad token"),
    ],
)
def test_what_breaks_the_protocol_is_closed_with_discords_code(chat, frames, code):
    with raw(chat) as client:
        for frame in frames:
            client.socket.send(frame)

        assert client.closed_with() == code


def test_another_api_version_is_closed_with_4012(chat):
    with raw(chat, "v=9&encoding=json") as client:
        assert client.closed_with() == 4012


def test_a_client_without_heartbeat_is_closed_with_4009(chat):
    chat.control("POST", "gateway", heartbeat_interval_ms=60)
    with raw(chat) as client:
        assert client.closed_with() == 4009


def test_heartbeats_are_acknowledged_unless_told_otherwise(chat):
    with raw(chat) as client:
        hello = client.receive()
        client.send(1)
        acknowledged = client.receive()
        chat.control("POST", "gateway", ack=False)
        client.send(1)
        client.send(2, IDENTIFY)
        after = client.receive()

    assert hello["d"] == {"heartbeat_interval": 41250}
    assert acknowledged["op"] == 11
    assert after["t"] == "READY"


def test_the_server_can_ask_for_a_heartbeat(chat):
    with raw_identified(chat) as client:
        chat.act("beat")

        assert client.receive()["op"] == 1


def test_compressed_payloads_are_one_stream_with_sync_flushes(chat):
    with raw(chat, "v=10&encoding=json&compress=zlib-stream") as client:
        client.send(2, IDENTIFY)
        parts = [client.socket.recv(timeout=30) for _ in range(3)]
    inflate = zlib.decompressobj()
    frames = [json.loads(inflate.decompress(part)) for part in parts]

    assert [part[-4:] for part in parts] == [b"\x00\x00\xff\xff"] * 3
    assert [(f["op"], f["t"]) for f in frames] == [(10, None), (0, "READY"), (0, "GUILD_CREATE")]


def test_a_refused_gateway_answers_the_handshake_with_503(chat):
    chat.control("POST", "gateway", down=True)
    with pytest.raises(InvalidStatus) as refused, raw(chat):
        pass

    assert refused.value.response.status_code == 503


def test_a_gateway_that_goes_down_cuts_its_clients_who_resume_when_it_is_back(chat):
    with running_client(chat, Recorder) as running:
        chat.control("POST", "gateway", down=True)
        wait_for(lambda: running.client.of("disconnect"))
        chat.say("tessa", "anyone?")
        chat.control("POST", "gateway", down=False)
        wait_for(lambda: running.client.of("message"), within=20)

    assert contents(running) == ["anyone?"]
    assert running.client.names().count("ready") == 1


def test_a_close_before_ready_is_met_once_per_planned_code(chat):
    chat.control("POST", "gateway", close_before_ready=[4000, 1000])
    with running_client(chat, Recorder) as running:
        pass

    # The third attempt is still a RESUME, of a session that never was; the fourth identifies anew.
    assert running.client.names()[:4] == ["disconnect", "disconnect", "disconnect", "ready"]


@pytest.mark.parametrize(
    ("member", "content", "channel", "seen"),
    [
        pytest.param("tessa", "!tt help", "orders", "", id="a command is not readable"),
        pytest.param("tessa", f"<@{world.BOT.id}> hi", "orders", f"<@{world.BOT.id}> hi", id="a mention is"),
        pytest.param("tessa", "!tt help", "dm", "!tt help", id="direct messages are"),
    ],
)
def test_without_the_content_intent_only_what_concerns_the_bot_is_readable(
    chat, member, content, channel, seen
):
    limited = IDENTIFY["intents"] & ~intents.MESSAGE_CONTENT
    with raw_identified(chat, intents=limited) as client:
        chat.say(member, content, channel=channel)

        assert client.until("MESSAGE_CREATE")["d"]["content"] == seen


def test_events_without_their_intent_are_not_sent(chat):
    reactions_only = intents.GUILDS | intents.GUILD[intents.Kind.REACTIONS]
    with raw_identified(chat, intents=reactions_only) as client:
        said = chat.say("tessa", "unheard")
        chat.control("POST", "react", member="ada", message=said["id"], emoji="✅")

        assert client.receive()["t"] == "MESSAGE_REACTION_ADD"


def test_members_are_found_by_id_and_by_the_beginning_of_their_name(chat):
    with raw_identified(chat) as client:
        ada = str(world.MEMBERS["ada"].id)
        client.send(8, {"guild_id": str(world.GUILD_ID), "user_ids": [ada, "123"], "nonce": "n1"})
        by_id = client.until("GUILD_MEMBERS_CHUNK")["d"]
        client.send(8, {"guild_id": str(world.GUILD_ID), "query": "te", "limit": 5})
        by_name = client.until("GUILD_MEMBERS_CHUNK")["d"]

    assert [member["user"]["username"] for member in by_id["members"]] == ["ada"]
    assert (by_id["not_found"], by_id["nonce"]) == (["123"], "n1")
    assert [member["user"]["username"] for member in by_name["members"]] == ["tessa"]
