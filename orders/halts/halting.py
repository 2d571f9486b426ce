"""The kill switch: after its commit no new order leaves; cancels always pass.

An account and its environment each have a trading state, and the more careful one counts. One lock covers
both: whoever changes either first locks the rows of all accounts it concerns, and every intent first locks
its account's row. So an intent needs no lock on the environment, which would make the intents of all its
accounts wait for each other. Down goes anyone with the right, at once; up takes a second person.
No queue is needed, nor waited for: the tables say what is due.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from desk.models import Account, Environment, StateChange
from desk.trading_state import care
from orders import lifecycle
from orders.approval import NotAllowed
from orders.enums import EnvironmentName, TradingStateName
from orders.models import MassCancel, Order, Placement

# The mass cancel takes back what lives at the broker; the orders' own turns begin this much later.
HEAD_START = timedelta(seconds=4)
ACTIVE, REDUCING, HALTED = TradingStateName.ACTIVE, TradingStateName.REDUCING, TradingStateName.HALTED


# --- down: at once, by anyone with the right -------------------------------------------------------


@transaction.atomic
def halt(accounts: Sequence[int], *, by: str, reason: str, cancel: bool = False) -> int:
    """Halt these accounts and, with `cancel`, have everything of ours taken back from the broker.

    Returns how many orders at work were asked to be cancelled. Takes the lock that every intent takes
    first, so no intent commits after this one. Safe twice.
    """
    rows = _locked(Account.objects.filter(pk__in=accounts))
    for account in rows:
        _lower(account, HALTED, by=by, reason=reason)
    return _cancel_all(rows, by=by, reason=reason) if cancel else 0


@transaction.atomic
def halt_environment(name: str, *, by: str, reason: str, cancel: bool = False) -> int:
    """Halt a whole environment, accounts made later too; returns as `halt`. Safe twice."""
    rows = _locked(Account.objects.filter(environment=name))
    _lower(_environment(name), HALTED, by=by, reason=reason)
    return _cancel_all(_with_orders(rows), by=by, reason=reason) if cancel else 0


@transaction.atomic
def reduce(accounts: Sequence[int], *, by: str, reason: str) -> None:
    """Let only closing orders through for these accounts. Leaves one that is halted as it is. Safe twice."""
    for account in _locked(Account.objects.filter(pk__in=accounts)):
        _lower(account, REDUCING, by=by, reason=reason)


@transaction.atomic
def reduce_environment(name: str, *, by: str, reason: str) -> None:
    """Let only closing orders through for a whole environment, as `reduce`."""
    _locked(Account.objects.filter(environment=name))
    _lower(_environment(name), REDUCING, by=by, reason=reason)


def _locked(accounts: QuerySet[Account]) -> list[Account]:
    return list(
        accounts.select_for_update(no_key=True, of=("self",)).select_related("environment").order_by("pk")
    )


def _environment(name: str) -> Environment:
    """Return the environment, locked after its accounts, as a turn of its switch does."""
    return Environment.objects.select_for_update(no_key=True).get(pk=name)


def _lower(row: Account | Environment, state: TradingStateName, *, by: str, reason: str) -> None:
    """Make the state at least so careful. The first reason stays; who else asks is kept, too."""
    if care(state) < care(row.state) or (state == row.state and by in _lowered_by(row)):
        return
    _write(row, state, by=by, reason=reason, keeps_reason=state == row.state)


def _write(
    row: Account | Environment, state: TradingStateName, *, by: str, reason: str, keeps_reason: bool = False
) -> None:
    name = row.pk if isinstance(row, Environment) else row.environment_id
    account = row if isinstance(row, Account) else None
    StateChange.objects.create(
        environment_id=name, account=account, was=row.state, becomes=state,
        by=by[:150], reason=reason[:200], at=timezone.now(),
    )  # fmt: skip
    if not keeps_reason:
        row.state_reason = f"{reason[: 197 - len(by)]} ({by})"[:200] if state != ACTIVE else ""
    row.state = state
    row.save(update_fields=["state", "state_reason"])


# --- with cancel -----------------------------------------------------------------------------------


def _with_orders(accounts: Sequence[Account]) -> list[Account]:
    """Return those that may have orders at the broker: allowed, or with a live placement."""
    live = set(Placement.objects.live().filter(account__in=accounts).values_list("account", flat=True))
    return [account for account in accounts if account.is_allowed or account.pk in live]


def _cancel_all(accounts: Sequence[Account], *, by: str, reason: str) -> int:
    """Ask for a mass cancel of each account, and for every order at work to be cancelled by its own turns."""
    now = timezone.now()
    for account in accounts:
        asked = {"by": by[:150], "reason": reason[:200], "asked_at": now, "due_at": now}
        row, is_new = MassCancel.objects.get_or_create(account=account, ended_at=None, defaults=asked)
        if not is_new:
            MassCancel.objects.filter(pk=row.pk).update(due_at=now)
    named = (
        Placement.objects.live().filter(account__in=accounts).exclude(broker_order_id="", complex_order_id="")
    )
    live, orders = set(named.values_list("order", flat=True)), _at_work(accounts)
    # Of each that is live the mass cancel tells as it takes it back: here every event would cost time.
    told_later = [order.pk for order in orders if order.pk in live]
    wish = {
        "cancel_requested_by": by[:150],
        "cancel_reason": reason[:200],
        "next_action_at": now + HEAD_START,
    }
    Order.objects.filter(pk__in=told_later).update(**wish)
    for order in orders:
        if order.pk not in live:
            order.cancel_requested_by, order.cancel_reason, order.next_action_at = by[:150], reason[:200], now
            order.tell("cancel asked", by=by, now=now, reason=f"halt: {reason}")
    return len(orders)


def _at_work(accounts: Sequence[Account]) -> list[Order]:
    """Return the orders at work, all locked, oldest first: so does whoever locks an entry and its exit."""
    at_work = Order.objects.filter(account__in=accounts, status__in=lifecycle.AT_WORK, cancel_requested_by="")
    return list(at_work.select_for_update(of=("self",)).order_by("pk"))


# --- up: by a second person ------------------------------------------------------------------------


@transaction.atomic
def resume(account_id: int, *, by: User, to: TradingStateName = ACTIVE) -> Account:
    """Let an account trade again, or with `to` only close. Raises NotAllowed, for whoever halted it too."""
    (account,) = _locked(Account.objects.filter(pk=account_id))
    _require_resumer(account, by)
    _require_all_taken_back(MassCancel.objects.filter(account=account))
    _raise(account, TradingStateName(to), by)
    return account


@transaction.atomic
def resume_environment(name: str, *, by: User, to: TradingStateName = ACTIVE) -> Environment:
    """Let an environment trade again; an account that was halted by itself stays so. Raises as `resume`."""
    _locked(Account.objects.filter(environment=name))
    environment = _environment(name)
    _require_resumer(environment, by)
    _require_all_taken_back(MassCancel.objects.filter(account__environment=name))
    _raise(environment, TradingStateName(to), by)
    return environment


def _raise(row: Account | Environment, state: TradingStateName, by: User) -> None:
    if care(state) < care(row.state):
        _write(row, state, by=by.get_username(), reason="" if state == ACTIVE else "closing orders again")


def _require_resumer(row: Account | Environment, user: User) -> None:
    name = row.pk if isinstance(row, Environment) else row.environment_id
    person = getattr(user, "trader", None)
    if not user.has_perm("desk.resume_account"):
        raise NotAllowed("You need the right to resume trading.")
    if person is not None and not person.is_active:
        raise NotAllowed("Your desk profile is switched off.")
    if person is not None and person.is_practice and name != EnvironmentName.PRACTICE:
        raise NotAllowed(f"Practice users can't resume {name}: their password is public.")
    if user.get_username() in _lowered_by(row):
        raise NotAllowed("You halted it: a second person has to resume trading.")


def _lowered_by(row: Account | Environment) -> set[str]:
    """Return everybody who made it more careful, or asked for that again, since it was last active."""
    own = Q(account=row) if isinstance(row, Account) else Q(account=None, environment=row)
    found: set[str] = set()
    for change in StateChange.objects.filter(own).order_by("pk"):
        if change.becomes == ACTIVE:
            found.clear()
        elif change.is_careful:
            found.add(change.by)
    return found


def _require_all_taken_back(asked: QuerySet[MassCancel]) -> None:
    """What is taken back is everything of ours: nothing new may come among it."""
    if asked.filter(ended_at=None).exists():
        raise NotAllowed("Its orders are still being cancelled: wait until that has ended.")
