"""`python -m tests.simulation [--orders N] [--seed S] [--jobs J]`: tell stories; stop at the first that fails."""

import argparse
import gc
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor

STORIES = 200  # that one process tells at a time


def tell_some(first):  # type: ignore[no-untyped-def]
    """Tell so many stories from this seed on; return their tally, and what failed, for people."""
    from tests.simulation.plot import plot_of
    from tests.simulation.story import Tally, retold, shortest, tell

    gc.disable()  # a story is a ring of references; they are collected all at once
    gc.collect()
    tally = Tally()
    for seed in range(first, first + STORIES):
        plot = plot_of(seed)
        if tell(plot, tally=tally):
            return tally, retold(shortest(plot))
    return tally, ""


def told_of(tally) -> str:  # type: ignore[no-untyped-def]
    """Return the faults and how often each was injected, for people."""
    seconds = sorted(tally.orphaned_seconds)
    lines = [f"  {count:7d}  {kind}" for kind, count in sorted(tally.injected.items())]
    owned = (
        f"median {statistics.median(seconds):.1f} s, worst {seconds[-1]:.1f} s" if seconds else "none died"
    )
    return "\n".join(["faults injected, none of which lost or doubled anything:", *lines,
                      f"owned again after its worker died: {owned}"])  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=0, help="at least so many in all; 0: until stopped")
    parser.add_argument("--seed", type=int, default=1, help="of the first story")
    parser.add_argument("--jobs", type=int, default=1, help="processes at work")
    given = parser.parse_args()
    from tests.simulation.story import Tally

    began, tally, stories = time.perf_counter(), Tally(), 0
    with ProcessPoolExecutor(given.jobs) as pool:
        while not given.orders or tally.orders < given.orders:
            seeds = [given.seed + stories + STORIES * number for number in range(given.jobs)]
            for told, failure in pool.map(tell_some, seeds):
                if failure:
                    print(failure)
                    return 1
                tally.orders, tally.injected = tally.orders + told.orders, tally.injected + told.injected
                tally.orphaned_seconds += told.orphaned_seconds
                stories += STORIES
            minutes = (time.perf_counter() - began) / 60
            print(f"{tally.orders} orders, {tally.orders / minutes:.0f} a minute: no violation", flush=True)
    print(told_of(tally))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    sys.exit(main())
