"""Run the practice exchange: `manage.py runexchange --port 8810`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Run the practice exchange on a loopback address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8810)
        parser.add_argument("--seed", type=int, default=7, help="the market's path; the same path each time")
        parser.add_argument("--speed", type=float, default=1.0, help="of the market only")
        parser.add_argument(
            "--hold", metavar="TIME", help="stand at this ISO time until turned at /practice/clock"
        )
        parser.add_argument("--always-open", action="store_true", help="trade day and night")
        parser.add_argument("--faults", type=Path, help="a JSON list of faults")
        parser.add_argument("--ledger", type=Path, default=Path(settings.VAR_DIR) / "exchange.sqlite3")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        from orders.brokers.practice import server as serving
        from orders.brokers.practice.app import open_exchange
        from orders.brokers.practice.clock import Time, aware

        try:
            time = Time(aware(options["hold"]) if options["hold"] else None)
            listener = serving.bind(options["host"], options["port"])
        except (ValueError, OSError) as refused:
            raise CommandError(str(refused)) from refused
        exchange = open_exchange(
            options["ledger"],
            seed=options["seed"],
            speed=options["speed"],
            always_open=options["always_open"],
            time=time,
        )
        if options["faults"]:
            serving.load_faults(exchange, options["faults"])
        host, port = listener.getsockname()[:2]
        self.stdout.write(f"Practice exchange ready on http://{host}:{port}")
        self.stdout.flush()
        serving.serve(serving.make_server(exchange), listener)
