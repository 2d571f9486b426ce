"""What follows from where an order stands, be it a row or the machine's value. Pure."""

from typing import Any

from orders import lifecycle
from orders.enums import OrderType, PriceRule


class OrderFacts:
    """Shared by `models.Order` and `machine.state.Order`, which have these attributes."""

    __slots__ = ()

    status: Any
    quantity: Any
    filled_quantity: Any
    price_rule: Any
    target_price: Any
    stop_price: Any
    order_type: Any
    retries: Any

    @property
    def leaves_quantity(self) -> int:
        """What is left to fill; never negative, even after an overfill."""
        return max(int(self.quantity - self.filled_quantity), 0)

    @property
    def is_closed(self) -> bool:
        return self.status in lifecycle.CLOSED

    @property
    def is_exit(self) -> bool:
        """Whether it rests at its target and its stop instead of walking."""
        return bool(self.price_rule == PriceRule.EXIT)

    @property
    def wants_exits(self) -> bool:
        """Whether an exit has to follow what fills of it."""
        return not self.is_exit and (self.target_price is not None or self.stop_price is not None)

    @property
    def is_bracket(self) -> bool:
        """Whether the broker can tie the exit to this entry: one limit that never walks, and both prices."""
        return (
            self.wants_exits
            and self.target_price is not None
            and self.stop_price is not None
            and bool(self.order_type == OrderType.LIMIT)
            and bool(self.retries == 0)
            and bool(self.filled_quantity == 0)
        )
