"""Pre-trade controls at the moment of an approval, at the terms that it freezes. Reads rows only."""

from decimal import Decimal

from desk.limits import limits_of
from orders.controls import risk
from orders.market import Quote
from orders.models import Order
from orders.verdicts import Verdict


def verdicts_at_approval(order: Order) -> list[Verdict]:
    """Return what the proposal was told already, and the collar on the market it was proposed at.

    Nobody asks the broker here: the worker's first step looks at the market again.
    """
    told = [Verdict(v["code"], v["ok"], v["sentence"], v["numbers"]) for v in order.verdicts]
    bid, ask = order.proposal_bid_price, order.proposal_ask_price
    if order.is_exit or order.bound_price is None or bid is None or ask is None:
        return told
    quote = Quote(Decimal(bid), Decimal(ask), order.proposed_at)
    return [*told, risk.collar(Decimal(order.bound_price), quote, limits_of(order.account_id).collar_percent)]
