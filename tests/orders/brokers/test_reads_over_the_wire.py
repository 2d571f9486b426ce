"""Reads and refreshes that fail, over real sockets: which error says so, and in which words."""

import threading
from datetime import UTC, date, datetime

import pytest

from orders.brokers.base import BrokerError, BrokerUnavailable, CredentialsRefused, DryRun, NotFound
from tests.orders.brokers.samples import ACCOUNT, ORDERS, REFUSAL, TRADE, draft, order_json
from tests.orders.brokers.wire_server import (
    ACCESS_TOKEN,
    GRANT,
    TOKEN_PATH,
    answer,
    free_port,
    hang,
    html,
    reset,
)

POSITION = {
    "instrument-type": "Equity",
    "symbol": "SPY",
    "underlying-symbol": "SPY",
    "quantity": 3,
    "quantity-direction": "Short",
    "average-open-price": "600.0",
    "multiplier": 1,
}
ORDER = f"{ORDERS}/270561"
GOOD = answer({"data": order_json()})
EXPIRED = answer({"error": {"code": "token_invalid", "message": "The token is expired"}}, 401)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        pytest.param(html(502), BrokerUnavailable, id="502"),
        pytest.param(html(429), BrokerUnavailable, id="429"),
        pytest.param(reset, BrokerUnavailable, id="reset"),
        pytest.param(answer('{"data": {', claim=900), BrokerUnavailable, id="broken off"),
        pytest.param(
            answer({"error": {"code": "record_not_found", "message": "no"}}, 404), NotFound, id="404"
        ),
        pytest.param(
            answer({"error": {"code": "not_permitted", "message": "no"}}, 403), BrokerError, id="403"
        ),
        pytest.param(html(200), BrokerError, id="HTML"),
        pytest.param(answer([1]), BrokerError, id="a list"),
        pytest.param(answer({"data": {"id": 1}}), BrokerError, id="half an order"),
        pytest.param(answer({}), BrokerError, id="no data"),
    ],
)
def test_a_failed_read_raises_its_kind(server, broker, act, kind):
    server.on("GET", ORDER, act)

    with pytest.raises(BrokerError) as failed:
        broker.order("270561")

    assert type(failed.value) is kind


def test_nobody_listening_is_unavailable(broker_at):
    with pytest.raises(BrokerUnavailable):
        broker_at(f"http://127.0.0.1:{free_port()}").refresh()


def test_a_read_ends_at_its_deadline(server, broker, settings):
    released = threading.Event()
    server.on("GET", ORDER, hang(released))
    broker.refresh()
    settings.CALL_SECONDS = 1.5

    with pytest.raises(BrokerUnavailable) as failed:
        broker.order("270561")
    released.set()

    assert str(failed.value) == "The broker did not answer: no answer within 1.5 s."


def test_a_read_whose_token_expired_is_asked_again_with_a_new_one(server, broker):
    server.on("GET", ORDER, EXPIRED, GOOD)

    assert broker.order("270561").status == "Routed"
    assert server.paths() == [f"POST {TOKEN_PATH}", f"GET {ORDER}", f"POST {TOKEN_PATH}", f"GET {ORDER}"]


def test_a_fresh_token_that_is_refused_is_no_reason_to_call_a_person_yet(server, broker):
    server.on("GET", ORDER, EXPIRED)

    with pytest.raises(BrokerUnavailable) as refused:
        broker.order("270561")
    assert str(refused.value).startswith("The broker refused a fresh access token: ")
    assert server.paths().count(f"GET {ORDER}") == 2


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"error_code": "invalid_grant", "error_description": "Grant revoked"}, 400),
        ({"error_code": "invalid_grant", "error_description": "Invalid JWT"}, 401),
        ({"error": {"code": "invalid_credentials", "message": "Invalid login"}}, 401),
    ],
    ids=["revoked", "not a token", "the other environment's"],
)
def test_a_refused_grant_needs_a_person(server, broker, said, status):
    server.on("POST", TOKEN_PATH, answer(said, status))

    with pytest.raises(CredentialsRefused) as refused:
        broker.refresh()

    assert "make a new grant there" in str(refused.value)


@pytest.mark.parametrize(
    "act",
    [
        answer(
            {"error_code": "invalid_request", "error_description": "User is not a TastyTrade customer"}, 400
        ),
        html(401),
        html(502),
        html(200),
        answer({"token_type": "Bearer"}),
        reset,
    ],
    ids=["hiccup", "401 in HTML", "502", "HTML", "no token", "reset"],
)
def test_a_hiccup_at_the_token_passes(server, broker, act):
    server.on("POST", TOKEN_PATH, act, GRANT)

    with pytest.raises(BrokerUnavailable):
        broker.refresh()
    broker.refresh()

    assert server.paths() == [f"POST {TOKEN_PATH}"] * 2


def test_a_read_behind_a_revoked_grant_needs_a_person(server, broker):
    server.on("POST", TOKEN_PATH, answer({"error_code": "invalid_grant", "error_description": "x"}, 400))

    with pytest.raises(CredentialsRefused):
        broker.live_orders()


