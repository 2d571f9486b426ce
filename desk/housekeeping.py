"""What the housekeeping schedule does of the desk's own: it forgets whose session has ended."""

from django.contrib.sessions.backends.db import SessionStore


def forget_sessions() -> None:
    """Remove ended sessions of the admin: their rows would stay for ever."""
    SessionStore.clear_expired()
