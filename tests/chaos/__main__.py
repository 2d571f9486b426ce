"""`python -m tests.chaos`: play every fault again and again, and write docs/faults.md after each round.

Each round is played on new desks, with a seed of its own. It ends at the first round that fails, or when it is stopped.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tests.chaos.results import FORMS, PAGE, kept, page, table

HERE = Path(__file__).parent
SECRETS = HERE.parent / "desk" / "test_secrets.py"
MATRIX, HOURS = HERE / "test_matrix.py", HERE / "test_hours.py"
DESKS = [*(HERE / f"test_{name}.py" for name in ("up", "killed_processes", "publishing")), SECRETS]
COMMAND = (sys.executable, "-m", "pytest", "-rs", "-m")
# Each plays on desks of its own beside the others: most of the time is waiting.
PARTS: dict[str, tuple[str, list[Path]]] = {
    "RabbitMQ 1/2": ("matrix", [MATRIX]),
    "RabbitMQ 2/2": ("matrix", [MATRIX]),
    "Redis": ("matrix", [MATRIX, HOURS]),
    "whole desks": ("chaos", DESKS),
}


def play(seed: int, form: str, file: Path) -> bool:
    """Play every fault once; return whether all went well."""
    told = {"CHAOS_SEED": str(seed), "CHAOS_FORM": form, "CHAOS_RESULTS": str(file)}
    began = time.monotonic()
    print(f"seed {seed}: {len(PARTS)} parts side by side, what they say in {file.parent}", flush=True)
    logs = {name: file.with_name(f"{name.replace('/', ' of ')}.log") for name in PARTS}
    processes = {name: start(name, told, log) for name, log in logs.items()}
    try:
        ended = {name: process.wait() for name, process in processes.items()}
    except KeyboardInterrupt:
        for process in processes.values():  # the terminal has told them too: each ends what it started
            process.wait()
        raise
    for name, log in logs.items():
        print(f"--- {name}\n{log.read_text()}")
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return not any(ended.values())


def start(name: str, told: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    mark, paths = PARTS[name]
    with log.open("wb") as output:
        return subprocess.Popen(
            (*COMMAND, mark, *map(str, paths)), env=os.environ | told | {"CHAOS_PART": name},
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="wait a tenth to a quarter as long for lost answers"
    )
    parser.add_argument("--rounds", type=int, default=0, help="how many; 0: until stopped")
    parser.add_argument("--seed", type=int, help="of the first round")
    parser.add_argument("--resume", type=Path, help="play only what these results have not")
    parser.add_argument("--page", action="store_true", help="write docs/faults.md")
    given = parser.parse_args()
    form = "short" if given.short else "long"
    first = given.seed if given.seed is not None else random.randrange(1_000_000)
    file = Path(tempfile.mkdtemp(prefix="desk-chaos-")) / "results.jsonl"
    if given.resume:
        os.environ["CHAOS_DONE"] = str(given.resume.resolve())
        file.write_text(given.resume.read_text())
    for played in range(1, given.rounds + 1) if given.rounds else count(1):
        is_well, results = play(first + played - 1, form, file), kept(file)
        os.environ.pop("CHAOS_DONE", None)
        print(table(results), flush=True)
        if not is_well:
            print(f"Failed: again with SEED={first + played - 1}")
            return 1
        if given.page:
            PAGE.write_text(page(results, form=FORMS[form], rounds=played, made_on=datetime.now(UTC).date()))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
