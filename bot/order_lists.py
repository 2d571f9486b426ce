"""Answers to questions about orders: those of a channel, and one by its number."""

from bot.errors import Told
from bot.wording import contract
from desk.models import Channel
from orders import lifecycle
from orders.enums import Action
from orders.models import Order

MOST_ORDERS = 15


def orders(channel: Channel) -> str:
    """Return the account's open orders, newest first."""
    rows_of = Order.objects.filter(account=channel.account, status__in=lifecycle.OPEN)
    found = list(rows_of.select_related("trader__user").prefetch_related("legs")[:MOST_ORDERS])
    if not found:
        return "No open orders."
    return "\n".join(["**Open orders**", *map(line, found)])


def line(order: Order) -> str:
    """Return an order in a line that a phone can break: #12 BTO 2 SPY · resting · 0 of 2 filled."""
    filled = f"{order.filled_quantity} of {order.quantity} filled"
    status, who = order.get_status_display().lower(), order.trader.user.get_username()
    return f"**{order}** {what(order)} · {status} · {filled} · {who}"


def what(order: Order) -> str:
    """Return an order in few characters: BTO 2 SPY 18 Dec 2026 600 C."""
    legs = list(order.legs.all())
    if len(legs) == 1:
        leg = legs[0]
        return f"{Action(leg.action).short} {order.quantity * leg.ratio} {contract(leg)}"
    return f"{order.quantity} x {order.underlying} {len(legs)} legs"


def known(number: int, channel: Channel) -> Order:
    """Return an order of this channel's account. Raises Told."""
    order = Order.objects.filter(pk=number, account=channel.account).first()
    if order is None:
        raise Told(f"There is no order #{number} in this channel's account.")
    return order
