"""Closing, stop and target, amending: the real SDK and the practice exchange over real sockets."""

import time
from decimal import Decimal as D

import pytest

from orders import amending, brokers, closing, execution, proposing, requests
from orders.approval import NotAllowed
from orders.enums import OrderStatus
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.machine import requests as machine_requests
from orders.models import Order
from orders.reconciliation import reconciling
from tests.brokers import WorkerDied
from tests.orders.test_against_the_exchange import TYPED_AT, Desk, desk
from tests.orders.worlds import due, fresh
from tests.practice.exchange_fixture import wait_until

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
CALL = "SPY   261218C00600000"
HIGHER = "SPY   261218C00610000"
POST_COMPLEX = {"method": "POST", "path": "/complex-orders$"}


def parsed(text: str):
    return parse_command(text, now=TYPED_AT, calendar=NYSE)


def close(desk: Desk, text: str) -> Order:
    """Propose what `close ...` asks for, and approve it."""
    prepared = closing.prepare(parsed(text), channel=desk.channel, trader=desk.tessa, broker=desk.broker)
    order = proposing.record(
        prepared, channel=desk.channel, trader=desk.tessa, discord_message_id=time.time_ns(), text=text
    )
    return desk.approve(order)


def amend(desk: Desk, order: Order, words: str) -> Order:
    command = parsed(f"amend {order.pk} {words}")
    return amending.amend(command, by=desk.tessa, via="discord", broker=desk.broker)


def bought(desk: Desk, text: str = "bto 2 SPY 18dec 600c @ nat") -> Order:
    """Buy at once at the pinned market, and leave the market without other trades."""
    desk.exchange.market(CALL, bid="10.00", ask="10.20")
    desk.exchange.faults({"kind": "fill_now"})
    order = desk.work(desk.approve(desk.propose(text)))
    desk.exchange.clear_faults()
    return order


def rests(order: Order) -> bool:
    return order.status == OrderStatus.RESTING


def positions(desk: Desk) -> dict[str, int]:
    return {p["symbol"]: p["quantity"] for p in desk.exchange.ledger()["positions"] if p["quantity"]}


def complex_posts(desk: Desk) -> int:
    return len(desk.exchange.requests("POST", "/complex-orders"))


def at_the_exchange(desk: Desk, suffix: str) -> dict:
    """Return the order at the exchange whose identifier ends so."""
    return next(o for o in desk.exchange.ledger()["orders"] if o["external-identifier"].endswith(suffix))


def halves(desk: Desk) -> list[str]:
    return [at_the_exchange(desk, suffix)["status"] for suffix in ("-t", "-s")]


# --- closing ---------------------------------------------------------------------------------------


def test_half_a_position_is_closed_and_then_the_rest_of_it(desk):
    entry = bought(desk)
    desk.exchange.faults({"kind": "fill_now"})

    half = desk.work(close(desk, "close SPY 18dec 600c half"))
    assert (half.status, half.filled_quantity, positions(desk)) == ("filled", 1, {CALL: 1})
    rest = desk.work(close(desk, f"close {entry.pk} again"))

    assert (rest.status, rest.filled_quantity, positions(desk)) == ("filled", 1, {})
    assert [leg.action for leg in rest.legs.all()] == ["Sell to Close"]


def test_a_spread_is_closed_as_one_order(desk):
    desk.exchange.market(HIGHER, bid="5.00", ask="5.10")
    entry = bought(desk, "bto 2 SPY 18dec 600/610c @ nat")
    assert positions(desk) == {CALL: 2, HIGHER: -2}
    desk.exchange.faults({"kind": "fill_now"})

    order = desk.work(close(desk, f"close {entry.pk}"))

    assert (order.status, order.filled_quantity, positions(desk)) == ("filled", 2, {})
    assert len(desk.posts()) == 2


def test_a_future_is_netted_away(desk):
    desk.exchange.faults({"kind": "fill_now"})
    desk.work(desk.approve(desk.propose("sell 1 /ES @ nat")))

    order = desk.work(close(desk, "close /ES"))

    assert (order.status, [leg.action for leg in order.legs.all()], positions(desk)) == (
        "filled",
        ["Buy"],
        {},
    )


# --- a pair ----------------------------------------------------------------------------------------


