"""The trading state of accounts and environments: down by one, up by a second person, known to every intent."""

import pytest

from desk.models import Account, StateChange
from orders.approval import NotAllowed
from orders.controls import risk
from orders.halts import halting
from orders.models import MassCancel, Order
from tests.brokers import FakeBroker
from tests.factories import make_account, make_environment, make_order, make_placement, make_trader, make_user
from tests.orders.worlds import approved, fresh, run, step

pytestmark = pytest.mark.django_db


def resumer(name: str):
    return make_user(name, "desk.resume_account")


def closing(settings, **over) -> Order:
    return approved(settings, leg={"action": "Sell to Close"}, side=-1, bound_price="1.19", **over)


def changes() -> list[tuple[str, str, str]]:
    return list(StateChange.objects.order_by("pk").values_list("was", "becomes", "by"))


# --- down ------------------------------------------------------------------------------------------


def test_a_halt_keeps_who_and_why_however_long_the_reason():
    account = make_account()
    halting.halt([account.pk], by="bea", reason="x" * 300)

    with pytest.raises(NotAllowed, match="^You halted it: a second person has to resume trading.$"):
        halting.resume(account.pk, by=resumer("bea"))


def test_a_second_halt_does_not_let_the_first_one_resume():
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill")
    halting.halt([account.pk], by="desk", reason="too many rejects")

    with pytest.raises(NotAllowed):
        halting.resume(account.pk, by=resumer("bea"))

    account.refresh_from_db()
    assert account.state_reason == "drill (bea)"
    assert changes() == [("active", "halted", "bea"), ("halted", "halted", "desk")]


def test_the_same_halt_again_writes_nothing():
    account = make_account()
    for _ in range(3):
        halting.halt([account.pk], by="desk", reason="too many rejects")

    assert changes() == [("active", "halted", "desk")]


def test_reducing_never_loosens_a_halt():
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill")
    halting.reduce([account.pk], by="eve", reason="only out")

    account.refresh_from_db()
    assert (account.state, account.state_reason) == ("halted", "drill (bea)")


def test_whoever_resumes_once_may_halt_and_then_not_resume():
    account, bea, bob = make_account(), resumer("bea"), resumer("bob")
    halting.halt([account.pk], by="bea", reason="drill")
    halting.resume(account.pk, by=bob)
    halting.halt([account.pk], by="bob", reason="again")

    with pytest.raises(NotAllowed):
        halting.resume(account.pk, by=bob)
    assert halting.resume(account.pk, by=bea).state == "active"


def test_a_halted_account_may_come_back_to_closing_only_by_a_second_person():
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill")

    with pytest.raises(NotAllowed):
        halting.resume(account.pk, by=resumer("bea"), to="reducing")
    assert halting.resume(account.pk, by=resumer("bob"), to="reducing").state == "reducing"
    assert changes() == [("active", "halted", "bea"), ("halted", "reducing", "bob")]


def test_nobody_resumes_while_its_orders_are_still_taken_back():
    account, bob = make_account(), resumer("bob")
    halting.halt([account.pk], by="bea", reason="drill", cancel=True)

    with pytest.raises(
        NotAllowed, match="^Its orders are still being cancelled: wait until that has ended.$"
    ):
        halting.resume(account.pk, by=bob)
    MassCancel.objects.update(ended_at="2026-11-23T15:00:00Z")
    assert halting.resume(account.pk, by=bob).state == "active"


def test_practice_people_resume_practice_alone():
    account = make_account(environment=make_environment("sandbox"))
    make_trader(user=resumer("bob"), is_practice=True)
    halting.halt([account.pk], by="bea", reason="drill")

    with pytest.raises(NotAllowed, match="^Practice users can't resume sandbox: their password is public.$"):
        halting.resume(account.pk, by=resumer("bob"))


def test_a_person_who_is_switched_off_resumes_nothing():
    account = make_account()
    make_trader(user=resumer("bob"), is_active=False)
    halting.halt([account.pk], by="bea", reason="drill")

    with pytest.raises(NotAllowed, match="^Your desk profile is switched off.$"):
        halting.resume(account.pk, by=resumer("bob"))


# --- what every intent sees ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "environment", "effective"),
    [
        pytest.param("active", "active", "active", id="both open"),
        pytest.param("reducing", "active", "reducing", id="the account reduces"),
        pytest.param("active", "reducing", "reducing", id="the environment reduces"),
        pytest.param("halted", "reducing", "halted", id="the account is the more careful"),
        pytest.param("reducing", "halted", "halted", id="the environment is the more careful"),
    ],
)
def test_of_the_accounts_state_and_its_environments_the_more_careful_counts(account, environment, effective):
    row = make_account(state=account, environment=make_environment(state=environment))

    assert row.effective_state == effective


