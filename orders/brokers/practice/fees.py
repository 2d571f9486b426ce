"""What trading costs, in one table: USD per share or contract, near Tastytrade's published schedule."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.products import EQUITIES, FUTURES
from orders.brokers.practice.wire import Json, Quantity, number


@dataclass(frozen=True, slots=True)
class Rates:
    """Per share or contract; `selling` is charged on sales only (SEC and TAF)."""

    opening: Decimal
    closing: Decimal
    clearing: Decimal
    regulatory: Decimal
    selling: Decimal = Decimal(0)
    cap: Decimal | None = None  # commission of a leg at most


NOTHING = Decimal(0)
TABLE = {
    Kind.EQUITY: Rates(NOTHING, NOTHING, Decimal("0.0008"), NOTHING, Decimal("0.000166")),
    Kind.EQUITY_OPTION: Rates(
        Decimal("1.00"), NOTHING, Decimal("0.10"), Decimal("0.02"), Decimal("0.00279"), Decimal(10)
    ),
    Kind.FUTURE: Rates(Decimal("1.25"), Decimal("1.25"), Decimal("0.30"), Decimal("1.40")),
    Kind.FUTURE_OPTION: Rates(Decimal("2.50"), NOTHING, Decimal("0.30"), Decimal("0.57")),
}
MICRO = Rates(Decimal("0.85"), Decimal("0.85"), Decimal("0.30"), Decimal("0.37"))
INDEX_OPTION = Decimal("0.60")  # the index's owner takes his part
CLOSING_ACTIONS = frozenset({"Buy to Close", "Sell to Close"})


@dataclass(frozen=True, slots=True)
class Fees:
    """What an execution costs, USD, never negative."""

    commission: Decimal = NOTHING
    clearing: Decimal = NOTHING
    regulatory: Decimal = NOTHING
    proprietary: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        return self.commission + self.clearing + self.regulatory + self.proprietary

    def plus(self, other: "Fees") -> "Fees":
        return Fees(
            self.commission + other.commission,
            self.clearing + other.clearing,
            self.regulatory + other.regulatory,
            self.proprietary + other.proprietary,
        )


def leg_fees(instrument: Instrument, action: str, quantity: Quantity) -> Fees:
    """Return the fees of one leg's execution."""
    future = FUTURES.get(instrument.product)
    rates = MICRO if future and future.is_micro else TABLE[instrument.kind]
    commission = (rates.closing if action in CLOSING_ACTIONS else rates.opening) * quantity
    per_item = rates.regulatory + (rates.selling if action.startswith("Sell") else NOTHING)
    equity = EQUITIES.get(instrument.product)
    is_index = equity is not None and equity.is_index
    return Fees(
        commission if rates.cap is None else min(commission, rates.cap),
        rates.clearing * quantity,
        per_item * quantity,
        INDEX_OPTION * quantity if is_index else NOTHING,
    )


def total(fees: Iterable[Fees]) -> Fees:
    summed = Fees()
    for part in fees:
        summed = summed.plus(part)
    return summed


def _line(name: str, value: Decimal) -> Json:
    return {name: number(value), f"{name}-effect": "Debit" if value else "None"}


def _breakdown(**parts: Decimal) -> list[Json]:
    return [
        {"name": name, "value": number(value), "effect": "Debit" if value else "None"}
        for name, value in parts.items()
    ]


def fee_calculation(fees: Fees) -> Json:
    """Write fees as the order endpoints do."""
    none = NOTHING
    return {
        **_line("regulatory-fees", fees.regulatory),
        "regulatory-fees-breakdown": _breakdown(
            exchange=none, nfa=none, orf=fees.regulatory, sec=none, taf=none
        ),
        **_line("clearing-fees", fees.clearing),
        "clearing-fees-breakdown": _breakdown(clearing=fees.clearing),
        **_line("commission", fees.commission),
        "commission-breakdown": _breakdown(brokerage=fees.commission),
        **_line("proprietary-index-option-fees", fees.proprietary),
        "proprietary-fees-breakdown": _breakdown(proprietary=fees.proprietary),
        **_line("total-fees", fees.total),
        **_line("rebates", none),
        "rebates-breakdown": _breakdown(rebate=none),
        "per-quantity": False,
    }
