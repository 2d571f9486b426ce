"""What was asked for and approved, as the order's chain of events holds it. Pure.

An event that may change the terms tells all of them. So the newest telling must be what the rows say: who
changes a row behind the desk's back is found out, though he leaves the events alone.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from orders.market import plain

# The kinds of events that tell the terms: nothing else may change them.
TOLD_BY: Final = frozenset({"proposed", "recorded", "amended", "approved", "entry filled"})
COLUMNS: Final = (
    "environment", "account_id", "channel_id", "trader_id", "parent_id", "dry_run", "text", "side",
    "quantity", "order_type", "time_in_force", "underlying", "price_rule", "start_price", "bound_price",
    "target_price", "stop_price", "retries", "ticks", "wait_seconds", "method", "end",
)  # fmt: skip


def of(order: Any) -> dict[str, Any]:
    """Return the terms of an order's row and of its legs' rows, as JSON has them."""
    found = {name: written(getattr(order, name)) for name in COLUMNS}
    legs = sorted(order.legs.all(), key=lambda leg: leg.index)
    return found | {"legs": [f"{leg.action} {leg.ratio} {leg.symbol}" for leg in legs]}


def written(value: Any) -> Any:
    """Return a price without needless zeros, a choice as its plain value, and all else as it is."""
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, str) else value


def differences(told: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each of the terms that is not what was told."""
    for name, value in now.items():
        if told.get(name) != value:
            yield f"its {name} is {value}, it was told as {told.get(name)}"
