"""The account streamer, read so that nothing it says can kill it.

It says nothing on connecting of what happened before and repeats nothing after a reconnect: read the
orders by REST after each Connected. Protocol: the broker's pages on streaming account data.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from orders.brokers import reading
from orders.brokers.base import BrokerOrder, BrokerUnavailable, CredentialsRefused
from orders.brokers.sealing import Seal

logger = logging.getLogger(__name__)
# The library prints whole frames at DEBUG, and ours hold tokens: its logger stays above that.
wire_logger = logging.getLogger(f"{__name__}.wire")
wire_logger.setLevel(logging.WARNING)

SOURCE = "discord-tastytrade-desk"
MOST_BYTES = 8 * 1024 * 1024  # a report repeats all fills so far
CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Connected:
    """Reports come from now on; what came before must be read by REST."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The last event of a stream, with a sentence why. When to connect again is the caller's choice."""

    cause: str


@dataclass(frozen=True, slots=True)
class OrderReport:
    """The whole order as it now stands; every report repeats all earlier fills."""

    order: BrokerOrder


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that should have been an order, or was no message at all: a break to show."""

    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else: a balance, a position, a heartbeat's answer, a type we do not know."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


StreamEvent: TypeAlias = Connected | Disconnected | OrderReport | Unreadable | Other


@dataclass(frozen=True, slots=True)
class Pace:
    """How often we speak, and how long a silence we bear. Seconds."""

    heartbeat: float = 20.0  # the broker wants one every 2 to 60 s
    silence: float = 60.0  # without even a heartbeat's answer the connection is dead
    connect: float = 10.0


PACE = Pace()


class Streamable(Protocol):
    """What a stream needs of the broker."""

    account_number: str

    @property
    def seal(self) -> Seal: ...
    def fresh_token(self) -> str: ...
    def forget_token(self) -> None: ...


async def account_messages(
    broker: Streamable, *, accounts: Sequence[str] = (), pace: Pace = PACE
) -> AsyncGenerator[StreamEvent, None]:
    """Yield what the broker reports of the accounts, its own one by default, until the connection ends.

    The last event is Disconnected. Raises CredentialsRefused and HostNotSealed, which no reconnect
    would mend. Runs on the caller's asyncio loop; tokens are fetched in a thread.
    """
    value, cause, is_connected = list(accounts or [broker.account_number]), "", False
    time = asyncio.get_running_loop().time
    try:
        async with _connection(broker.seal, pace) as socket:
            voice = _Voice(socket, broker)
            await voice.say("connect", value=value)  # a heartbeat before it would be refused
            patient_until = time() + pace.connect  # for the answer, whatever else is said before it
            async with voice.beating(pace):
                while not cause:
                    async with asyncio.timeout_at(patient_until):
                        text = await socket.recv()
                    for event in events_of(text):
                        is_connected = is_connected or isinstance(event, Connected)
                        if isinstance(event, Disconnected):
                            cause = event.cause
                            broker.forget_token()  # it may be void: the next connection asks for another
                            break
                        yield event
                    patient_until = time() + pace.silence if is_connected else patient_until
    except TimeoutError:
        cause = f"silent for {pace.silence:g} s" if is_connected else "no answer to connecting"
    except (OSError, WebSocketException, ValueError) as error:  # ValueError: a redirect, not followed
        cause = f"{type(error).__name__}: {error}"
    except BrokerUnavailable as error:
        cause = str(error)
    yield Disconnected(cause)


def _connection(seal: Seal, pace: Pace) -> connect:
    """Return the sealed connection, not yet open.

    Host and port are named so that the library follows no redirect to another host.
    """
    url = urlsplit(seal.route("GET", f"{seal.streamer}/"))
    return connect(
        url.geturl(),
        host=url.hostname,
        port=url.port or (443 if url.scheme == "wss" else 80),
        proxy=None,
        logger=wire_logger,
        max_size=MOST_BYTES,
        open_timeout=pace.connect,
        close_timeout=CLOSE_SECONDS,
    )


class _Voice:
    """Our side of the conversation: each message carries a token that is good when it is sent."""

    def __init__(self, socket: ClientConnection, broker: Streamable) -> None:
        self._socket = socket
        self._broker = broker
        self._request_ids = count(1)
        self._refused: CredentialsRefused | None = None

    async def say(self, action: str, **more: Any) -> None:
        token = await asyncio.to_thread(self._broker.fresh_token)
        message = {
            "action": action,
            "auth-token": f"Bearer {token}",
            "request-id": next(self._request_ids),
            "source": SOURCE,
        }
        await self._socket.send(json.dumps(message | more))

    @asynccontextmanager
    async def beating(self, pace: Pace) -> AsyncIterator[None]:
        """Keep the connection alive meanwhile. Raises CredentialsRefused if the grant is lost."""
        beats = asyncio.create_task(self._beat(pace.heartbeat))
        try:
            yield
        finally:
            beats.cancel()
            await asyncio.gather(beats, return_exceptions=True)
            if self._refused is not None:
                raise self._refused

    async def _beat(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.say("heartbeat")
            except BrokerUnavailable as error:  # a token that could not be refreshed; reports still come
                logger.warning("A heartbeat was left out: %s", error)
            except CredentialsRefused as error:
                self._refused = error  # kept before the closing, which ends the reader and with it this task
                await self._socket.close()
                return


def events_of(text: str | bytes) -> Iterator[StreamEvent]:
    """Return the events of one frame, which may hold a batch. Pure; nothing makes it raise."""
    try:
        return iter(list(_events(json.loads(text))))
    except (ValueError, RecursionError):  # no JSON, or nested without end
        return iter([Unreadable({"message": str(text)})])


def _events(message: Any) -> Iterator[StreamEvent]:
    if not isinstance(message, dict):
        yield Unreadable({"message": message})
    elif isinstance(message.get("results"), list):
        for part in message["results"]:
            yield from _events(part)
    elif message.get("type") == "Order":
        yield _report(message)
    elif "action" in message or "status" in message:
        yield _answer(message)
    else:
        data = message.get("data")
        yield Other(str(message.get("type", "")), data if isinstance(data, dict) else {})


def _report(message: Mapping[str, Any]) -> StreamEvent:
    try:
        return OrderReport(reading.read_order(message.get("data") or {}))
    except reading.Unreadable:
        return Unreadable(message)


def _answer(message: Mapping[str, Any]) -> StreamEvent:
    action = str(message.get("action", ""))
    if message.get("status") == "error":
        return Disconnected(f"the broker refused {action or 'a message'}: {message.get('message', '')}")
    return Connected() if action == "connect" else Other(action)
