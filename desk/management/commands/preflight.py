"""Say whether everything is in place to trade."""

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from desk import preflight
from desk.models import Colour
from desk.preflight import Result
from orders.brokers import close_brokers
from orders.enums import EnvironmentName

SIGNS = {Colour.GREEN: "ok  ", Colour.AMBER: "look", Colour.RED: "STOP"}


class Command(BaseCommand):
    """Carry out every check, show its verdict and write it down; exit 1 on a red one.

    The admin switches production on what is written down here: it may not speak to the broker itself.
    """

    help = "Carry out every preflight check; exit 1 if one is red."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the environment, and the form of the answer."""
        parser.add_argument(
            "--environment", choices=EnvironmentName.values, help="Default: every one that is on."
        )
        parser.add_argument("--json", action="store_true", help="One JSON list instead of lines.")

    def handle(self, *_: object, environment: str | None, **options: Any) -> None:
        """Run, print, write down, exit."""
        at = timezone.now()
        names = [environment] if environment else preflight.enabled_environments()
        try:
            results = preflight.run(names)
        finally:
            close_brokers()
        if options["json"]:
            self.stdout.write(json.dumps([result.as_json() for result in results], indent=2))
        else:
            self._print(results)
        self._record(results, names, at)
        if preflight.is_red(results):
            sys.exit(1)

    def _record(self, results: list[Result], names: list[str], at: datetime) -> None:
        try:
            preflight.record(results, names, at=at)
        except DatabaseError as error:  # tables not yet made: a check above is red for it
            self.stderr.write(f"This run was not written down: {error}")

    def _print(self, results: list[Result]) -> None:
        for result in results:
            of = f" ({result.environment})" if result.environment else ""
            self.stdout.write(f"{SIGNS[result.colour]}  {result.check}{of}: {result.sentence}")
        count = sum(result.colour is Colour.RED for result in results)
        self.stdout.write(f"Red: {count}. Do not trade." if count else "Nothing is red.")
