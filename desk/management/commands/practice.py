"""Make the practice desk's rows, or switch them off."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from desk.running import practice_rows


class Command(BaseCommand):
    """Fill the practice rows; what is there already stays as it is."""

    help = "Make the practice desk's people, account and channels; --off switches them off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --off."""
        parser.add_argument("--off", action="store_true", help="Switch practice off, for real trading.")

    def handle(self, *_: object, off: bool, **__: Any) -> None:
        """Do the one or the other."""
        if off:
            count = practice_rows.retire()
            self.stdout.write(f"Practice is off: {count} people, its channels and its environment.")
            return
        practice_rows.fill()
        self.stdout.write(
            f"Practice rows are there; every practice user's password: {practice_rows.PASSWORD}"
        )
