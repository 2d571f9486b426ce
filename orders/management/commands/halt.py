"""The kill switch by hand: it needs the database and, to cancel, the broker; nothing else has to run."""

import asyncio
import getpass
from collections.abc import Collection
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from desk.models import Account, Environment
from orders import brokers
from orders.enums import EnvironmentName
from orders.halts import halting, taking_back
from orders.models import MassCancel


class Command(BaseCommand):
    help = "Halt trading: no new order leaves. With --cancel take everything of ours back from the broker."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--account", help="An account's number; without it, every environment that is on.")
        what.add_argument("--environment", choices=EnvironmentName.values, help="All of one environment.")
        parser.add_argument("--cancel", action="store_true", help="Take back what is live; waits for it.")
        parser.add_argument("--reason", default="halted by command", help="Why: everybody will read it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Halt, then cancel; ends with 1 if anything of ours may be left at the broker."""
        accounts = named(options["account"])
        names = [options["environment"]] if options["environment"] else enabled()
        asked = {key: options[key] for key in ("reason", "cancel")}
        asked["by"] = f"{getpass.getuser()} at the server"
        if accounts:
            halting.halt([account.pk for account in accounts], **asked)
        else:
            for name in names:
                halting.halt_environment(name, **asked)
        for what in [str(each) for each in accounts] or [f"All of {name}" for name in names]:
            self.stdout.write(f"{what} is halted.")
        if options["cancel"]:
            self.take_back(list(MassCancel.objects.filter(ended_at=None).values_list("pk", flat=True)))

    def take_back(self, mass_cancels: Collection[int]) -> None:
        """Make the passes until they have ended, and tell of each."""
        try:
            asyncio.run(taking_back.until_ended(mass_cancels))
        finally:
            brokers.close_brokers()
        ended = MassCancel.objects.filter(pk__in=mass_cancels).select_related("account").order_by("pk")
        for mass_cancel in ended:
            self.stdout.write(f"{mass_cancel.account}: {mass_cancel.told}.")
        if any(mass_cancel.left for mass_cancel in ended):
            raise CommandError("Something of ours may still be at the broker: see above, and look there.")


def named(number: str | None) -> list[Account]:
    """Return the accounts of this number, one in each environment that has it."""
    found = list(Account.objects.filter(number=number)) if number is not None else []
    if number is not None and not found:
        known = ", ".join(Account.objects.order_by("pk").values_list("number", flat=True))
        raise CommandError(f"There is no account {number}: known are {known or 'none'}.")
    return found


def enabled() -> list[str]:
    return list(Environment.objects.filter(is_enabled=True).order_by("pk").values_list("pk", flat=True))
