"""What the bot has heard: the allow-list, and each message answered once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from bot.models import SeenMessage
from desk.models import Channel
from orders.models import Order

PREFIXES = ("!tt", "/tt")
UNANSWERED_SECONDS = 20.0  # a process that still lives answers within this, or knows that it is about to


@dataclass(frozen=True, slots=True)
class Heard:
    """One message (or interaction) as it came: who said what, where."""

    message_id: int
    channel_id: int
    author_id: int
    content: str
    answers: int | None = None  # the message to reply to; none where that is Discord's own business
    heard_at: datetime = field(default_factory=timezone.now)

    @property
    def is_command(self) -> bool:
        return command_in(self.content) is not None


def command_in(content: str) -> str | None:
    """Return what follows `!tt` (or `/tt`), None where the message is no command."""
    words = content.strip()
    for prefix in PREFIXES:
        rest = words[len(prefix) :]
        if words[: len(prefix)].lower() == prefix and (not rest or rest[0].isspace()):
            return rest.strip()
    return None


def allowed_channel(discord_channel_id: int) -> Channel | None:
    """Return the channel if it is on the allow-list and switched on."""
    channels = Channel.objects.select_related("account__environment", "policy")
    return channels.filter(discord_channel_id=discord_channel_id, is_enabled=True).first()


def hear(heard: Heard, *, advances: bool) -> Channel | None:
    """Return the channel whose desk has to answer this message now; None for silence.

    Silence is for channels off the allow-list, for talk, and for what was answered before. With
    `advances` the channel's last message moves on, in the same transaction as the claim: a crash
    leaves no message behind that is neither claimed nor read again.
    """
    channel = allowed_channel(heard.channel_id)
    if channel is None:
        return None
    with transaction.atomic():
        if advances:
            advance(channel, heard.message_id)
        return channel if heard.is_command and claim(heard.message_id, heard.channel_id) else None


def claim(message_id: int, channel_id: int) -> bool:
    """Claim a message for its one answer; False if it was claimed before. The database decides."""
    try:
        with transaction.atomic():
            SeenMessage.objects.create(
                discord_message_id=message_id, discord_channel_id=channel_id, seen_at=timezone.now()
            )
    except IntegrityError:
        return False
    return True


def release(message_id: int) -> None:
    """Take a claim back: nothing came of it, and it may be tried again."""
    SeenMessage.objects.filter(pk=message_id, answered_at=None).delete()


def advance(channel: Channel, message_id: int) -> None:
    """Move the channel's newest message on; never back, whatever the order of arrival."""
    Channel.objects.filter(pk=channel.pk, last_message_id__lt=message_id).update(last_message_id=message_id)


def mark_answered(message_id: int) -> None:
    SeenMessage.objects.filter(pk=message_id).update(answered_at=timezone.now())


def note_change(message_id: int) -> bool:
    """Record that a claimed message was edited or deleted; whether this was its first change."""
    unchanged = SeenMessage.objects.filter(pk=message_id, changed_at=None)
    return unchanged.update(changed_at=timezone.now()) == 1


def was_changed(message_id: int) -> bool:
    return SeenMessage.objects.filter(pk=message_id).exclude(changed_at=None).exists()


def unanswered(*, but: frozenset[int]) -> list[SeenMessage]:
    """Return messages that were claimed and never answered: whoever claimed them died or could not speak.

    One whose order was recorded has its answer in the order's reply, and is marked so here.
    """
    before = timezone.now() - timedelta(seconds=UNANSWERED_SECONDS)
    open_ = SeenMessage.objects.filter(answered_at=None, seen_at__lt=before).exclude(pk__in=but)
    recorded = Order.objects.filter(discord_message_id__in=open_.values("pk"))
    open_.filter(pk__in=recorded.values("discord_message_id")).update(answered_at=timezone.now())
    return list(open_[:20])
