"""The benchmark table: `make bench`. Every module beside this one with a `main()` adds its lines."""

import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 4  # of the quick orders: samples enough for a median


def demo() -> str:
    """Play the demo's quick orders several times and return what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = Path(folder) / "numbers.json"
        command = [sys.executable, "manage.py", "demo", "--rounds", str(ROUNDS), "--numbers", str(numbers)]
        played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if played.returncode:
            sys.exit(f"{played.stdout}\n{played.stderr}\nThe demo failed: nothing was measured.")
        medians = json.loads(numbers.read_text())
        measured = played.stdout.partition("Measured:\n")[2].partition("\n\n")[0]
        return measured if medians else "  nothing was measured"


def main() -> None:
    print(f"The desk, {ROUNDS} rounds of quick orders:")
    print(demo())
    for found in sorted(each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)])):
        if found != "__main__":
            print(f"\n{found.replace('_', ' ').capitalize()}:")
            sys.stdout.flush()
            importlib.import_module(f"tests.benchmarks.{found}").main()


if __name__ == "__main__":
    main()
