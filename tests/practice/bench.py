"""The exchange without a server, under a clock that a test turns by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orders.brokers.practice import admission, changes
from orders.brokers.practice.app import open_exchange
from orders.brokers.practice.book import Order
from orders.brokers.practice.clock import Time
from orders.brokers.practice.complex_orders import Bundles
from orders.brokers.practice.floor import STEP_SECONDS, Floor
from orders.brokers.practice.instruments import Instrument, find

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 12:00 in New York, a trading day
SUNDAY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
TODAY = MONDAY_NOON.date()
ACCOUNT = "5WT00001"
CALL = "SPY   261218C00600000"
HIGHER_CALL = "SPY   261218C00610000"


def contract(symbol: str) -> Instrument:
    """Return what is listed on the bench's day under a symbol."""
    found = find(symbol, TODAY)
    assert found is not None, symbol
    return found


@dataclass
class Bench:
    """An exchange whose time is held; `told` collects (kind, message)."""

    at: datetime = MONDAY_NOON
    seed: int = 7
    speed: float = 1.0
    always_open: bool = False
    path: str = ":memory:"
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.time = Time(self.at)
        self.open()

    def open(self) -> None:
        """Open the exchange over its ledger, again after a test closed it."""
        self.exchange = open_exchange(
            self.path, seed=self.seed, speed=self.speed, always_open=self.always_open, time=self.time
        )
        self.floor = Floor(self.exchange)
        self.bundles = Bundles(self.exchange, self.floor)
        self.exchange.listeners.append(lambda _, kind, message: self.told.append((kind, message)))

    @property
    def now(self) -> datetime:
        return self.time()

    def run(self, seconds: float = 0.1, step: float = STEP_SECONDS) -> None:
        """Let time pass in small steps, the floor moving at each."""
        self.floor.turn(seconds, step)

    def jump(self, to: datetime | None = None, **ahead: float) -> None:
        """Let time pass at once: `jump(hours=4)`."""
        self.time.hold(to or self.now + timedelta(**ahead))
        self.floor.advance()

    def pin(self, symbol: str, bid: str, ask: str) -> None:
        self.exchange.market.pin_quote(symbol, (Decimal(bid), Decimal(ask)))
        self.exchange.stir()

    def fault(self, **raw: Any) -> None:
        self.exchange.faults.add(raw)

    def submit(self, *legs: dict[str, Any], **terms: Any) -> Order:
        answer = admission.submit(self.exchange, ACCOUNT, body(*legs, **terms))
        return self.exchange.orders[answer["order"]["id"]]

    def replace(self, order: Order, **terms: Any) -> Order:
        return changes.replace(self.exchange, ACCOUNT, order.id, wired(terms))

    def cancel(self, order: Order) -> Order:
        return changes.cancel(self.exchange, ACCOUNT, order.id)

    def statuses(self, order: Order) -> list[str]:
        """Return the statuses that were told of an order, repetitions left out."""
        told = [m["status"] for kind, m in self.told if kind == "Order" and m.get("id") == order.id]
        return [s for n, s in enumerate(told) if n == 0 or told[n - 1] != s]


def leg(action: str = "Buy to Open", symbol: str = CALL, quantity: int = 1, kind: str = "Equity Option"):
    return {"action": action, "symbol": symbol, "quantity": quantity, "instrument-type": kind}


def wired(terms: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in terms.items()}


def body(*legs: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """Write an order: `pays="1.00"` or `receives="1.00"` set price and effect."""
    price: dict[str, Any] = {}
    for word, effect in (("pays", "Debit"), ("receives", "Credit")):
        if word in terms:
            price = {"price": terms.pop(word), "price-effect": effect}
    usual = {"order-type": "Limit", "time-in-force": "Day", "legs": list(legs) or [leg()]}
    return usual | price | wired(terms)
