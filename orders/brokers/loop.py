"""One event loop in one thread per process, which owns every session with the broker.

Made at the first call and once per process: after a fork the child makes its own. Plain asyncio rather
than anyio's BlockingPortal: starting a task there waits for the loop without a limit, and a portal left
open hangs a forked child, whose loop thread is gone, when it is collected.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import TypeVar

import anyio

from orders.brokers.records import Call, recording

T = TypeVar("T")
GRACE_SECONDS = 0.25  # for the loop to deliver its own deadline before the caller stops waiting
STOP_SECONDS = 2.0


class Ended(Exception):
    """The loop was closed while a call was made."""


class _Loop:
    """An event loop in a daemon thread."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._serve, name="broker", daemon=True)
        self._thread.start()
        self.running = self._started.result()

    def _serve(self) -> None:
        with asyncio.Runner() as runner:  # which cancels what still runs when it ends
            self._started.set_result(runner.get_loop())
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        await self._stopped.wait()

    def stop(self) -> None:
        """Stop, and wait for it a moment; a loop that hangs dies with the process."""
        self.running.call_soon_threadsafe(self._stopped.set)
        self._thread.join(STOP_SECONDS)


class _Held:
    """The process's loop, if there is one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: _Loop | None = None


_held = _Held()


def _forget() -> None:
    """Forget the parent's loop in a forked child: its thread did not come along."""
    global _held
    _held = _Held()


os.register_at_fork(after_in_child=_forget)


def running() -> asyncio.AbstractEventLoop:
    """Return the process's loop, started if need be."""
    with _held.lock:
        if _held.loop is None:
            _held.loop = _Loop()
        return _held.loop.running


def close() -> None:
    """End the loop, cancelling what still runs on it; the next call starts a new one."""
    with _held.lock:
        ended, _held.loop = _held.loop, None
    if ended:
        ended.stop()


def run(call: Call, function: Callable[[], Awaitable[T]]) -> T:
    """Await `function` on the loop and return what it returns, within the call's remaining seconds.

    Raises TimeoutError past them, even when the loop itself hangs, and Ended. Whatever is raised, the
    call is closed first, so that no request of it begins afterwards.
    """
    seconds = call.remaining_seconds

    async def within() -> T:
        with recording(call), anyio.fail_after(seconds):
            return await function()

    future = _submitted(within())
    try:
        return future.result(seconds + GRACE_SECONDS)
    except CancelledError as error:
        call.abandon()
        raise Ended("the loop was closed") from error
    except BaseException:
        call.abandon()
        future.cancel()
        raise


def _submitted(coroutine: Coroutine[object, object, T]) -> Future[T]:
    """Hand a coroutine to the loop, without waiting for it. Raises Ended."""
    try:
        return asyncio.run_coroutine_threadsafe(coroutine, running())
    except RuntimeError as error:  # closed by another thread between the two
        coroutine.close()
        raise Ended("the loop was closed") from error