def test_the_target_fills_and_the_exchange_ends_the_stop(desk):
    entry = bought(desk)
    order = desk.work(close(desk, f"close {entry.pk} sl 5.00 tp 15.00"), until=rests)
    wait_until(lambda: halves(desk) == ["Live", "Live"])
    desk.exchange.market(CALL, bid="15.10", ask="15.30")

    order = desk.work(order)

    assert (order.status, order.filled_quantity, positions(desk)) == ("filled", 2, {})
    assert order.average_fill_price == D("15.10")
    assert (halves(desk), complex_posts(desk)) == (["Filled", "Cancelled"], 1)


def test_the_stop_triggers_and_the_exchange_ends_the_target(desk):
    entry = bought(desk)
    order = desk.work(close(desk, f"close {entry.pk} sl 5.00 tp 15.00"), until=rests)
    wait_until(lambda: halves(desk) == ["Live", "Live"])
    desk.exchange.market(CALL, bid="4.80", ask="5.00")

    order = desk.work(order)

    assert (order.status, order.average_fill_price, positions(desk)) == ("filled", D("4.80"), {})
    assert halves(desk) == ["Cancelled", "Filled"]


def test_a_pair_is_cancelled_as_a_whole(desk):
    entry = bought(desk)
    order = desk.work(close(desk, f"close {entry.pk} sl 5.00 tp 15.00"), until=rests)
    requests.cancel(order.pk, by=desk.tessa.user, via="discord", reason="")

    order = desk.work(order)

    assert (order.status, halves(desk), positions(desk)) == (
        "cancelled",
        ["Cancelled", "Cancelled"],
        {CALL: 2},
    )
    assert desk.exchange.requests("DELETE")[-1]["path"].split("/")[-2] == "complex-orders"


def test_a_lost_answer_about_a_pair_is_adopted_and_never_sent_again(desk):
    entry = bought(desk)
    desk.exchange.faults({"kind": "accept_then_drop", "match": POST_COMPLEX})
    order = desk.step(close(desk, f"close {entry.pk} sl 5.00 tp 15.00"))
    assert order.placements.get().status == "unknown"

    order = desk.work(order, until=rests)

    assert (order.placements.get().status, complex_posts(desk)) == ("working", 1)
    assert len([c for c in order.placements.get().components.all() if c.broker_order_id]) == 2


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_a_worker_killed_between_the_commit_and_the_record_makes_no_second_pair(desk, monkeypatch, moment):
    entry = bought(desk)
    order = close(desk, f"close {entry.pk} sl 5.00 tp 15.00")
    real = execution.Player.obey

    def killed(player, request):
        is_post = isinstance(request, machine_requests.Call) and request.method == "place_complex"
        if not is_post or moment == "after the call":
            answer = real(player, request)
        if is_post:
            raise WorkerDied
        return answer

    monkeypatch.setattr(execution.Player, "obey", killed)
    due(order)
    with pytest.raises(WorkerDied):
        execution.step(order.pk, fresh(order).version, get_broker=brokers.get_broker)
    monkeypatch.setattr(execution.Player, "obey", real)
    Order.objects.filter(pk=order.pk).update(leased_until=None)

    order = desk.step(order)

    sent = 1 if moment == "after the call" else 0
    assert order.placements.get().status == ("working" if sent else "unknown")
    assert complex_posts(desk) == sent


def test_the_reconcile_adopts_a_pair_that_a_dead_worker_left(desk):
    entry = bought(desk)
    desk.exchange.faults({"kind": "accept_then_drop", "match": POST_COMPLEX})
    order = desk.step(close(desk, f"close {entry.pk} sl 5.00 tp 15.00"))

    assert reconciling.reconcile(desk.account, desk.broker) is True

    assert fresh(order).placements.get().status == "working"


def test_a_single_stop_rests_and_sells_at_the_market_once_it_is_touched(desk):
    entry = bought(desk)
    order = desk.work(close(desk, f"close {entry.pk} sl 5.00"), until=rests)
    wait_until(lambda: desk.broker.order(order.placements.get().broker_order_id).status == "Live")
    desk.exchange.market(CALL, bid="4.80", ask="5.00")

    order = desk.work(order)

    assert (order.status, order.average_fill_price, complex_posts(desk)) == ("filled", D("4.80"), 0)


