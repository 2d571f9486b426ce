"""Approved orders of every kind, by chance."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from orders.enums import (
    Action,
    BeforeOpen,
    InstrumentType,
    OrderStatus,
    OrderType,
    PriceRule,
    Side,
    TimeInForce,
    WalkEnd,
    WalkMethod,
)
from orders.machine.state import Leg, Order, Work
from orders.market import PENNY

D = Decimal
CLOSING = {Action.BUY_TO_OPEN: Action.BUY_TO_CLOSE, Action.SELL_TO_OPEN: Action.SELL_TO_CLOSE}
LONG, SHORT = "SPY   261218C00600000", "SPY   261218C00610000"


def legs_of(rng: Random, side: Side) -> tuple[Leg, ...]:
    """Return one leg, a vertical or a ratio."""
    first = Action.BUY_TO_OPEN if side is Side.PAYS else Action.SELL_TO_OPEN
    second = Action.SELL_TO_OPEN if side is Side.PAYS else Action.BUY_TO_OPEN
    legs = (Leg(InstrumentType.EQUITY_OPTION, LONG, first),)
    if rng.random() < 0.6:
        return legs
    return (*legs, Leg(InstrumentType.EQUITY_OPTION, SHORT, second, rng.choice((1, 1, 2))))


def new_work(rng: Random, pk: int, now: datetime) -> Work:
    """Return a proposed order: a walk, perhaps with an exit behind it, a market order, or an exit alone."""
    side = rng.choice((Side.PAYS, Side.RECEIVES))
    order = Order(
        pk=pk,
        environment=rng.choice(("practice", "practice", "production")),
        status=OrderStatus.PROPOSED,
        side=side,
        quantity=rng.choice((1, 1, 2, 5)),
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        price_rule=PriceRule.NONE,
        tick_table=PENNY,
        retries=rng.choice((0, 1, 3)),
        ticks=rng.choice((2, 3)),
        wait_seconds=rng.choice((2, 5, 10)),
        method=rng.choice((WalkMethod.CANCEL_RESUBMIT, WalkMethod.REPLACE)),
        end=rng.choice((WalkEnd.DAY, WalkEnd.DAY, WalkEnd.CANCEL)),
        before_open=BeforeOpen.WAIT,
        max_spread_percent=50,
        max_move_ticks=8,
        patience_seconds=60,
        bound_price=D("1.25") + side * D("0.06"),
        proposal_bid_price=D("1.20"),
        proposal_ask_price=D("1.30"),
        lapses_at=now + timedelta(minutes=5),
    )
    kind = rng.random()
    if kind < 0.1:
        order.price_rule, order.order_type, order.bound_price = PriceRule.MARKET, OrderType.MARKET, None
    elif kind < 0.25:
        order.price_rule, order.order_type, order.bound_price = PriceRule.EXIT, OrderType.OCO, None
        order.target_price, order.stop_price, order.retries = D("2.50"), D("0.80"), 0
    elif kind < 0.55:
        order.target_price = rng.choice((D("2.50"), D("2.50"), None))
        order.stop_price = D("0.80") if order.target_price is None else rng.choice((D("0.80"), None))
    is_single = kind < 0.25 or order.stop_price is not None
    legs = legs_of(rng, side)[:1] if is_single else legs_of(rng, side)
    if order.is_exit:
        legs = tuple(replace(leg, action=CLOSING[leg.action]) for leg in legs)
    return Work(order, legs)
