"""A fill that the broker takes back or changes stays, and an entry beside it makes the sums the broker's."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from orders import recording
from orders.audit import auditing
from orders.models import Break, Fill, Order
from tests.brokers import FakeBroker
from tests.orders.worlds import approved, fresh, run, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(settings) -> tuple[Order, FakeBroker]:
    """Return an order for 2 that filled at 1.25, and its broker."""
    broker = FakeBroker(fills_at=D("1.25"))
    order = run(approved(settings), broker)
    assert (order.status, order.filled_quantity) == ("filled", 2)
    return order, broker


def told(order: Order, broker: FakeBroker) -> Order:
    """Let the desk hear the broker's word on the order's last placement."""
    placement = order.placements.last()
    recording.apply_reading(placement, broker.order(placement.broker_order_id), by="stream")
    return fresh(order)


def rows(order: Order) -> list[tuple[int, D]]:
    return list(Fill.objects.filter(placement__order=order).order_by("pk").values_list("quantity", "price"))


def test_a_bust_is_compensated_and_is_a_break(filled):
    order, broker = filled
    broker.take_back(broker.last_id)

    order = told(order, broker)

    assert rows(order) == [(2, D("1.25")), (-2, D("1.25"))]
    assert (order.status, order.filled_quantity, order.average_fill_price) == ("filled", 0, None)
    sentence = f"{order} filled 2 at 1.25 of SPY   261218C00600000, and the broker took it back"
    assert (order.needs_review, order.note) == (True, sentence)
    found = Break.objects.get()
    assert (found.kind, found.sentence, found.underlying) == ("fill differs", sentence, "SPY")


def test_a_correction_is_an_entry_back_and_one_anew(filled):
    order, broker = filled
    broker.take_back(broker.last_id, price=D("1.20"))

    order = told(order, broker)

    assert rows(order) == [(2, D("1.25")), (-2, D("1.25")), (2, D("1.20"))]
    assert (order.filled_quantity, order.average_fill_price) == (2, D("1.20"))
    assert Break.objects.get().sentence.endswith("and the broker made it 2 at 1.20")


def test_the_same_word_twice_compensates_once(filled):
    order, broker = filled
    broker.take_back(broker.last_id, price=D("1.20"))

    order = told(told(order, broker), broker)

    assert (len(rows(order)), Break.objects.count()) == (3, 1)


def test_a_fill_that_comes_back_counts_again(filled):
    order, broker = filled
    whole = broker.orders[broker.last_id]
    broker.take_back(broker.last_id)
    order = told(order, broker)
    broker.orders[broker.last_id] = broker._stamped(whole)

    order = told(order, broker)

    assert rows(order) == [(2, D("1.25")), (-2, D("1.25")), (2, D("1.25"))]
    assert (order.filled_quantity, order.average_fill_price) == (2, D("1.25"))


def test_a_second_correction_follows_the_first(filled):
    order, broker = filled
    for price in ("1.20", "1.22"):
        broker.take_back(broker.last_id, price=D(price))
        order = told(order, broker)

    assert rows(order)[3:] == [(-2, D("1.20")), (2, D("1.22"))]
    assert order.average_fill_price == D("1.22")


def test_an_older_word_that_does_not_know_the_fill_yet_takes_nothing_back(filled):
    order, broker = filled
    number = broker.last_id
    old = replace(broker.orders[number], raw={"updated-at": 0})
    broker.orders[number] = replace(
        old, legs=(replace(old.legs[0], fills=(), remaining_quantity=2),), status="Live"
    )

    order = told(order, broker)

    assert (rows(order), Break.objects.count()) == ([(2, D("1.25"))], 0)


def test_a_price_of_more_places_than_are_kept_is_no_correction(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.fill(broker.last_id, 2, D("1.24995"))

    for _ in range(2):
        order = told(order, broker)

    assert (rows(order), order.average_fill_price) == ([(2, D("1.2500"))], D("1.2500"))
    assert (order.status, Break.objects.exists()) == ("filled", False)


def test_of_two_words_of_one_millisecond_neither_takes_a_fill_back(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.fill(broker.last_id, 1)
    earlier = broker.orders[broker.last_id]
    broker.fill(broker.last_id, 1)
    later = replace(broker.orders[broker.last_id], raw=earlier.raw)

    for reading in (later, earlier):
        recording.apply_reading(order.placements.get(), reading, by="stream")

    assert rows(order) == [(1, D("1.25")), (1, D("1.25"))]
    assert (fresh(order).status, Break.objects.exists()) == ("filled", False)


def test_fills_that_are_only_not_shown_are_not_taken_back(filled):
    order, broker = filled
    last = broker.orders[broker.last_id]
    hidden = replace(last, legs=(replace(last.legs[0], fills=()),))
    broker.orders[broker.last_id] = broker._stamped(hidden)

    order = told(order, broker)

    assert (rows(order), order.filled_quantity) == ([(2, D("1.25"))], 2)


def test_the_rest_of_a_walk_waits_until_a_person_has_explained_a_bust(settings):
    broker = FakeBroker(fills_at=D("1.25"), fills_quantity=1)
    order = step(approved(settings), broker)
    broker.take_back(broker.last_id)
    broker.fills_at = None

    order = run(told(order, broker), broker, turns=4)

    assert (broker.calls, order.status) == (["POST"], "holding")
    assert order.note.startswith("a difference from the broker is open: ")


def test_the_audit_finds_compensated_fills_in_order(filled):
    order, broker = filled
    broker.take_back(broker.last_id, price=D("1.20"))
    told(order, broker)

    assert list(auditing.faults()) == []
