"""The process that follows the accounts' streams outlives what fails in one of them."""

import asyncio
from dataclasses import replace

import pytest
from django.db import OperationalError

from desk.models import Heartbeat
from orders import streaming
from orders.brokers.account_stream import Connected, Disconnected, OrderReport, Unreadable
from orders.brokers.base import CredentialsRefused
from orders.halts import halting
from orders.lifecycle import IllegalTransition
from orders.machine import drafts
from orders.models import Break, Fill
from orders.threads import in_thread
from orders.values import Rows
from tests.brokers import FakeBroker
from tests.factories import PRACTICE_URL, make_account, make_order, make_placement
from tests.orders.worlds import approved, step

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_follower_that_fails_is_started_again(monkeypatch):
    account, followed, again = make_account(), [], asyncio.Event()

    async def follow(one):
        followed.append(one)
        if len(followed) == 1:
            raise OperationalError("the database is gone")
        again.set()
        await asyncio.Event().wait()

    async def watch():
        running = asyncio.create_task(streaming.run())
        await asyncio.wait_for(again.wait(), timeout=20)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    monkeypatch.setattr(streaming, "follow", follow)
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.01)

    asyncio.run(watch())

    assert followed == [account, account]


# --- what a stream says, taken ---------------------------------------------------------------------


@pytest.fixture
def pace(monkeypatch):
    """Let every wait pass at once; return how long each would have been."""
    waits = []

    async def pause(seconds):
        waits.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(streaming, "pause", pause)
    monkeypatch.setattr(streaming.random, "uniform", lambda low, high: 1.0)
    monkeypatch.setattr(streaming.brokers, "get_broker", lambda environment, number: FakeBroker())
    return waits


def streams(monkeypatch, *connections):
    """Let each connection say its events; an exception among them is raised. After the last, stay silent.

    Returns the events that were asked for, growing: each is asked for once the one before it was taken.
    """
    left, asked = list(connections), []

    async def messages(broker, *, pace):
        if not left:
            await asyncio.Event().wait()
        for event in left.pop(0):
            asked.append(event)
            if isinstance(event, Exception):
                raise event
            if event is ...:
                await asyncio.Event().wait()
            yield event

    monkeypatch.setattr(streaming, "account_messages", messages)
    return asked


async def followed(account, waits, connections):
    """Follow until so many connections have ended."""
    running = asyncio.create_task(streaming.follow(account))
    try:
        await until(lambda: len(waits) >= connections)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(seen):
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110 -- what is looked at belongs to other threads
            await asyncio.sleep(0.01)


def report(order, **over) -> OrderReport:
    """Return what the stream says of the order's one placement once all of it has filled."""
    broker = FakeBroker()
    work = Rows(order).work
    draft = drafts.draft_for(work, work.placements[0])
    number = broker.appear(draft)
    broker.fill(number, order.quantity)
    told = broker.orders[number]
    return OrderReport(replace(told, broker_order_id=order.placements.get().broker_order_id, **over))


def test_a_connection_that_is_lost_again_and_again_is_tried_ever_more_slowly(monkeypatch, pace):
    streams(monkeypatch, *[[Connected(), Disconnected("closed")]] * 6)

    asyncio.run(followed(make_account(), pace, 6))

    assert pace[:6] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]


def test_one_that_held_for_a_while_is_back_at_once(monkeypatch, pace):
    clock = iter(range(0, 100_000, 100))
    monkeypatch.setattr(streaming, "monotonic", lambda: next(clock))
    streams(monkeypatch, *[[Connected(), Disconnected("closed")]] * 3)

    asyncio.run(followed(make_account(), pace, 3))

    assert pace[:3] == [0.25, 0.25, 0.25]


def test_refused_credentials_are_not_tried_again_soon(monkeypatch, pace):
    # The broker blocks an address for hours after many failed logins.
    streams(monkeypatch, [CredentialsRefused("revoked")], [CredentialsRefused("revoked")])
    account = make_account()

    asyncio.run(followed(account, pace, 2))

    assert pace[:2] == [300.0, 300.0]
    assert Heartbeat.objects.get(name="broker practice 5WX00001").detail == {"error": "revoked"}


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param([Disconnected("closed")], id="lost"),
        pytest.param([OperationalError("the database was gone for a moment")], id="failed"),
        pytest.param([...], id="stopped"),
    ],
)
def test_however_a_stream_ends_workers_know_at_once_that_it_is_down(monkeypatch, pace, ending):
    account = make_account()
    asked = streams(monkeypatch, [Connected(), *ending])

    async def watch():
        running = asyncio.create_task(streaming.follow(account))
        await until(lambda: pace or ... in asked)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(watch())

    assert Heartbeat.objects.filter(name__startswith="stream").count() == 0
    account.refresh_from_db()
    assert account.reconcile_due_at is not None


