"""Messages edited or deleted by their authors: an undecided order is withdrawn, a decided one is not."""

from dataclasses import dataclass

from bot import listening
from bot.listening import Heard
from desk.models import Channel
from orders import approval
from orders.models import Order

NOT_READ_AGAIN = "An edited message isn't read again: send it anew."


@dataclass(frozen=True, slots=True)
class Change:
    """What to say about a change, if anything."""

    channel: Channel
    text: str


def edited(heard: Heard) -> Change | None:
    """Act on a message whose content its author changed; `heard` has the new content. Safe twice."""
    channel = listening.allowed_channel(heard.channel_id)
    if channel is None:
        return None
    order = _order_of(heard.message_id)
    if order is not None and order.text == heard.content:
        return None  # Discord resolved a link, or the like
    if not _is_first_change(heard):
        return None
    order = _order_of(heard.message_id)  # again: the change is recorded now, whoever records finds it
    if order is None:
        return Change(channel, NOT_READ_AGAIN)
    return _withdrawn_or_told(order, channel, "its message was edited: send it again", "Editing")


def _is_first_change(heard: Heard) -> bool:
    """Whether this is the first change of a message that is ours. One not heard before is claimed."""
    if listening.note_change(heard.message_id):
        return True
    return heard.is_command and listening.claim(heard.message_id, heard.channel_id)


def deleted(message_id: int, channel_id: int) -> Change | None:
    """Act on a deleted message. Safe twice, and before the message itself was heard."""
    channel = listening.allowed_channel(channel_id)
    if channel is None:
        return None
    if not listening.note_change(message_id):
        if listening.claim(message_id, channel_id):
            listening.mark_answered(message_id)  # nobody waits for an answer to what is gone
        return None
    order = _order_of(message_id)
    if order is None:
        return None
    return _withdrawn_or_told(order, channel, "its message was deleted", "Deleting the message")


def _withdrawn_or_told(order: Order, channel: Channel, reason: str, doing: str) -> Change | None:
    who = order.trader.user.get_username()
    if approval.withdraw(order.pk, by=who, reason=reason):
        return None  # the order's own message says so
    order.refresh_from_db()
    if order.is_closed:
        return None
    status = order.get_status_display().lower()
    return Change(channel, f"{doing} changes nothing: {order} is {status}. Press Cancel to stop it.")


def _order_of(message_id: int) -> Order | None:
    return Order.objects.select_related("trader__user").filter(discord_message_id=message_id).first()
