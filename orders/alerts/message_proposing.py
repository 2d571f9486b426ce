"""What a message comes to is priced and recorded: all of its lines, or none and a person is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from desk.models import Trader
from orders import closing, proposing
from orders.alerts.messages import UNDER_WAY
from orders.approval import NotAllowed
from orders.brokers.base import Broker, BrokerError
from orders.enums import MessageState
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Mistake
from orders.language.values import Close, Propose
from orders.models import Message, MessageOrder
from orders.proposing import Prepared
from orders.resolving import UnresolvedTicket
from orders.verdicts import Denied

GetBroker = Callable[[str, str], Broker]  # (environment, account number)
LEASE = timedelta(seconds=30)
# What nobody saw through after this long is a person's again: the market it spoke of is gone.
STALE = timedelta(seconds=120)


def locked(message_id: int) -> Message:
    """Return the message under its row lock. Inside atomic only."""
    messages = Message.objects.select_for_update(of=("self",))
    return messages.select_related("channel__account__environment", "channel__policy", "requester__user").get(
        pk=message_id
    )


def claim(message_id: int) -> bool:
    """Take a completed message for this worker; False where another has it. One UPDATE decides the race."""
    now = timezone.now()
    free = Message.objects.to_propose(now).filter(pk=message_id)
    return free.update(leased_until=now + LEASE) == 1


@dataclass(frozen=True, slots=True)
class Part:
    """One line, priced and ready to be recorded."""

    line: str
    prepared: Prepared


def propose(message_id: int, *, get_broker: GetBroker) -> Message:
    """Price every line of a message and record its orders, or refer it with the reason. Safe twice.

    The broker is asked outside any transaction; what changed meanwhile is noticed by the version.
    """
    message = _read(message_id)
    if message.state not in UNDER_WAY or not message.lines:
        return message
    try:
        parts = [_prepare(message, n, get_broker) for n in range(len(message.lines))]
    except (NotAllowed, Denied, UnresolvedTicket, BrokerError) as refusal:
        return refer(message_id, str(refusal), version=message.version)
    return _record(message, parts)


def _read(message_id: int) -> Message:
    related = ("channel__account__environment", "channel__policy", "requester__user")
    return Message.objects.select_related(*related).get(pk=message_id)


def _prepare(message: Message, number: int, get_broker: GetBroker) -> Part:
    line, account = message.lines[number], message.channel.account
    command, broker = _order(line, message), get_broker(account.environment_id, account.number)
    channel, trader = message.channel, _requester(message)
    if isinstance(command, Close):
        prepared = closing.prepare(command, channel=channel, trader=trader, broker=broker)
    else:
        prepared = proposing.prepare(command.ticket, channel=channel, trader=trader, broker=broker)
    remarks = message.remarks[number] if number < len(message.remarks) else []
    dry_run = replace(prepared.dry_run, warnings=(*prepared.dry_run.warnings, *remarks))
    return Part(line, replace(prepared, dry_run=dry_run))


def _requester(message: Message) -> Trader:
    if message.requester is None:
        raise NotAllowed("nobody stands behind it")
    return message.requester


def _order(line: str, message: Message) -> Propose | Close:
    """Read a line as an order for the message's channel. Raises NotAllowed."""
    command = parse_command(line, now=timezone.now(), calendar=NYSE)
    if isinstance(command, Mistake):
        raise NotAllowed(command.message)
    if not isinstance(command, Propose | Close):
        raise NotAllowed(f"`{line}` is no order")
    account = message.channel.account.number
    asked = command.ticket.account if isinstance(command, Propose) else command.terms.account
    if asked not in {"", account}:
        raise NotAllowed(f"{message.channel} trades account {account}, not {asked}")
    return command


@transaction.atomic
def _record(message: Message, parts: list[Part]) -> Message:
    """Record the orders of all parts, unless somebody changed the message meanwhile."""
    kept = locked(message.pk)
    if kept.version != message.version or kept.state not in UNDER_WAY:
        return kept
    trader = _requester(message)
    for number, part in enumerate(parts):
        order = proposing.record(
            part.prepared,
            channel=message.channel,
            trader=trader,
            discord_message_id=None,
            text=f"!tt {part.line}",
        )
        MessageOrder.objects.create(message=kept, revision=kept.revision, part=number, order=order)
    by_hand = kept.state == MessageState.TO_PROPOSE
    state = MessageState.COMPLETED if by_hand else MessageState.PROPOSED
    kept.become(state, by=trader.user.get_username(), now=timezone.now())
    return kept


@transaction.atomic
def refer(message_id: int, reason: str, *, version: int) -> Message:
    """Give a message that the desk has in hand to a person, unless it changed since that version."""
    message = locked(message_id)
    if message.version == version and message.state in UNDER_WAY:
        message.become(
            MessageState.REVIEW, by="desk", now=timezone.now(), reason=reason, answer=needs_a_person(reason)
        )
    return message


def refer_stale(now: datetime) -> int:
    """Give people what a process left behind when it died, or no worker took; return how many. Safe twice."""
    left = Message.objects.filter(state__in=UNDER_WAY, changed_at__lt=now - STALE)
    found = list(left.values_list("pk", "version"))
    for message_id, version in found:
        refer(message_id, "the desk was interrupted before it was proposed", version=version)
    return len(found)


def needs_a_person(reason: str) -> str:
    return f"Needs a person: {reason.rstrip('.')}."
