"""An exchange in memory that does not deduplicate, answers late or never, and fills whenever it likes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from random import Random

from orders.brokers.base import (
    BrokerBundle,
    BrokerFill,
    BrokerLeg,
    BrokerOrder,
    ComplexDraft,
    Draft,
    Listing,
    NotFound,
    Refused,
    Sent,
    SentComplex,
)

ENDED = frozenset({"Filled", "Cancelled", "Expired", "Rejected"})
CANNOT = Refused("cannot_update_order", "the order could not be updated", 422)


@dataclass(slots=True)
class Resting:
    """One order as the exchange has it; a package fills as a unit."""

    number: str
    draft: Draft
    units: int
    price: Decimal | None
    status: str = "Live"
    filled: int = 0
    bundle: str = ""
    is_asleep: bool = False  # Contingent: it waits for its entry
    replaces: str = ""
    replaced_by: str = ""
    listed_from: float = 0.0
    updated: int = 0
    told: BrokerOrder | None = None  # as it stands, until something changes
    fills: list[tuple[str, int, Decimal, datetime]] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.status not in ENDED


class Exchange:
    """Takes drafts, fills and ends orders, and tells. `later(seconds, do)` is the world's timetable."""

    def __init__(
        self, rng: Random, later: Callable[[float, Callable[[], None]], None], now: Callable[[], datetime]
    ) -> None:
        self.orders: dict[str, Resting] = {}
        self.bundles: dict[str, list[str]] = {}  # the two halves
        self.triggers: dict[str, str] = {}  # the entry that a bundle waits for
        self.raced: set[str] = set()  # bundles of which both halves have traded
        self.check: Callable[[Resting], None] = lambda resting: (
            None
        )  # asked of all that may trade from now on
        self.arrivals: list[str] = []  # external identifiers, as they came in
        self.tell: Callable[[BrokerOrder], None] = lambda reading: None
        self.listing_stands = -1.0
        self.is_open = True
        self._rng, self._later, self._now, self._next, self.changes = rng, later, now, 1000, 0

    # --- what a client may ask -----------------------------------------------------------------------

    def place(self, draft: Draft, at: float = 0.0, *, rejects: bool = False) -> Sent | Refused:
        if not self.is_open:
            return Refused("market_closed", "the market is closed", 422)
        resting = self._take(draft, at)
        if rejects:
            self._later(self._rng.uniform(0.05, 2), lambda: self.end(resting.number, "Rejected"))
        return Sent(self.reading(resting), 1)

    def place_complex(self, draft: ComplexDraft, at: float = 0.0) -> SentComplex | Refused:
        if not self.is_open:
            return Refused("market_closed", "the market is closed", 422)
        self._next += 1
        number = str(self._next)
        if draft.trigger is not None:
            self.triggers[number] = str(self._next + 1)
            self._take(draft.trigger, at, bundle=number)
        self.bundles[number] = [
            self._take(part, at, bundle=number, is_asleep=draft.trigger is not None).number
            for part in (draft.target, draft.stop)
        ]
        return SentComplex(self.complex_order(number), 1)

    def replace(self, number: str, draft: Draft, at: float = 0.0) -> Sent | Refused:
        """Atomic: the old one ends as the new one begins, unless it has traded first."""
        old = self.orders[number]
        if not old.is_live or old.filled:
            return CANNOT
        new = self._take(draft, at, replaces=number)
        old.replaced_by = new.number
        self.end(number, "Cancelled")
        return Sent(self.reading(new), 1)

    def cancel(self, number: str) -> Sent | Refused:
        """2xx means requested: the order may trade until it is gone."""
        resting = self.orders[number]
        if not resting.is_live:
            return CANNOT
        resting.status = "Cancel Requested"
        self._changed(resting)
        self._later(self._rng.choice((0.01, 0.05, 0.3, 2.0)), lambda: self.end(number, "Cancelled"))
        return Sent(self.reading(resting), 1)

    def cancel_complex(self, number: str) -> SentComplex | Refused:
        trigger = self.triggers.get(number)
        for each in (*([trigger] if trigger else []), *self.bundles[number]):
            self.cancel(each)
        return SentComplex(self.complex_order(number), 1)

    def order(self, number: str) -> BrokerOrder:
        if number not in self.orders:
            raise NotFound(f"no order {number}")
        return self.reading(self.orders[number])

    def complex_order(self, number: str) -> BrokerBundle:
        halves = tuple(self.reading(self.orders[each]) for each in self.bundles[number])
        trigger = self.triggers.get(number)
        return BrokerBundle(number, halves, self.reading(self.orders[trigger]) if trigger else None)

    def live(self) -> list[str]:
        return [number for number, resting in self.orders.items() if resting.is_live]

    def listing(self, at: float) -> Listing:
        stands = self.listing_stands
        shown = (
            r for r in self.orders.values() if r.listed_from <= at and (stands < 0 or r.listed_from <= stands)
        )
        return Listing(tuple(self.reading(resting) for resting in shown))

    # --- what happens there --------------------------------------------------------------------------

    def _take(
        self, draft: Draft, at: float, bundle: str = "", replaces: str = "", *, is_asleep: bool = False
    ) -> Resting:
        self._next += 1
        units = draft.legs[0].quantity  # the first leg's ratio is 1
        resting = Resting(str(self._next), draft, units, draft.price, bundle=bundle, replaces=replaces)
        resting.listed_from = at + self._rng.choice((0.0, 0.0, 0.0, 1.5))
        self.orders[resting.number] = resting
        self.arrivals.append(draft.external_identifier)
        if is_asleep:
            resting.is_asleep, resting.status = True, "Contingent"
            self._changed(resting)
        else:
            self._let_in(resting)
        return resting

    def _let_in(self, resting: Resting) -> None:
        self.check(resting)
        self._changed(resting)
        self._plan_fills(resting)

    def _plan_fills(self, resting: Resting) -> None:
        """Trade at once, in parts, later or never."""
        rng = self._rng
        if resting.draft.price is None and resting.draft.stop_trigger is None:
            self._later(0.01, lambda: self.fill(resting.number, resting.units))
        elif rng.random() < 0.6:
            for _ in range(rng.choice((1, 1, 2))):
                units = rng.randint(1, resting.units)
                self._later(
                    rng.choice((0.0, 0.02, 0.3, 4.0, 20.0)) * rng.random(),
                    partial(self.fill, resting.number, units),
                )

    def tied(self, resting: Resting) -> list[Resting]:
        """Return what trades the same units: both halves of a pair, else the order alone."""
        halves = self.bundles.get(resting.bundle, ())
        return [self.orders[each] for each in halves] if resting.number in halves else [resting]

    def race(self) -> None:
        """Both halves of a pair trade before either has ended the other."""
        for bundle, (target, stop) in self.bundles.items():
            pair = (self.orders[target], self.orders[stop])
            if all(half.is_live and not half.is_asleep and not half.filled for half in pair):
                self.raced.add(bundle)
                for half in pair:
                    self.fill(half.number, half.units)
                return

    def fill(self, number: str, units: int) -> None:
        resting = self.orders[number]
        # What a pair is for is there once: a fill of one half is no longer there for the other.
        tied = [resting] if resting.bundle in self.raced else self.tied(resting)
        done = min(units, resting.units - sum(each.filled for each in tied))
        if not resting.is_live or resting.is_asleep or done <= 0:
            return
        resting.filled += done
        price = resting.price if resting.price is not None else Decimal("1.25")
        for leg in resting.draft.legs:
            name = f"f{number}-{len(resting.fills)}"
            resting.fills.append((name, done * (leg.quantity // resting.units), price, self._now()))
        if sum(each.filled for each in tied) == resting.units:
            self.end(number, "Filled" if resting.filled == resting.units else "Cancelled")
            for other in tied:
                self.end(other.number, "Cancelled")
        else:
            self._changed(resting)

    def end(self, number: str, status: str) -> None:
        resting = self.orders[number]
        if not resting.is_live:
            return
        resting.status = status
        self._changed(resting)
        if self.triggers.get(resting.bundle) == number:
            for each in self.bundles[resting.bundle]:
                self._follow(self.orders[each], status)

    def _follow(self, half: Resting, status: str) -> None:
        """Their entry has ended: both halves wake up where it filled, and end with it otherwise."""
        if status != "Filled":
            self.end(half.number, "Cancelled")
        elif half.is_live:
            half.is_asleep = False
            if half.status == "Contingent":
                half.status = "Live"
                self._let_in(half)

    def close(self) -> None:
        self.is_open = False
        for resting in list(self.orders.values()):
            self.end(resting.number, "Expired")

    def _changed(self, resting: Resting) -> None:
        self.changes += 1
        resting.updated, resting.told = self.changes, None
        self.tell(self.reading(resting))

    def reading(self, resting: Resting) -> BrokerOrder:
        """Return the exchange's word on an order; made once for each change of it."""
        if resting.told is None:
            resting.told = self._reading(resting)
        return resting.told

    def _reading(self, resting: Resting) -> BrokerOrder:
        legs, width = [], len(resting.draft.legs)
        for index, leg in enumerate(resting.draft.legs):
            fills = tuple(
                BrokerFill(name, leg.symbol, quantity, price, at)
                for name, quantity, price, at in resting.fills[index::width]
            )
            done = sum(fill.quantity for fill in fills)
            legs.append(BrokerLeg(leg.symbol, leg.action, leg.quantity, leg.quantity - done, fills))
        return BrokerOrder(
            resting.number, resting.status, tuple(legs), resting.draft.external_identifier, resting.price,
            replaces_order_id=resting.replaces, replacing_order_id=resting.replaced_by,
            complex_order_id=resting.bundle, order_type=resting.draft.order_type.value,
            raw={"updated-at": resting.updated},
        )  # fmt: skip
