"""The page of one order, and its live part: what a person needs to see, gathered and put into words."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.safestring import SafeString

from desk.admin.base import badge, environment_badge
from orders.admin import words
from orders.admin.decisions import Choices, choices
from orders.controls.products import opening
from orders.enums import OrderStatus
from orders.models import Fill, Order, Placement


@dataclass(frozen=True, slots=True)
class PlacementRow:
    placement: Placement
    status: SafeString
    price: str
    market: str


@dataclass(frozen=True, slots=True)
class FillRow:
    fill: Fill
    instrument: str
    price: str


def read(order_id: int) -> Order | None:
    """Return the order with everything its page shows, or None."""
    return (
        Order.objects.filter(pk=order_id)
        .select_related("trader__user", "channel", "account", "policy")
        .prefetch_related("legs", "placements", "events", "approvals__by", "exits")
        .first()
    )


def context(order: Order, user: User, *, seen: int) -> dict[str, Any]:
    """Return what the page shows. `seen` is the version this person began to look at.

    A proposal that changed since has no Approve button before he looked again.
    """
    today = order.proposed_at.date()
    is_changed = order.version != seen and order.status == OrderStatus.PROPOSED
    return {
        "order": order,
        "what": words.what(order),
        "legs": [
            (
                leg.get_action_display(),
                leg.ratio * order.quantity,
                words.instrument(leg, today=today),
                leg.symbol,
            )
            for leg in order.legs.all()
        ],
        "status": badge(order.get_status_display(), words.STATUS_TONES[OrderStatus(order.status)]),
        "environment_tag": environment_badge(order.environment),
        "bound": words.bound(order),
        "bound_price": words.price(order.bound_price),
        "asked_bound": words.price(order.asked_bound_price),
        "plan": words.plan(order),
        "opens_at": opening(order.verdicts, order.proposed_at) if not order.is_closed else None,
        "meaning": words.meaning(order),
        "exit": words.exits(order),
        "exits": order.exits.all(),
        "market": ", mid ".join(words.market(order)),
        "worth": words.worth(order),
        "worst": words.dollars(words.worst_value(order)),
        "buying_power": words.dollars(order.buying_power_effect_value),
        "fees": words.fees(order),
        "figures": words.figures(order),
        "refusals": words.refusals(order.verdicts),
        "average": words.price(order.average_fill_price),
        "arrival_mid": words.price(order.arrival_mid_price),
        "placements": [placement_row(placement) for placement in order.placements.all()],
        "fills": fill_rows(order),
        "events": [(event, words.who(event.by)) for event in reversed(order.events.all())],
        "approvals": [(each, words.PLACES.get(each.via, each.via)) for each in order.approvals.all()],
        "choices": Choices() if is_changed else choices(order, user),
        "is_changed": is_changed,
        "is_live": not order.is_closed,
    }


def placement_row(placement: Placement) -> PlacementRow:
    return PlacementRow(
        placement,
        badge(placement.get_status_display(), words.placement_tone(placement.status)),
        words.placed_at(placement),
        f"{words.price(placement.bid_price)} / {words.price(placement.ask_price)}",
    )


def fill_rows(order: Order) -> list[FillRow]:
    fills = Fill.objects.filter(placement__order=order).select_related("leg", "placement")
    today = order.proposed_at.date()
    return [FillRow(fill, words.instrument(fill.leg, today=today), words.price(fill.price)) for fill in fills]
