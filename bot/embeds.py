"""From an order to its embed. A tired trader at 15:58 has one second for it. Pure."""

import discord

from bot import plan
from bot.cards import Card
from bot.statuses import standing
from bot.wording import LONGEST_FIELD, LONGEST_TITLE, clock, contract, cut, price, units
from orders.enums import Action, OrderType
from orders.models import Placement

PLACES = {"discord": "Discord", "admin": "the admin"}
MOST_PLACEMENTS = 8  # the latest; a field holds 1024 characters


def order_embed(card: Card) -> discord.Embed:
    """Return an order's embed: what, where it stands, at what prices, what it costs, what happened."""
    stand = standing(card)
    embed = discord.Embed(title=cut(title(card), LONGEST_TITLE), description=stand.line, colour=stand.colour)
    embed.set_author(name=card.surroundings.tag)
    for name, value in fields(card):
        embed.add_field(name=name, value=cut(value, LONGEST_FIELD), inline=False)
    order = card.order
    embed.set_footer(text=f"account {order.account.nickname or order.account.number}")
    return embed


def title(card: Card) -> str:
    """Return what is asked for: #12 BUY TO OPEN 2 SPY 18 Dec 2026 600 C."""
    order = card.order
    market = " AT MARKET" if order.order_type == OrderType.MARKET else ""
    if len(card.legs) == 1:
        leg = card.legs[0]
        return f"#{order.pk} {leg.action.upper()} {order.quantity * leg.ratio} {contract(leg)}{market}"
    legs = " / ".join(
        f"{Action(leg.action).short} {f'{leg.ratio} ' if leg.ratio > 1 else ''}{contract(leg)}"
        for leg in card.legs
    )
    return f"#{order.pk} {order.quantity} × {legs}{market}"


def fields(card: Card) -> list[tuple[str, str]]:
    """Return the fields that have something to say, most urgent first."""
    order = card.order
    found = [
        ("Prices so far", placements(card)),
        ("Session", plan.session(order)),
        ("Market at proposal", plan.market(card)),
        ("Plan", plan.prices(order)),
        ("Exit", plan.exits(card)),
        ("Price typed", plan.typed_price(order)),
        ("Cost", plan.cost(card)),
        ("Warnings", "\n".join(order.warnings)),
        ("Asked by", asked_by(card)),
        ("Decided", decided(card)),
    ]
    return [(name, value) for name, value in found if value]


def placements(card: Card) -> str:
    """Return the prices tried, one a line: 10:00:05 1.25 cancelled."""
    lines = [placement(p) for p in card.placements[-MOST_PLACEMENTS:]]
    hidden = len(card.placements) - len(lines)
    return "\n".join([f"{hidden} earlier"] * bool(hidden) + lines)


def placement(row: Placement) -> str:
    at = placed_at(row)
    done = f" {row.filled_quantity}" if row.filled_quantity else ""
    part = " (part filled)" if 0 < row.filled_quantity < row.quantity else ""
    return f"{clock(row.intended_at)} **{at}** {row.get_status_display().lower()}{done}{part}"


def placed_at(row: Placement) -> str:
    """Return the price of a placement: 1.25, MARKET, stop 0.80; of a pair both."""
    if row.stop_price is None:
        return "MARKET" if row.limit_price is None else price(row.limit_price)
    stop = f"stop {price(row.stop_price)}"
    return stop if row.limit_price is None else f"{price(row.limit_price)} or {stop}"


def asked_by(card: Card) -> str:
    order = card.order
    asked = f"{order.asked_quantity} spreads"
    if len(card.legs) == 1:
        asked = units(card.legs[0].kind, order.asked_quantity)
    return f"<@{order.trader.discord_user_id}> · {asked} · {clock(order.proposed_at)}"


def decided(card: Card) -> str:
    """Return who decided, and what he changed."""
    decision = card.approval
    if decision is None:
        return ""
    word = "Approved" if decision.is_yes else "Denied"
    changed = f": {decision.reason}" if decision.reason else ""
    place = PLACES.get(decision.via, decision.via)
    return f"{word} by {decision.by.get_username()} in {place} {clock(decision.at)}{changed}"
