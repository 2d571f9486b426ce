"""`manage.py reconcile`: compare accounts with the broker now, in this process; no queue is needed."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from desk.models import Account
from orders import brokers
from orders.models import Break
from orders.reconciliation import reconciling


class Command(BaseCommand):
    help = "Compare every enabled account with the broker once and print what differs; exit 1 if anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="N", help="only the account of this number")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = Account.objects.filter(is_allowed=True, environment__is_enabled=True).order_by("pk")
        if options["account"]:
            accounts = accounts.filter(number=options["account"])
        if not accounts:
            raise CommandError("No account to compare: allow it, and turn its environment on.")
        try:
            outcomes = [self.compare(account) for account in accounts]
        finally:
            brokers.close_brokers()
        if not all(outcomes):
            sys.exit(1)

    def compare(self, account: Account) -> bool:
        """Compare one account, print what it differs in; return whether it was read whole, and agrees."""
        reconciling.mark_due([account.pk])
        outcome = reconciling.pass_over(account.pk, brokers.get_broker)
        words = {None: "is being compared by another process", True: "compared", False: "not read whole"}
        found = list(Break.objects.open().filter(account=account).order_by("first_seen_at"))
        self.stdout.write(f"{account}: {words[outcome]}, {len(found)} differences")
        for row in found:
            since = timezone.localtime(row.first_seen_at)
            owner = f", with {row.owner}" if row.owner else ""
            self.stdout.write(f"  {row.kind}: {row.sentence} (since {since:%d %b %H:%M}{owner})")
        return outcome is True and not found