def test_a_listing_is_read_page_by_page_and_item_by_item(server, broker):
    pages = [
        {"data": {"items": items}, "pagination": {"page-offset": n, "total-pages": 2}}
        for n, items in enumerate(([order_json(status="Dead"), {"id": 3}], [order_json(id=2)]))
    ]
    server.on("GET", ORDERS, *(answer(page) for page in pages))

    listing = broker.orders_since(date(2026, 11, 23))

    assert [(o.broker_order_id, o.status) for o in listing] == [("270561", "Dead"), ("2", "Routed")]
    assert (listing.unreadable, listing.is_complete) == (({"id": 3},), True)
    assert [a.path.split("?")[1] for a in server.asked[1:]] == [
        f"start-date=2026-11-23&sort=Desc&per-page=200&page-offset={n}" for n in (0, 1)
    ]


def test_a_listing_without_end_is_not_called_complete(server, broker):
    page = {"data": {"items": [order_json()]}, "pagination": {"page-offset": 0, "total-pages": 999}}
    server.on("GET", ORDERS, answer(page))

    assert broker.orders_since(date(2026, 11, 23)).is_complete is False


def test_a_listing_that_repeats_an_order_while_it_is_paged_holds_it_once(server, broker):
    pages = [
        {"data": {"items": items}, "pagination": {"total-pages": 2}}
        for items in ([order_json(id=2), order_json()], [order_json(), order_json(id=1)])
    ]
    server.on("GET", ORDERS, *(answer(page) for page in pages))

    listing = broker.orders_since(date(2026, 11, 23))

    assert [o.broker_order_id for o in listing] == ["2", "270561", "1"]


@pytest.mark.parametrize(
    "pagination", [{"total-pages": "many"}, {"total-pages": [2]}, [2]], ids=["a word", "a list", "no object"]
)
def test_a_listing_that_does_not_say_how_long_it_is_is_no_listing(server, broker, pagination):
    page = {"data": {"items": [order_json()]}, "pagination": pagination}
    server.on("GET", ORDERS, answer(page))

    with pytest.raises(BrokerError):
        broker.orders_since(date(2026, 11, 23))


def test_the_books_are_read_page_by_page_and_item_by_item(server, broker):
    pages = [
        {"data": {"items": items}, "pagination": {"total-pages": 2}}
        for items in ([TRADE | {"id": 2}, {"id": 3}], [TRADE | {"id": 2}, TRADE | {"id": 1}])
    ]
    server.on("GET", f"/accounts/{ACCOUNT}/transactions", *(answer(page) for page in pages))

    listing = broker.transactions_since(date(2026, 11, 23))

    assert [t.transaction_id for t in listing] == ["2", "1"]
    assert (listing.unreadable, listing.is_complete) == (({"id": 3},), True)
    assert [a.path.split("?")[1] for a in server.asked[1:]] == [
        f"start-date=2026-11-23&sort=Desc&per-page=500&page-offset={n}" for n in (0, 1)
    ]


def test_one_position_that_cannot_be_read_does_not_hide_the_others(server, broker):
    rows = [POSITION, {"instrument-type": "Equity", "symbol": "QQQ"}, "odd", {"instrument-type": "Bond"}]
    server.on("GET", f"/accounts/{ACCOUNT}/positions", answer({"data": {"items": rows}}))

    listing = broker.position_listing()

    assert [(p.symbol, p.quantity) for p in listing] == [("SPY", -3)]
    assert listing.unreadable == ({"instrument-type": "Equity", "symbol": "QQQ"}, {"item": "odd"})
    with pytest.raises(BrokerError) as failed:
        broker.positions()
    assert str(failed.value) == "The broker's position QQQ could not be read."


def test_a_listing_whose_second_page_fails_is_no_listing(server, broker):
    page = {"data": {"items": [order_json()]}, "pagination": {"page-offset": 0, "total-pages": 2}}
    server.on("GET", ORDERS, answer(page), html(502))

    with pytest.raises(BrokerUnavailable):
        broker.orders_since(date(2026, 11, 23))


def test_an_empty_listing_is_complete(server, broker):
    server.on("GET", f"{ORDERS}/live", answer({"data": {"items": []}}))

    listing = broker.live_orders()

    assert (listing.orders, listing.is_complete) == ((), True)


def test_a_dry_run_that_fails_preflight_tells_why(server, broker):
    server.on("POST", f"{ORDERS}/dry-run", answer(REFUSAL, 422))

    assert broker.dry_run(draft()) == DryRun(
        None, None, errors=(("margin_check_failed", "Not enough buying power."),)
    )


def test_a_dry_run_without_an_answer_is_unavailable(server, broker):
    server.on("POST", f"{ORDERS}/dry-run", html(502))

    with pytest.raises(BrokerUnavailable):
        broker.dry_run(draft())


def test_the_brokers_clock_is_its_date_header(server, broker):
    server.on("GET", "/market-time/equities/holidays", answer({"data": {"market-holidays": []}}))

    assert broker.server_time() == datetime(2026, 11, 23, 14, 30, 5, tzinfo=UTC)


def test_no_secret_and_no_token_is_ever_logged(server, broker, caplog):
    caplog.set_level("DEBUG")
    server.on("POST", ORDERS, reset)
    server.on("GET", ORDER, EXPIRED, GOOD)

    broker.place(draft())
    broker.order("270561")
    broker.fresh_token()

    assert [
        word for word in ("practice-secret", "practice-refresh", ACCESS_TOKEN) if word in caplog.text
    ] == []
    assert f"Bearer {ACCESS_TOKEN}" == server.asked[-1].headers["authorization"]
    assert ACCOUNT in server.asked[-1].path
