"""A lapsed order's own words, proposed anew by one press of its trader."""

from dataclasses import replace

from django.utils import timezone

from bot import listening, proposals
from bot.buttons import Press
from bot.errors import Told
from bot.intake import BrokerFor
from bot.listening import Heard, command_in
from bot.people import person_of
from bot.pressing import order_of
from desk.models import Channel
from orders.approval import NotAllowed
from orders.enums import OrderStatus
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Mistake, Ticket
from orders.language.values import Propose
from orders.models import Order


def repeat(press: Press, heard: Heard, broker_for: BrokerFor) -> Order:
    """Propose the same words as a new order of the interaction's id, once per lapsed order.

    `heard.answers` is the lapsed order's message. Raises what a proposal raises, and
    may be pressed again then.
    """
    order, person = order_of(press), person_of(heard.author_id)
    if order.trader_id != person.pk:
        raise NotAllowed("Only the trader who asked for it can repeat it.")
    if order.status != OrderStatus.LAPSED:
        raise Told(f"{order} is {order.get_status_display().lower()}: only a lapsed order can be repeated.")
    channel = listening.allowed_channel(heard.channel_id)
    if channel is None:
        raise NotAllowed("The desk no longer works in this channel.")
    ticket = ticket_of(order)
    card_id = heard.answers or heard.message_id
    if not listening.claim(card_id, heard.channel_id):
        raise Told(f"{order} was repeated already.")
    return _proposed(ticket, replace(heard, content=order.text), channel, broker_for, card_id)


def _proposed(ticket: Ticket, heard: Heard, channel: Channel, broker_for: BrokerFor, card_id: int) -> Order:
    account = channel.account
    try:
        broker = broker_for(account.environment_id, account.number)
        order = proposals.propose(
            ticket, heard=heard, channel=channel, trader=person_of(heard.author_id), broker=broker
        )
    except BaseException:
        listening.release(card_id)
        raise
    listening.mark_answered(card_id)
    return order


def ticket_of(order: Order) -> Ticket:
    """Read an order's words again, as of today. Raises Told where they no longer make an order."""
    command = parse_command(command_in(order.text) or "", now=timezone.now(), calendar=NYSE)
    if isinstance(command, Mistake):
        raise Told(f"Its words no longer make an order: {command.message}")
    if not isinstance(command, Propose):
        raise Told("Its words no longer make an order: write it anew.")
    return command.ticket
