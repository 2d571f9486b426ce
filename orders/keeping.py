"""One transaction of the machine: lock, read the rows into values, let them change, keep all of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from desk.models import Account
from orders import queue, signs
from orders.approval import locked
from orders.brokers.base import BrokerError, BrokerOrder
from orders.controls import at_intent
from orders.desk_now import DeskNow
from orders.halts import halting
from orders.machine import state
from orders.machine.desk import Desk
from orders.machine.leases import BY
from orders.models import Order
from orders.reconciliation import breaks
from orders.values import Rows
from orders.verdicts import Verdict

T = TypeVar("T")
Change = Callable[[state.Work, Desk, datetime], T]


@transaction.atomic
def commit(
    order_id: int, change: Change[T], *, locks_account: bool = False, reading: BrokerOrder | None = None
) -> T:
    """Change an order under its row lock; what the change raises leaves everything as it was.

    The account is locked first where asked, as halt does: after its commit no intent commits, and two
    that lock both never wait for each other. `reading` is what the change is about, if anything.
    """
    if locks_account:
        account_id = Order.objects.values_list("account_id", flat=True).get(pk=order_id)
        Account.objects.select_for_update(no_key=True).get(pk=account_id)
    rows, now = Rows(locked(order_id), reading), timezone.now()
    desk = DeskNow(rows)
    answer = change(rows.work, desk, now)
    for each in (rows, *desk.besides):
        keep(each, now)
    return answer


def keep(rows: Rows, now: datetime) -> None:
    """Write a value back into its rows, with its events and whatever else it notes."""
    order = rows.work.order
    for note in order.notes:
        _write(rows.row, note, now)
    rows.save(now)
    if order.is_woken:
        queue.wake(rows.row)


def _write(row: Order, note: state.Note, now: datetime) -> None:
    if isinstance(note, state.Event):
        row.write(note)
    elif isinstance(note, state.Broken):
        where = {"symbol": note.symbol, "underlying": row.underlying}
        breaks.open_break(row.account, note.kind, note.key, note.sentence, **where)
    elif isinstance(note, Verdict):
        row.verdicts = at_intent.kept(row.verdicts, [note])
    elif isinstance(note, state.Halt):
        # After the commit: here the order's lock is held already, and halt takes the account's first.
        transaction.on_commit(partial(halting.halt, [row.account_id], by=BY, reason=note.reason))
    else:
        _compare_again(row.account, note.error, now)


def _compare_again(account: Account, error: Exception, now: datetime) -> None:
    """The broker failed us: show it, and send nothing before the next complete pass."""
    if isinstance(error, BrokerError):
        signs.broker_failed(account, error)
    Account.objects.filter(pk=account.pk).update(reconciled_at=None, reconcile_due_at=now)
