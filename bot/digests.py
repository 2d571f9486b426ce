"""Post the daily digest of the orders' history, where nobody at the desk's database can change it."""

from datetime import timedelta

from django.utils import timezone

from bot.db import in_thread
from bot.discord_errors import LASTING
from bot.models import DigestPost
from bot.speaking import Place, Speaker, told
from bot.surroundings import Surroundings
from desk.models import Channel
from orders.models import DayDigest

NEW = timedelta(days=1)  # an older one is not posted any more where nothing could be posted


def unsaid() -> list[tuple[DigestPost, str, int]]:
    """Return what is still to be posted: the row, the text, the channel. The rows come first."""
    channels = list(Channel.objects.filter(posts_digests=True, is_enabled=True).order_by("pk"))
    for digest in DayDigest.objects.filter(written_at__gt=timezone.now() - NEW):
        for channel in channels:
            DigestPost.objects.get_or_create(digest=digest, channel=channel)
    waiting = DigestPost.objects.filter(discord_message_id=None, is_given_up=False, channel__in=channels)
    rows = waiting.select_related("digest", "channel__account__environment").order_by("pk")
    return [(row, text_of(row), row.channel.discord_channel_id) for row in rows]


def text_of(row: DigestPost) -> str:
    """Return what is posted: whoever keeps it can ask for it later."""
    digest, count = row.digest, len(row.digest.heads)
    orders = "1 order" if count == 1 else f"{count} orders"
    text = f"Digest of {digest.day}, {orders} changed:\n`{digest.digest}`\n"
    text += "`manage.py audit --posted` with it says whether the desk's history is still that one."
    return told(text, Surroundings.of_channel(row.channel))


def mark(row: DigestPost, discord_message_id: int | None) -> None:
    DigestPost.objects.filter(pk=row.pk).update(
        discord_message_id=discord_message_id, is_given_up=discord_message_id is None
    )


async def say_due(speaker: Speaker) -> None:
    """Post what is due. A crash between post and record repeats the nonce, and so the message is one."""
    for row, text, channel_id in await in_thread(unsaid):
        try:
            message_id = await speaker.post(Place(channel_id), text, nonce=f"g{row.pk}")
        except LASTING:
            await in_thread(mark, row, None)
        else:
            await in_thread(mark, row, message_id)
