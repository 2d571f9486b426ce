"""The housekeeping's timetable."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from desk import schedules
from desk.housekeeping import forget_sessions

pytestmark = pytest.mark.django_db


def test_every_job_names_a_function_that_is_there():
    assert [callable(import_string(job.function)) for job in schedules.JOBS] == [True] * len(schedules.JOBS)


def test_the_schedules_are_written_once_and_keep_their_times():
    schedules.write()
    Schedule.objects.filter(name="Close the day").update(minutes=2)

    schedules.write()

    found = Schedule.objects.order_by("name").values_list("name", "func", "minutes")
    expected = sorted(
        (job.name, job.function, 2 if job.name == "Close the day" else job.minutes) for job in schedules.JOBS
    )
    assert list(found) == expected


def test_a_job_that_was_moved_in_the_code_is_moved_in_the_table():
    schedules.write()
    Schedule.objects.filter(name="Close the day").update(func="orders.old.close_day")

    schedules.write()

    assert Schedule.objects.get(name="Close the day").func == "orders.housekeeping.close_day"


def test_ended_sessions_of_the_admin_are_forgotten_and_others_kept():
    for key, hours in (("ended", -1), ("open", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours)
        )

    forget_sessions()

    assert list(Session.objects.values_list("pk", flat=True)) == ["open"]
