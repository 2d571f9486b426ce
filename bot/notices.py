"""Messages of their own about an order, where an edit would ring for nobody: reminder, asked again, lapse."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bot import cards
from bot.cards import Card
from bot.db import in_thread
from bot.discord_errors import LASTING
from bot.models import Notice, Reply
from bot.speaking import PEOPLE, ROLES, Place, Speaker, told
from bot.wording import until
from orders import approval
from orders.enums import OrderStatus
from orders.models import Order

MOST_AT_ONCE = 20


def remind_due() -> None:
    """Record a reminder for every proposal whose time is half over. Safe twice."""
    half = timedelta(seconds=settings.APPROVAL_SECONDS / 2)
    due = Order.objects.filter(
        status=OrderStatus.PROPOSED, reminded_at=None, lapses_at__lte=timezone.now() + half
    ).exclude(reply=None)
    for order in due[:MOST_AT_ONCE]:
        with transaction.atomic():
            if approval.mark_reminded(order.pk):
                Notice.objects.get_or_create(order=order, kind=Notice.Kind.REMINDER, version=order.version)


def unsaid() -> list[tuple[Notice, Card, Place]]:
    """Return notices that are still to be posted and are still true, with the order and where to."""
    found = []
    waiting = Notice.objects.filter(discord_message_id=None).order_by("pk")
    for notice in waiting[:MOST_AT_ONCE]:
        card, reply = cards.read(notice.order_id), Reply.objects.get(order_id=notice.order_id)
        if card.version != notice.version:  # the order has moved on: nobody needs to hear it
            notice.delete()
        elif reply.discord_message_id is not None:
            found.append((notice, card, Place(reply.discord_channel_id, reply.discord_message_id)))
    return found


def text_of(notice: Notice, card: Card) -> str:
    """Return what the notice says, beginning with whom it calls."""
    order = card.order
    if notice.kind == Notice.Kind.LAPSED:
        whom = f"<@{order.trader.discord_user_id}>"
        return f"{whom} {order} lapsed: nobody decided in time. Press Repeat on it to ask again."
    role = order.channel.approver_role_id
    whom = f"<@&{role}> " if role else ""
    if notice.kind == Notice.Kind.ASKED_AGAIN:
        return f"{whom}{order} has to be approved anew: {order.note or 'the market moved'}."
    return f"{whom}{order} still waits for approval, lapses {until(order.lapses_at)}."


def mark_said(notice: Notice, discord_message_id: int) -> None:
    Notice.objects.filter(pk=notice.pk).update(discord_message_id=discord_message_id)


def drop(notice: Notice) -> None:
    notice.delete()


async def say_due(speaker: Speaker) -> None:
    """Post what is due. A crash between post and record repeats the nonce, and so the message is one."""
    await in_thread(remind_due)
    for notice, card, place in await in_thread(unsaid):
        text = told(text_of(notice, card), card.surroundings)
        mentions = PEOPLE if notice.kind == Notice.Kind.LAPSED else ROLES
        try:
            message_id = await speaker.post(place, text, nonce=f"n{notice.pk}", mentions=mentions)
        except LASTING:
            await in_thread(drop, notice)
        else:
            await in_thread(mark_said, notice, message_id)
