"""`python -m tests.mutants [NAME ...]`: take each guard away in a copy of the tree, and let its tests fail."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.guards import GUARDS, Guard

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "var", "__pycache__", ".*_cache", ".hypothesis")
JOBS = int(os.environ.get("JOBS", "2"))


def killed(guard: Guard) -> bool:
    """Whether a test notices that the guard is gone."""
    with tempfile.TemporaryDirectory(prefix="desk-mutant-") as folder:
        copy = Path(folder) / "desk"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        path = copy / guard.path
        path.write_text(path.read_text().replace(guard.held, guard.gone))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--no-header",
            *guard.tests,
        ]
        found = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if found.returncode not in {0, 1}:
        print(found.stdout[-2000:], found.stderr[-2000:], file=sys.stderr)
        raise SystemExit(f"the tests of {guard.name!r} could not run")
    return found.returncode == 1


def main(names: list[str]) -> int:
    chosen = [guard for guard in GUARDS if not names or guard.name in names]
    left = []
    with ThreadPoolExecutor(JOBS) as pool:
        for guard, is_killed in zip(chosen, pool.map(killed, chosen), strict=True):
            print(f"{'killed  ' if is_killed else 'SURVIVES'}  {guard.name}  ({guard.path})", flush=True)
            left += [] if is_killed else [guard.name]
    print(f"{len(chosen) - len(left)} of {len(chosen)} mutants killed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
