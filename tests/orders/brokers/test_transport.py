"""What the transport notes of a request, and what it refuses, without the SDK above it."""

import asyncio
import socket
from contextlib import suppress

import httpx2
import pytest

from orders.brokers.base import HostNotSealed
from orders.brokers.records import Call, recording
from orders.brokers.sealing import Seal, seal_of
from orders.brokers.transport import SealedTransport
from tests.orders.brokers.wire_server import TOKEN_PATH, answer, free_port, hang_up

REST = "https://api.cert.tastyworks.com"


def practice(port: int) -> Seal:
    return seal_of("practice", practice_url=f"http://127.0.0.1:{port}")


def real(host: str) -> Seal:
    """Return a seal without a stand-in, as sandbox and production have, of a host of the test's."""
    return Seal("sandbox", host, "wss://streamer.example")


async def recorded(seal: Seal, *paths: str, method: str = "GET", pause=None) -> Call:
    """Make the requests through one client and return the call; their failures are left to its records."""
    call = Call(10)
    async with httpx2.AsyncClient(transport=SealedTransport(seal), timeout=3) as client:
        for path in paths:
            with recording(call), suppress(httpx2.HTTPError):
                await client.request(method, f"{seal.rest}{path}")
            if pause:
                await pause()
    return call


async def test_a_request_is_recorded_with_its_answer(server):
    server.on("GET", "/x", answer({"data": 1}))

    (record,) = (await recorded(practice(server.port), "/x?page=2")).records

    assert (record.method, record.path, record.status, record.body) == ("GET", "/x", 200, b'{"data": 1}')
    assert (record.bytes_began, record.content_type) == (True, "application/json")
    assert record.date == "Mon, 23 Nov 2026 14:30:05 GMT"
    assert server.asked[0].headers["host"] == f"127.0.0.1:{server.port}"


async def test_a_granted_token_is_not_kept_in_the_record(server):
    (record,) = (await recorded(practice(server.port), TOKEN_PATH, method="POST")).records

    assert (record.status, record.body) == (200, None)


@pytest.mark.parametrize(
    "seal",
    [
        pytest.param(lambda _: practice(free_port()), id="nobody listens"),
        pytest.param(lambda _: real("https://nowhere.invalid"), id="no such name"),
        pytest.param(lambda server: real(f"https://127.0.0.1:{server.port}"), id="no TLS there"),
    ],
)
async def test_without_a_connection_no_byte_began(server, seal):
    (record,) = (await recorded(seal(server), "/x", method="POST")).records

    assert (record.bytes_began, record.status) == (False, None)


async def test_a_connection_is_kept_for_the_next_request(server):
    server.on("GET", "/x", answer({}, keep=True))

    call = await recorded(practice(server.port), "/x", "/x")

    assert [record.status for record in call.records] == [200, 200]
    assert server.opened == 1


async def test_a_kept_connection_that_dies_under_a_request_counts_as_begun(server):
    server.on("GET", "/x", answer({}, keep=True), hang_up)

    call = await recorded(practice(server.port), "/x", "/x")

    assert [(r.status, r.bytes_began) for r in call.records] == [(200, True), (None, True)]
    assert (server.opened, server.paths()) == (1, ["GET /x", "GET /x"])


async def test_a_kept_connection_found_dead_is_replaced_before_a_byte_is_written(server):
    promise_and_hang_up = answer({}, keep=True)
    server.on("GET", "/x", lambda *asked: promise_and_hang_up(*asked) and False, answer({}))

    call = await recorded(practice(server.port), "/x", "/x", pause=lambda: asyncio.sleep(0.5))

    assert [r.status for r in call.records] == [200, 200]
    assert server.opened == 2


async def test_a_host_outside_of_the_seal_opens_no_socket(server):
    seal = practice(server.port)
    async with httpx2.AsyncClient(transport=SealedTransport(seal)) as client:
        with pytest.raises(HostNotSealed):
            await client.post("https://api.tastyworks.com/accounts/1/orders")
        with pytest.raises(HostNotSealed):
            await client.post(f"{server.url}/accounts/1/orders")

    assert server.opened == 0


async def test_no_redirect_leads_out_of_the_seal(server):
    def away(connection: socket.socket, _) -> None:
        connection.sendall(
            b"HTTP/1.1 307 x\r\nlocation: https://api.tastyworks.com/\r\ncontent-length: 0\r\n\r\n"
        )

    server.on("GET", "/x", away)
    transport = SealedTransport(practice(server.port))
    async with httpx2.AsyncClient(transport=transport, follow_redirects=True) as client:
        with pytest.raises(HostNotSealed):
            await client.get(f"{REST}/x")


async def test_the_environments_proxies_are_not_used(server, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    server.on("GET", "/x", answer({}))

    (record,) = (await recorded(practice(server.port), "/x")).records

    assert record.status == 200
