import asyncio
import threading
import time

import httpx2
import pytest

from orders.brokers import loop
from orders.brokers.records import Call, TooLate
from orders.brokers.sealing import seal_of
from orders.brokers.transport import SealedTransport
from tests.orders.brokers.wire_server import answer


@pytest.fixture(autouse=True)
def closed_loop():
    yield
    loop.close()


async def nothing() -> int:
    return 7


def test_what_the_function_returns_comes_back_and_leaves_the_call_open():
    call = Call(2)

    assert loop.run(call, nothing) == 7
    assert call.is_abandoned is False


@pytest.mark.parametrize("error", [ValueError("x"), RuntimeError("y")], ids=["value", "runtime"])
def test_what_the_function_raises_comes_back_and_closes_the_call(error):
    call = Call(2)

    async def fails() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        loop.run(call, fails)
    assert raised.value is error
    assert call.is_abandoned is True


def test_a_call_past_its_deadline_is_cancelled_and_closed():
    call, ended = Call(0.1), threading.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        loop.run(call, waits)
    assert (call.is_abandoned, ended.wait(10)) == (True, True)


def test_the_caller_does_not_wait_for_a_loop_that_hangs():
    released = threading.Event()
    loop.running().call_soon_threadsafe(released.wait, 30)
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        loop.run(Call(0.1), nothing)

    took = time.monotonic() - started
    released.set()
    assert took < 10


def test_a_request_that_comes_after_its_deadline_writes_nothing_on_a_warm_connection(server):
    server.on("GET", "/x", answer({}, keep=True))
    seal = seal_of("practice", practice_url=server.url)

    client = httpx2.AsyncClient(transport=SealedTransport(seal))

    async def late() -> None:
        time.sleep(0.3)  # noqa: ASYNC251 -- the loop hangs past the deadline
        await client.get(f"{seal.rest}/x")

    loop.run(Call(10), lambda: client.get(f"{seal.rest}/x"))
    with pytest.raises(TooLate):
        loop.run(Call(0.2), late)
    loop.run(Call(10), client.aclose)

    assert server.paths() == ["GET /x"]


def test_a_call_under_way_when_the_loop_is_closed_has_ended():
    begun = threading.Event()

    async def waits() -> None:
        begun.set()
        await asyncio.sleep(30)

    def close_once_begun() -> None:
        begun.wait(20)
        loop.close()

    closer = threading.Thread(target=close_once_begun)
    closer.start()
    with pytest.raises(loop.Ended):
        loop.run(Call(5), waits)
    closer.join()


def test_a_closed_loop_is_followed_by_another():
    first = loop.running()
    loop.close()

    assert loop.run(Call(2), nothing) == 7
    assert loop.running() is not first
