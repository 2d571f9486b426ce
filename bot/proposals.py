"""From a parsed ticket to a recorded order and the reply that will show it."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bot import listening
from bot.errors import Told
from bot.listening import Heard
from bot.models import Reply
from bot.reply_rows import first_nonce
from desk.models import Channel, Trader
from orders import approval, closing, proposing
from orders.brokers.base import Broker
from orders.language.ticket import Ticket
from orders.language.values import Close
from orders.models import Order
from orders.proposing import Prepared

# Whoever recorded an order posts its first message himself; after this the loop takes him for dead.
RECORDER_POSTS = timedelta(seconds=10)


def propose(ticket: Ticket, *, heard: Heard, channel: Channel, trader: Trader, broker: Broker) -> Order:
    """Resolve, price and record what was asked for. Twice with the same message gives one order.

    Raises Told, Denied, UnresolvedTicket or BrokerError; then nothing was recorded.
    """
    refuse_other_account(ticket.account, channel)
    prepared = proposing.prepare(ticket, channel=channel, trader=trader, broker=broker)
    return record(prepared, heard=heard, channel=channel, trader=trader)


def propose_close(asked: Close, *, heard: Heard, channel: Channel, trader: Trader, broker: Broker) -> Order:
    """Find the position, price and record its closing. Raises as `propose`."""
    refuse_other_account(asked.terms.account, channel)
    prepared = closing.prepare(asked, channel=channel, trader=trader, broker=broker)
    return record(prepared, heard=heard, channel=channel, trader=trader)


def record(prepared: Prepared, *, heard: Heard, channel: Channel, trader: Trader) -> Order:
    """Record what was priced, and that it has to be shown."""
    with transaction.atomic():
        order = proposing.record(
            prepared,
            channel=channel,
            trader=trader,
            discord_message_id=heard.message_id,
            text=heard.content,
        )
        expect_reply(order, heard)
    withdraw_if_changed(order)
    return order


def refuse_other_account(asked: str, channel: Channel) -> None:
    """Raise Told for an account that the desk would otherwise pass over in silence."""
    number = channel.account.number
    if asked and asked != number:
        raise Told(f"This channel trades account {number}, not {asked}. Nothing was recorded.")


def expect_reply(order: Order, heard: Heard) -> Reply:
    """Record that this order has to be shown: whatever happens next, the bot will post it."""
    reply, _ = Reply.objects.get_or_create(
        order=order,
        defaults={
            "discord_channel_id": heard.channel_id,
            "answers_message_id": heard.answers,
            "nonce": first_nonce(order.pk),
            "left_to_recorder_until": timezone.now() + RECORDER_POSTS,
        },
    )
    return reply


def withdraw_if_changed(order: Order) -> None:
    """Withdraw an order whose message was edited or deleted while it was being recorded."""
    message_id = order.discord_message_id
    if message_id is not None and listening.was_changed(message_id):
        approval.withdraw(order.pk, by=order.trader.user.get_username(), reason="message changed meanwhile")
