import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import serve

from orders.brokers.account_stream import (
    Connected,
    Disconnected,
    OrderReport,
    Other,
    Pace,
    Unreadable,
    account_messages,
    events_of,
)
from orders.brokers.base import BrokerUnavailable, CredentialsRefused
from orders.brokers.reading import read_order
from orders.brokers.sealing import Seal, seal_of
from tests.orders.brokers.samples import ACCOUNT, order_json
from tests.orders.brokers.wire_server import free_port

QUICK = Pace(heartbeat=0.05, silence=1.5, connect=1.5)
TOKEN = "stream-token-of-the-tests"
REPORT = {"type": "Order", "data": order_json(), "timestamp": 1688595114405}
ACK = {"status": "ok", "action": "connect", "web-socket-session-id": "5b6e2799", "request-id": 1}


@dataclass
class Account:
    """What the stream needs of a broker; `tokens` are handed out in turn, the last for ever."""

    seal: Seal
    account_number: str = ACCOUNT
    tokens: list = field(default_factory=lambda: [TOKEN])
    forgotten: int = 0

    def forget_token(self) -> None:
        self.forgotten += 1

    def fresh_token(self) -> str:
        token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
        if isinstance(token, Exception):
            raise token
        return token


@asynccontextmanager
async def streamer(*frames, answers_heartbeats=False, then_close=False):
    """Serve a streamer that answers connect, says `frames` and then stays or closes."""
    heard = []

    async def converse(socket):
        async for text in socket:
            heard.append(json.loads(text))
            if heard[-1]["action"] == "connect":
                for frame in frames:
                    await socket.send(frame if isinstance(frame, str) else json.dumps(frame))
                if then_close:
                    return
            elif answers_heartbeats:
                await socket.send(json.dumps({"status": "ok", "action": "heartbeat"}))

    async with serve(converse, "127.0.0.1", 0, close_timeout=0.1) as server:
        port = server.sockets[0].getsockname()[1]
        yield Account(seal_of("practice", practice_url=f"http://127.0.0.1:{port}")), heard


async def events(account, pace=QUICK):
    return [event async for event in account_messages(account, pace=pace)]


async def test_a_stream_connects_reports_and_says_that_it_ended():
    async with streamer(ACK, REPORT, then_close=True) as (account, heard):
        connected, report, ended = await events(account)

    assert (connected, report) == (Connected(), OrderReport(read_order(order_json())))
    assert isinstance(ended, Disconnected)
    assert heard == [
        {
            "action": "connect",
            "value": [ACCOUNT],
            "auth-token": f"Bearer {TOKEN}",
            "request-id": 1,
            "source": "discord-tastytrade-desk",
        }
    ]


async def test_what_would_kill_a_stricter_reader_is_read_over():
    odd = {"type": "Order", "data": {"id": 1}}
    frames = ACK, {"results": [REPORT, odd]}, "not JSON", {"type": "Novelty", "data": {"a": 1}}, REPORT
    async with streamer(*frames, then_close=True) as (account, _):
        found = await events(account)

    report = OrderReport(read_order(order_json()))
    assert found[:-1] == [
        Connected(),
        report,
        Unreadable(odd),
        Unreadable({"message": "not JSON"}),
        Other("Novelty", {"a": 1}),
        report,
    ]


async def test_a_silent_connection_is_given_up():
    async with streamer(ACK) as (account, _):
        assert await events(account) == [Connected(), Disconnected("silent for 1.5 s")]


async def test_heartbeats_with_fresh_tokens_keep_it_alive():
    async with streamer(ACK, answers_heartbeats=True) as (account, heard):
        account.tokens = [TOKEN, "second", BrokerUnavailable("hiccup"), "third"]
        stream = account_messages(account, pace=QUICK)
        found = [await anext(stream) for _ in range(40)]  # longer than the silence we bear
        await stream.aclose()

    assert found == [Connected(), *[Other("heartbeat")] * 39]
    assert [h["action"] for h in heard[:3]] == ["connect", "heartbeat", "heartbeat"]
    assert [h["auth-token"] for h in heard[:3]] == [f"Bearer {t}" for t in (TOKEN, "second", "third")]


async def test_connect_comes_before_any_heartbeat_however_long_the_token_takes():
    class Slow(Account):
        is_first = True

        def fresh_token(self) -> str:
            if self.is_first:
                self.is_first = False
                time.sleep(0.2)
            return super().fresh_token()

    async with streamer(ACK, answers_heartbeats=True) as (account, heard):
        stream = account_messages(Slow(account.seal), pace=Pace(heartbeat=0.01, silence=5, connect=5))
        found = [await anext(stream) for _ in range(2)]
        await stream.aclose()

    assert found == [Connected(), Other("heartbeat")]
    assert [h["action"] for h in heard[:2]] == ["connect", "heartbeat"]


