"""Buttons and forms by their custom ids, which say everything: they outlive a restart of the bot."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

import discord

from bot.cards import Card
from bot.wording import price
from orders.enums import OrderStatus as S
from orders.enums import OrderType
from orders.models import Order

CUSTOM_ID = re.compile(r"desk:(?P<verb>[a-z_]+):(?P<order_id>\d{1,18}):(?P<version>\d{1,9})")
LONGEST_REASON = 300


class Verb(Enum):
    """What a button or a form asks for."""

    APPROVE = "approve"
    APPROVE_LESS = "approve_less"  # opens a form
    DENY = "deny"  # opens a form
    CANCEL = "cancel"
    WORK_AGAIN = "again"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed: on which order, as it stood at which version."""

    verb: Verb
    order_id: int
    version: int

    @property
    def custom_id(self) -> str:
        return f"desk:{self.verb.value}:{self.order_id}:{self.version}"

    @classmethod
    def read(cls, custom_id: str) -> Self | None:
        """Return what a custom id says; None where it is not one of ours."""
        match = CUSTOM_ID.fullmatch(custom_id)
        if match is None or match["verb"] not in {verb.value for verb in Verb}:
            return None
        return cls(Verb(match["verb"]), int(match["order_id"]), int(match["version"]))


STYLE = discord.ButtonStyle
LOOKS = {
    Verb.APPROVE: ("Approve", STYLE.success),
    Verb.APPROVE_LESS: ("Approve less…", STYLE.secondary),
    Verb.DENY: ("Deny", STYLE.danger),
    Verb.CANCEL: ("Cancel", STYLE.secondary),
    Verb.WORK_AGAIN: ("Work again", STYLE.primary),
    Verb.REPEAT: ("Repeat", STYLE.primary),
}
OFFERED = {
    S.PROPOSED: (Verb.APPROVE, Verb.APPROVE_LESS, Verb.DENY, Verb.CANCEL),
    S.APPROVED: (Verb.CANCEL,),
    S.WALKING: (Verb.CANCEL,),
    S.HOLDING: (Verb.CANCEL,),
    S.RESTING: (Verb.WORK_AGAIN, Verb.CANCEL),
    S.LAPSED: (Verb.REPEAT,),
}


def offered(card: Card) -> tuple[Verb, ...]:
    """Return the buttons an order has now. Discord shows them to all; who may press is asked later."""
    order = card.order
    if order.cancel_requested_by or order.waits_for_entry:
        return ()
    found = OFFERED.get(card.status, ())
    return tuple(verb for verb in found if verb is not Verb.WORK_AGAIN or not order.is_exit)


def view_of(card: Card) -> discord.ui.View:
    """Return the order's buttons. The view is stopped: its presses are read from their ids alone."""
    view = discord.ui.View(timeout=None)
    for verb in offered(card):
        label, style = LOOKS[verb]
        press = Press(verb, card.order.pk, card.version)
        view.add_item(discord.ui.Button(label=label, style=style, custom_id=press.custom_id))
    view.stop()  # discord.py would keep each view of each message in memory
    return view


def deny_form(press: Press) -> discord.ui.Modal:
    """Return the form that asks why."""
    form = discord.ui.Modal(title=f"Deny #{press.order_id}", custom_id=press.custom_id)
    reason: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        label="Why?",
        custom_id="reason",
        style=discord.TextStyle.paragraph,
        max_length=LONGEST_REASON,
        placeholder="The trader reads this.",
    )
    form.add_item(reason)
    form.stop()
    return form


def less_form(press: Press, order: Order) -> discord.ui.Modal:
    """Return the form that takes a smaller quantity and a tighter bound."""
    form = discord.ui.Modal(title=f"Approve less of #{press.order_id}", custom_id=press.custom_id)
    quantity: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        label=f"Quantity, at most {order.quantity}", custom_id="quantity", default=str(order.quantity)
    )
    form.add_item(quantity)
    if order.order_type != OrderType.MARKET and order.bound_price is not None:
        bound: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
            label=f"Bound, no worse than {price(order.bound_price)}",
            custom_id="bound",
            default=price(order.bound_price),
        )
        form.add_item(bound)
    form.stop()
    return form