# --- an exit that follows its entry ----------------------------------------------------------------


def test_an_entry_that_walked_gets_its_exit_for_what_filled(desk):
    desk.exchange.market(CALL, bid="10.00", ask="10.40")
    desk.exchange.faults({"kind": "partial_fill", "quantity": 1})
    entry = desk.step(desk.approve(desk.propose("bto 2 SPY 18dec 600c sl 5.00 tp 15.00")))
    entry = desk.work(entry, until=lambda o: o.filled_quantity == 1)
    desk.exchange.faults({"kind": "never_fill"})
    requests.cancel(entry.pk, by=desk.tessa.user, via="discord", reason="enough")
    entry = desk.work(entry)
    entry = desk.step(entry)

    order = desk.work(entry.exits.get(), until=rests)

    assert (entry.status, order.quantity, complex_posts(desk)) == ("cancelled", 1, 1)
    desk.exchange.clear_faults()
    desk.exchange.market(CALL, bid="15.10", ask="15.30")
    assert desk.work(order).status == "filled"
    assert positions(desk) == {}


def test_an_entry_that_never_walks_leaves_with_its_exit_as_one_bundle(desk):
    desk.exchange.market(CALL, bid="10.00", ask="10.20")
    entry = desk.approve(desk.propose("bto 2 SPY 18dec 600c @ nat retries 0 sl 5.00 tp 15.00"))
    entry = desk.work(entry)
    entry = desk.step(entry)
    order = desk.work(entry.exits.get(), until=rests)
    assert (entry.status, order.status, order.waits_for_entry) == ("filled", "resting", False)
    wait_until(lambda: halves(desk) == ["Live", "Live"])
    desk.exchange.market(CALL, bid="4.80", ask="5.00")

    order = desk.work(order)

    assert (order.status, order.average_fill_price, positions(desk)) == ("filled", D("4.80"), {})
    assert (len(desk.posts()), complex_posts(desk)) == (0, 1)


def test_a_bundle_whose_answer_was_lost_is_adopted_for_entry_and_exit(desk):
    desk.exchange.market(CALL, bid="10.00", ask="10.40")
    desk.exchange.faults({"kind": "never_fill"}, {"kind": "accept_then_drop", "match": POST_COMPLEX})
    entry = desk.approve(desk.propose("bto 2 SPY 18dec 600c retries 0 sl 5.00 tp 15.00"))
    entry = desk.step(entry)
    assert entry.placements.get().status == "unknown"

    entry = desk.work(entry, until=rests)
    order = desk.work(entry.exits.get(), until=rests)

    assert complex_posts(desk) == 1
    assert (entry.placements.get().status, order.placements.get().status) == ("working", "working")
    requests.cancel(entry.pk, by=desk.tessa.user, via="discord", reason="")
    entry = desk.work(entry)
    desk.step(entry)
    assert (entry.status, desk.work(order).status) == ("cancelled", "cancelled")
    assert halves(desk) == ["Cancelled", "Cancelled"]


# --- amending --------------------------------------------------------------------------------------


def test_a_resting_order_is_amended_asked_again_and_walks_anew(desk):
    desk.exchange.market(CALL, bid="10.00", ask="10.40")
    desk.exchange.faults({"kind": "never_fill"})
    order = desk.work(desk.approve(desk.propose("bto 2 SPY 18dec 600c max 10.22")), until=rests)
    amend(desk, order, "max 10.30 qty 1")

    order = desk.work(order, until=lambda o: o.status == OrderStatus.PROPOSED)

    open_at_broker = [o for o in desk.exchange.ledger()["orders"] if o["status"] == "Live"]
    assert (order.quantity, order.bound_price, open_at_broker) == (1, D("10.30"), [])
    desk.exchange.clear_faults()
    desk.exchange.faults({"kind": "fill_now"})
    order = desk.work(desk.approve(order))
    assert (order.status, positions(desk)) == ("filled", {CALL: 1})


def test_after_the_fill_nothing_is_amended(desk):
    order = bought(desk)

    with pytest.raises(NotAllowed, match=f"^{order} is already filled.$"):
        amend(desk, order, "max 10.30")
