"""The real SDK, unchanged, places and follows orders at the practice exchange."""

from decimal import Decimal

import pytest

from tests.practice.exchange_fixture import CALL, RunningExchange, wait_until


def limit(symbol: str, action: str, price: str, quantity: int = 1, **more):
    """Build an SDK limit order; a negative price pays, as in the SDK."""
    from tastytrade.order import InstrumentType, Leg, LimitOrder, OrderAction

    leg = Leg(
        instrument_type=InstrumentType.EQUITY_OPTION,
        symbol=symbol,
        action=OrderAction(action),
        quantity=quantity,
    )
    return LimitOrder(legs=[leg], price=Decimal(price), **more)


async def account_of(session):
    from tastytrade import Account

    return (await Account.get(session))[0]


async def test_a_marketable_order_fills_at_the_touch_and_moves_the_books(exchange: RunningExchange):
    exchange.market(CALL, bid="5.00", ask="5.10")
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(
            session, limit(CALL, "Buy to Open", "-5.20", 2, external_identifier="pr-1"), dry_run=False
        )
        assert placed.order.status.value == "Routed"
        filled = wait_until(lambda: exchange.order(placed.order.id)["status"] == "Filled")
        assert filled
        order = await account.get_order(session, placed.order.id)
        positions = await account.get_positions(session)
        balance = await account.get_balances(session)

    assert order.average_fill_price() == Decimal("10.20") / 2
    assert [(p.symbol, p.quantity, p.average_open_price) for p in positions] == [(CALL, 2, Decimal("5.1"))]
    assert balance.cash_balance == Decimal(100000) - Decimal(1020) - Decimal("2.24")
    assert [r["external_identifier"] for r in exchange.requests("POST", "/orders")] == ["pr-1"]


async def test_a_dry_run_leaves_no_order_behind(exchange: RunningExchange):
    async with exchange.session() as session:
        account = await account_of(session)
        answer = await account.place_order(session, limit(CALL, "Buy to Open", "-1.00"), dry_run=True)
    assert answer.order.status.value == "Received"
    assert answer.fee_calculation.total_fees == Decimal("-1.12")
    assert exchange.ledger()["orders"] == []


async def test_a_cancel_is_requested_first_and_effective_later(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(session, limit(CALL, "Buy to Open", "-0.05"), dry_run=False)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Live")
        await account.delete_order(session, placed.order.id)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Cancelled")
        live = await account.get_live_orders(session)
    assert [(o.id, o.status.value, o.cancellable) for o in live] == [(placed.order.id, "Cancelled", False)]


async def test_a_terminal_order_cannot_be_cancelled_again(exchange: RunningExchange):
    from tastytrade.utils import TastytradeError

    exchange.faults({"kind": "fill_now"})
    async with exchange.session() as session:
        account = await account_of(session)
        placed = await account.place_order(session, limit(CALL, "Buy to Open", "-1.00"), dry_run=False)
        wait_until(lambda: exchange.order(placed.order.id)["status"] == "Filled")
        with pytest.raises(TastytradeError, match="cannot_update_order: the order could not be cancelled"):
            await account.delete_order(session, placed.order.id)
