"""What the processes write: one line each, UTC, and never a secret."""

import logging
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

SECRET_SETTINGS = (
    "SECRET_KEY",
    "DISCORD_TOKEN",
    "TASTYTRADE_SANDBOX_CLIENT_SECRET",
    "TASTYTRADE_SANDBOX_REFRESH_TOKEN",
    "TASTYTRADE_PRODUCTION_CLIENT_SECRET",
    "TASTYTRADE_PRODUCTION_REFRESH_TOKEN",
)
SHORTEST = 6  # a shorter word would blank half of what is said
BEARER = re.compile(r"(Bearer|Bot)\s+[\w.~+/=-]{8,}")


def redacted(text: str) -> str:
    """Return the text with every configured secret and every bearer token blanked."""
    # The longest first: one secret may begin like another, and its end would stay.
    for name, secret in sorted(_secrets(), key=lambda each: len(each[1]), reverse=True):
        text = text.replace(secret, f"<{name}>")
    return BEARER.sub(r"\1 <token>", text)


def _secrets() -> Iterator[tuple[str, str]]:
    found = {name: getattr(settings, name, "") for name in SECRET_SETTINGS}
    found["DATABASE_URL"] = str(settings.DATABASES["default"].get("PASSWORD") or "")
    found["CELERY_BROKER_URL"] = urlsplit(settings.CELERY_BROKER_URL).password or ""
    return ((name, secret) for name, secret in found.items() if len(secret) >= SHORTEST)


class Redact(logging.Filter):
    """Blank secrets in a record, its arguments, its traceback and its stack before any handler prints it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(_message(record)), ()
        if record.exc_info:
            record.exc_text = redacted(
                record.exc_text or logging.Formatter().formatException(record.exc_info)
            )
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit must not break who logs
        return f"{record.msg} {record.args}"


class UtcFormatter(logging.Formatter):
    """Formats a record's time as UTC."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
