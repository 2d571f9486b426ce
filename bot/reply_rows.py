"""The rows behind the replies: which are stale, what to show, what was shown."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from bot import cards
from bot.cards import Card
from bot.models import Notice, Reply
from orders import lifecycle
from orders.enums import OrderStatus
from orders.models import Order, OrderEvent

# Rows commit out of the order of their keys: look back so far behind the newest.
OVERLAP = 50


@dataclass(frozen=True, slots=True)
class Stale:
    """Replies with something newer to say, as (reply, channel), and the newest event looked at."""

    event_id: int
    replies: tuple[tuple[int, int], ...] = ()


def newest_event() -> int:
    return OrderEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def stale_since(event_id: int) -> Stale:
    """Look at the orders that had events lately. One cheap query where nothing happened."""
    newest = newest_event()
    if newest == event_id:
        return Stale(event_id)
    lately = OrderEvent.objects.filter(pk__gt=min(event_id, newest) - OVERLAP).values("order_id")
    adopt(Order.objects.filter(pk__in=lately))
    return Stale(newest, _listed(Reply.stale().filter(order_id__in=lately)))


def all_stale() -> Stale:
    """Look at every reply: at the start, and now and then for what slipped through."""
    newest = newest_event()
    adopt(Order.objects.all())
    return Stale(newest, _listed(Reply.stale()))


def adopt(orders: "QuerySet[Order]") -> None:
    """Expect a reply for open orders that came from elsewhere. The bot's own have one from the start.

    That of an alert answers it; it has none where the channel wants no replies to alerts.
    """
    of_alert = Q(part_of__message__discord_message_id__isnull=False)
    strays = orders.filter(reply=None, status__in=lifecycle.OPEN).exclude(
        of_alert, channel__replies_to_alerts=False
    )
    strays = strays.annotate(alert_id=F("part_of__message__discord_message_id")).select_related("channel")
    Reply.objects.bulk_create(
        (
            Reply(
                order=order,
                discord_channel_id=order.channel.discord_channel_id,
                answers_message_id=order.alert_id,
                nonce=first_nonce(order.pk),
            )
            for order in strays
        ),
        ignore_conflicts=True,
    )


def first_nonce(order_id: int) -> str:
    """Return the nonce of an order's first message; fixed, so that whoever posts it posts it once."""
    return f"d{order_id}"


def _listed(replies: "QuerySet[Reply]") -> tuple[tuple[int, int], ...]:
    being_posted = Q(discord_message_id=None, shown_at=None, left_to_recorder_until__gt=timezone.now())
    oldest_first = replies.exclude(being_posted).order_by(F("shown_at").asc(nulls_first=True), "pk")
    return tuple(oldest_first.values_list("pk", "discord_channel_id"))


def to_show(reply_id: int) -> tuple[Reply, Card] | None:
    """Return a reply with its order as it stands now; None where it shows that already."""
    reply = Reply.objects.get(pk=reply_id)
    card = cards.read(reply.order_id)
    return None if reply.shown_version >= card.version else (reply, card)


def first_showing(order_id: int) -> tuple[Reply, Card]:
    """Return a new order's reply and what it is to show."""
    return Reply.objects.get(order_id=order_id), cards.read(order_id)


@transaction.atomic
def mark_shown(reply: Reply, card: Card, discord_message_id: int) -> None:
    """Record what Discord shows now; never an older version over a newer one."""
    trailing = Reply.objects.filter(pk=reply.pk, shown_version__lt=card.version)
    trailing.update(
        discord_message_id=discord_message_id, shown_version=card.version, shown_at=timezone.now()
    )
    expect_notice(card)


def expect_notice(card: Card) -> None:
    """Record the message of its own that this state of the order needs, once per version."""
    if card.status == OrderStatus.LAPSED:
        kind = Notice.Kind.LAPSED
    elif card.status == OrderStatus.PROPOSED and card.order.approvals.filter(is_void=True).exists():
        kind = Notice.Kind.ASKED_AGAIN
    else:
        return
    Notice.objects.get_or_create(order=card.order, kind=kind, version=card.version)


def forget_message(discord_message_id: int) -> bool:
    """Someone deleted a message: whether it was a reply that is to be posted anew.

    One whose order is closed, and was shown so, is not.
    """
    is_wanted = False
    for reply in Reply.objects.select_related("order").filter(discord_message_id=discord_message_id):
        if reply.order.is_closed and reply.shown_version >= reply.order.version:
            continue
        Reply.objects.filter(pk=reply.pk, discord_message_id=discord_message_id).update(
            discord_message_id=None, shown_version=0, nonce=f"r{discord_message_id}"
        )
        is_wanted = True
    return is_wanted
