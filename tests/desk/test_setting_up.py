"""The rows every desk begins with."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django_q.models import Schedule

from desk import schedules
from desk.models import Environment, Trader, WalkPolicy
from desk.running import practice_rows
from desk.setting_up import GROUPS

pytestmark = pytest.mark.django_db


def rights(name: str) -> set[str]:
    found = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


def test_a_new_desk_has_its_environments_off_its_groups_and_its_schedules():
    call_command("setup", verbosity=0)

    assert list(Environment.objects.order_by("name").values_list("name", "is_enabled")) == [
        ("practice", False), ("production", False), ("sandbox", False),
    ]  # fmt: skip
    assert {name: rights(name) for name in GROUPS} == {name: set(given) for name, given in GROUPS.items()}
    assert (Schedule.objects.count(), WalkPolicy.objects.count()) == (len(schedules.JOBS), 1)
    assert Trader.objects.count() == 0


def test_setting_up_again_changes_nothing_that_staff_changed():
    call_command("setup", verbosity=0)
    Environment.objects.filter(pk="sandbox").update(is_enabled=True)
    Group.objects.get(name="Traders").permissions.clear()

    call_command("setup", verbosity=0)

    assert Environment.objects.get(pk="sandbox").is_enabled is True
    assert rights("Traders") == set()


def test_practice_comes_on_with_its_first_people_even_on_a_desk_that_was_set_up():
    call_command("setup", verbosity=0)

    practice_rows.fill()

    assert Environment.objects.get(pk="practice").is_enabled is True
