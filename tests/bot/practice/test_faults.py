"""Faults on command, and rate limits, as the real discord.py meets them."""

import time
import urllib.request
from http.client import RemoteDisconnected

import discord
import pytest

from bot.practice import world
from tests.bot.practice.chat_fixture import Refused, running_client
from tests.bot.practice.clients import Recorder

ORDERS = world.CHANNELS["orders"]
MESSAGES = f"/channels/{ORDERS}/messages"


@pytest.fixture
def running(chat):
    with running_client(chat, Recorder) as running:
        yield running


def send(running, content, **more):
    return running.call(running.client.get_channel(ORDERS).send(content, **more))


def contents(chat):
    return [message["content"] for message in chat.messages()]


def statuses(chat, method="POST", path=MESSAGES):
    return [entry["status"] for entry in chat.requests(method, path)]


def test_a_lost_answer_is_repeated_by_discord_py_and_posts_once(chat, running):
    chat.fault(method="POST", path=MESSAGES, status=500, apply_then_fail=True)
    sent = send(running, "Order 7", nonce="d7")

    assert statuses(chat) == [500, 200]
    assert [(m["id"], m["content"]) for m in chat.messages()] == [(str(sent.id), "Order 7")]


def test_a_fault_without_effect_leaves_nothing_behind(chat):
    chat.fault(method="POST", path=MESSAGES, status=503, body={"message": "down", "code": 0})
    with pytest.raises(Refused) as refused:
        chat.as_bot("POST", MESSAGES, {"content": "x"})

    assert (refused.value.status, refused.value.body) == (503, {"message": "down", "code": 0})
    assert contents(chat) == []


def test_a_fault_is_met_as_often_as_planned(chat):
    chat.fault(method="GET", path="/users/@me", status=502, times=2)
    answers = []
    for _ in range(3):
        try:
            answers.append(chat.as_bot("GET", "/users/@me")["username"])
        except Refused as refused:
            answers.append(refused.status)

    assert answers == [502, 502, "desk"]
    assert chat.control("GET", "faults") == []


def test_a_fault_is_met_only_by_its_route(chat):
    chat.fault(method="PATCH", path="/channels/*/messages/*", status=500)

    assert chat.as_bot("POST", MESSAGES, {"content": "x"})["content"] == "x"


@pytest.mark.parametrize(
    ("applied", "left"),
    [pytest.param(False, [], id="before"), pytest.param(True, ["x"], id="after the effect")],
)
def test_a_dropped_connection_gives_no_answer(chat, applied, left):
    chat.fault(method="POST", path=MESSAGES, drop=True, apply_then_fail=applied)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        chat.as_bot("POST", MESSAGES, {"content": "x"})

    assert contents(chat) == left


def test_a_late_answer_comes_all_the_same(chat):
    chat.fault(method="POST", path=MESSAGES, delay=0.1)
    began = time.monotonic()
    chat.as_bot("POST", MESSAGES, {"content": "x"})

    assert time.monotonic() - began >= 0.1
    assert contents(chat) == ["x"]


def test_an_unknown_key_of_a_fault_is_refused(chat):
    with pytest.raises(Refused) as refused:
        chat.fault(statsu=500)

    assert "unknown keys ['statsu']" in refused.value.body["message"]


@pytest.mark.parametrize("is_global", [False, True])
def test_discord_py_waits_out_a_429_and_tries_again(chat, running, is_global):
    body = {"retry_after": 0.05, "global": is_global}
    chat.fault(method="POST", path=MESSAGES, status=429, body=body)
    send(running, "patient")

    assert statuses(chat) == [429, 200]
    assert contents(chat) == ["patient"]


def test_discord_py_keeps_within_the_limit_told_in_headers(chat, running):
    chat.control("POST", "limits", rules={"POST /channels/{channel}/messages": [2, 0.2]})
    began = time.monotonic()
    for n in range(5):
        send(running, str(n))

    assert contents(chat) == ["0", "1", "2", "3", "4"]
    assert statuses(chat) == [200] * 5
    assert time.monotonic() - began >= 0.4 - 0.1  # two waits, less what the sends themselves took


def test_one_who_does_not_wait_gets_429_with_discords_headers(chat):
    chat.control("POST", "limits", rules={"POST /channels/{channel}/messages": [1, 30]})
    chat.as_bot("POST", MESSAGES, {"content": "x"})
    request = urllib.request.Request(chat.api_url + MESSAGES, data=b'{"content": "y"}', method="POST")
    request.add_header("Authorization", f"Bot {world.BOT_TOKEN}")
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request):
        pass
    headers = refused.value.headers
    refused.value.close()

    assert refused.value.code == 429
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert (headers["X-RateLimit-Scope"], headers["Via"]) == ("user", "1.1 practice")
    assert 0 < float(headers["X-RateLimit-Reset-After"]) <= 30 <= int(headers["Retry-After"]) + 1
    assert headers["Content-Type"] == "application/json"


def test_channels_have_buckets_of_their_own(chat):
    chat.control("POST", "limits", rules={"POST /channels/{channel}/messages": [1, 30]})
    chat.as_bot("POST", MESSAGES, {"content": "x"})

    lobby = f"/channels/{world.CHANNELS['lobby']}/messages"
    assert chat.as_bot("POST", lobby, {"content": "y"})["content"] == "y"


def test_discords_own_limits_hold_unless_turned_off(chat):
    rules = chat.control("POST", "limits", mode="discord")["rules"]

    assert rules["POST /channels/{channel}/messages"] == [5, 5.0]


def test_a_server_that_fails_at_login_ends_the_client(chat):
    chat.fault(method="GET", path="/users/@me", status=503)
    with running_client(chat, Recorder, ready=False) as running:
        error = running.until_ended()

    assert isinstance(error, discord.DiscordServerError)
