"""Ctrl-C, SIGTERM and a closed terminal all mean: end everything, in order, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A person or the machine wants an end. Not an Exception: nothing on the way may swallow it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped at the first signal; the next ones are ignored, so that the end is not cut short."""
    before = {number: signal.signal(number, _stop) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped
