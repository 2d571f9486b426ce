"""What others say may be longer than a column: it is cut, and nothing is lost over it."""

import pytest
from django.db import DataError, transaction

from orders import recording
from orders.audit import auditing
from orders.brokers.base import BrokerUnavailable, Refused
from orders.models import Break, Order
from orders.reconciliation import breaks
from tests.brokers import FakeBroker
from tests.factories import make_account, make_order
from tests.orders.worlds import approved, due, fresh, pass_turns, statuses, step

pytestmark = pytest.mark.django_db
SENTENCE = "one of the preflight checks failed; " * 12
STATUS = "Awaiting the acknowledgement of the exchange"


def test_the_suite_refuses_what_a_column_has_no_room_for():
    order = make_order()
    for columns in ({"chain_head": "x" * 65}, {"failures": 32768}, {"rung": -1}):
        with pytest.raises(DataError), transaction.atomic():
            Order.objects.update(**columns)

    assert fresh(order).failures == 0


def test_a_refusal_with_a_long_sentence_closes_the_order(settings, monkeypatch):
    order, broker = approved(settings), FakeBroker()
    monkeypatch.setattr(broker, "place", lambda draft: Refused("preflight_check_failure", SENTENCE, 422))

    order = pass_turns(order, broker, 2)

    assert (order.status, order.note, statuses(order)) == ("rejected", SENTENCE[:300], ["rejected"])
    assert order.events.get(kind="placement rejected").reason == SENTENCE[:300]
    assert list(auditing.faults()) == []


def test_a_step_that_always_raises_a_long_sentence_is_parked(settings, monkeypatch):
    order, broker = approved(settings), FakeBroker()

    def fails(*_):
        raise RuntimeError(SENTENCE)

    monkeypatch.setattr(broker, "quotes", fails)
    for _ in range(5):
        due(order)
        with pytest.raises(RuntimeError):
            step(order, broker)

    told = f"5 steps failed, the last with RuntimeError: {SENTENCE}"
    assert (fresh(order).parked_reason, fresh(order).needs_review) == (told[:300], True)


def test_an_outage_with_a_long_sentence_holds(settings):
    order, broker = approved(settings), FakeBroker(read_fails=BrokerUnavailable(SENTENCE))
    due(order)

    order = step(order, broker)

    assert (order.status, order.note, order.lease) == ("holding", SENTENCE[:300], "")


def test_a_long_status_is_kept_cut(settings):
    order, broker = approved(settings), FakeBroker()
    order = step(order, broker)
    broker.end(broker.last_id, STATUS)

    recording.apply_reading(order.placements.get(), broker.orders[broker.last_id], by="stream")

    assert (order.placements.get().broker_status, statuses(order)) == (STATUS[:30], ["working"])


def test_a_break_with_a_long_key_is_one_row_and_closes():
    account, key = make_account(), "9" * 200
    for _ in range(2):
        breaks.open_break(account, "books differ", key, SENTENCE, symbol=SENTENCE, underlying=SENTENCE)
    found = Break.objects.get()

    assert (found.key, found.sentence, found.symbol, found.underlying) == (
        key[:120], SENTENCE[:300], SENTENCE[:40], SENTENCE[:40],
    )  # fmt: skip
    breaks.close_stale(account, "books differ", {key})
    assert Break.objects.open().count() == 1
    breaks.close_stale(account, "books differ", set())
    assert Break.objects.open().count() == 0
