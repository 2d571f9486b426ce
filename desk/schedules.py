"""The housekeeping's timetable: jobs by the minute, kept by django-q and visible in the admin.

Jobs are dotted names: they never speak to the broker, they mark rows due and wake others. A schedule is
seen in the admin and not edited there: whoever may write its function could run anything.
"""

from dataclasses import dataclass

from django.utils import timezone
from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    function: str  # dotted
    minutes: int


JOBS = (
    Job("Housekeeping is alive", "orders.housekeeping.beat", 1),
    Job("Lapse approvals", "orders.housekeeping.lapse_approvals", 1),
    Job("Reconcile accounts", "orders.housekeeping.reconcile_due", 1),
    Job("Close the day", "orders.housekeeping.close_day", 5),
    Job("Digest the day's orders", "orders.housekeeping.digest_day", 15),
    Job("Write the session calendar", "orders.housekeeping.write_calendar", 60),
    Job("Forget old messages", "bot.housekeeping.purge", 24 * 60),
    Job("Forget ended sessions", "desk.housekeeping.forget_sessions", 24 * 60),
)


def write() -> None:
    """Make the jobs that are missing and mend their functions; their times stay as they are. Safe twice."""
    for job in JOBS:
        schedule, _ = Schedule.objects.get_or_create(
            name=job.name,
            defaults={
                "func": job.function,
                "schedule_type": Schedule.MINUTES,
                "minutes": job.minutes,
                "next_run": timezone.now(),
            },
        )
        if schedule.func != job.function:
            schedule.func = job.function
            schedule.save(update_fields=["func"])
