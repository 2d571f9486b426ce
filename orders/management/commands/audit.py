"""`manage.py audit`: every row of every order is as it must be, or it is named. Reads only."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from orders.audit import auditing
from orders.models import DayDigest


class Command(BaseCommand):
    help = "Check the orders' chains of events, the daily digests and the invariants; exit 1 on a fault."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--posted", metavar="DIGEST", help="a digest that was posted: does a day have it?"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(auditing.faults())
        if options["posted"] and not DayDigest.objects.filter(digest=options["posted"].strip()).exists():
            found.append(f"the digest {options['posted']} was posted, and no day has it")
        for fault in found:
            self.stdout.write(fault)
        counts, last = auditing.counted(), DayDigest.objects.last()
        self.stdout.write(f"{len(found)} faults in {counts['orders']} orders with {counts['rows']} rows.")
        if last is not None:
            self.stdout.write(f"Newest digest, {last.day}: {last.digest}")
        if found:
            sys.exit(1)
