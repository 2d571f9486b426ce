"""An order as its reply shows it, read in one go: the rows, and where it stands."""

from dataclasses import dataclass

from bot.surroundings import Surroundings
from orders.enums import OrderStatus
from orders.models import Approval, Leg, Order, Placement


@dataclass(frozen=True, slots=True)
class Card:
    """An order with its rows. Everything an embed needs is read already: none of it queries."""

    order: Order
    legs: tuple[Leg, ...]
    placements: tuple[Placement, ...]
    approval: Approval | None  # the last decision that counts
    surroundings: Surroundings

    @property
    def status(self) -> OrderStatus:
        return OrderStatus(self.order.status)

    @property
    def version(self) -> int:
        return self.order.version


def read(order_id: int) -> Card:
    """Read an order as it stands now. Raises Order.DoesNotExist."""
    order = (
        Order.objects.select_related("trader__user", "channel", "account__environment", "policy")
        .prefetch_related("legs", "placements")
        .get(pk=order_id)
    )
    decisions = order.approvals.filter(is_void=False).select_related("by").order_by("-pk")
    return Card(
        order=order,
        legs=tuple(order.legs.all()),
        placements=tuple(order.placements.all()),
        approval=decisions.first(),
        surroundings=Surroundings.of_order(order),
    )
