"""A message of a channel comes in: recorded once, read, and proposed, referred to a person or left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from desk.models import Channel, Trader
from orders.alerts import message_proposing
from orders.alerts.lines import Doubtful, Line, drafts_of, lines_of
from orders.alerts.positions import readable
from orders.brokers.base import Broker, BrokerError
from orders.enums import MessageState
from orders.holdings import holdings
from orders.language.alerts import Intent, Reading, complete_close, read_alert, refer_expired
from orders.language.calendar import NEW_YORK, NYSE
from orders.models import Message

GetBroker = Callable[[str, str], Broker]  # (environment, account number)

AWAY = "came while the desk was away"
NO_TRADER = "its author is no trader here, and the channel names nobody for its alerts"


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as its channel shows it now."""

    message_id: int
    author_id: int
    author_name: str
    text: str
    posted_at: datetime
    embed_title: str = ""
    is_person: bool = True  # no bot, no webhook


def take_in(posted: Posted, channel: Channel, get_broker: GetBroker, *, late: str = "") -> Message | None:
    """Record, read and act on a message. None where it is not the desk's to read, or was read before.

    `late` says why nothing of it may be proposed by itself any more.
    """
    message = hear(posted, channel)
    return None if message is None else read(message, get_broker, late=late)


def hear(posted: Posted, channel: Channel) -> Message | None:
    """Record a message once; None where it was before, or where nobody listens to its author."""
    if not channel.reads_alerts or not is_listened_to(posted, channel):
        return None
    message, is_new = Message.objects.get_or_create(
        discord_message_id=posted.message_id,
        defaults={
            "channel": channel,
            "author_id": posted.author_id,
            "author_name": posted.author_name[:150],
            "text": posted.text,
            "embed_title": posted.embed_title[:300],
            "posted_at": posted.posted_at,
            "changed_at": timezone.now(),
            "requester": requester_of(posted.author_id, channel),
        },
    )
    return message if is_new else None


def is_listened_to(posted: Posted, channel: Channel) -> bool:
    """Whether its alerts are read here: the channel's traders', and whoever's the channel lists."""
    if posted.author_id in channel.alert_author_ids:
        return True
    return posted.is_person and trader_of(posted.author_id, channel) is not None


def requester_of(author_id: int, channel: Channel) -> Trader | None:
    """Return in whose name a message is proposed: its author's, else whom the channel names."""
    return trader_of(author_id, channel) or channel.alert_trader


def trader_of(author_id: int, channel: Channel) -> Trader | None:
    active = channel.traders.filter(is_active=True, user__is_active=True)
    return active.select_related("user").filter(discord_user_id=author_id).first()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to become of a reading. With lines it is to be proposed."""

    state: MessageState
    reason: str = ""
    lines: tuple[Line, ...] = ()


def read(
    message: Message, get_broker: GetBroker, *, late: str = "", noise: MessageState | None = None
) -> Message:
    """Read a heard message and see it through; `noise` is what it becomes where no order is left in it.

    Whoever changed the message meanwhile wins: then nothing of this reading is kept.
    """
    reading = reading_of(message)
    judged = judge(reading, message, get_broker, late=late)
    if judged.state is MessageState.NOISE and noise is not None:
        judged = Judgement(noise, "edited: no order is left in it")
    message = _keep(message, reading, judged)
    return message_proposing.propose(message.pk, get_broker=get_broker) if judged.lines else message


def reading_of(message: Message) -> Reading:
    reading = read_alert(message.text, embed_title=message.embed_title, now=message.posted_at, calendar=NYSE)
    return refer_expired(reading, message.posted_at.astimezone(NEW_YORK).date(), NYSE)


def judge(reading: Reading, message: Message, get_broker: GetBroker, *, late: str = "") -> Judgement:
    """Decide what becomes of a reading. Asks the broker for positions where something is closed."""
    review = MessageState.REVIEW
    if reading.intent is Intent.NOISE:
        return Judgement(MessageState.NOISE, reading.reason)
    if message.channel.preview_only:
        return Judgement(MessageState.PREVIEW, preview_of(reading, message))
    if reading.intent is Intent.UPDATE:
        return Judgement(MessageState.UPDATE, reading.reason or "moves stop or targets")
    if not reading.intent.is_order or late:
        return Judgement(review, late or reading.reason)
    if message.requester is None:
        return Judgement(review, NO_TRADER)
    try:
        lines = lines_of(
            completed(reading, message, get_broker),
            quantity=message.channel.alert_quantity,
            now=message.posted_at,
        )
    except (Doubtful, BrokerError) as doubt:
        return Judgement(review, str(doubt))
    return Judgement(MessageState.HEARD, "", tuple(lines))


def preview_of(reading: Reading, message: Message) -> str:
    """Return what would be done, as far as that is known without asking the broker."""
    if reading.intent in {Intent.CLOSE, Intent.TRIM}:
        return f"would {reading.intent.value} {drafts_of(reading)}"
    try:
        lines = lines_of(reading, quantity=message.channel.alert_quantity, now=message.posted_at)
    except Doubtful as doubt:
        return f"would need a person: {doubt}"
    return f"would propose {'; '.join(line.command for line in lines)}"


def completed(reading: Reading, message: Message, get_broker: GetBroker) -> Reading:
    """Return a reading whose closes are completed from what is held. Raises Doubtful or BrokerError."""
    if not any(order.intent in {Intent.CLOSE, Intent.TRIM} for order in reading.orders):
        return reading
    account = message.channel.account
    held = holdings(get_broker(account.environment_id, account.number), account)
    found = complete_close(reading, readable(held))
    if found.intent.is_order:
        return found
    if complete_close(reading, readable(held, less_working=False)).intent.is_order:
        raise Doubtful("what it closes is being closed already")
    raise Doubtful(found.reason)


@transaction.atomic
def _keep(message: Message, reading: Reading, judged: Judgement) -> Message:
    """Record what was understood, unless somebody changed the message meanwhile."""
    kept = message_proposing.locked(message.pk)
    if kept.version != message.version:
        return kept
    commands = "\n".join(line.command for line in judged.lines) or drafts_of(reading)
    kept.become(
        judged.state,
        by="desk",
        now=timezone.now(),
        reason=judged.reason,
        answer=said_of(judged),
        intent=reading.intent.value,
        reading=reading.as_json(),
        commands=commands,
        remarks=[list(line.remarks) for line in judged.lines],
    )
    return kept


def said_of(judged: Judgement) -> str:
    """Return what the channel is told; an order's own message speaks for itself, and noise for nothing."""
    if judged.state is MessageState.PREVIEW:
        return f"Preview, nothing recorded: {judged.reason.rstrip('.')}."
    if judged.state in {MessageState.REVIEW, MessageState.UPDATE}:
        return message_proposing.needs_a_person(judged.reason)
    return ""
