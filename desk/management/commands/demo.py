"""Play a desk's day without a person, and compare both books."""

import json
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk.running import books, demo_day, settling
from desk.running.addresses import Addresses
from desk.running.admin_hand import AdminHand, NoForm
from desk.running.calls import CallFailed
from desk.running.chat_hand import ChatHand, NothingSeen
from desk.running.demo_day import Contracts, WentWrong
from desk.running.exchange_eye import ExchangeEye
from desk.running.launch import Desk, running
from desk.running.place import Place
from desk.running.programs import Cast
from desk.running.queue_server import NoQueueServer
from desk.running.readiness import NotReady
from desk.running.signals import Stopped, stoppable
from desk.running.stage import Stage
from desk.running.tenancy import Occupied, sole_tenant
from desk.running.timings import Timings
from desk.running.welcome import example_expiry, example_listed

FAILURES = (Occupied, NotReady, NoQueueServer, NothingSeen, WentWrong, CallFailed, NoForm)


class Command(BaseCommand):
    """Start a desk of its own on free ports, play, compare, measure, stop."""

    help = "Play a desk's day on free ports; exit 0 only if the exchange's ledger and the desk agree."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many quick orders are added, and where the numbers go."""
        parser.add_argument("--rounds", type=int, default=1, help="How often the quick orders are played.")
        parser.add_argument("--numbers", type=Path, help="A file for the medians, as JSON.")

    def handle(self, *_: object, rounds: int, numbers: Path | None, **__: Any) -> None:
        """Play in a temporary directory, which is kept if something went wrong."""
        addresses = settling.settled()
        if addresses is None:
            self._settle()
        place = settling.place_of(settings.VAR_DIR)
        try:
            with stoppable(), sole_tenant(place, addresses):
                timings = self._run(place, addresses, rounds)
        except FAILURES as error:
            raise CommandError(f"{error}\nEverything it wrote is in {place.var}") from None
        except Stopped:
            self.say("Stopped; everything has ended.")
            raise SystemExit(130) from None
        if numbers is not None:
            numbers.write_text(json.dumps(timings.medians()))
        shutil.rmtree(place.var)

    def _settle(self) -> NoReturn:
        place = Place(Path(tempfile.mkdtemp(prefix="desk-demo-")).resolve())
        over = {"DATABASE_URL": f"sqlite:///{place.var / 'desk.sqlite3'}", "FOUR_EYES": "true"}
        settling.settle(place, Addresses.free(), Cast(), **over)

    def _run(self, place: Place, addresses: Addresses, rounds: int) -> Timings:
        began, started_at = time.monotonic(), timezone.now()
        self.say("A desk of its own, on free ports")
        with running(place, addresses, Cast(), self.say) as desk:
            timings = self._play(desk, rounds, started_at)
            self._compare(ExchangeEye(addresses.exchange_url))
        self.say("\n".join(["", "Measured:", *timings.lines()]))
        self.say(f"\nBoth books agree. Played and stopped in {time.monotonic() - began:.0f} s.")
        return timings

    def _play(self, desk: Desk, rounds: int, started_at: datetime) -> Timings:
        self.say("")
        stage = Stage(
            ChatHand(desk.addresses.chat_url),
            ExchangeEye(desk.addresses.exchange_url),
            AdminHand(desk.addresses.web_url),
            self.say,
            started_at,
        )
        today = timezone.localdate()
        demo_day.play(stage, Contracts(example_expiry(today), example_listed(today)))
        for _ in range(rounds - 1):
            demo_day.quick_ones(stage, demo_day.QUICK)
        return stage.timings

    def _compare(self, exchange: ExchangeEye) -> None:
        """Compare when nothing moves any more; raise WentWrong with every difference."""
        ledger = exchange.ledger()
        theirs, ours = books.of_the_exchange(ledger), books.of_the_desk()
        found = [
            *books.differences(theirs, ours),
            *books.broken_intents(ledger, books.intents_of_the_desk()),
        ]
        self.say(
            f"\nThe exchange's ledger: {len(theirs.placements)} orders, {len(theirs.fills)} fills, "
            f"{len(theirs.holdings)} holdings.\n"
            f"The desk's records:    {len(ours.placements)} orders, {len(ours.fills)} fills, "
            f"{len(ours.holdings)} holdings."
        )
        if found:
            raise WentWrong("\n".join(["The books differ:", *found]))

    def say(self, line: str) -> None:
        """Print a line at once."""
        self.stdout.write(line)
        self.stdout.flush()
