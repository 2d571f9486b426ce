"""An account's figures, and how the broker writes them: 56 keys, every figure a string."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from orders.brokers.practice.wire import Json, instant, number


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's figures at one moment, USD. `requirement` is its margin."""

    cash: Decimal
    long_equity: Decimal
    short_equity: Decimal
    long_options: Decimal
    short_options: Decimal
    futures_gain: Decimal
    requirement: Decimal
    futures_requirement: Decimal

    @property
    def net_liquidating_value(self) -> Decimal:
        longs = self.long_equity + self.long_options
        return self.cash + longs - self.short_equity - self.short_options + self.futures_gain

    @property
    def buying_power(self) -> Decimal:
        """What may still be spent on options and margin; options lend nothing, shares half."""
        equity = self.cash + self.long_equity - self.short_equity + self.futures_gain
        return equity - self.requirement


def balance(account: str, standing: Standing, now: datetime, on: date) -> Json:
    """Write an account's balances as the broker does: every figure a string."""
    figures = dict.fromkeys(_ZERO_FIGURES, Decimal(0)) | _figures(standing)
    return {
        "account-number": account,
        "currency": "USD",
        **{name: number(value) for name, value in figures.items()},
        "buying-power-adjustment-effect": "None",
        "pending-cash-effect": "None",
        "unsettled-cryptocurrency-fiat-effect": "None",
        "snapshot-date": on.isoformat(),
        "updated-at": instant(now),
    }


def _figures(standing: Standing) -> dict[str, Decimal]:
    power, worth = standing.buying_power, standing.net_liquidating_value
    return {
        "cash-balance": standing.cash,
        "long-equity-value": standing.long_equity,
        "short-equity-value": standing.short_equity,
        "long-derivative-value": standing.long_options,
        "short-derivative-value": standing.short_options,
        "long-margineable-value": standing.long_equity,
        "short-margineable-value": standing.short_equity,
        "margin-equity": worth,
        "equity-buying-power": power * 2,
        "derivative-buying-power": power,
        "day-trading-buying-power": power * 2,
        "futures-margin-requirement": standing.futures_requirement,
        "futures-overnight-margin-requirement": standing.futures_requirement,
        "futures-intraday-margin-requirement": standing.futures_requirement,
        "available-trading-funds": max(power, Decimal(0)),
        "maintenance-requirement": standing.requirement,
        "reg-t-margin-requirement": standing.requirement,
        "used-derivative-buying-power": standing.requirement,
        "maintenance-excess": worth - standing.requirement,
        "net-liquidating-value": worth,
        "cash-available-to-withdraw": max(min(standing.cash, power), Decimal(0)),
        "day-trade-excess": power,
        "apex-starting-day-margin-equity": worth,
    }


_ZERO_FIGURES: Iterable[str] = (
    "long-futures-value",
    "short-futures-value",
    "long-futures-derivative-value",
    "short-futures-derivative-value",
    "maintenance-call-value",
    "reg-t-call-value",
    "day-trading-call-value",
    "day-equity-call-value",
    "pending-cash",
    "long-cryptocurrency-value",
    "short-cryptocurrency-value",
    "cryptocurrency-margin-requirement",
    "unsettled-cryptocurrency-fiat-amount",
    "closed-loop-available-balance",
    "equity-offering-margin-requirement",
    "long-bond-value",
    "bond-margin-requirement",
    "pending-margin-interest",
    "effective-cryptocurrency-buying-power",
    "buying-power-adjustment",
)
