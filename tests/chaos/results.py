"""What came of each fault: one line of JSON for each time it was played, added up for docs/faults.md."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
FORMS = {"short": "`make chaos SHORT=1 PAGE=1`", "long": "`make chaos`"}
WAITING = {
    FORMS["short"]: "a tenth to a quarter as long as in production",
    FORMS["long"]: "as long as in production",
}
HEAD = "| fault | times injected | lost | doubled | seconds to recover: median | worst |\n|---|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Result:
    """One play. `lost`: what the exchange has and the desk has not; `doubled`: contracts or requests too many."""

    fault: str
    injected: int
    lost: int
    doubled: int
    seconds: float


def keep(result: Result) -> None:
    """Add a line to the file that CHAOS_RESULTS names, if it does."""
    if named := os.environ.get("CHAOS_RESULTS"):
        with Path(named).open("a") as file:
            file.write(json.dumps(asdict(result)) + "\n")


def kept(file: Path) -> list[Result]:
    return [Result(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def table(results: Iterable[Result]) -> str:
    """Return one row for each fault, in the order of the first play's name."""
    by_fault: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        by_fault[each.fault].append(each)
    return HEAD + "\n".join(_row(name, by_fault[name]) for name in sorted(by_fault))


def _row(name: str, found: list[Result]) -> str:
    seconds = [each.seconds for each in found]
    sums = (
        sum(each.injected for each in found),
        sum(each.lost for each in found),
        sum(each.doubled for each in found),
    )
    return f"| {name} | {' | '.join(map(str, sums))} | {median(seconds):.1f} | {max(seconds):.1f} |"


def page(results: list[Result], *, form: str, rounds: int, made_on: date) -> str:
    """Return the whole page."""
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[2]:.1f}"
    return f"""\
# Faults

Made on {made_on:%Y-%m-%d} by {form}: rounds {rounds}, plays {len(results)} ({load}). Each round plays on new desks of real
processes with two workers, on a PostgreSQL and a RabbitMQ of their own (or a Redis, where a row says so), with a proxy before
both and the exchange, waiting for lost answers {WAITING[form]}.

Each play is a test. The exchange's ledger and the desk's records name the same orders and the same fills, no order was sent
without a recorded intent, none was sent twice, and `manage.py audit` finds nothing. A play that was late is played once
more, and counts twice.

*Injected* counts what was hit: orders, requests, connections, messages or processes. *Lost* counts orders and fills that the
exchange has and the desk has not; *doubled* counts contracts filled beyond what was asked, and orders sent twice. The
time to recover runs from the end of the fault, or from its last strike where it ends by itself, until both books agree and
every message says Filled.

{table(results)}
"""
