"""The person in the broker's own app, seen by a program that uses the same account."""

import urllib.error

import pytest

from tests.practice.bench import body, leg
from tests.practice.exchange_fixture import CALL, RunningExchange, wait_until
from tests.practice.test_sdk_orders import account_of, limit

CHANGE = {"order-type": "Limit", "time-in-force": "Day", "price": "0.20", "price-effect": "Debit"}


@pytest.fixture(autouse=True)
def quiet(exchange: RunningExchange):
    exchange.faults({"kind": "never_fill"})


async def test_an_order_placed_by_hand_is_live_for_programs_and_says_where_it_came_from(
    exchange: RunningExchange,
):
    placed = exchange.by_hand("POST", body=body(leg(symbol=CALL), pays="0.10"))["order"]
    async with exchange.session() as session:
        (found,) = await (await account_of(session)).get_live_orders(session)
    assert (found.id, found.source, found.external_identifier) == (placed["id"], "WB2;0.174.2", None)
    assert exchange.requests("POST", "/orders") == []


async def test_a_programs_order_is_edited_and_cancelled_by_hand(exchange: RunningExchange):
    async with exchange.session() as session:
        account = await account_of(session)
        order = limit(CALL, "Buy to Open", "-0.10", external_identifier="h1")
        old = (await account.place_order(session, order, dry_run=False)).order.id
        wait_until(lambda: exchange.order(old)["status"] == "Live")
        new = exchange.by_hand("PUT", f"/{old}", CHANGE)["id"]
        wait_until(lambda: exchange.order(new)["status"] == "Live")
        exchange.by_hand("DELETE", f"/{new}")
        wait_until(lambda: exchange.order(new)["status"] == "Cancelled")
        first, second = await account.get_order(session, old), await account.get_order(session, new)
    assert (first.status.value, first.replacing_order_id) == ("Cancelled", new)
    assert (second.replaces_order_id, second.source) == (old, "WB2;0.174.2")
    assert [r["method"] for r in exchange.requests("PUT") + exchange.requests("DELETE")] == []


def test_the_app_refuses_what_the_broker_refuses(exchange: RunningExchange):
    with pytest.raises(urllib.error.HTTPError, match="422"):
        exchange.by_hand("POST", body=body(leg(symbol=CALL), leg(symbol=CALL), pays="0.10"))
