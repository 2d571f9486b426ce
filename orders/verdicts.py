"""A pre-trade verdict: a stable code, yes or no, a sentence for people, the numbers compared. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is CATEGORY_CONDITION and never changes its meaning."""

    code: str
    is_ok: bool
    sentence: str
    numbers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "ok": self.is_ok, "sentence": self.sentence, "numbers": self.numbers}


class Denied(Exception):
    """Refused by us. The text is the sentence for people; `code` the stable code."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.sentence} ({verdict.code})")
        self.code = verdict.code
        self.verdict = verdict


def first_refusal(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the first verdict that says no."""
    return next((v for v in verdicts if not v.is_ok), None)