async def test_a_revoked_grant_ends_the_stream_aloud():
    async with streamer(ACK, answers_heartbeats=True) as (account, _):
        account.tokens = [TOKEN, CredentialsRefused("revoked")]

        with pytest.raises(CredentialsRefused):
            await events(account)


async def test_no_answer_to_connecting_is_given_up():
    async with streamer() as (account, _):
        account.tokens = [TOKEN]
        assert await events(account, Pace(10, 10, 0.2)) == [Disconnected("no answer to connecting")]


async def test_a_refused_connect_says_why():
    refusal = {"status": "error", "action": "connect", "message": "Unknown domain"}
    async with streamer(refusal) as (account, _):
        assert await events(account) == [Disconnected("the broker refused connect: Unknown domain")]
        assert account.forgotten == 1


async def test_nobody_listening_is_a_disconnect():
    account = Account(seal_of("practice", practice_url=f"http://127.0.0.1:{free_port()}"))

    (ended,) = await events(account)

    assert isinstance(ended, Disconnected)


async def test_a_token_that_cannot_be_had_is_a_disconnect():
    async with streamer(ACK) as (account, heard):
        account.tokens = [BrokerUnavailable("hiccup")]

        assert await events(account) == [Disconnected("hiccup")]
    assert heard == []


async def test_a_redirect_to_another_host_is_not_followed():
    async with streamer(ACK) as (other, heard):

        def redirect(connection, request):
            response = connection.respond(302, "")
            response.headers["Location"] = other.seal.stand_in.replace("http", "ws") + "/"
            return response

        async with serve(lambda socket: None, "127.0.0.1", 0, process_request=redirect) as server:
            port = server.sockets[0].getsockname()[1]
            account = Account(seal_of("practice", practice_url=f"http://127.0.0.1:{port}"))
            (ended,) = await events(account)

    assert isinstance(ended, Disconnected)
    assert heard == []


async def test_the_token_is_not_logged(caplog):
    caplog.set_level("DEBUG")
    async with streamer(ACK, answers_heartbeats=True) as (account, heard):
        stream = account_messages(account, pace=QUICK)
        found = [await anext(stream) for _ in range(2)]
        await stream.aclose()

    ours = [r for r in caplog.records if r.name != "websockets.server"]  # the stand-in's own lines
    assert (len(found), heard[0]["auth-token"]) == (2, f"Bearer {TOKEN}")
    # The library shortens long frames: a part of the token would be one too many.
    assert [r.getMessage() for r in ours if "auth-token" in r.getMessage()] == []


@pytest.mark.parametrize(
    "text", ["", "null", "1", '"x"', "[]", '{"results": [1]}', '{"type": "Order"}', '{"type":null}', b"\xff"]
)
def test_nothing_a_frame_holds_makes_reading_it_raise(text):
    assert len(list(events_of(text))) == 1


async def test_two_streams_can_listen_at_once():
    async with streamer(ACK, REPORT, then_close=True) as (account, _):
        first, second = await asyncio.gather(events(account), events(account))

    assert [type(e) for e in first] == [type(e) for e in second] == [Connected, OrderReport, Disconnected]


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"results":' * 50_000, '{"results":[' * 900 + "]}" * 900])
def test_a_frame_nested_without_end_is_read_over(deep):
    found = list(events_of(deep))

    assert [type(event) for event in found] == [Unreadable]


async def test_a_server_that_talks_and_never_answers_to_connecting_is_given_up():
    async def chatter(socket):
        async for _ in socket:
            while True:
                await socket.send(json.dumps({"type": "Novelty"}))
                await asyncio.sleep(0.02)

    async with serve(chatter, "127.0.0.1", 0, close_timeout=0.1) as server:
        port = server.sockets[0].getsockname()[1]
        account = Account(seal_of("practice", practice_url=f"http://127.0.0.1:{port}"))
        async with asyncio.timeout(30):
            found = await events(account)

    assert found[-1] == Disconnected("no answer to connecting")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = ["id", "status", "legs", "price", "updated-at", "received-at", "external-identifier", "order-type",
         "complex-order-id", "replaces-order-id", "reject-reason", "source", "account-number"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(PATHS), JSON, max_size=4), st.dictionaries(st.text(max_size=8), JSON))
def test_whatever_an_order_holds_it_is_a_report_or_an_unreadable_one(odd, more):
    message = {
        "type": "Order",
        "data": order_json() | odd,
        **{k: v for k, v in more.items() if k != "results"},
    }

    (event,) = events_of(json.dumps(message | {"type": "Order"}))

    assert type(event) in {OrderReport, Unreadable}


@given(
    st.dictionaries(st.sampled_from(["symbol", "quantity", "remaining-quantity", "action", "fills"]), JSON)
)
def test_whatever_a_leg_holds_it_is_a_report_or_an_unreadable_one(odd):
    order = order_json()
    order["legs"] = [leg | odd for leg in order["legs"]]

    (event,) = events_of(json.dumps({"type": "Order", "data": order}))

    assert type(event) in {OrderReport, Unreadable}
