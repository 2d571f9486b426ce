"""Make the rows a desk begins with."""

from typing import Any

from django.core.management.base import BaseCommand

from desk.setting_up import set_up


class Command(BaseCommand):
    """Make what is missing; what is there already stays as it is."""

    help = "Make environments (all off), groups with their rights, a policy and the schedules."

    def handle(self, *_: object, **__: Any) -> None:
        """Make them and say so."""
        set_up()
        self.stdout.write("Environments, groups, the policy and the schedules are there.")
