"""A desk with one approved order and a fake broker, and the means to let time pass."""

from datetime import timedelta

from django.utils import timezone

from desk.models import Account, Heartbeat, TradingSession
from orders import approval, execution, keeping, looking
from orders.enums import InstrumentType
from orders.machine import leases
from orders.models import Order, Placement
from tests.brokers import FakeBroker, WorkerDied
from tests.factories import PRACTICE_URL, make_approver, make_environment, make_order


def open_session(hours_left: float = 3.0, *, opened: bool = True) -> None:
    """Write a session that is open now, or opens in an hour."""
    now = timezone.now()
    account = Account.objects.get()
    for kind in InstrumentType:
        opens_at = now - timedelta(hours=1) if opened else now + timedelta(hours=1)
        TradingSession.objects.update_or_create(
            environment=account.environment, kind=kind, day=now.date(),
            defaults={"opens_at": opens_at, "closes_at": now + timedelta(hours=hours_left)},
        )  # fmt: skip


def next_session(*, opened: bool = True) -> None:
    """Let the session be over, half an hour ago; the next one has just begun, or lies ahead."""
    now = timezone.now()
    over = {"opens_at": now - timedelta(hours=7), "closes_at": now - timedelta(minutes=30)}
    TradingSession.objects.update(day=now.date() - timedelta(days=1), **over)
    open_session(opened=opened)


def stream_up(since_hours: float = 1.0) -> None:
    account, now = Account.objects.get(), timezone.now()
    Heartbeat.objects.update_or_create(
        name=looking.stream_name(account),
        defaults={"beat_at": now, "since_at": now - timedelta(hours=since_hours)},
    )


def approved(settings, **over) -> Order:
    """Return an approved order of a desk that may send: session open, account reconciled, stream up."""
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    order = make_order(**over)
    Account.objects.update(reconciled_at=timezone.now())
    open_session()
    stream_up()
    return approval.approve(order.pk, by=make_approver().user, via="admin")


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def step(order: Order, broker: FakeBroker) -> Order:
    """Let one worker take one turn, now."""
    order = fresh(order)
    execution.step(order.pk, order.version, get_broker=lambda environment, number: broker)
    return fresh(order)


def due(order: Order) -> None:
    """Let the time come that the order waits for: every clock in its rows moves back an hour."""
    past = timezone.now() - timedelta(hours=1)
    Order.objects.filter(pk=order.pk).exclude(next_action_at=None).update(next_action_at=past)
    Order.objects.filter(pk=order.pk).exclude(step_due_at=None).update(step_due_at=past)


def run(order: Order, broker: FakeBroker, turns: int = 30) -> Order:
    """Let turns pass, each as soon as it is due, until the order closes or rests or a person is needed."""
    for _ in range(turns):
        due(order)
        order = step(order, broker)
        if order.is_closed or order.status in {"resting", "proposed"} or order.parked_reason:
            break
    return order


def pass_turns(order: Order, broker: FakeBroker, count: int) -> Order:
    """Let so many turns pass, each as soon as it is due, whatever becomes of the order."""
    for _ in range(count):
        due(order)
        order = step(order, broker)
    return order


def statuses(order: Order) -> list[str]:
    return [placement.status for placement in order.placements.all()]


def parked(order: Order) -> Order:
    """Park the order as five steps that failed would, with nothing due."""
    order = fresh(order)

    def change(work, _, now):
        leases.park(work.order, "five steps failed", now=now)
        leases.reschedule(work.order, None, now=now)

    keeping.commit(order.pk, change)
    return fresh(order)


def aged() -> None:
    """Move approval and intents back: nobody takes such orders for merely not listed yet."""
    Order.objects.update(approved_at=timezone.now() - timedelta(hours=1))
    Placement.objects.update(intended_at=timezone.now() - timedelta(minutes=30))


def in_production(order: Order) -> None:
    """Make it an order of production, which is not enabled: nothing of it can be sent."""
    make_environment("production")
    Order.objects.filter(pk=order.pk).update(environment="production")


def listings_pass(order: Order, broker: FakeBroker, count: int = 3) -> Order:
    """Let so many listings be read that count, each a minute after the last."""
    for _ in range(count):
        due(order)
        past = timezone.now() - timedelta(minutes=1)
        Placement.objects.update(send_deadline_at=past)
        Placement.objects.exclude(absent_read_at=None).update(absent_read_at=past)
        order = step(order, broker)
    return order


def crash(order: Order, broker: FakeBroker) -> None:
    """Let a worker die in the middle of its turn, and its lease run out."""
    try:
        step(order, broker)
    except WorkerDied:
        Order.objects.filter(pk=order.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
        return
    raise AssertionError("the worker was to die")
