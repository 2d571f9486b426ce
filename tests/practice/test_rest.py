"""The wire itself, where the SDK looks away: envelopes, headers, tokens, paging, recorded shapes."""

import json
import urllib.error
import urllib.request
from datetime import datetime, timezone

import pytest

from tests.practice.bench import body, leg
from tests.practice.exchange_fixture import CALL, HIGHER_CALL, RunningExchange, option, wait_until
from tests.practice.test_restart import login

ORDERS = "/accounts/5WT00001/orders"


class Client:
    """A logged-in client that reads whatever is answered."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.url = exchange.url
        self.headers = {"Authorization": f"Bearer {login(exchange.url)}", "User-Agent": "desk/1"}

    def call(self, method: str, path: str, payload=None, **headers: str):
        """Return (status, JSON or text)."""
        request = urllib.request.Request(self.url + path, method=method)
        for name, value in (self.headers | headers).items():
            request.add_header(name.replace("_", "-"), value)
        request.data = None if payload is None else json.dumps(payload).encode()
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            text = refused.read().decode()
            return refused.code, json.loads(text) if text.startswith("{") else text


@pytest.fixture
def client(exchange: RunningExchange) -> Client:
    exchange.faults({"kind": "never_fill"})
    return Client(exchange)


def test_a_placed_order_is_answered_in_the_recorded_shape(client: Client):
    status, answer = client.call(
        "POST", ORDERS, body(leg(symbol=CALL), pays="0.10", external_identifier="r1")
    )
    assert (status, answer["context"]) == (201, ORDERS)
    data, order = answer["data"], answer["data"]["order"]
    assert set(data) == {"buying-power-effect", "fee-calculation", "order", "warnings"}
    assert set(data["buying-power-effect"]) == {
        *(
            f"{name}{end}"
            for name in (
                "change-in-margin-requirement",
                "change-in-buying-power",
                "current-buying-power",
                "new-buying-power",
                "isolated-order-margin-requirement",
            )
            for end in ("", "-effect")
        ),
        "is-spread",
        "impact",
        "effect",
    }
    assert isinstance(order["updated-at"], int)
    assert datetime.fromisoformat(order["received-at"]).microsecond % 1000 == 0
    assert order["received-at"].endswith("+00:00")
    assert (order["price"], order["price-effect"], order["size"], order["status"]) == (
        "0.1",
        "Debit",
        1,
        "Routed",
    )
    assert order["legs"] == [
        {
            "action": "Buy to Open",
            "instrument-type": "Equity Option",
            "quantity": 1,
            "remaining-quantity": 1,
            "symbol": CALL,
            "fills": [],
        }
    ]


def test_put_and_patch_answer_the_new_order_directly(client: Client, exchange: RunningExchange):
    placed = client.call("POST", ORDERS, body(leg(symbol=CALL), pays="0.10"))[1]["data"]["order"]["id"]
    wait_until(lambda: exchange.order(placed)["status"] == "Live")
    change = {"order-type": "Limit", "price": "0.11", "price-effect": "Debit", "time-in-force": "Day"}
    status, answer = client.call("PUT", f"{ORDERS}/{placed}", change)
    new = answer["data"]
    assert (status, new["replaces-order-id"], new["status"], new["contingent-status"]) == (
        200,
        placed,
        "Contingent",
        "Pending Order",
    )
    wait_until(lambda: exchange.order(new["id"])["status"] == "Live")
    old = exchange.order(placed)
    assert (old["status"], old["edited"], old["replacing-order-id"]) == ("Cancelled", True, new["id"])
    status, answer = client.call("PATCH", f"{ORDERS}/{new['id']}", {"price": "0.12", "price-effect": "Debit"})
    assert (status, answer["data"]["price"]) == (200, "0.12")
    assert client.call("PUT", f"{ORDERS}/{placed}", change)[1]["error"]["code"] == "cannot_update_order"


def test_a_dry_run_of_a_replacement_changes_nothing(client: Client, exchange: RunningExchange):
    placed = client.call("POST", ORDERS, body(leg(symbol=CALL), pays="0.10"))[1]["data"]["order"]["id"]
    wait_until(lambda: exchange.order(placed)["status"] == "Live")
    change = {"price": "0.20", "price-effect": "Debit"}
    status, answer = client.call("POST", f"{ORDERS}/{placed}/dry-run", change)
    assert (status, answer["data"]["order"]["price"]) == (201, "0.2")
    assert [o["status"] for o in exchange.ledger()["orders"]] == ["Live"]


def test_orders_are_searched_by_page_order_status_and_date(client: Client):
    ids = [
        client.call("POST", ORDERS, body(leg(symbol=symbol), pays="0.10"))[1]["data"]["order"]["id"]
        for symbol in (CALL, HIGHER_CALL, option("QQQ", 520))
    ]

    def found(query: str) -> list[int]:
        return [o["id"] for o in client.call("GET", f"{ORDERS}?{query}")[1]["data"]["items"]]

    assert found("") == ids[::-1]
    assert found("sort=Asc&per-page=2") == ids[:2]
    assert found("sort=Asc&per-page=2&page-offset=1") == ids[2:]
    assert found("underlying-symbol=QQQ") == ids[2:]
    assert found("status[]=Filled&status[]=Expired") == []
    assert found("start-date=2020-01-01&end-date=2020-12-31") == []
    assert found("start-at=2020-01-01T00:00:00Z") == ids[::-1]
    pagination = client.call("GET", f"{ORDERS}?per-page=2")[1]["pagination"]
    assert (pagination["total-items"], pagination["total-pages"], pagination["current-item-count"]) == (
        3,
        2,
        2,
    )


def test_transactions_are_searched_by_time_day_kind_and_contract(client: Client, exchange: RunningExchange):
    from datetime import timedelta
    from urllib.parse import quote

    exchange.clear_faults()
    exchange.faults({"kind": "fill_now"})
    for symbol in (CALL, option("QQQ", 520)):
        placed = client.call("POST", ORDERS, body(leg(symbol=symbol), pays="1.00"))[1]["data"]["order"]["id"]
        wait_until(lambda placed=placed: exchange.order(placed)["status"] == "Filled")
    path = "/accounts/5WT00001/transactions"
    second, first = client.call("GET", path)[1]["data"]["items"]

    def found(query: str) -> list[int]:
        return [t["id"] for t in client.call("GET", f"{path}?{query}")[1]["data"]["items"]]

    elsewhere = datetime.fromisoformat(second["executed-at"]).astimezone(timezone(timedelta(hours=-5)))
    assert found(f"start-at={quote(elsewhere.isoformat())}") == [second["id"]]
    assert found(f"end-at={quote(elsewhere.isoformat())}&sort=Asc") == [first["id"], second["id"]]
    assert found(f"start-date={first['transaction-date']}") == [second["id"], first["id"]]
    assert found("end-date=2020-01-01") == []
    assert found("underlying-symbol=QQQ") == [second["id"]]
    assert found(f"symbol={quote(CALL)}") == [first["id"]]
    assert found("types[]=Trade&sub-type[]=Buy to Open".replace(" ", "%20")) == [second["id"], first["id"]]
    assert found("type=Money%20Movement") == []
    assert found("per-page=1&page-offset=1") == [first["id"]]
    for query in (
        "start-at=2026-11-23T10:00:00",
        "start-date=today",
        "end-at=x",
        "per-page=2001",
        "sort=asc",
    ):
        status, refused = client.call("GET", f"{path}?{query}")
        assert (status, refused["error"]["code"]) == (400, "validation_error")


@pytest.mark.parametrize(
    "query", ["per-page=250", "per-page=0", "sort=asc", "start-date=today", "start-at=2026-01-01T00:00:00"]
)
def test_a_bad_parameter_is_a_bad_request(client: Client, query: str):
    status, answer = client.call("GET", f"{ORDERS}?{query}")
    assert (status, answer["error"]["code"]) == (400, "validation_error")


def test_a_customers_orders_are_listed_across_accounts(client: Client):
    client.call("POST", ORDERS, body(leg(symbol=CALL), pays="0.10"))
    client.call("POST", ORDERS.replace("1", "2"), body(leg(symbol=CALL), pays="0.10"))
    for path in ("/customers/me/orders", "/customers/me/orders/live"):
        items = client.call("GET", path)[1]["data"]["items"]
        assert [o["account-number"] for o in items] == ["5WT00002", "5WT00001"]
    path = "/customers/me/orders?account-numbers[]=5WT00002"
    assert len(client.call("GET", path)[1]["data"]["items"]) == 1


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        pytest.param({"Authorization": "Bearer x"}, 401, "token_invalid", id="unknown-token"),
        pytest.param({"Authorization": "Basic x"}, 401, "token_invalid", id="no-bearer"),
        pytest.param({"User_Agent": ""}, 401, "<html>", id="no-user-agent"),
        pytest.param({"Accept_Version": "latest"}, 406, "not supported", id="unknown-version"),
    ],
)
def test_the_gate_lets_nobody_in_without_papers(client: Client, headers, status, text):
    found, answer = client.call("GET", "/customers/me", **headers)
    assert found == status
    assert text in json.dumps(answer)


def test_a_token_is_good_for_fifteen_minutes_and_several_are_good_at_once(exchange: RunningExchange):
    from datetime import timedelta

    first, second = login(exchange.url), login(exchange.url)
    ledger, now = exchange.exchange.ledger, exchange.exchange.now()
    assert first != second
    for token in (first, second):
        assert ledger.holds_token(token, now + timedelta(seconds=890))
        assert not ledger.holds_token(token, now + timedelta(seconds=901))


def test_a_token_can_be_asked_for_by_form_or_by_code(exchange: RunningExchange):
    form = b"grant_type=refresh_token&client_secret=s&refresh_token=r"
    request = urllib.request.Request(exchange.url + "/oauth/token", form)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = json.load(answer)
    assert (set(found), found["expires_in"]) == ({"access_token", "token_type", "expires_in"}, 900)
    grant = {"grant_type": "authorization_code", "code": "c", "client_secret": "s"}
    assert exchange.call("POST", "/oauth/token", grant)["refresh_token"] == "practice-refresh"


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        ({"grant_type": "refresh_token", "client_secret": "", "refresh_token": "r"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_secret": "s"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_a_login_without_its_secrets_fails_in_oauths_own_envelope(exchange: RunningExchange, grant, error):
    with pytest.raises(urllib.error.HTTPError) as refused:
        exchange.call("POST", "/oauth/token", grant)
    assert refused.value.code == 400
    assert json.load(refused.value)["error_code"] == error


def test_a_filled_order_leaves_a_transaction_and_a_position_in_the_recorded_shape(
    client: Client, exchange: RunningExchange
):
    exchange.clear_faults()
    exchange.faults({"kind": "fill_now"})
    placed = client.call("POST", ORDERS, body(leg(symbol=CALL), pays="1.00"))[1]["data"]["order"]["id"]
    wait_until(lambda: exchange.order(placed)["status"] == "Filled")
    (trade,) = client.call("GET", "/accounts/5WT00001/transactions")[1]["data"]["items"]
    assert (trade["transaction-type"], trade["order-id"], trade["quantity"]) == ("Trade", placed, "1.0")
    assert (trade["net-value"], trade["net-value-effect"], trade["commission"]) == ("101.12", "Debit", "1.0")
    one = client.call("GET", f"/accounts/5WT00001/transactions/{trade['id']}")[1]["data"]
    assert one == trade
    path = "/accounts/5WT00001/positions?include-marks=true"
    (position,) = client.call("GET", path)[1]["data"]["items"]
    assert (position["quantity"], position["quantity-direction"], position["multiplier"]) == (
        1,
        "Long",
        "100.0",
    )
    assert {"mark", "close-price", "average-open-price", "cost-effect"} <= set(position)
