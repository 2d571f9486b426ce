"""Two books of one day: what differs is said, whatever it is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.running import books
from desk.running.books import Book, Entry, Execution, Intents
from desk.running.exchange_eye import belongs_to, is_placing
from orders.enums import PlacementStatus
from tests.factories import make_fill, make_order, make_placement

D = Decimal
ONE = "practice-d1-1-1-a1b2c3"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def request(**over):
    return {
        "method": "POST", "path": "/accounts/5WT1/orders", "external_identifier": ONE,
        "at": NOON.isoformat(),
    } | over  # fmt: skip


def ledger(*requests, **over):
    order = {"id": 7, "external-identifier": ONE, "size": 2, "price": "1.25", "status": "Filled"}
    fill = {"fill_id": "f1", "symbol": "SPY", "quantity": 2, "price": "1.25"}
    return {
        "requests": list(requests), "orders": [order | over], "fills": [fill],
        "positions": [{"symbol": "SPY", "quantity": 2}],
    }  # fmt: skip


def book(**over):
    values = {
        "placements": {ONE: Entry("7", 2, D("1.25"), "filled")},
        "fills": {"f1": Execution("SPY", 2, D("1.25"))},
        "holdings": {"SPY": 2},
    }
    return Book(**values | over)


def test_equal_books_have_no_difference():
    assert list(books.differences(books.of_the_exchange(ledger()), book())) == []


@pytest.mark.parametrize(
    ("over", "begins"),
    [
        ({"placements": {}}, f"placement {ONE}: the exchange has Entry"),
        ({"placements": {ONE: Entry("8", 2, D("1.25"), "filled")}}, f"placement {ONE}"),
        ({"placements": {ONE: Entry("7", 1, D("1.25"), "filled")}}, f"placement {ONE}"),
        ({"placements": {ONE: Entry("7", 2, D("1.26"), "filled")}}, f"placement {ONE}"),
        ({"placements": {ONE: Entry("7", 2, D("1.25"), "live")}}, f"placement {ONE}"),
        ({"fills": {}}, "fill f1: the exchange has Execution"),
        ({"fills": {"f1": Execution("SPY", 1, D("1.25"))}}, "fill f1"),
        ({"fills": {"f1": Execution("SPY", 2, D("1.24"))}}, "fill f1"),
        ({"holdings": {"SPY": 4}}, "holding SPY: the exchange has 2, the desk 4"),
        ({"holdings": {"SPY": 2, "QQQ": 1}}, "holding QQQ: the exchange has None, the desk 1"),
    ],
)
def test_each_difference_is_one_sentence(over, begins):
    (found,) = books.differences(books.of_the_exchange(ledger()), book(**over))

    assert found.startswith(begins)


@pytest.mark.parametrize(
    ("status", "expected"), [("Live", "live"), ("Cancel Requested", "live"), ("Cancelled", "cancelled")]
)
def test_a_word_of_the_exchange_is_an_end_or_means_live(status, expected):
    assert books.of_the_exchange(ledger(status=status)).placements[ONE].status == expected


def test_an_order_request_after_its_intent_is_right():
    intents = Intents({ONE: NOON - timedelta(milliseconds=20)}, {"#1": (2, 2)})

    assert list(books.broken_intents(ledger(request()), intents)) == []


@pytest.mark.parametrize(
    ("requests", "intents", "expected"),
    [
        pytest.param(
            [request(), request()], Intents({ONE: NOON}, {}), [f"{ONE} was sent 2 times"], id="sent twice"
        ),
        pytest.param(
            [request()], Intents({}, {}), [f"{ONE} was sent and the desk has no intent of it"], id="no intent"
        ),
        pytest.param(
            [request(external_identifier=None)], Intents({}, {}),
            ["none was sent and the desk has no intent of it"], id="no identifier",
        ),
        pytest.param(
            [request()], Intents({ONE: NOON + timedelta(seconds=1)}, {}),
            [f"{ONE} was sent at {NOON}, its intent was committed at {NOON + timedelta(seconds=1)}"],
            id="sent before its intent",
        ),
        pytest.param(
            [], Intents({}, {"#1": (2, 1)}), ["order #1 says 2 filled, its fills say 1"], id="wrong sum"
        ),
    ],
)  # fmt: skip
def test_each_broken_intent_is_one_sentence(requests, intents, expected):
    assert list(books.broken_intents(ledger(*requests), intents)) == expected


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/accounts/5WT1/orders", True),
        ("PUT", "/accounts/5WT1/orders/7", True),
        ("POST", "/accounts/5WT1/orders/dry-run", False),
        ("DELETE", "/accounts/5WT1/orders/7", False),
        ("GET", "/accounts/5WT1/orders", False),
    ],
)
def test_only_a_post_or_put_of_an_order_places_one(method, path, expected):
    assert is_placing(request(method=method, path=path)) is expected


@pytest.mark.parametrize(("order_id", "expected"), [(12, True), (2, False), (1, False), (3, False)])
def test_an_identifier_belongs_to_one_order_only(order_id, expected):
    assert belongs_to(order_id, "practice-d1-12-3-ab12cd") is expected


@pytest.mark.django_db
def test_the_desks_rows_are_read_as_a_book():
    order = make_order(quantity=2, filled_quantity=1)
    placement = make_placement(order, status=PlacementStatus.WORKING, external_identifier=ONE)
    make_placement(order, status=PlacementStatus.NOT_SENT, broker_order_id="")
    fill = make_fill(placement, quantity=1, price=D("1.30"))

    found, intents = books.of_the_desk(), books.intents_of_the_desk()

    leg = order.legs.get().symbol
    assert found == Book(
        {ONE: Entry(placement.broker_order_id, 1, D("1.31"), "live")},
        {fill.fill_id: Execution(leg, 1, D("1.30"))},
        {leg: 1},
    )
    assert intents.sums == {str(order): (1, 1)}
    assert intents.committed_at[ONE] == placement.intended_at
