"""Tell one story and judge it by the exchange's ledger; of one that fails, find the shortest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from orders.enums import OrderStatus
from orders.lifecycle import CLOSED
from orders.machine import views
from orders.machine.leases import BY
from orders.machine.state import Work
from tests.simulation.desk import Violation
from tests.simulation.exchange import Resting
from tests.simulation.plot import Plot
from tests.simulation.world import NEXT_OPEN, World

OWNED_AGAIN_SECONDS = 10.0


@dataclass(slots=True)
class Tally:
    """What happened in many stories."""

    orders: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    orphaned_seconds: list[float] = field(default_factory=list)

    def add(self, world: World) -> None:
        self.orders += len(world.store.works)
        self.injected += world.injected
        self.orphaned_seconds += world.orphaned_seconds


def tell(plot: Plot, lines: list[str] | None = None, tally: Tally | None = None) -> str:
    """Let a story happen; return what was violated, or an empty string."""
    world = World(plot, lines.append if lines is not None else None)
    try:
        world.run()
        for sentence in judged(world):
            return sentence
    except Violation as violation:
        return str(violation)
    except Exception as error:
        if lines is not None:
            raise
        return f"{type(error).__name__}: {error}"
    if tally is not None:
        tally.add(world)
    return ""


def judged(world: World) -> Iterator[str]:
    """Compare the exchange's ledger with the desk's memory."""
    arrivals = world.exchange.arrivals
    if len(set(arrivals)) < len(arrivals):
        yield f"I3: sent twice: {sorted(name for name in arrivals if arrivals.count(name) > 1)}"
    for work in world.store.works.values():
        names = {part.external_identifier for p in work.placements for part in (p, *p.halves)}
        theirs = [r for r in world.exchange.orders.values() if r.draft.external_identifier in names]
        yield from of_order(work, theirs)
        yield from of_race(world, work)
        yield from of_exits(world, work)
    slow = [seconds for seconds in world.orphaned_seconds if seconds > OWNED_AGAIN_SECONDS]
    if slow:
        yield f"an order was owned again only {max(slow):.1f} s after its worker died"
    ours = {part for work in world.store.works.values() for p in work.placements for part in _names(p)}
    if set(arrivals) - ours:
        yield f"I10: orders at the broker that are nobody's: {sorted(set(arrivals) - ours)}"


def _names(placement: object) -> set[str]:
    return {part.external_identifier for part in (placement, *placement.halves)}  # type: ignore[attr-defined]


def of_order(work: Work, theirs: list[Resting]) -> Iterator[str]:
    yield from of_fills(work, theirs)
    yield from of_end(work, theirs)


def of_fills(work: Work, theirs: list[Resting]) -> Iterator[str]:
    """I1 and I5: never more than approved, and each fill known once."""
    order, filled = work.order, sum(resting.filled for resting in theirs)
    for placement in work.placements:
        if placement.is_zombie:  # no request is held up here for so long as absence takes to prove
            yield f"I4: {placement} was given up, and the broker has it"
    told, known = {name for resting in theirs for name, *_ in resting.fills}, [f.fill_id for f in work.fills]
    if sorted(told) != sorted(known):
        yield f"I5: fills of {order} are lost or doubled: {sorted(told)} at the exchange, {sorted(known)} here"
    if order.filled_quantity != filled:
        yield f"I5: {order} says {order.filled_quantity} filled, the exchange {filled}"


def of_race(world: World, work: Work) -> Iterator[str]:
    """I1; where both halves of a pair traded at once it cannot hold, and a person has to hear of it."""
    order, filled = work.order, world.ledger.filled(work)
    if filled <= order.quantity:
        return
    if not world.ledger.has_raced(work):
        yield f"I1: {filled} of {order.quantity} of {order} filled at the exchange"
    elif not any(found.kind == "overfill" and found.key == str(order.pk) for found in world.account.breaks):
        yield f"{filled} of {order.quantity} of {order} filled at the exchange, and nobody was told"


def of_exits(world: World, entry: Work) -> Iterator[str]:
    """What filled of an entry that has ended has its exit, and the desk itself takes none of it away."""
    order, store = entry.order, world.store
    exits = [store.works[pk].order for pk in store.exits.get(order.pk, ())]
    if order.is_closed and order.wants_exits:
        covered = sum(each.quantity for each in exits if each.cancel_requested_by != BY)
        if covered != order.filled_quantity:
            yield f"{order.filled_quantity} of {order} filled, and its exits are for {covered}"
    if not world.injected["cancelled at the broker"]:
        for each in exits:
            if each.status is OrderStatus.CANCELLED and not each.cancel_requested_by:
                yield f"{each}, the exit of {order}, ended at the broker, and nobody wanted that: {each.note}"


def of_end(work: Work, theirs: list[Resting]) -> Iterator[str]:
    """Every order ends in a truthful terminal state, or waits for a person."""
    order, filled = work.order, sum(resting.filled for resting in theirs)
    waits = order.parked_reason or order.status is OrderStatus.PROPOSED or waits_for_the_open(work)
    waits = waits or order.waits_for_entry  # which itself is judged
    if order.status not in CLOSED and not waits:
        yield f"{order} is left {order.status} after the day, note: {order.note}"
    if order.status is OrderStatus.FILLED and filled < order.quantity:
        yield f"{order} is closed as filled with {filled} of {order.quantity}"
    for resting in theirs:
        if resting.is_live:
            yield f"{resting.number} of {order} is live at the exchange after the day"
    for placement in work.placements:
        if placement.is_live:
            yield f"{placement} of {order} is left {placement.status}"


def waits_for_the_open(work: Work) -> bool:
    """Whether nothing of it was sent since its approval: the next session's open is when it is worked."""
    order = work.order
    since = [p for p in views.current(work) if p.status not in views.NEVER_LEFT]
    return not since and order.next_action_at == NEXT_OPEN


def shortest(plot: Plot) -> Plot:
    """Leave out whatever a failing story fails without."""
    found, again = plot, True
    while again:
        again = False
        for mischief in found.mischief:
            shorter = found.without(mischief)
            if tell(shorter):
                found, again = shorter, True
                break
    return found


def keep(plot: Plot) -> str:
    """Return what to do with a failing seed."""
    return (
        f"Once it is mended, pin it: Pinned({plot.seed}, why, shows) in tests/simulation/seeds.py, where `shows` "
        "are lines of the story above."
    )


def retold(plot: Plot) -> str:
    """Return a failing story for people: the plot, what happened, what was violated."""
    lines: list[str] = []
    try:
        violated = tell(plot, lines)
    except Exception as error:  # noqa: BLE001 -- told, with its place, below
        import traceback

        violated = "".join(traceback.format_exception(error)[-4:])
    plan = "\n".join(f"  {mischief}" for mischief in plot.mischief) or "  nothing goes wrong"
    happened = "\n".join(lines)
    return f"seed {plot.seed}, {plot.orders} orders\n{plan}\n\n{happened}\n\nVIOLATED: {violated}\n\n{keep(plot)}"
