"""Answers that nobody should give: none of them makes a call raise, or mean something it does not say."""

import asyncio
import gzip
import threading
import time
from decimal import Decimal

import pytest

from orders.brokers import loop
from orders.brokers.account_stream import Unreadable as UnreadableFrame
from orders.brokers.account_stream import events_of
from orders.brokers.base import BrokerError, BrokerUnavailable, NotSent, Refused, Sent, Unknown
from orders.brokers.reading import Unreadable, read_order
from tests.orders.brokers.samples import ORDERS, SPY_CALL, draft, order_json, placed_json
from tests.orders.brokers.wire_server import TOKEN_PATH, answer, html

NESTED = "[" * 100_000
ORDER = f"{ORDERS}/270561"
UNREADABLE = Unknown("an answer we could not read", 201)
LEG = order_json()["legs"][0]
FILL = {"fill-id": "1_A", "quantity": 1, "fill-price": "1.25", "filled-at": "2026-11-23T14:30:02.496+00:00"}


def refusal(errors: object) -> dict:
    return {"error": {"code": "preflight_check_failure", "message": "One failed", "errors": errors}}


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(answer(NESTED, 201), UNREADABLE, id="nested-too-deep"),
        pytest.param(answer(NESTED, 422), Unknown("HTTP 422", 422), id="nested-too-deep-refusal"),
        pytest.param(answer({"data": None}, 201), UNREADABLE, id="no-data"),
        pytest.param(answer({"data": [1]}, 201), UNREADABLE, id="a-list"),
        pytest.param(answer(placed_json(legs=[]), 201), UNREADABLE, id="no-legs"),
        pytest.param(answer(placed_json(id="../1"), 201), UNREADABLE, id="an-id-that-is-none"),
        pytest.param(answer(placed_json(**{"updated-at": 10**20}), 201), UNREADABLE, id="beyond-all-years"),
        pytest.param(
            answer(refusal(5), 422),
            Refused("preflight_check_failure", "One failed", 422),
            id="errors-are-a-number",
        ),
        pytest.param(
            answer(refusal({"code": "x"}), 422),
            Refused("preflight_check_failure", "One failed", 422),
            id="errors-are-an-object",
        ),
        pytest.param(
            answer(refusal(["x", None]), 422),
            Refused("preflight_check_failure", "One failed", 422),
            id="errors-are-words",
        ),
    ],
)
def test_a_malformed_answer_to_an_order_is_an_outcome(server, broker, act, expected):
    server.on("POST", ORDERS, act)

    assert broker.place(draft()) == expected


@pytest.mark.parametrize("warnings", [5, "later", {"code": "x"}, [None, 3]], ids=str)
def test_odd_warnings_do_not_hide_that_the_order_was_taken(server, broker, warnings):
    placed = placed_json()
    placed["data"]["warnings"] = warnings
    server.on("POST", ORDERS, answer(placed, 201))

    outcome = broker.place(draft())

    assert isinstance(outcome, Sent)
    assert (outcome.order.broker_order_id, outcome.warnings) == ("270561", ())


def test_an_answer_about_another_order_is_no_answer_to_ours(server, broker):
    server.on("POST", ORDERS, answer(placed_json(**{"external-identifier": "practice-d9-9"}), 201))

    assert broker.place(draft()) == Unknown("an answer about another order", 201)


def test_a_replacement_of_another_order_is_no_answer_to_ours(server, broker):
    new = order_json(id=270562, **{"replaces-order-id": 1})
    server.on("PUT", ORDER, answer({"data": new}))

    assert broker.replace("270561", draft()) == Unknown("an answer about another order", 200)


def test_a_cancel_answered_with_another_order_is_read_back(server, broker):
    server.on("DELETE", ORDER, answer({"data": order_json(id=1, status="Cancelled")}))
    server.on("GET", ORDER, answer({"data": order_json(status="Cancel Requested")}))

    outcome = broker.cancel("270561")

    assert isinstance(outcome, Sent)
    assert (outcome.order.broker_order_id, outcome.order.status) == ("270561", "Cancel Requested")


def test_a_read_answered_with_another_order_fails(server, broker):
    server.on("GET", ORDER, answer({"data": order_json(id=1)}))

    with pytest.raises(BrokerError):
        broker.order("270561")


@pytest.mark.parametrize(
    "changes",
    [
        {"legs": [LEG | {"symbol": None}]},
        {"legs": [LEG | {"quantity": -1}]},
        {"legs": [LEG | {"quantity": 0}]},
        {"legs": [LEG | {"quantity": "0.5"}]},
        {"legs": [LEG | {"remaining-quantity": -1}]},
        {"legs": [LEG | {"fills": [FILL | {"fill-id": None}]}]},
        {"legs": [LEG | {"fills": [FILL | {"fill-id": ""}]}]},
        {"legs": [LEG | {"fills": [FILL | {"quantity": 0}]}]},
        {"legs": [LEG | {"fills": [FILL | {"fill-price": "NaN"}]}]},
        {"legs": [LEG | {"fills": 1}]},
        {"status": None},
        {"status": ["Live"]},
        {"updated-at": 10**20},
        {"id": True},
        {"id": "A1"},
    ],
    ids=[
        "no symbol", "negative", "zero", "half", "negative remainder", "fill without id", "fill with no id",
        "empty fill", "no price", "fills are a number", "no status", "a list of statuses", "no year",
        "an id that is true", "an id in letters",
    ],
)  # fmt: skip
def test_an_order_that_contradicts_itself_is_unreadable(changes):
    with pytest.raises(Unreadable):
        read_order(order_json(**changes))


