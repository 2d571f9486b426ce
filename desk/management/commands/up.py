"""Run the whole desk on this machine."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk.running import environment, settling
from desk.running.addresses import Addresses
from desk.running.launch import running
from desk.running.place import Place
from desk.running.queue_server import NoQueueServer
from desk.running.readiness import NotReady
from desk.running.signals import Stopped, stoppable
from desk.running.tenancy import Occupied, sole_tenant
from desk.running.welcome import card


class Command(BaseCommand):
    """Start every process under one supervisor and stay until Ctrl-C."""

    help = "Run every process of the desk, with the practice exchange and Discord. Ctrl-C ends it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the web port; the exchange takes the one 10 above, the chat the one 20 above."""
        parser.add_argument("--port", type=int, default=8800, help="The web port; the others follow it.")
        parser.add_argument(
            "--market-hours", action="store_true", help="Close the practice exchange when the real ones do."
        )

    def handle(self, *_: object, port: int, market_hours: bool, **__: Any) -> None:
        """Run until a signal ends it."""
        place, addresses = settling.place_of(settings.VAR_DIR), Addresses.beside(port)
        if settling.settled() is None:
            settling.settle(place, addresses, environment.cast_of_settings())
        try:
            with stoppable(), sole_tenant(place, addresses):
                self._run(place, addresses, market_hours)
        except (Occupied, NotReady, NoQueueServer) as error:
            raise CommandError(str(error)) from None

    def _run(self, place: Place, addresses: Addresses, keeps_hours: bool) -> None:
        self.say("Preparing the desk")
        cast = replace(settling.cast_now(place, addresses), keeps_hours=keeps_hours)
        try:
            with running(place, addresses, cast, self.say) as desk:
                self.say(card(desk, timezone.localdate()))
                desk.wait()
            raise CommandError(f"The supervisor ended by itself: see {place.logs / 'supervisord.log'}")
        except Stopped:
            self.say("\nEverything has ended.")

    def say(self, line: str) -> None:
        """Print a line at once."""
        self.stdout.write(line)
        self.stdout.flush()
