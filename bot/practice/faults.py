"""Faults on command: what the next matching requests meet instead of, or besides, their answer."""

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from bot.practice.messages import JSON


@dataclass
class Fault:
    """One planned fault.

    `path` is a shell pattern on the path after /api/v10. With `apply_then_fail` the request takes
    effect first and only its answer is lost. Without `status` and `drop` the answer is merely late.
    """

    method: str = "*"
    path: str = "*"
    status: int | None = None
    body: Any = None  # JSON; None stands for Discord's usual body of that status
    headers: dict[str, str] = field(default_factory=dict)
    apply_then_fail: bool = False
    delay: float = 0.0  # seconds before the answer
    drop: bool = False  # cut the connection instead of answering
    times: int = 1  # how many requests meet it; 0 or less: all of them

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request meets this fault."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)


class Faults:
    """The queue of planned faults; the first that matches is met."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []

    def add(self, spec: JSON) -> Fault:
        """Plan a fault. Raises ValueError for a key that is none."""
        known = {f.name for f in fields(Fault)}
        if unknown := set(spec) - known:
            raise ValueError(f"unknown keys {sorted(unknown)}; a fault has {sorted(known)}")
        fault = Fault(**spec)
        self.queue.append(fault)
        return fault

    def meet(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, and use it up."""
        for fault in self.queue:
            if fault.matches(method, path):
                if fault.times == 1:
                    self.queue.remove(fault)
                elif fault.times > 1:
                    fault.times -= 1
                return fault
        return None
