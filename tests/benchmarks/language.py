"""How fast commands are read: `python -m tests.benchmarks.language` prints a table; exit 1 past a goal."""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from statistics import median
from time import perf_counter

GOAL_COMMAND = 150e-6  # seconds, median of a command
GOAL_LONGEST = 5e-3  # seconds, worst of any text of 4 000 characters
ROUNDS = 300

COMMANDS = (
    "bto 2 SPY 18dec 600c @ 1.25 max 1.40",
    "bto 2 SPY 18dec 600c @ 1.25 max 1.40 wait 20s ticks 3",
    "sto 1 /ES 18dec 6300c @ 12.50",
    "buy 1 /ESZ6 @ 6100.25",
    "bto 100 SPY @ 600",
    "bto 2 SPY 18dec 600/610c @ 3.20 db",
    "sto 1 SPX 18dec 5900/5950/6100/6150 ic @ 2.10 cr",
    "close 1042 half",
    "cancel 1042",
    "amend 1042 max 1.45",
    "quote SPY 18dec 600c",
)
MISTAKES = (
    "bto 2 SPY 18dce 600c",
    "btoo 2 SPY 18dec 600c",
    "bto SPY 18dec 600c @ 1.25",
    "bto 2 SPY 18dec 600c @ 1,25",
)
LONG = (
    "x" * 4000,
    "a " * 2000,
    "9" * 4000,
    "1,1" * 1333,
    "600/" * 1000,
    "bto 1 SPY 18dec " + "600/" * 120,
    "@" * 4000,
)


def seconds(read: Callable[[str], object], text: str, rounds: int = ROUNDS) -> list[float]:
    read(text)
    found = []
    for _ in range(rounds):
        began = perf_counter()
        read(text)
        found.append(perf_counter() - began)
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    from orders.language.calendar import NEW_YORK, NYSE
    from orders.language.commands import parse_command

    now = datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)

    def read(text: str) -> object:
        return parse_command(text, now=now, calendar=NYSE)

    medians = {text: median(seconds(read, text)) for text in COMMANDS}
    for text, taken in {**medians, **{text: median(seconds(read, text)) for text in MISTAKES}}.items():
        print(f"{taken * 1e6:8.0f} us  {text}")
    typical = median(medians.values())
    longest = max(min(seconds(read, text, 5)) for text in LONG)
    print(f"{typical * 1e6:8.0f} us  median command (goal {GOAL_COMMAND * 1e6:.0f})")
    print(f"{longest * 1e6:8.0f} us  slowest of 4 000 characters (goal {GOAL_LONGEST * 1e6:.0f})")
    return 0 if typical <= GOAL_COMMAND and longest <= GOAL_LONGEST else 1


if __name__ == "__main__":
    sys.exit(main())
