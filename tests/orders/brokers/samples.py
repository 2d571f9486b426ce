"""Answers as the broker words them, and drafts as the desk does."""

from decimal import Decimal

from orders.brokers.base import Draft, DraftLeg
from orders.enums import Action, InstrumentType, Side

ACCOUNT = "5WT00001"
SPY_CALL = "SPY   261218C00600000"
ORDERS = f"/accounts/{ACCOUNT}/orders"


def draft(**changes) -> Draft:
    values = {
        "external_identifier": "practice-d1-1",
        "legs": (DraftLeg(InstrumentType.EQUITY_OPTION, SPY_CALL, Action.BUY_TO_OPEN, 2),),
        "side": Side.PAYS,
        "price": Decimal("1.25"),
    }
    return Draft(**values | changes)


def closing(**changes) -> Draft:
    leg = DraftLeg(InstrumentType.EQUITY_OPTION, SPY_CALL, Action.SELL_TO_CLOSE, 2)
    return draft(legs=(leg,), side=Side.RECEIVES, **changes)


def order_json(**changes) -> dict:
    return {
        "id": 270561,
        "account-number": ACCOUNT,
        "cancellable": True,
        "editable": True,
        "edited": False,
        "external-identifier": "practice-d1-1",
        "order-type": "Limit",
        "price": "1.25",
        "price-effect": "Debit",
        "received-at": "2026-11-23T14:30:01.851+00:00",
        "size": 2,
        "status": "Routed",
        "time-in-force": "Day",
        "underlying-instrument-type": "Equity",
        "underlying-symbol": "SPY",
        "updated-at": 1795444202049,
        "legs": [
            {
                "action": "Buy to Open",
                "instrument-type": "Equity Option",
                "quantity": 2,
                "remaining-quantity": 2,
                "symbol": SPY_CALL,
                "fills": [],
            }
        ],
    } | changes


TRADE = {
    "id": 500001,
    "account-number": "5WT00001",
    "symbol": SPY_CALL,
    "instrument-type": "Equity Option",
    "underlying-symbol": "SPY",
    "transaction-type": "Trade",
    "transaction-sub-type": "Buy to Open",
    "description": "Bought 1 SPY 12/18/26 Call 600.00 @ 1.24",
    "action": "Buy to Open",
    "quantity": "1.0",
    "price": "1.24",
    "executed-at": "2026-11-23T14:30:02.496+00:00",
    "transaction-date": "2026-11-23",
    "value": "124.0",
    "value-effect": "Debit",
    "net-value": "125.12",
    "net-value-effect": "Debit",
    "regulatory-fees": "0.02",
    "regulatory-fees-effect": "Debit",
    "clearing-fees": "0.1",
    "clearing-fees-effect": "Debit",
    "commission": "1.0",
    "commission-effect": "Debit",
    "proprietary-index-option-fees": "0.0",
    "proprietary-index-option-fees-effect": "None",
    "is-estimated-fee": True,
    "ext-exec-id": "1122",
    "exec-id": "24_TW::TEST_A47504",
    "order-id": 270561,
    "leg-count": 1,
}

EFFECT = {
    "change-in-buying-power": "250.0",
    "change-in-buying-power-effect": "Debit",
    "change-in-margin-requirement": "0.0",
    "current-buying-power": "1000.0",
    "new-buying-power": "750.0",
    "isolated-order-margin-requirement": "0.0",
    "is-spread": False,
    "impact": "250.0",
    "effect": "Debit",
}
FEES = {"total-fees": "2.24", "total-fees-effect": "Debit"}
WARNING = {
    "code": "tif.next_valid_session",
    "message": "Your order will begin working during next valid session.",
}


def placed_json(**changes) -> dict:
    return {
        "data": {
            "order": order_json(**changes),
            "buying-power-effect": EFFECT,
            "fee-calculation": FEES,
            "warnings": [],
        }
    }


REFUSAL = {
    "error": {
        "code": "preflight_check_failure",
        "message": "One or more preflight checks failed",
        "errors": [{"code": "margin_check_failed", "message": "Not enough buying power."}],
    }
}