def test_a_report_that_cannot_be_applied_is_shown_and_the_next_one_taken(settings, monkeypatch, pace):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    bad, good = make_order(status="walking"), make_order(status="walking")
    make_placement(bad), make_placement(good)
    real = streaming.recording.apply_reading

    def apply(placement, reading, *, by):
        if reading.external_identifier == bad.placements.get().external_identifier:
            raise IllegalTransition("a report nobody foresaw")
        return real(placement, reading, by=by)

    monkeypatch.setattr(streaming.recording, "apply_reading", apply)
    streams(monkeypatch, [Connected(), report(bad), report(good), Disconnected("closed")])

    asyncio.run(followed(good.account, pace, 1))

    good.refresh_from_db()
    assert (good.status, good.filled_quantity) == ("filled", 2)
    assert list(Break.objects.values_list("kind", flat=True)) == ["unreadable report"]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(lambda full, part: [full, full], id="twice"),
        pytest.param(lambda full, part: [full, part], id="out of order"),
        pytest.param(lambda full, part: [full, part, full, part], id="both"),
    ],
)
def test_reports_that_come_twice_or_out_of_order_count_once(settings, monkeypatch, pace, told):
    order = make_order(status="walking")
    make_placement(order)
    full = report(order)
    leg = full.order.legs[0]
    earlier = replace(
        full.order,
        status="Live",
        legs=(replace(leg, remaining_quantity=2, fills=()),),
        raw={"id": full.order.broker_order_id, "updated-at": 0},
    )
    streams(monkeypatch, [Connected(), *told(full, OrderReport(earlier)), Disconnected("closed")])

    asyncio.run(followed(order.account, pace, 1))

    order.refresh_from_db()
    assert (order.status, order.filled_quantity, Fill.objects.count()) == ("filled", 2, 1)


def test_an_order_with_our_prefix_and_no_row_is_a_break_as_soon_as_it_is_heard_of(monkeypatch, pace):
    order = make_order(status="walking")
    make_placement(order)
    stray = report(order)
    stray = replace(stray.order, broker_order_id="77", external_identifier="practice-d1-9-9-abc")
    streams(monkeypatch, [Connected(), OrderReport(stray), Disconnected("closed")])

    asyncio.run(followed(order.account, pace, 1))

    assert list(Break.objects.values_list("kind", "key")) == [("order without a placement", "77")]


def test_each_order_that_cannot_be_read_is_a_break_of_its_own_and_is_read_by_rest(monkeypatch, pace):
    account = make_account()
    odd = [Unreadable({"type": "Order", "data": {"id": number}}) for number in (1, 2)]
    streams(monkeypatch, [*odd])

    asyncio.run(streaming.take(account, odd[0]))
    asyncio.run(streaming.take(account, odd[1]))

    account.refresh_from_db()
    assert list(Break.objects.order_by("key").values_list("key", flat=True)) == ["1", "2"]
    assert account.reconcile_due_at is not None


def test_the_streamer_outlives_a_database_that_is_gone_for_a_moment(monkeypatch):
    account, again, asked = make_account(), asyncio.Event(), []

    def enabled():
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError("the database is gone")
        return {account.pk: account}

    async def follow(_):
        again.set()
        await asyncio.Event().wait()

    async def watch():
        running = asyncio.create_task(streaming.run())
        await asyncio.wait_for(again.wait(), timeout=20)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    monkeypatch.setattr(streaming, "enabled_accounts", enabled)
    monkeypatch.setattr(streaming, "follow", follow)
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.01)

    asyncio.run(watch())

    assert len(asked) > 1


def test_the_streamer_takes_back_what_a_committed_halt_asks_for(settings, monkeypatch):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    monkeypatch.setattr(streaming.brokers, "get_broker", lambda environment, number: broker)
    streams(monkeypatch)

    async def watch():
        running = asyncio.create_task(streaming.run())
        await asyncio.sleep(0.1)
        await in_thread(halting.halt, [order.account_id], by="bea", reason="drill", cancel=True)
        await until(lambda: not broker.live_ids)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(watch())

    assert broker.live_ids == []
