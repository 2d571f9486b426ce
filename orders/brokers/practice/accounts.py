"""The practice customer's accounts, and what they may do."""

from datetime import datetime
from decimal import Decimal

from orders.brokers.practice.wire import Json, instant

STARTING_CASH = Decimal(100_000)
ACCOUNT_NUMBERS = ("5WT00001", "5WT00002")
OPENED_AT = "2026-01-05T14:30:00.000+00:00"


def describe(account: str) -> Json:
    """Write an account as `GET /customers/me/accounts` does."""
    second = account != ACCOUNT_NUMBERS[0]
    return {
        "account-number": account,
        "opened-at": OPENED_AT,
        "nickname": "Practice reserve" if second else "Practice",
        "account-type-name": "Individual",
        "day-trader-status": False,
        "is-closed": False,
        "is-firm-error": False,
        "is-firm-proprietary": False,
        "is-futures-approved": True,
        "is-test-drive": False,
        "margin-or-cash": "Margin",
        "is-foreign": False,
        "external-id": f"A{account}",
        "funding-date": OPENED_AT[:10],
        "investment-objective": "SPECULATION",
        "suitable-options-level": "No Restrictions",
        "created-at": OPENED_AT,
    }


def trading_status(account: str, now: datetime) -> Json:
    """Write what an account may do: everything but cryptocurrencies."""
    off = (
        "is-aggregated-at-clearing", "is-closed", "is-closing-only", "is-cryptocurrency-enabled",
        "is-cryptocurrency-closing-only", "is-frozen", "is-full-equity-margin-required",
        "is-futures-closing-only", "is-in-day-trade-equity-maintenance-call", "is-in-margin-call",
        "is-pattern-day-trader", "is-roll-the-day-forward-enabled", "are-far-otm-net-options-restricted",
        "is-equity-offering-enabled", "is-equity-offering-closing-only", "is-portfolio-margin-enabled",
        "is-risk-reducing-only",
    )  # fmt: skip
    on = (
        "has-intraday-equities-margin", "is-futures-intra-day-enabled", "is-futures-enabled",
        "is-small-notional-futures-intra-day-enabled", "short-calls-enabled",
    )  # fmt: skip
    return {
        "account-number": account,
        "id": int(account[3:]),
        "equities-margin-calculation-type": "Reg T",
        "fee-schedule-name": "practice",
        "futures-margin-rate-multiplier": "1.0",
        "small-notional-futures-margin-rate-multiplier": "1.0",
        "options-level": "No Restrictions",
        "day-trade-count": 0,
        **dict.fromkeys(off, False),
        **dict.fromkeys(on, True),
        "updated-at": instant(now),
    }
