"""Each way a call can end, over real sockets with the real SDK, and what we then say of it."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orders.brokers import loop
from orders.brokers.base import NotSent, Refused, Sent, Unknown
from tests.orders.brokers.samples import (
    ORDERS,
    REFUSAL,
    WARNING,
    closing,
    draft,
    order_json,
    placed_json,
)
from tests.orders.brokers.wire_server import (
    GRANT,
    TOKEN_PATH,
    answer,
    free_port,
    hang,
    hang_up,
    html,
    reset,
)

HOLIDAYS = "/market-time/equities/holidays"


def test_a_placed_order_is_sent_with_its_order_and_warnings(server, broker):
    placed = placed_json()
    placed["data"]["warnings"] = [WARNING]
    server.on("POST", ORDERS, answer(placed, 201))

    outcome = broker.place(draft())

    assert isinstance(outcome, Sent)
    assert outcome.order.broker_order_id == "270561"
    assert outcome.warnings == (f"{WARNING['code']}: {WARNING['message']}",)
    assert server.paths() == [f"POST {TOKEN_PATH}", f"POST {ORDERS}"]


def test_what_is_sent_says_debit_day_and_our_identifier(server, broker):
    server.on("POST", ORDERS, answer(placed_json(), 201))

    broker.place(draft())

    sent = server.asked[-1].json
    assert {k: sent.get(k) for k in ("price", "price-effect", "time-in-force", "order-type")} == {
        "price": "1.25",
        "price-effect": "Debit",
        "time-in-force": "Day",
        "order-type": "Limit",
    }
    assert sent["external-identifier"] == "practice-d1-1"
    assert sent["source"] == "discord-tastytrade-desk"
    assert "advanced-instructions" not in sent
    assert sent["legs"][0]["quantity"] == 2


def test_a_closing_order_is_a_credit_with_strict_position_effect(server, broker):
    server.on("POST", ORDERS, answer(placed_json(), 201))

    broker.place(closing())

    sent = server.asked[-1].json
    assert (sent["price"], sent["price-effect"]) == ("1.25", "Credit")
    assert sent["advanced-instructions"] == {"strict-position-effect-validation": True}


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(
            answer(REFUSAL, 422),
            Refused("margin_check_failed", "Not enough buying power.", 422),
            id="preflight refused",
        ),
        pytest.param(
            answer({"error": {"code": "not_permitted", "message": "User not permitted access"}}, 403),
            Refused("not_permitted", "User not permitted access", 403),
            id="not permitted",
        ),
        pytest.param(
            answer(
                {"error": {"code": "x", "message": "y", "errors": [{"domain": "legs", "reason": "few"}]}}, 400
            ),
            Refused("legs", "few", 400),
            id="domain and reason",
        ),
        pytest.param(
            answer({"error": {"code": "token_invalid", "message": "expired"}}, 401),
            NotSent("HTTP 401", 401),
            id="401",
        ),
        pytest.param(html(401), NotSent("HTTP 401", 401), id="401 in HTML"),
        pytest.param(html(429), NotSent("HTTP 429", 429), id="429"),
        pytest.param(html(403), Unknown("HTTP 403", 403), id="403 in HTML"),
        pytest.param(html(408), Unknown("HTTP 408", 408), id="408"),
        pytest.param(answer(REFUSAL, 408), Unknown("HTTP 408", 408), id="408 in the envelope"),
        pytest.param(html(413), Unknown("HTTP 413", 413), id="413"),
        pytest.param(answer({"message": "no"}, 400), Unknown("HTTP 400", 400), id="400 without envelope"),
        pytest.param(html(502), Unknown("HTTP 502", 502), id="502"),
        pytest.param(answer(REFUSAL, 500), Unknown("HTTP 500", 500), id="500 in the envelope"),
        pytest.param(html(302), Unknown("HTTP 302", 302), id="a redirect"),
        pytest.param(html(201), Unknown("an answer we could not read", 201), id="201 in HTML"),
        pytest.param(
            answer({"data": {}}, 201), Unknown("an answer we could not read", 201), id="201 without order"
        ),
        pytest.param(
            answer('{"data": {"order": ', 201, claim=900),
            Unknown("an answer we could not read", 201),
            id="201 broken off",
        ),
    ],
)
def test_an_answer_decides(server, broker, act, expected):
    server.on("POST", ORDERS, act)

    assert broker.place(draft()) == expected


def test_a_status_the_sdk_does_not_know_is_still_sent(server, broker):
    server.on("POST", ORDERS, answer(placed_json(status="Dead"), 201))

    outcome = broker.place(draft())

    assert isinstance(outcome, Sent)
    assert outcome.order.status == "Dead"


@pytest.mark.parametrize("act", [reset, hang_up], ids=["reset", "closed"])
def test_a_connection_that_dies_without_an_answer_is_unknown(server, broker, act):
    server.on("POST", ORDERS, act)

    outcome = broker.place(draft())

    assert isinstance(outcome, Unknown)
    assert outcome.http_status is None
    assert [p for p in server.paths() if p == f"POST {ORDERS}"] == [f"POST {ORDERS}"]


def test_a_server_that_hangs_is_unknown_within_the_deadline(server, broker, settings):
    released = threading.Event()
    server.on("POST", ORDERS, hang(released))
    broker.refresh()
    settings.CALL_SECONDS = 1.5

    outcome = broker.place(draft())  # the server would hang for ever
    released.set()

    assert outcome == Unknown("no answer within 1.5 s")


def test_nobody_listening_is_not_sent(broker_at):
    outcome = broker_at(f"http://127.0.0.1:{free_port()}").place(draft())

    assert isinstance(outcome, NotSent)
    assert outcome.http_status is None


def test_an_order_whose_token_request_hangs_was_not_sent(server, broker, settings):
    settings.CALL_SECONDS = 1.5
    released = threading.Event()
    server.on("POST", TOKEN_PATH, hang(released))

    outcome = broker.place(draft())
    released.set()

    assert outcome == NotSent("no answer within 1.5 s")
    assert server.paths() == [f"POST {TOKEN_PATH}"]


def test_an_order_whose_token_was_refused_was_not_sent(server, broker):
    server.on("POST", TOKEN_PATH, html(502))

    assert isinstance(broker.place(draft()), NotSent)
    assert server.paths() == [f"POST {TOKEN_PATH}"]


def test_after_a_401_the_next_refresh_asks_for_a_new_token(server, broker):
    server.on("POST", ORDERS, html(401), answer(placed_json(), 201))

    first = broker.place(draft())
    broker.refresh()
    second = broker.place(draft())

    assert first == NotSent("HTTP 401", 401)
    assert isinstance(second, Sent)
    assert server.paths().count(f"POST {TOKEN_PATH}") == 2


def test_nothing_is_sent_past_the_send_deadline(server, broker):
    server.on("POST", ORDERS, answer(placed_json(), 201))
    late = replace(draft(), send_before=datetime.now(UTC) - timedelta(seconds=1))

    outcome = broker.place(late)

    assert outcome == NotSent("TooLate: the send deadline passed before the first byte")
    assert server.paths() == []


@pytest.mark.parametrize("price", [Decimal(0), Decimal(-1), None], ids=str)
def test_a_price_that_cannot_be_sent_is_refused_unasked(server, broker, price):
    outcome = broker.place(draft(price=price))

    assert outcome == Refused("unsendable_price", f"no Limit order at {price}", 0)
    assert server.paths() == []


def test_a_replacement_is_the_new_order_of_a_put(server, broker):
    new = order_json(id=270562, status="Contingent") | {"replaces-order-id": 270561}
    server.on("PUT", f"{ORDERS}/270561", answer({"data": new}))

    outcome = broker.replace("270561", draft(price=Decimal("1.27")))

    assert isinstance(outcome, Sent)
    assert (outcome.order.broker_order_id, outcome.order.replaces_order_id) == ("270562", "270561")
    assert (server.asked[-1].json["price"], "legs" in server.asked[-1].json) == ("1.27", False)


def test_a_replacement_without_an_answer_is_unknown_and_asked_once(server, broker):
    server.on("PUT", f"{ORDERS}/270561", reset)

    assert isinstance(broker.replace("270561", draft()), Unknown)
    assert server.paths().count(f"PUT {ORDERS}/270561") == 1


def test_a_cancel_is_sent_with_the_order_as_it_stands(server, broker):
    server.on("DELETE", f"{ORDERS}/270561", answer({"data": order_json(status="Cancel Requested")}))

    outcome = broker.cancel("270561")

    assert isinstance(outcome, Sent)
    assert outcome.order.status == "Cancel Requested"


def test_a_cancel_answered_with_nothing_is_read_back(server, broker):
    server.on("DELETE", f"{ORDERS}/270561", answer("", 204))
    server.on("GET", f"{ORDERS}/270561", answer({"data": order_json(status="Cancelled")}))

    outcome = broker.cancel("270561")

    assert isinstance(outcome, Sent)
    assert outcome.order.status == "Cancelled"


def test_a_cancel_that_is_too_late_is_refused(server, broker):
    said = {"error": {"code": "cannot_update_order", "message": "the order could not be cancelled"}}
    server.on("DELETE", f"{ORDERS}/270561", answer(said, 422))

    assert broker.cancel("270561") == Refused("cannot_update_order", "the order could not be cancelled", 422)


def test_a_call_given_up_while_the_loop_hangs_never_begins_later(server, broker, settings):
    server.on("POST", ORDERS, answer(placed_json(), 201))
    server.on("GET", HOLIDAYS, answer({"data": {"market-holidays": []}}))
    broker.refresh()
    settings.CALL_SECONDS = 0.3
    held = asyncio.run_coroutine_threadsafe(hold_the_loop(3.0), loop.running())

    outcome = broker.place(draft())
    was_held = not held.done()
    settings.CALL_SECONDS = 6
    broker.server_time()  # answered once the loop is free, after what was given up

    assert outcome == NotSent("no answer within 0.3 s")
    assert was_held  # it was given up before the loop was free
    assert f"POST {ORDERS}" not in server.paths()


async def hold_the_loop(seconds: float) -> None:
    """Block the event loop, as a stuck library would."""
    time.sleep(seconds)  # noqa: ASYNC251


def test_a_token_is_asked_for_once(server, broker):
    server.on("POST", TOKEN_PATH, GRANT)

    broker.refresh()
    broker.refresh()

    assert server.paths() == [f"POST {TOKEN_PATH}"]