def test_a_fill_at_zero_or_below_is_a_fill():
    for price in ("0.0", "-37.63"):
        order = read_order(order_json(legs=[LEG | {"fills": [FILL | {"fill-price": price}]}]))
        assert [f.price for f in order.fills] == [Decimal(price)]


def test_a_frame_nested_too_deep_does_not_end_the_stream():
    assert [type(event) for event in events_of(NESTED)] == [UnreadableFrame]


def test_a_batch_nested_too_deep_does_not_end_the_stream():
    frame = '{"results":[' * 3_000 + "]}" * 3_000
    assert all(isinstance(event, UnreadableFrame) for event in events_of(frame))


@pytest.mark.parametrize("price", ["1E+2", "1E-1", "100", "0.10"])
def test_a_price_is_written_without_an_exponent(server, broker, price):
    server.on("POST", ORDERS, answer(placed_json(), 201))

    broker.place(draft(price=Decimal(price)))

    assert server.asked[-1].json["price"] == f"{Decimal(price):f}"


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_price_is_refused_unasked(server, broker, price):
    assert broker.place(draft(price=Decimal(price))) == Refused(
        "unsendable_price", f"no Limit order at {price}", 0
    )
    assert server.paths() == []


@pytest.mark.parametrize("quantity", [0, -1])
def test_what_is_no_quantity_is_refused_unasked(server, broker, quantity):
    from dataclasses import replace

    wanted = draft()
    legs = (replace(wanted.legs[0], quantity=quantity),)

    outcome = broker.place(replace(wanted, legs=legs))

    assert outcome == Refused("unsendable_quantity", f"no order for {quantity} of {SPY_CALL}", 0)
    assert server.paths() == []


def packed(body: bytes, status: int):
    def act(connection, _) -> None:
        head = (
            f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        connection.sendall(head.encode() + body)

    return act


def test_a_packed_answer_is_read(server, broker):
    import json

    server.on("POST", ORDERS, packed(gzip.compress(json.dumps(placed_json()).encode()), 201))

    assert isinstance(broker.place(draft()), Sent)


def test_a_badly_packed_answer_cannot_be_read(server, broker):
    server.on("POST", ORDERS, packed(b"not gzip at all", 201))

    assert broker.place(draft()) == UNREADABLE


def test_an_answer_without_end_is_given_up_by_size(server, broker, settings):
    settings.CALL_SECONDS = 20
    bomb = gzip.compress(b" " * 70_000_000)
    server.on("POST", ORDERS, packed(bomb, 201))
    server.on("GET", ORDER, packed(bomb, 200))

    assert broker.place(draft()) == UNREADABLE
    with pytest.raises(BrokerUnavailable):
        broker.order("270561")


def test_an_answer_that_trickles_ends_at_the_deadline(server, broker, settings):
    released = threading.Event()

    def trickle(connection, _) -> None:
        connection.sendall(b"HTTP/1.1 201 x\r\ncontent-length: 1000\r\n\r\n")
        while not released.wait(0.05):
            connection.sendall(b" ")

    server.on("POST", ORDERS, trickle)
    broker.refresh()
    settings.CALL_SECONDS = 1.5

    outcome = broker.place(draft())  # it would trickle for ever
    released.set()

    assert outcome == UNREADABLE


def test_a_page_that_was_never_asked_for_is_not_taken_from_the_one_before(server, broker, settings):
    server.on("GET", ORDER, answer({"data": order_json()}))
    broker.refresh()
    settings.CALL_SECONDS = 1.5
    call = broker._session.call()
    broker._session.get(ORDER, call=call)
    asyncio.run_coroutine_threadsafe(hold_the_loop(3.0), loop.running())

    with pytest.raises(BrokerUnavailable):
        broker._session.get(ORDER, call=call)


async def hold_the_loop(seconds: float) -> None:
    """Block the event loop, as a stuck library would."""
    time.sleep(seconds)  # noqa: ASYNC251


def test_a_page_that_is_full_and_says_of_no_other_is_not_called_the_last(server, broker):
    from datetime import date

    items = [order_json(id=n + 1) for n in range(200)]
    server.on("GET", ORDERS, answer({"data": {"items": items}}))

    listing = broker.orders_since(date(2026, 11, 23))

    assert (len(listing.orders), listing.is_complete) == (200, False)


def test_a_dry_run_whose_token_ended_is_asked_again_with_a_new_one(server, broker):
    server.on("POST", f"{ORDERS}/dry-run", html(401), answer({"data": {"warnings": []}}, 201))

    assert broker.dry_run(draft()).errors == ()
    assert server.paths() == [
        f"POST {path}" for path in (TOKEN_PATH, f"{ORDERS}/dry-run", TOKEN_PATH, f"{ORDERS}/dry-run")
    ]


def test_an_order_whose_token_ended_is_not_asked_again(server, broker):
    server.on("POST", ORDERS, html(401))

    assert broker.place(draft()) == NotSent("HTTP 401", 401)
    assert server.paths() == [f"POST {TOKEN_PATH}", f"POST {ORDERS}"]
