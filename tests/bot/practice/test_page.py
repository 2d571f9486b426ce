"""The chat page: its files, its feed, and who may reach it."""

import json
import re
import urllib.request
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.practice.page_routes import PAGE
from tests.bot.practice.chat_fixture import Refused, wait_for


@contextmanager
def feed(chat, member, **options):
    with connect(f"ws://127.0.0.1:{chat.server.port}/practice/live?member={member}", **options) as socket:
        assert json.loads(socket.recv(timeout=30)) == {"type": "welcome"}
        yield lambda: json.loads(socket.recv(timeout=30))


def fetch(chat, path, **headers):
    """Return status, headers and text of a plain GET, under any Host."""
    connection = HTTPConnection("127.0.0.1", chat.server.port)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def test_the_page_may_load_and_run_nothing_but_its_own_files(chat):
    status, headers, text = fetch(chat, "/")

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self';"
    )
    assert re.findall(r'(?:src|href)="([^"]+)"', text) == [
        "/page/icon.svg",
        "/page/layout.css",
        "/page/messages.css",
        "/page/main.js",
    ]


def test_every_file_that_the_page_names_is_there(chat):
    scripts = {
        name for file in PAGE.glob("*.js") for name in re.findall(r'from "\./([^"]+)"', file.read_text())
    }

    assert {name: fetch(chat, f"/page/{name}")[0] for name in scripts} == dict.fromkeys(scripts, 200)


@pytest.mark.parametrize("path", ["/page/..%2fapp.py", "/page/../app.py", "/page/nothing.js", "/page/%2e%2e"])
def test_nothing_outside_the_pages_folder_is_given(chat, path):
    assert fetch(chat, path)[0] == 404


def test_no_script_turns_text_into_html():
    sources = {file.name: file.read_text() for file in PAGE.glob("*.js")}
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|createContextualFragment"
    )

    assert {name: re.findall(sinks, source) for name, source in sources.items()} == {
        name: [] for name in sources
    }


@pytest.mark.parametrize("path", ["/", "/practice/world", "/api/v10/gateway"])
def test_a_foreign_host_name_is_refused(chat, path):
    assert fetch(chat, path, Host="rebound.example")[0] == 403


def test_a_request_that_another_site_could_send_unasked_is_refused(chat):
    body = json.dumps({"member": "ada", "channel": "orders", "content": "x"}).encode()
    request = urllib.request.Request(
        f"{chat.url}/practice/say", data=body, headers={"Content-Type": "text/plain"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request):
        pass
    refused.value.close()

    assert refused.value.code == 400
    assert chat.messages() == []


def test_another_sites_page_cannot_listen(chat):
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        feed(chat, "ada", origin="http://elsewhere.example") as hear,
    ):
        hear()


def test_a_page_hears_what_is_said_changed_and_deleted(chat):
    with feed(chat, "ada") as hear:
        said = chat.say("tessa", "one")
        chat.edit("tessa", said, "two")
        chat.delete("tessa", said)
        news = [hear() for _ in range(3)]

    assert [one["type"] for one in news] == ["message", "message", "delete"]
    assert [one["message"]["content"] for one in news[:2]] == ["one", "two"]
    assert news[2]["id"] == said["id"]


def test_direct_messages_are_heard_by_their_member_only(chat):
    with feed(chat, "ada") as ada, feed(chat, "theo") as theo:
        chat.say("ada", "secret", channel="dm")
        chat.say("ada", "open")
        heard = [[ada()["message"]["content"] for _ in range(2)], theo()["message"]["content"]]

    assert heard == [["secret", "open"], "open"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param({"member": "nobody", "channel": "orders"}, "no member 'nobody'", id="member"),
        pytest.param({"member": "ada", "channel": "attic"}, "no channel 'attic'", id="channel"),
        pytest.param({"channel": "orders"}, "'member' is missing", id="no member"),
    ],
)
def test_the_control_api_says_what_it_does_not_know(chat, words, problem):
    with pytest.raises(Refused) as refused:
        chat.control("POST", "say", content="x", **words)

    assert refused.value.status == 400
    assert refused.value.body["message"].startswith(problem)


def test_a_member_may_not_change_the_words_of_another(chat):
    said = chat.say("tessa", "mine")
    with pytest.raises(Refused) as refused:
        chat.edit("theo", said, "yours")

    assert refused.value.body["code"] == 50005
    assert [message["content"] for message in chat.messages()] == ["mine"]


def test_health_counts_bots_pages_and_messages(chat):
    chat.say("tessa", "one")

    expected = {"status": "ok", "bots": 0, "pages": 0, "messages": 1}
    wait_for(lambda: chat.control("GET", "health") == expected)
