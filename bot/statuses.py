"""Where an order stands, in a colour, a sign and a sentence. Pure."""

from dataclasses import dataclass

from bot import plan
from bot.cards import Card
from bot.wording import price, until
from orders.controls.products import opening
from orders.enums import OrderStatus as S
from orders.enums import Side

AMBER, BLUE, GREEN, GREY, RED = 0xE0A100, 0x3B82F6, 0x2E9E5B, 0x80848E, 0xD83C3E
SIGNS = {AMBER: "🟡", BLUE: "🔵", GREEN: "🟢", GREY: "⚪", RED: "🔴"}
COLOURS = {
    S.PROPOSED: AMBER,
    S.APPROVED: BLUE,
    S.WALKING: BLUE,
    S.HOLDING: AMBER,
    S.RESTING: BLUE,
    S.FILLED: GREEN,
    S.CANCELLED: GREY,
    S.EXPIRED: GREY,
    S.REJECTED: RED,
    S.DENIED: RED,
    S.LAPSED: GREY,
    S.WITHDRAWN: GREY,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A status as it is shown."""

    colour: int
    headline: str  # two or three words
    sentence: str = ""

    @property
    def line(self) -> str:
        rest = f" · {self.sentence}" if self.sentence else ""
        return f"{SIGNS[self.colour]} **{self.headline}**{rest}"


def standing(card: Card) -> Standing:
    """Return where the order stands. A parked order or one under review is red, whatever its status."""
    order = card.order
    if order.parked_reason:
        return Standing(RED, "Parked, needs a person", order.parked_reason)
    if order.needs_review:
        return Standing(RED, "Needs review", order.note)
    headline, sentence = WORDS[card.status](card)
    colour = (
        GREEN if order.filled_quantity and card.status in {S.CANCELLED, S.EXPIRED} else COLOURS[card.status]
    )
    return Standing(colour, headline, sentence)


def proposed(card: Card) -> tuple[str, str]:
    order = card.order
    again = f"asked again, {order.note}; " if order.version > 1 and order.note else ""
    return "Waiting for approval", _and_filled(card, f"{again}lapses {until(order.lapses_at)}")


def approved(card: Card) -> tuple[str, str]:
    opens_at = opening(card.order.verdicts, card.order.approved_at or card.order.proposed_at)
    waits = f"waits for the open, {until(opens_at)}" if opens_at else "not sent yet"
    return "Approved", _cancelling(card) or waits


def walking(card: Card) -> tuple[str, str]:
    order, live = card.order, [p for p in card.placements if p.is_live]
    steps = f"step {min(order.rung, order.retries) + 1} of {order.retries + 1}"
    at = f" at {price(live[-1].limit_price)}" if live and live[-1].limit_price is not None else ""
    return f"Working{at}", _cancelling(card) or _and_filled(card, steps)


def holding(card: Card) -> tuple[str, str]:
    return "Holding", _cancelling(card) or _and_filled(card, card.order.note or "no usable quote")


def resting(card: Card) -> tuple[str, str]:
    if card.order.is_exit:
        return "Resting", _cancelling(card) or _and_filled(card, exit_words(card))
    live = [p for p in card.placements if p.is_live]
    at = f" at {price(live[-1].limit_price)}" if live else ""
    return f"Resting{at}", _cancelling(card) or _and_filled(card, f"{plan.end(card.order)} order")


def exit_words(card: Card) -> str:
    """Return what a resting exit waits for."""
    order = card.order
    if order.waits_for_entry:
        return f"asleep until #{order.parent_id} has filled"
    return plan.exit_prices(order)


def filled(card: Card) -> tuple[str, str]:
    return f"Filled {_fills(card)}", plan.against_mid(card)


def ended(card: Card) -> tuple[str, str]:
    """A cancelled or expired order: what of it was filled, and why it ended."""
    order = card.order
    word = order.get_status_display().capitalize()
    if order.filled_quantity:
        return f"{word}, filled {_fills(card)} of {order.quantity}", order.note
    return f"{word}, nothing filled", order.note


def refused(card: Card) -> tuple[str, str]:
    order = card.order
    who = {S.DENIED: _decider(card), S.REJECTED: "the broker"}[card.status]
    return (
        order.get_status_display().capitalize(),
        f"{f'by {who}: ' if who else ''}{order.note or 'no reason given'}",
    )


def lapsed(card: Card) -> tuple[str, str]:
    nothing = "nobody decided in time, nothing was sent"
    return "Lapsed", _and_filled(card, "nobody decided in time") if card.order.filled_quantity else nothing


def withdrawn(card: Card) -> tuple[str, str]:
    return "Withdrawn", _and_filled(card, card.order.note)


WORDS = {
    S.PROPOSED: proposed,
    S.APPROVED: approved,
    S.WALKING: walking,
    S.HOLDING: holding,
    S.RESTING: resting,
    S.FILLED: filled,
    S.CANCELLED: ended,
    S.EXPIRED: ended,
    S.REJECTED: refused,
    S.DENIED: refused,
    S.LAPSED: lapsed,
    S.WITHDRAWN: withdrawn,
}


def _fills(card: Card) -> str:
    order = card.order
    if order.average_fill_price is None:
        return str(order.filled_quantity)
    verb = "at" if order.side == Side.PAYS else "for"
    return f"{order.filled_quantity} {verb} {price(order.average_fill_price)}"


def _and_filled(card: Card, sentence: str) -> str:
    order = card.order
    return f"{sentence} · {_fills(card)} of {order.quantity} filled" if order.filled_quantity else sentence


def _cancelling(card: Card) -> str:
    """Return that the order is about to be cancelled, or to be asked again otherwise; empty if neither."""
    who = card.order.cancel_requested_by
    if who:
        return f"being cancelled, asked by {who}"
    return f"being stopped, {card.order.amendment['reason']}" if card.order.amendment else ""


def _decider(card: Card) -> str:
    return str(card.approval.by.get_username()) if card.approval and not card.approval.is_yes else "the desk"
