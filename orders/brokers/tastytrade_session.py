"""The SDK's session of one account, living on the process's loop; reads of raw JSON through it."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx2
from django.conf import settings
from tastytrade import Session

from orders.brokers import loop
from orders.brokers.answers import answer, token_error
from orders.brokers.base import HostNotSealed
from orders.brokers.credentials import Credentials
from orders.brokers.records import TOKEN_PATH, Call, RequestRecord, TooLate
from orders.brokers.sealing import Seal
from orders.brokers.transport import SealedTransport
from orders.enums import EnvironmentName

logger = logging.getLogger(__name__)
# On import the SDK sets its logger to DEBUG, where it prints connect messages, tokens and all.
logging.getLogger("tastytrade").setLevel(logging.WARNING)

SPEAKING = (httpx2.HTTPError, OSError, TooLate)  # errors whose own words help and hold no secret
Asking = Callable[[Session], Awaitable[object]]


class QuietSession(Session):
    """The SDK's session, which hands its JSON to the HTTP client under a name that is deprecated there."""

    async def _post(self, url: str, **kwargs: Any) -> dict[str, Any]:
        return await super()._post(url, **_renamed(kwargs))

    async def _put(self, url: str, **kwargs: Any) -> dict[str, Any]:
        return await super()._put(url, **_renamed(kwargs))


def _renamed(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"content" if name == "data" else name: value for name, value in kwargs.items()}


class BrokerSession:
    """Sync and thread-safe: every call runs on the loop, against a deadline of its own."""

    def __init__(self, seal: Seal, credentials: Credentials) -> None:
        self.seal = seal
        self._credentials = credentials
        self._session: Session | None = None

    def call(self, **gate: Any) -> Call:
        """Return a call with the desk's deadline, which starts now."""
        return Call(seconds=settings.CALL_SECONDS, **gate)

    def attempt(self, call: Call, ask: Asking) -> str:
        """Ask the SDK. Return why it failed, empty if it did not; the call's record says what happened.

        Raises HostNotSealed only.
        """

        async def tried() -> str:
            try:
                await ask(self._opened())
            except HostNotSealed:
                raise
            except Exception as error:  # noqa: BLE001 -- the SDK raises anything; the record decides
                return why(error)
            return ""

        try:
            return loop.run(call, tried)
        except TimeoutError:
            return f"no answer within {call.seconds:g} s"
        except loop.Ended:
            return "the desk's connection was being closed"

    def _opened(self) -> Session:
        """Return the session, made at first use; only ever called on the loop."""
        if self._session is None:
            self._session = self._made()
        return self._session

    def _made(self) -> Session:
        return QuietSession(
            self._credentials.client_secret,
            self._credentials.refresh_token,
            is_test=self.seal.environment is not EnvironmentName.PRODUCTION,
            transport=SealedTransport(self.seal),
            timeout=settings.CALL_SECONDS,
        )

    def lent(self, session: Session) -> Session:
        """Return a session with the same token and a transport of its own, to be closed after one use."""
        lent = self._made()
        lent.session_token, lent.session_expiration = session.session_token, session.session_expiration
        lent._client.headers["Authorization"] = f"Bearer {session.session_token}"
        return lent

    # --- the token ---------------------------------------------------------------------------------

    def refresh(self, call: Call | None = None) -> None:
        """Make the token good for a minute more. Raises BrokerUnavailable, CredentialsRefused."""
        call = call or self.call()
        if cause := self.attempt(call, lambda session: session.refresh()):
            raise token_error(call.last(), cause)

    def fresh_token(self) -> str:
        """Return an access token good for a minute. Raises as `refresh`."""
        self.refresh()
        return self._session.session_token if self._session else ""

    def expire(self) -> None:
        """Forget the token, which the broker refused: the next refresh asks for another."""
        if self._session:
            self._session.session_expiration = 0.0

    # --- reads -------------------------------------------------------------------------------------

    def get(self, path: str, params: Any = None, *, call: Call | None = None) -> dict[str, Any]:
        """Return the JSON object of an answer. Raises BrokerError, of the kind that fits."""
        return answer(*self.asked(call or self.call(), lambda session: session._get(path, params=params)))

    def asked(self, call: Call, ask: Asking) -> tuple[RequestRecord | None, str]:
        """Ask for what changes nothing; return the record of its last request, and why it failed if so.

        A refused token is refreshed once and the same asked again.
        """
        record, cause = self._asked_once(call, ask)
        if record and record.status == 401 and record.path != TOKEN_PATH:
            self.expire()
            record, cause = self._asked_once(call, ask)
        return record, cause

    def _asked_once(self, call: Call, ask: Asking) -> tuple[RequestRecord | None, str]:
        """Ask, and look only at requests of this time: the call may hold those of earlier pages."""
        earlier = len(call.records)
        cause = self.attempt(call, ask)
        made = call.records[earlier:]
        return (made[-1] if made else None), cause

    def close(self) -> None:
        """Close the session's connections; the next call opens it again. They may be dead already."""
        session, self._session = self._session, None
        if session:
            with suppress(TimeoutError, loop.Ended):
                loop.run(self.call(), session._client.aclose)


def why(error: BaseException) -> str:
    """Return an error as a few words for people, without secrets."""
    if isinstance(error, BaseExceptionGroup):
        return why(error.exceptions[0])
    words = str(error)[:200] if isinstance(error, SPEAKING) else ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
