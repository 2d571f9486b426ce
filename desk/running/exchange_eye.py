"""What the practice exchange wrote down, and the market it is told to make."""

import re
from dataclasses import dataclass
from typing import Any

from desk.running import calls


@dataclass(frozen=True, slots=True)
class ExchangeEye:
    """Reads the ledger and sets faults through the practice exchange's control address."""

    url: str

    def ledger(self, since: int = 0) -> dict[str, Any]:
        """Return every request after the one of this id, and every order, fill and position."""
        found: dict[str, Any] = calls.get(f"{self.url}/practice/ledger?since={since}")
        return found

    def placements_of(self, order_id: int) -> list[dict[str, Any]]:
        """Return the order requests sent for one of the desk's orders, by external identifier."""
        return [
            request
            for request in self.ledger()["requests"]
            if is_placing(request) and belongs_to(order_id, request["external_identifier"])
        ]

    def fills_of(self, order_id: int) -> list[dict[str, Any]]:
        """Return the fills of one of the desk's orders."""
        return [fill for fill in self.ledger()["fills"] if belongs_to(order_id, fill["external_identifier"])]

    def set_faults(self, *faults: dict[str, Any]) -> None:
        """Replace every standing fault by these."""
        calls.send(f"{self.url}/practice/faults", None, "DELETE")
        if faults:
            calls.send(f"{self.url}/practice/faults", list(faults))


def belongs_to(order_id: int, external_identifier: str | None) -> bool:
    """Whether an identifier (environment, desk, order, attempt, chance, half of a pair) names this order."""
    return re.search(rf"-{order_id}-\d+-[0-9a-f]+(-[ts])?$", external_identifier or "") is not None


def is_placing(request: dict[str, Any]) -> bool:
    """Whether a request would create an order: the POST itself, or the PUT that replaces one."""
    path: str = request["path"]
    if request["method"] == "POST":
        return path.endswith(("/orders", "/complex-orders"))
    return request["method"] == "PUT" and "/orders/" in path
