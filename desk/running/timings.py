"""How long the desk took, and how long it may take."""

from collections import defaultdict
from datetime import datetime
from statistics import median

# Median seconds allowed, by what is measured.
ALLOWED = {
    "start of everything to the first recorded order": 25.000,
    "message to recorded order and reply": 0.400,
    "approval to the order at the exchange": 0.150,
    "fill at the exchange to the edited message": 1.000,
}
START, REPLY, APPROVAL, FILL = ALLOWED


class Timings:
    """Samples of each measure, in seconds."""

    def __init__(self) -> None:
        """Begin with none."""
        self.samples: dict[str, list[float]] = defaultdict(list)

    def add(self, measure: str, began_at: datetime, ended_at: datetime) -> None:
        """Add one sample."""
        self.samples[measure].append((ended_at - began_at).total_seconds())

    def lines(self) -> list[str]:
        """Return one line for each measure."""
        return [_line(measure, self.samples[measure]) for measure in ALLOWED if self.samples[measure]]

    def medians(self) -> dict[str, float]:
        """Return the median of each measure."""
        return {measure: median(found) for measure, found in self.samples.items() if found}


def _line(measure: str, found: list[float]) -> str:
    allowed = ALLOWED[measure]
    verdict = "" if median(found) <= allowed else "   SLOW"
    return (
        f"  {measure:<48} median {median(found):6.3f} s  worst {max(found):6.3f} s"
        f"  of {len(found):2d}  (allowed {allowed:g} s){verdict}"
    )
