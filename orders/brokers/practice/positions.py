"""What an account holds of one contract, how executions change it, and how the broker writes it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from orders.brokers.practice.instruments import Kind
from orders.brokers.practice.wire import (
    Json,
    Quantity,
    instant,
    number,
    quantity,
    read_quantity,
    signed,
    unsigned,
)


@dataclass(slots=True)
class Position:
    """What an account holds of one contract: `quantity` is negative when short."""

    account: str
    symbol: str
    kind: Kind
    underlying: str
    product: str
    multiplier: Decimal
    quantity: Quantity
    average_price: Decimal
    created_at: datetime
    updated_at: datetime
    realized: Decimal = Decimal(0)
    realized_on: date | None = None
    expires_at: datetime | None = None

    def trade(self, signed_quantity: Quantity, price: Decimal, now: datetime, on: date) -> Decimal:
        """Book an execution; returns the gain it realized, USD."""
        gain = Decimal(0)
        closing = self._closed_by(signed_quantity)
        if closing:
            direction = 1 if self.quantity > 0 else -1
            gain = (price - self.average_price) * closing * direction * self.multiplier
        opening = unsigned(signed_quantity) - closing
        if opening:
            kept = unsigned(self.quantity) if closing == 0 else 0
            self.average_price = (self.average_price * kept + price * opening) / (kept + opening)
        self.quantity += signed_quantity
        self.realized = gain + (self.realized if self.realized_on == on else Decimal(0))
        self.realized_on, self.updated_at = on, now
        return gain

    def _closed_by(self, signed_quantity: Quantity) -> Quantity:
        if self.quantity * signed_quantity >= 0:
            return 0
        return min(unsigned(self.quantity), unsigned(signed_quantity))

    @property
    def direction(self) -> str:
        return "Long" if self.quantity > 0 else "Short" if self.quantity < 0 else "Zero"

    def wire(self, close_price: Decimal, mark: Decimal | None = None) -> Json:
        """Write the position as the broker does: an unsigned quantity and a direction."""
        on = (self.realized_on or self.created_at.date()).isoformat()
        written = {
            "account-number": self.account,
            "average-daily-market-close-price": number(close_price),
            "average-open-price": number(self.average_price.quantize(Decimal("0.0001"))),
            "average-yearly-market-close-price": number(close_price),
            "close-price": number(close_price),
            "cost-effect": "Debit" if self.quantity < 0 else "Credit",
            "created-at": instant(self.created_at),
            "instrument-type": self.kind.value,
            "is-frozen": False,
            "is-suppressed": False,
            "multiplier": number(self.multiplier),
            "quantity": quantity(unsigned(self.quantity)),
            "quantity-direction": self.direction,
            **signed("realized-day-gain", self.realized),
            "realized-day-gain-date": on,
            **signed("realized-today", self.realized),
            "realized-today-date": on,
            "restricted-quantity": 0,
            "symbol": self.symbol,
            "underlying-symbol": self.underlying,
            "updated-at": instant(self.updated_at),
        }
        if self.expires_at is not None:
            written["expires-at"] = instant(self.expires_at)
        if mark is not None:
            written |= {"mark": number(mark), "mark-price": number(mark)}
        return written

    def state(self) -> Json:
        return {
            "account": self.account,
            "symbol": self.symbol,
            "kind": self.kind.value,
            "underlying": self.underlying,
            "product": self.product,
            "multiplier": number(self.multiplier),
            "quantity": quantity(self.quantity),
            "average_price": number(self.average_price),
            "created_at": instant(self.created_at),
            "updated_at": instant(self.updated_at),
            "realized": number(self.realized),
            "realized_on": self.realized_on.isoformat() if self.realized_on else None,
            "expires_at": instant(self.expires_at) if self.expires_at else None,
        }


def position_from(state: Json) -> Position:
    """Read back what `Position.state` wrote."""
    on, expires = state["realized_on"], state["expires_at"]
    return Position(
        state["account"],
        state["symbol"],
        Kind(state["kind"]),
        state["underlying"],
        state["product"],
        Decimal(state["multiplier"]),
        read_quantity(state["quantity"]),
        Decimal(state["average_price"]),
        datetime.fromisoformat(state["created_at"]),
        datetime.fromisoformat(state["updated_at"]),
        Decimal(state["realized"]),
        date.fromisoformat(on) if on else None,
        datetime.fromisoformat(expires) if expires else None,
    )