def test_nothing_is_sent_while_its_environment_is_halted(settings):
    order, broker = approved(settings), FakeBroker()
    halting.halt_environment("practice", by="bea", reason="drill")

    order = step(order, broker)

    assert (order.status, broker.calls) == ("holding", [])
    assert order.note == "trading of this account is halted: all of practice, drill (bea)"


def test_an_account_made_after_the_halt_of_its_environment_is_halted_too(settings):
    make_account()
    halting.halt_environment("practice", by="bea", reason="drill")
    later = make_account(number="5WX00009")

    assert (later.state, later.effective_state) == ("active", "halted")


@pytest.mark.parametrize("level", ["account", "environment"])
def test_while_reducing_only_closing_orders_leave(settings, level):
    opening, broker = approved(settings), FakeBroker(bid="1.20", ask="1.30")
    out, exit_broker = closing(settings), FakeBroker()
    if level == "account":
        halting.reduce([opening.account_id], by="bea", reason="only out")
    else:
        halting.reduce_environment("practice", by="bea", reason="only out")

    opening, out = step(opening, FakeBroker()), step(out, exit_broker)

    assert (opening.status, broker.calls) == ("holding", [])
    assert (out.status, exit_broker.calls) == ("walking", ["POST"])


def test_resuming_the_environment_leaves_an_account_that_was_halted_by_itself(settings):
    account = make_account()
    halting.halt([account.pk], by="bea", reason="odd fills")
    halting.halt_environment("practice", by="bea", reason="drill")

    halting.resume_environment("practice", by=resumer("bob"))

    account = Account.objects.get()
    assert (account.environment.state, account.effective_state) == ("active", "halted")


def test_whoever_halted_the_environment_cannot_resume_it():
    make_account()
    halting.halt_environment("practice", by="bea", reason="drill")

    with pytest.raises(NotAllowed, match="^You halted it: a second person has to resume trading.$"):
        halting.resume_environment("practice", by=resumer("bea"))


def test_the_verdict_names_the_state():
    account = make_account(environment=make_environment(state="halted", state_reason="drill (bea)"))

    verdict = risk.trading_state(account.effective_state, account.effective_reason, is_closing=True)

    assert (verdict.is_ok, verdict.code) == (False, "TRADING_NOT_ACTIVE")


# --- with cancel -----------------------------------------------------------------------------------


def test_a_halt_with_cancel_asks_each_account_once():
    account = make_account()
    halting.halt([account.pk], by="bea", reason="drill", cancel=True)
    halting.halt([account.pk], by="desk", reason="too many rejects", cancel=True)

    row = MassCancel.objects.get()
    assert (row.account, row.by, row.reason, row.ended_at) == (account, "bea", "drill", None)


def test_a_halt_of_an_environment_asks_for_every_account_that_may_have_orders():
    first, second = make_account(), make_account(number="5WX00002")
    make_account(number="5WX00003", is_allowed=False)

    halting.halt_environment("practice", by="bea", reason="drill", cancel=True)

    assert [row.account for row in MassCancel.objects.order_by("account")] == [first, second]


def test_an_account_taken_off_the_list_is_asked_too_while_it_has_live_orders():
    order = make_order()
    make_placement(order)
    Account.objects.update(is_allowed=False)

    halting.halt_environment("practice", by="bea", reason="drill", cancel=True)

    assert MassCancel.objects.get().account == order.account


def test_what_lives_at_the_broker_is_left_to_the_mass_cancel_for_a_while(settings):
    order = step(approved(settings), FakeBroker())

    halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    order = fresh(order)
    patience = order.next_action_at - MassCancel.objects.get().asked_at
    assert (order.cancel_requested_by, patience) == ("bea", halting.HEAD_START)


def test_an_order_that_never_left_is_closed_at_once(settings):
    order = approved(settings)
    halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    order = run(order, FakeBroker())

    assert (order.status, order.note) == ("cancelled", "cancelled as asked")


def test_the_kill_switch_needs_no_queue(settings, monkeypatch, django_capture_on_commit_callbacks):
    order = step(approved(settings), FakeBroker())

    with django_capture_on_commit_callbacks() as left_for_later:
        halting.halt([order.account_id], by="bea", reason="drill", cancel=True)

    assert left_for_later == []
