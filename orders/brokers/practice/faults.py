"""The fault script: what shall go wrong, how often, from when, and for whom."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orders.brokers.practice.book import Order
from orders.brokers.practice.fault_kinds import (
    IMMEDIATE_KINDS,
    ORDER_KINDS,
    REQUEST_KINDS,
    STANDING_KINDS,
    FaultKind,
)
from orders.brokers.practice.wire import Json, Refusal

MOST_PER_SECOND = 20
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Fault:
    """One line of the script. `times` counts down to its end; standing kinds have none (0).

    It sleeps until `due_at`, and only then counts.
    """

    id: int
    kind: FaultKind
    times: int
    method: str = ""
    path: str = ""
    symbol: str = ""
    external_identifier: str = ""
    due_at: datetime | None = None
    options: Json = field(default_factory=dict)
    passed: list[datetime] = field(default_factory=list)  # what a rate limit let through last

    def covers_request(self, method: str, path: str) -> bool:
        return self.method in {"", method} and re.search(self.path, path) is not None

    def covers_symbols(self, symbols: set[str]) -> bool:
        return not self.symbol or self.symbol in symbols

    def covers_order(self, order: Order) -> bool:
        named = re.search(self.external_identifier, order.external_identifier or "") is not None
        return named and self.covers_symbols(symbols_of(order))

    def covers_message(self, message: Json) -> bool:
        status = message["data"].get("status")
        wanted = self.options.get("type", message["type"]), self.options.get("status", status)
        return wanted == (message["type"], status)

    def seconds(self, default: float) -> float:
        return float(self.options.get("seconds", default))

    def lets_through(self, now: datetime) -> bool:
        """Say whether a rate limit has room for one more request in this second, and take it."""
        self.passed = [at for at in self.passed if now - at < SECOND]
        if len(self.passed) >= int(self.options.get("per_second", MOST_PER_SECOND)):
            return False
        self.passed.append(now)
        return True

    def wire(self) -> Json:
        match = {"method": self.method, "path": self.path} if self.method or self.path else {}
        named = {"symbol": self.symbol, "external_identifier": self.external_identifier, "match": match}
        kept = {k: v for k, v in named.items() if v}
        return {"id": self.id, "kind": self.kind.value, "times": self.times, **kept, **self.options}


FUTURE = re.compile(r"(/[A-Z0-9]+?)[FGHJKMNQUVXZ]\d{1,2}")  # /MESZ6: product, month, year


def symbols_of(order: Order) -> set[str]:
    """Return every name a fault may know an order by: contracts, roots, products, underlying."""
    roots = {leg.symbol.split()[0] for leg in order.legs}
    products = {found[1] for root in roots if (found := FUTURE.fullmatch(root))}
    return {leg.symbol for leg in order.legs} | roots | products | {order.underlying}


def parse_fault(raw: Json, fault_id: int, now: datetime) -> Fault:
    """Read a line of the script; raises Refusal for what cannot be meant.

    `in` is how many seconds it sleeps first.
    """
    given = dict(raw)
    try:
        kind = FaultKind(given.pop("kind", ""))
        times, wait = int(given.pop("times", 1)), float(given.pop("in", 0))
    except (TypeError, ValueError) as unknown:
        raise Refusal(400, "unknown_fault", str(unknown)) from unknown
    match = given.pop("match", None) or {}
    return Fault(
        fault_id,
        kind,
        0 if kind in STANDING_KINDS else times,
        str(match.get("method", "")).upper(),
        str(match.get("path", "")),
        str(given.pop("symbol", "")),
        str(given.pop("external_identifier", "")),
        now + timedelta(seconds=wait) if wait else None,
        given,
    )


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self, time: Callable[[], datetime]) -> None:
        self.pending: list[Fault] = []
        self._time = time
        self._count = 0

    def add(self, raw: Json) -> Fault:
        self._count += 1
        fault = parse_fault(raw, self._count, self._time())
        self.pending.append(fault)
        return fault

    def add_all(self, raws: list[Json]) -> list[Fault]:
        """Add a whole script, or raise Refusal and add none of it."""
        for raw in raws:
            parse_fault(raw, 0, self._time())
        return [self.add(raw) for raw in raws]

    def clear(self) -> None:
        self.pending.clear()

    def _awake(self) -> list[Fault]:
        if not self.pending:
            return []
        now = self._time()
        return [f for f in self.pending if f.due_at is None or f.due_at <= now]

    def take_immediate(self) -> list[Fault]:
        """Take the faults that are to be done at once, and are due."""
        return [self._use(f) for f in self._awake() if f.kind in IMMEDIATE_KINDS]

    def take(self, kind: FaultKind) -> Fault | None:
        """Use up one turn of the oldest fault of a kind."""
        found = next((f for f in self._awake() if f.kind is kind), None)
        return self._use(found) if found else None

    def take_for_message(self, kind: FaultKind, message: Json) -> Fault | None:
        found = (f for f in self._awake() if f.kind is kind and f.covers_message(message))
        fault = next(found, None)
        return self._use(fault) if fault else None

    def take_for_request(self, method: str, path: str) -> Fault | None:
        """Use up one turn of the oldest fault that means a request; a rate limit only when it is reached."""
        asked = [f for f in self._awake() if f.covers_request(method, path)]
        for fault in asked:
            if fault.kind is FaultKind.RATE_LIMIT and not fault.lets_through(self._time()):
                return fault
        return next((self._use(f) for f in asked if f.kind in REQUEST_KINDS), None)

    def take_for_order(self, order: Order) -> list[Fault]:
        """Use up one turn of every order fault that means this order; at most one of a kind."""
        found: dict[FaultKind, Fault] = {}
        for fault in self._awake():
            if fault.kind in ORDER_KINDS and fault.covers_order(order):
                found.setdefault(fault.kind, fault)
        return [self._use(fault) for fault in found.values()]

    def stands(self, kind: FaultKind, symbols: set[str]) -> bool:
        """Say whether a standing fault holds for one of these names."""
        return any(f.kind is kind and f.covers_symbols(symbols) for f in self._awake())

    def silences(self, stream: str) -> bool:
        silent = (f for f in self._awake() if f.kind is FaultKind.STREAM_SILENT)
        return any(f.options.get("stream", "both") in {stream, "both"} for f in silent)

    def _use(self, fault: Fault) -> Fault:
        if fault.kind not in STANDING_KINDS:
            fault.times -= 1
            if fault.times <= 0:
                self.pending.remove(fault)
        return fault
