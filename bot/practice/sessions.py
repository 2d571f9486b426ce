"""Gateway sessions: what each bot has been sent, kept so that it can resume."""

import secrets
import time
from collections import deque
from typing import Protocol

from bot.practice import world
from bot.practice.intents import MESSAGE_CONTENT
from bot.practice.messages import JSON
from bot.practice.render import without_content

REPLAY_LIMIT = 5000  # events kept for a client that is away
RESUME_SECONDS = 300  # how long a lost client may come back

WITH_CONTENT = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})


class Outlet(Protocol):
    """The connection that carries a session at the moment."""

    def send(self, frame: JSON) -> None:
        """Put a frame on its way."""


class Session:
    """One identified client: its intents, its sequence, and the events it could ask for again."""

    def __init__(self, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.sequence = 0
        self.outlet: Outlet | None = None
        self.left_at: float | None = None
        self._sent: deque[JSON] = deque(maxlen=REPLAY_LIMIT)

    def dispatch(self, name: str, payload: JSON) -> None:
        """Number an event, remember it, and send it if the client is there."""
        self.sequence += 1
        frame: JSON = {"op": 0, "t": name, "s": self.sequence, "d": payload}
        self._sent.append(frame)
        if self.outlet is not None:
            self.outlet.send(frame)

    def can_replay(self, sequence: int) -> bool:
        """Tell whether every event after `sequence` is still here."""
        if sequence > self.sequence:
            return False
        oldest = self._sent[0]["s"] if self._sent else self.sequence + 1
        return bool(oldest <= sequence + 1)

    def missed(self, sequence: int) -> list[JSON]:
        """Return the events after `sequence`."""
        return [frame for frame in self._sent if frame["s"] > sequence]

    def attach(self, outlet: Outlet) -> None:
        """Send events over this connection from now on."""
        self.outlet, self.left_at = outlet, None

    def detach(self, outlet: Outlet) -> None:
        """Keep events for a client whose connection is gone, unless a newer one took over."""
        if self.outlet is outlet:
            self.outlet, self.left_at = None, time.monotonic()


class Sessions:
    """All sessions of the desk's bot."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def open(self, intents: int) -> Session:
        """Start a session."""
        self._drop_stale()
        session = Session(intents)
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """Return the session of that id while it can be resumed."""
        self._drop_stale()
        return self._sessions.get(session_id)

    def forget(self) -> None:
        """Lose every session, as a restarted gateway does."""
        self._sessions.clear()

    def close(self, session: Session) -> None:
        """Lose one session: a client that closed with 1000 or 1001 does not resume."""
        self._sessions.pop(session.id, None)

    def connected(self) -> list[Session]:
        """Return the sessions whose client is there."""
        return [session for session in self._sessions.values() if session.outlet is not None]

    def dispatch(self, name: str, payload: JSON, *, intent: int) -> None:
        """Send an event to every session that asked for that intent (0: to all)."""
        for session in list(self._sessions.values()):
            if not intent or session.intents & intent:
                session.dispatch(name, visible(name, payload, session.intents))

    def _drop_stale(self) -> None:
        oldest = time.monotonic() - RESUME_SECONDS
        self._sessions = {
            session_id: session
            for session_id, session in self._sessions.items()
            if session.left_at is None or session.left_at > oldest
        }


def visible(name: str, payload: JSON, intents: int) -> JSON:
    """Return the event as those intents see it.

    Without the message content intent a bot still reads direct messages, its own messages and
    those that mention it.
    """
    if name not in WITH_CONTENT or intents & MESSAGE_CONTENT or "guild_id" not in payload:
        return payload
    own = payload["author"]["id"] == str(world.BOT.id)
    mentioned = any(user["id"] == str(world.BOT.id) for user in payload["mentions"])
    return payload if own or mentioned else without_content(payload)
