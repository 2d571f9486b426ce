"""The ratio of two prices that a PAIRS order waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.brokers.practice.book import Order
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.rules import COMPARATORS, amount, crosses, word
from orders.brokers.practice.wire import Json, number


@dataclass(frozen=True, slots=True)
class Ratio:
    """The price of the first order's contract over that of the second's, and where it lets both in."""

    threshold: Decimal
    comparator: str
    is_notional: bool  # of what each order is worth, not of one share

    def wire(self) -> Json:
        return {
            "ratio-price-threshold": number(self.threshold),
            "ratio-price-comparator": self.comparator,
            "ratio-price-is-threshold-based-on-notional": self.is_notional,
        }

    def is_reached(self, found: Decimal | None) -> bool:
        return found is not None and crosses(found, self.comparator, self.threshold)


def read_ratio(body: Json) -> Ratio:
    """Read what a PAIRS order waits for, from its request or its state; raises Refusal."""
    return Ratio(
        amount(body, "ratio-price-threshold"),
        word(body, "ratio-price-comparator", COMPARATORS),
        bool(body.get("ratio-price-is-threshold-based-on-notional")),
    )


def ratio_of(exchange: Exchange, orders: Sequence[Order], ratio: Ratio) -> Decimal | None:
    """Return the ratio as it is now; None while there is none."""
    found: list[Decimal] = []
    for order in orders:
        instrument = exchange.instrument(order.legs[0].symbol)
        if instrument is None:
            return None
        price = exchange.market.quote(instrument).mid
        found.append(price * instrument.multiplier * order.legs[0].quantity if ratio.is_notional else price)
    return found[0] / found[1] if found[1] else None
