"""What a person does with a message that waits: complete it, dismiss it, say what it should have been."""

import re
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from desk.models import Channel, Trader
from orders import proposing, queue
from orders.alerts import message_proposing
from orders.alerts.messages import WAITING
from orders.approval import NotAllowed
from orders.enums import MessageState
from orders.language.alerts import Intent
from orders.language.alerts.drafts import UNSAID
from orders.language.as_json import command_as_json
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Mistake
from orders.language.values import Close, Command, Propose
from orders.models import Message, Order

MOST_LINES: Final = 6
MAY_REVIEW: Final = "orders.review_message"


class Misspelt(Exception):
    """A line that is no order. `mistake` points at the word, in the line as typed."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


def orders_in(text: str) -> list[tuple[str, Command]]:
    """Return the orders of a ticket box, one a line. Raises Misspelt or NotAllowed."""
    lines = [line.strip().removeprefix("!tt").strip() for line in text.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise NotAllowed(f"Write one order a line, at most {MOST_LINES}." if lines else "Write an order.")
    return [(line, _order_in(line)) for line in lines]


def _order_in(line: str) -> Command:
    command = parse_command(line, now=timezone.now(), calendar=NYSE)
    if isinstance(command, Mistake):
        raise Misspelt(command)
    if not isinstance(command, Propose | Close):
        raise NotAllowed(f"`{line}` is no new order: write it in Discord, or use the order's own page.")
    return command


def requester_for(user: User, channel: Channel) -> Trader:
    """Return who stands behind what this user proposes here. Raises NotAllowed or Denied."""
    person: Trader | None = getattr(user, "trader", None)
    if person is None:
        raise NotAllowed("You have no trader's profile: ask the desk's staff to add one.")
    proposing.refuse_unauthorised(channel, person)
    return person


@transaction.atomic
def ask(channel: Channel, text: str, *, by: User) -> Message:
    """Record what was written in the ticket box, and have a worker propose it.

    Raises Misspelt, NotAllowed or Denied.
    """
    lines, now = orders_in(text), timezone.now()
    message = Message(
        channel=channel, author_name=by.get_username(), text=text, posted_at=now, changed_at=now
    )
    message.become(
        MessageState.TO_PROPOSE, by=by.get_username(), now=now, reason="the ticket box",
        requester=requester_for(by, channel), **_understood(lines),
    )  # fmt: skip
    _wake(message)
    return message


def _understood(lines: list[tuple[str, Command]]) -> dict[str, Any]:
    read = joined([command_as_json(command) for _, command in lines])
    return {
        "commands": "\n".join(line for line, _ in lines),
        "remarks": [],
        "intent": read["intent"],
        "reading": read,
    }


def joined(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return orders as `parse --jsonl` prints a message; several under `orders`."""
    if len(found) == 1:
        return found[0]
    return dict.fromkeys(found[0]) | {"intent": found[0]["intent"], "orders": found}


@transaction.atomic
def complete(message_id: int, text: str, *, by: User, version: int) -> Message:
    """Have a worker propose a waiting message as these orders, in this person's name.

    Raises Misspelt, NotAllowed (also where it changed since that version) or Denied.
    """
    message = _waiting(message_id, by, version)
    lines = orders_in(text)
    _refuse_second(message)
    message.become(
        MessageState.TO_PROPOSE, by=by.get_username(), now=timezone.now(), reason=message.reason,
        requester=requester_for(by, message.channel), remarks=[],
        commands="\n".join(line for line, _ in lines),
    )  # fmt: skip
    _wake(message)
    return message


def _refuse_second(message: Message) -> None:
    """Refuse a new order beside one of the same message that may still trade."""
    open_ = [order for order in Order.objects.filter(part_of__message=message) if not order.is_closed]
    if open_:
        raise NotAllowed(f"{open_[0]} of the same message is still open: wait until it is closed.")


@transaction.atomic
def dismiss(message_id: int, *, by: User, reason: str, version: int) -> Message:
    """Take a waiting message off the queue. Raises NotAllowed; a reason is needed."""
    message = _waiting(message_id, by, version)
    if not reason.strip():
        raise NotAllowed("Say why: dismissing needs a reason.")
    message.become(MessageState.DISMISSED, by=by.get_username(), now=timezone.now(), reason=reason.strip())
    return message


@transaction.atomic
def mark_wrong(message_id: int, *, by: User, intent: Intent, text: str = "") -> Message:
    """Record what a message should have been read as; it becomes a test case.

    Raises Misspelt or NotAllowed.
    """
    message = message_proposing.locked(message_id)
    _require(by)
    if not message.is_alert:
        raise NotAllowed("Only what was said in a channel can have been read wrong.")
    message.is_marked_wrong, message.marked_by = True, by
    message.expected = expected(intent, text, said_at=message.posted_at)
    message.save(update_fields=["is_marked_wrong", "marked_by", "expected"])
    return message


def expected(intent: Intent, text: str, *, said_at: datetime) -> dict[str, Any]:
    """Return the right reading in the form of a test case. Raises Misspelt or NotAllowed.

    The lines of `text` are read as of when the message was said: its days may be past by now.
    """
    if not intent.is_order:
        return {"intent": intent.value}
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    read = joined([_right(line, said_at) for line in lines])
    said = {
        key: value for key, value in read.items() if key not in {"reason", "fraction"} or value is not None
    }
    return said | {"intent": intent.value}


def _right(line: str, said_at: datetime) -> dict[str, Any]:
    """Read a line that says what a message meant: an order, or a close. Raises Misspelt or NotAllowed.

    The quantity and the price may be a `?`: the message does not say them.
    """
    whole = line.replace(f"@ {UNSAID}", "")
    counted = re.sub(rf"^(\w+) {re.escape(UNSAID)}(?= )", r"\1 1", whole)
    command = parse_command(counted, now=said_at, calendar=NYSE)
    if isinstance(command, Mistake):
        raise Misspelt(command)
    if not isinstance(command, Propose | Close):
        raise NotAllowed("Write the order that the message means.")
    return command_as_json(command) | ({"qty": None} if counted != whole else {})


def _waiting(message_id: int, user: User, version: int) -> Message:
    """Return a waiting message under its lock. Raises NotAllowed."""
    _require(user)
    message = message_proposing.locked(message_id)
    if message.version != version:
        raise NotAllowed("It changed meanwhile: look again.")
    if message.state not in WAITING:
        raise NotAllowed(f"It waits for nobody any more: it is {message.get_state_display().lower()}.")
    return message


def _require(user: User) -> None:
    if not user.is_active or not user.has_perm(MAY_REVIEW):
        raise NotAllowed("You need the right to review messages.")


def _wake(message: Message) -> None:
    """Wake a worker once the transaction has committed; the sweep does it otherwise."""
    transaction.on_commit(partial(queue.publish, "orders.tasks.propose_message", message.pk))
