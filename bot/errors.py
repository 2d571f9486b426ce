"""From an error to the sentence that a person gets. Every answer's errors end here, and nowhere else."""

import logging
import secrets

from orders.approval import NotAllowed
from orders.brokers.base import BrokerError, BrokerUnavailable
from orders.lifecycle import IllegalTransition
from orders.resolving import UnresolvedTicket
from orders.verdicts import Denied

log = logging.getLogger(__name__)


class Told(Exception):
    """An answer that ends the matter: its text is the whole answer."""


def sentence_for(error: BaseException) -> str:
    """Return what to say. An unexpected error is logged with its traceback under the reference we give."""
    match error:
        case Told() | NotAllowed() | UnresolvedTicket():
            return capital(str(error))
        case Denied():
            return f"Not recorded: {error.verdict.sentence}."
        case IllegalTransition():
            return f"{capital(str(error))}."
        case BrokerUnavailable():
            return f"{_stop(error)} Nothing was recorded: try again in a moment."
        case BrokerError():  # refused credentials too: a person has to act
            return f"{_stop(error)} Nothing was recorded: tell the desk's staff if it stays so."
    return _unexpected(error)


def _unexpected(error: BaseException) -> str:
    reference = secrets.token_hex(3)
    log.error("reference %s", reference, exc_info=error)
    return f"Something went wrong here (reference {reference}); nothing was sent to the broker."


def _stop(error: BaseException) -> str:
    text = capital(str(error).strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
