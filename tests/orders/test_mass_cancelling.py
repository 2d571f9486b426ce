"""HALT with cancel: everything of ours at the broker is taken back, whoever is there to do it."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from orders import brokers, recording, tasks
from orders.brokers.base import BrokerUnavailable, Draft, DraftLeg, Listing, NotSent, Refused
from orders.brokers.throttle import Throttle
from orders.enums import Action, InstrumentType, Side
from orders.halts import halting, mass_cancelling, taking_back
from orders.models import Break, MassCancel, Order, Placement
from orders.reconciliation.breaks import refusal
from tests.brokers import D, FakeBroker
from tests.factories import make_approver
from tests.orders.worlds import approved, crash, fresh, statuses, step

pytestmark = pytest.mark.django_db(transaction=True)


def working(settings, broker, count=1) -> list[Order]:
    """Return so many orders, each live at the broker."""
    return [step(approved(settings, trader=make_approver(f"t{n}")), broker) for n in range(count)]


def halted(order, by="bea") -> MassCancel:
    halting.halt([order.account_id], by=by, reason="drill", cancel=True)
    return MassCancel.objects.get(ended_at=None)


def passes(asked, broker, most=1) -> MassCancel:
    """Let so many passes be made, each as soon as it is due, until the mass cancel has ended."""
    for _ in range(most):
        MassCancel.objects.filter(pk=asked.pk).update(due_at=asked.asked_at)
        mass_cancelling.step(asked.pk, get_broker=lambda environment, number: broker)
        asked.refresh_from_db()
        if asked.ended_at:
            break
    return asked


def foreign(identifier: str) -> Draft:
    leg = DraftLeg(InstrumentType.EQUITY_OPTION, "SPY   261218C00600000", Action.BUY_TO_OPEN, 1)
    return Draft(identifier, (leg,), Side.PAYS, D("1.10"))


def breaks() -> list[tuple[str, str]]:
    return list(Break.objects.order_by("pk").values_list("kind", "key"))


# --- what is taken back ----------------------------------------------------------------------------


def test_every_live_order_of_ours_is_taken_back_and_nothing_is_left(settings):
    broker = FakeBroker()
    orders = working(settings, broker, 3)

    asked = passes(halted(orders[0]), broker, 3)

    assert (broker.live_ids, broker.calls.count("DELETE")) == ([], 3)
    assert [statuses(order) for order in orders] == [["cancelled"]] * 3
    assert (asked.passes, asked.taken, asked.left) == (2, 3, [])


def test_the_intent_names_who_and_why_before_the_delete(settings):
    broker, seen = FakeBroker(), []
    (order,) = working(settings, broker)
    real = broker.cancel

    def look_first(number):
        seen.append(list(Placement.objects.values_list("status", "cause", "cancel_attempts")))
        connections.close_all()  # this thread's own
        return real(number)

    broker.cancel = look_first
    passes(halted(order), broker)

    assert seen == [[("cancelling", "halt: drill", 1)]]
    event = order.events.get(kind="cancelling")
    assert (event.by, event.reason) == ("bea", "halt: drill")


def test_an_order_with_our_prefix_and_no_row_is_taken_back_and_told_of(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    stray = broker.appear(foreign("practice-d1-77-1-abcdef"))

    passes(halted(order), broker, 3)

    assert broker.live_ids == []
    assert breaks() == [("order without a placement", stray)]


def test_what_is_not_ours_is_left_alone(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    others = [
        broker.appear(foreign(name)) for name in ("", "practice-d2-5-1-abcdef", "sandbox-d1-5-1-abcdef")
    ]

    asked = passes(halted(order), broker, 3)

    assert (broker.live_ids, asked.left) == (others, [])


def test_an_order_that_cannot_be_read_is_taken_back_by_its_id(settings):
    class Odd(FakeBroker):
        def live_orders(self):
            raw = {"id": 4711, "external-identifier": "practice-d1-9-1-abcdef", "status": self.word}
            return replace(super().live_orders(), unreadable=(raw,))

        word = "Live"

    broker = Odd()
    (order,) = working(settings, broker)
    asked = passes(halted(order), broker)
    broker.word = "Cancelled"
    asked = passes(asked, broker, 3)

    assert broker.calls == ["POST", "DELETE", "DELETE"]
    assert asked.left == []
    assert breaks() == [("unreadable order", "4711")]


def test_an_order_that_cannot_be_read_blocks_its_underlying_whoever_finds_it_first(settings):
    broker = FakeBroker(unreadable_orders=[{"id": 4711, "status": "Live", "underlying-symbol": "SPY"}])
    (order,) = working(settings, broker)

    passes(halted(order), broker)

    assert [(b.kind, b.key, b.underlying) for b in Break.objects.all()] == [
        ("unreadable order", "4711", "SPY")
    ]
    assert refusal(order).code == "BREAK_OPEN"
    assert refusal(order).is_ok is False


def test_an_order_that_cannot_be_kept_is_taken_back_and_keeps_no_other_alive(settings):
    broker = FakeBroker()
    orders = working(settings, broker, 2)
    Placement.objects.filter(order=orders[0]).update(status="not_sent")  # to be adopted as a zombie
    odd = replace(broker.orders["1001"], raw={"updated-at": 99, "avg-price": float("nan")})
    broker.orders["1001"] = odd

    passes(halted(orders[1]), broker)

    assert (broker.live_ids, breaks()) == ([], [("unreadable order", "1001")])


def test_an_order_that_the_listing_does_not_show_yet_is_taken_back_too(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    broker.hidden.add(order.placements.get().external_identifier)

    passes(halted(order), broker)

    assert broker.live_ids == []


def test_a_bundle_goes_by_one_delete(settings):
    broker = FakeBroker()
    order = approved(
        settings, leg={"action": "Sell to Close"}, side=-1, price_rule="exit", order_type="OCO",
        bound_price=None, target_price=D("2.50"), stop_price=D("0.80"),
    )  # fmt: skip
    order = step(order, broker)

    asked = passes(halted(order), broker, 3)

    assert broker.calls == ["POST complex", "DELETE complex"]
    assert (broker.live_ids, statuses(order), asked.left) == ([], ["cancelled"], [])


def test_a_fill_that_wins_over_the_cancel_is_recorded(settings):
    broker = FakeBroker(cancels_at_once=False)
    (order,) = working(settings, broker)
    asked = passes(halted(order), broker)
    broker.fill(broker.last_id, 2)

    asked = passes(asked, broker, 3)

    assert (fresh(order).status, fresh(order).filled_quantity, asked.left) == ("filled", 2, [])


# --- outcomes nobody knows -------------------------------------------------------------------------


def test_what_was_being_sent_at_the_halt_is_found_and_taken_back(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["dies after"])
    crash(order, broker)

    passes(halted(order), broker, 3)

    assert (broker.live_ids, statuses(order)) == ([], ["cancelled"])


def test_what_was_being_sent_and_is_not_to_be_seen_is_waited_for_and_then_told_of(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["lost"])
    order = step(order, broker)
    asked = passes(halted(order), broker, 3)
    waits = asked.ended_at

    Placement.objects.update(send_deadline_at=timezone.now() - timedelta(minutes=1))
    asked = passes(asked, broker, 1)

    assert waits is None
    assert asked.ended_at is not None
    assert asked.left == [f"{order.placements.get()} may have arrived or not: nobody knows yet"]
    assert breaks() == [("left by a halt", str(asked.pk))]


# --- what goes wrong -------------------------------------------------------------------------------


def test_a_broker_that_does_not_answer_is_asked_again(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    broker.read_fails = BrokerUnavailable("502")
    asked = passes(halted(order), broker, 2)
    left = asked.left
    broker.read_fails = None

    asked = passes(asked, broker, 3)

    assert left == ["the broker could not be asked: 502"]
    assert (broker.live_ids, asked.left) == ([], [])


def test_the_patience_between_passes_grows(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    broker.read_fails = BrokerUnavailable("502")
    with time_machine.travel(timezone.now(), tick=False):
        asked, waits = halted(order), []
        for _ in range(7):
            asked = passes(asked, broker)
            waits.append((asked.due_at - timezone.now()).total_seconds())

    assert waits == [0.5, 1, 2, 4, 8, 15, 15]


def test_a_mass_cancel_ends_after_however_many_passes(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    asked = halted(order)
    MassCancel.objects.update(passes=2000)

    asked = passes(asked, broker, 3)

    assert (broker.live_ids, asked.left, asked.ended_at is None) == ([], [], False)


def test_a_cancel_that_is_never_taken_is_given_up_and_told_of(settings):
    class Stubborn(FakeBroker):
        def cancel(self, broker_order_id):
            return Refused("cannot_update_order", "no", 422)

    broker = Stubborn()
    (order,) = working(settings, broker)
    asked = passes(halted(order), broker)
    MassCancel.objects.update(asked_at=timezone.now() - timedelta(minutes=11))

    asked.refresh_from_db()
    asked = passes(asked, broker)

    name = order.placements.get().external_identifier
    assert asked.left == [f"1001 ({name}): the cancel was not taken: no (cannot_update_order)"]
    assert (asked.ended_at is not None, breaks()) == (True, [("left by a halt", str(asked.pk))])


@pytest.mark.parametrize("fails", ["intend", "record"])
def test_a_row_that_cannot_be_written_keeps_no_other_order_alive(settings, monkeypatch, fails):
    broker = FakeBroker()
    orders = working(settings, broker, 3)
    asked, real = halted(orders[0]), getattr(mass_cancelling, fails)

    def breaks_on_the_first(what, whose, *more):
        order_id = whose.pk if fails == "intend" else whose.placements[0].order_id
        if order_id == orders[0].pk:
            raise ValueError("a row nobody foresaw")
        real(what, whose, *more)

    monkeypatch.setattr(mass_cancelling, fails, breaks_on_the_first)
    passes(asked, broker)

    assert broker.live_ids == []
    assert [statuses(order)[0] for order in orders[1:]] == ["cancelling", "cancelling"]


def test_while_the_broker_says_too_many_each_cancel_is_repeated(settings, monkeypatch):
    class Capped(FakeBroker):
        refusals = 5

        def cancel(self, broker_order_id):
            if self.refusals:
                self.refusals -= 1
                return NotSent("HTTP 429", 429)
            return super().cancel(broker_order_id)

    broker = Capped()
    orders = working(settings, broker, 3)
    monkeypatch.setattr(mass_cancelling, "Throttle", lambda: Throttle(rest_seconds=0, per_second=1000))

    asked = passes(halted(orders[0]), broker)

    assert (broker.live_ids, asked.taken) == ([], 3)


def test_two_processes_make_one_pass(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    asked = halted(order)
    first = mass_cancelling.Lease.claim(asked.pk)

    mass_cancelling.step(asked.pk, get_broker=lambda environment, number: broker)

    assert first is not None
    assert broker.calls == ["POST"]


def test_a_pass_whose_process_died_is_made_by_another_once_its_lease_is_over(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    asked = halted(order)
    mass_cancelling.Lease.claim(asked.pk)
    MassCancel.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    passes(asked, broker, 3)

    assert broker.live_ids == []


def test_a_pass_that_lost_its_lease_writes_no_end(settings):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    asked = halted(order)
    broker.during["live_orders"] = lambda: MassCancel.objects.update(lease="another's")

    mass_cancelling.step(asked.pk, get_broker=lambda environment, number: broker)

    asked.refresh_from_db()
    assert (asked.lease, asked.ended_at) == ("another's", None)


# --- who does it -----------------------------------------------------------------------------------


@pytest.fixture
def only_broker(monkeypatch):
    broker = FakeBroker()
    monkeypatch.setattr(brokers, "get_broker", lambda environment, number: broker)
    return broker


def test_the_command_halts_and_takes_back_by_itself(settings, only_broker):
    (order,) = working(settings, only_broker)
    said = StringIO()

    call_command("halt", "--account", order.account.number, "--cancel", "--reason", "drill", stdout=said)

    order.account.refresh_from_db()
    told = said.getvalue().splitlines()
    assert (order.account.state, only_broker.live_ids) == ("halted", [])
    assert told[0] == "Practice one (practice) is halted."
    assert told[1].startswith("Practice one (practice): 1 cancels taken in ")
    assert told[1].endswith(", nothing is left.")


def test_the_command_halts_every_environment_that_is_on(settings, only_broker):
    (order,) = working(settings, only_broker)
    said = StringIO()

    call_command("halt", stdout=said)

    order.account.refresh_from_db()
    assert order.account.effective_state == "halted"
    assert (said.getvalue(), only_broker.calls) == ("All of practice is halted.\n", ["POST"])


def test_the_command_ends_with_1_while_something_may_be_left(settings, only_broker):
    order = step(approved(settings), FakeBroker(outcomes=["lost"]))
    Placement.objects.update(send_deadline_at=timezone.now() - timedelta(minutes=1))

    with pytest.raises(CommandError, match="^Something of ours may still be at the broker"):
        call_command("halt", "--environment", order.environment, "--cancel", stdout=StringIO())


def test_the_command_names_the_accounts_there_are(settings):
    approved(settings)

    with pytest.raises(CommandError, match=r"^There is no account 5WX: known are 5WX00001.$"):
        call_command("halt", "--account", "5WX")


async def test_whoever_watches_makes_the_passes_of_a_committed_halt(settings, only_broker):
    (order,) = await taking_back.in_thread(working, settings, only_broker)
    asked = await taking_back.in_thread(halted, order)

    await taking_back.until_ended([asked.pk])

    await taking_back.in_thread(asked.refresh_from_db)
    assert (only_broker.live_ids, asked.left) == ([], [])


def test_a_worker_makes_a_pass_as_well(settings, only_broker, monkeypatch):
    (order,) = working(settings, only_broker)
    asked, published = halted(order), []
    monkeypatch.setattr(tasks.queue, "publish", lambda *message: published.append(message))

    tasks.sweep()
    tasks.take_back(asked.pk)

    assert ("orders.tasks.take_back", asked.pk) in published
    assert only_broker.live_ids == []


# --- the pace --------------------------------------------------------------------------------------


def test_until_the_broker_says_too_many_nobody_waits():
    slept = []
    throttle = Throttle(clock=lambda: 100.0, sleep=slept.append)

    for _ in range(5):
        throttle.wait()

    assert slept == []


def test_then_all_rest_and_go_one_by_one():
    slept = []
    throttle = Throttle(
        per_second=10, rest_seconds=1, clock=lambda: 100.0, sleep=lambda s: slept.append(round(s, 2))
    )
    throttle.slow_down()

    for _ in range(3):
        throttle.wait()

    assert slept == [1.0, 1.1, 1.2]


def test_listings_that_are_cut_short_end_nothing(settings):
    class Cut(FakeBroker):
        def live_orders(self):
            return Listing(super().live_orders().orders, is_complete=False)

    broker = Cut()
    (order,) = working(settings, broker)

    assert passes(halted(order), broker, 3).ended_at is None


def test_settling_that_fails_keeps_no_order_alive(settings, monkeypatch):
    broker = FakeBroker()
    (order,) = working(settings, broker)
    asked = halted(order)
    monkeypatch.setattr(mass_cancelling.recalling, "settle", lambda *_: recording.Placement.objects.get(pk=0))

    passes(asked, broker)

    assert broker.live_ids == []
