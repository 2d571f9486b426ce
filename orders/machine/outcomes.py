"""After every call that changes something: keep what became of it.

Whoever holds the order now, a fact is a fact; only the timetable is the lease holder's.
"""

from datetime import datetime, timedelta

from orders import moves
from orders.brokers.base import NotSent, Outcome, Refused, Sent, Unknown
from orders.enums import PlacementStatus as P
from orders.machine import readings
from orders.machine.desk import Desk
from orders.machine.leases import backoff, reschedule
from orders.machine.state import Placement, Work


def record(work: Work, external_identifier: str, outcome: Outcome, *, now: datetime) -> None:
    """Keep the answer to a POST or PUT on its placement."""
    placement = work.placement(external_identifier)
    placement.answered_at = now
    if isinstance(outcome, Sent):
        placement.latency_ms = outcome.latency_ms
        readings.take(work, external_identifier, outcome.order, by="answer", now=now)
        return
    # A definitive refusal settles also what another worker has come to doubt meanwhile.
    if placement.status is P.SENDING or (placement.status is P.UNKNOWN and isinstance(outcome, Refused)):
        _end_unsent(work, placement, outcome, now)


def _end_unsent(
    work: Work, placement: Placement, outcome: Refused | NotSent | Unknown, now: datetime
) -> None:
    """Keep an answer other than yes, on the placement and, for people, on its order."""
    status, cause = verdict_of(outcome)
    placement.move_to(status, now=now, cause=cause)
    if status is not P.UNKNOWN:
        readings.back_to_work(work, placement, now)
    work.order.tell(f"placement {status.label.lower()}", by="answer", now=now, reason=cause,
                    placement=placement.external_identifier)  # fmt: skip


def verdict_of(outcome: Refused | NotSent | Unknown) -> tuple[P, str]:
    if isinstance(outcome, Refused):
        return P.REJECTED, f"{outcome.message} ({outcome.code})"
    return (P.NOT_SENT, outcome.cause) if isinstance(outcome, NotSent) else (P.UNKNOWN, outcome.cause)


def schedule_after(work: Work, desk: Desk, now: datetime, *, lease: str, outcome: Outcome) -> None:
    """Say when the order is looked at again, if it is still this worker's."""
    order = work.order
    if order.lease != lease:
        return
    if isinstance(outcome, NotSent):
        failures, order.step_due_at = order.failures + 1, now
        reschedule(order, now + backoff(failures, desk.waits.jitter), now=now, failures=failures)
        return
    order.step_due_at = now + timedelta(seconds=order.wait_seconds)
    wait = timedelta(seconds=moves.READ_BACK_SECONDS) if isinstance(outcome, Unknown) else timedelta(0)
    reschedule(order, now + wait, now=now)


def after_cancel(work: Work, lease: str, external_identifier: str, *, now: datetime) -> None:
    """Look again soon: 2xx on a cancel means requested."""
    if work.order.lease != lease:
        return
    soon = now + timedelta(seconds=moves.CANCEL_POLL_SECONDS)
    reschedule(work.order, soon if work.placement(external_identifier).is_live else now, now=now)


def doubt(work: Work, external_identifier: str, *, now: datetime) -> None:
    """A worker left this placement in SENDING and did not report back: its outcome is unknown."""
    placement = work.placement(external_identifier)
    if placement.status is P.SENDING:
        placement.move_to(P.UNKNOWN, now=now, cause="the worker that sent it did not report back")
        work.order.tell("placement unknown", by="desk", now=now, reason=placement.cause)
