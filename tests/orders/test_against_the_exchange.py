"""From a typed command to a fill, with the real SDK and the practice exchange over real sockets."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from django.utils import timezone

from desk.models import Account, Channel, Trader
from desk.running import practice_rows
from orders import approval, brokers, calendars, execution, proposing, requests
from orders.brokers.base import Broker
from orders.enums import OrderStatus
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.values import Propose
from orders.models import Order
from orders.reconciliation import reconciling
from orders.resolving import UnresolvedTicket
from orders.verdicts import Denied
from tests.orders.worlds import due, fresh, stream_up
from tests.practice.exchange_fixture import RunningExchange

pytestmark = pytest.mark.django_db(transaction=True)
TYPED_AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def desk(exchange: RunningExchange, settings) -> Iterator["Desk"]:
    settings.PRACTICE_EXCHANGE_URL = exchange.url
    brokers.close_brokers()
    practice_rows.fill()
    yield Desk(exchange)
    brokers.close_brokers()


class Desk:
    """A desk in one process: whoever types, approves and works is called by name."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.exchange = exchange
        self.account = Account.objects.get(number="5WT00001")
        self.channel = Channel.objects.get(name="orders")
        self.tessa = Trader.objects.get(user__username="tessa")
        self.ada = Trader.objects.get(user__username="ada")
        self.broker: Broker = brokers.get_broker("practice", self.account.number)
        calendars.write_sessions(self.account.environment, self.broker)
        Account.objects.update(reconciled_at=timezone.now())
        stream_up()

    def propose(self, text: str) -> Order:
        command = parse_command(text, now=TYPED_AT, calendar=NYSE)
        assert isinstance(command, Propose), command
        prepared = proposing.prepare(
            command.ticket, channel=self.channel, trader=self.tessa, broker=self.broker
        )
        return proposing.record(
            prepared, channel=self.channel, trader=self.tessa, discord_message_id=time.time_ns(), text=text
        )

    def approve(self, order: Order) -> Order:
        return approval.approve(order.pk, by=self.ada.user, via="discord")

    def step(self, order: Order) -> Order:
        due(order)
        order = fresh(order)
        execution.step(order.pk, order.version, get_broker=brokers.get_broker)
        return fresh(order)

    def work(self, order: Order, until: Callable[[Order], bool] = lambda o: o.is_closed) -> Order:
        for _ in range(60):
            order = self.step(order)
            if until(order) or order.parked_reason:
                return order
        raise AssertionError(f"{order.status}: {order.note}")

    def posts(self) -> list[str]:
        return [
            r["external_identifier"]
            for r in self.exchange.requests("POST", "/orders")
            if r["path"].endswith("/orders")
        ]


def test_from_a_command_to_a_fill(desk):
    desk.exchange.market("SPY   261218C00600000", bid="10.00", ask="10.20")
    order = desk.propose("bto 2 SPY 18dec 600c")
    assert (order.bound_price, order.status) == (D("10.16"), "proposed")
    assert (order.buying_power_effect_value < 0, order.fees_value < 0) == (True, True)
    desk.exchange.faults({"kind": "fill_now"})

    order = desk.work(desk.approve(order))

    assert (order.status, order.filled_quantity, order.leaves_quantity) == ("filled", 2, 0)
    assert desk.posts() == [p.external_identifier for p in order.placements.all()]
    ledger = desk.exchange.ledger()
    assert sum(int(f["quantity"]) for f in ledger["fills"]) == 2
    assert [p["quantity"] for p in ledger["positions"]] == [2]


def test_walks_the_ladder_and_rests_when_nobody_trades(desk):
    desk.exchange.market("SPY   261218C00600000", bid="10.00", ask="10.40")
    desk.exchange.faults({"kind": "never_fill"})
    order = desk.approve(desk.propose("bto 1 SPY 18dec 600c"))

    order = desk.work(order, until=lambda o: o.status == OrderStatus.RESTING)

    assert [p.limit_price for p in order.placements.all()] == [D("10.20"), D("10.22"), D("10.24"), D("10.26")]
    assert [p.status for p in order.placements.all()] == ["cancelled", "cancelled", "cancelled", "working"]
    requests.cancel(order.pk, by=desk.tessa.user, via="discord", reason="enough")
    assert desk.work(order).status == "cancelled"


@pytest.mark.parametrize(
    ("text", "legs"),
    [
        pytest.param("bto 1 SPXW 18dec 6000c @ nat", 1, id="index option"),
        pytest.param("buy 1 /ES @ nat", 1, id="future"),
        pytest.param("bto 10 AAPL @ nat", 1, id="shares"),
        pytest.param("bto 1 /ES 18dec 6000c @ nat", 1, id="future option"),
        pytest.param("bto 1 SPY 18dec 600/610c @ nat", 2, id="vertical"),
        pytest.param("sto 1 SPY 18dec 580/590/610/620 ic @ nat", 4, id="iron condor"),
    ],
)
def test_every_kind_of_instrument_fills(desk, text, legs):
    desk.exchange.faults({"kind": "fill_now"})
    Channel.objects.update(max_quantity=100)
    desk.channel.account.limits.max_notional_value = 10_000_000
    desk.channel.account.limits.save()

    order = desk.work(desk.approve(desk.propose(text)))

    assert (order.status, order.filled_quantity) == ("filled", order.quantity)
    assert order.legs.count() == legs


def test_a_lost_answer_is_adopted_from_the_brokers_listing(desk):
    desk.exchange.faults(
        {"kind": "never_fill"}, {"kind": "accept_then_drop", "match": {"method": "POST", "path": "/orders$"}}
    )
    order = desk.step(desk.approve(desk.propose("bto 1 SPY 18dec 600c")))
    assert order.placements.get().status == "unknown"

    order = desk.step(order)

    assert order.placements.get().status == "working"
    assert len(desk.posts()) == 1


def test_a_position_is_closed_and_never_relabelled(desk):
    desk.exchange.faults({"kind": "fill_now"})
    desk.work(desk.approve(desk.propose("bto 1 SPY 18dec 600c")))
    closed = desk.work(desk.approve(desk.propose("stc 1 SPY 18dec 600c")))

    assert closed.status == "filled"
    with pytest.raises(Denied, match=r"^1 of SPY 18 Dec 2026 600 C to close, but 0 held \(CLOSE_EXCEEDS"):
        desk.propose("stc 1 SPY 18dec 600c")


def test_the_reconcile_adopts_what_a_dead_worker_left(desk):
    desk.exchange.faults(
        {"kind": "never_fill"}, {"kind": "accept_then_drop", "match": {"method": "POST", "path": "/orders$"}}
    )
    order = desk.step(desk.approve(desk.propose("bto 1 SPY 18dec 600c")))

    assert reconciling.reconcile(desk.account, desk.broker) is True
    assert fresh(order).placements.get().status == "working"


def test_two_roots_that_fit_are_asked_back(desk):
    with pytest.raises(UnresolvedTicket, match="^Two contracts fit SPX 2026-12-18: write SPX or SPXW.$"):
        desk.propose("bto 1 SPX 18dec 6000c")


def test_too_much_is_denied_with_its_numbers(desk):
    with pytest.raises(Denied, match=r"^500 asked, at most 10 allowed here \(QUANTITY_EXCEEDS_MAXIMUM\)$"):
        desk.propose("bto 500 SPY 18dec 600c")
