"""Everything around the machine on one timetable: workers, stream, reconcile, people, and mischief."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from typing import Any

from orders.brokers.base import (
    BrokerOrder,
    BrokerUnavailable,
    ComplexDraft,
    Draft,
    NotFound,
    NotSent,
    Refused,
    Unknown,
)
from orders.enums import OrderStatus, TradingStateName
from orders.lifecycle import AT_WORK, PLACEMENT_LIVE
from orders.machine import leases, readings, requests, turn
from orders.machine.desk import Refusal
from orders.machine.leases import LeaseLost
from orders.machine.state import Work
from orders.market import Quote
from orders.moves import POLL_SECONDS, MarketView
from tests.simulation import exits, limits
from tests.simulation.desk import Account, Around, Store, Violation, is_to_be_worked
from tests.simulation.exchange import Exchange
from tests.simulation.ledger import Ledger
from tests.simulation.people import People
from tests.simulation.plot import AT_A_CALL, AT_A_REQUEST, AT_A_TIME, Mischief, Plot
from tests.simulation.recall import Recall
from tests.simulation.tickets import new_work

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NEXT_OPEN = START + timedelta(hours=18)
CLOSE_SECONDS = 420.0  # two minutes to walk; no step is taken in the last five
CHANGING = frozenset({"place", "replace", "place_complex", "cancel", "cancel_complex"})
DEADLY = frozenset({"crash before", "crash after"})
SENDING = frozenset({"place", "replace", "place_complex"})
TIMEOUT = 6.0
LIMITED = 0.3  # of the stories with several orders
HORIZON_SECONDS = CLOSE_SECONDS + 1200


@dataclass(slots=True)
class Worker:
    """One turn of one worker process: its script, and the lease it holds."""

    pk: int
    lease: str
    script: requests.Script
    began: tuple[int, int]  # how the order and the exchange stood


class World:
    """One story. `log` is given every line where somebody wants to read it."""

    def __init__(self, plot: Plot, log: Callable[[str], None] | None = None) -> None:
        self.plot, self.rng, self.time = plot, Random(plot.seed ^ 0x5EED), 0.0
        self.heap: list[tuple[float, int, Callable[[], None]]] = []
        self.order_of_events, self.end = count(), 0.0
        self._now_at, self._now = 0.0, START
        self.sweeps: set[tuple[int, int]] = set()  # of which order, in which second
        self.is_logging, self._log = log is not None, log
        self.account = Account(stream_since=START - timedelta(hours=1))
        self.store = Store(self.account, START + timedelta(seconds=CLOSE_SECONDS), self.now)
        self.exchange = Exchange(self.rng, self.later, self.now)
        self.exchange.tell = self.stream
        self.people, self.ledger = People(self), Ledger(self)
        self.exchange.check = self.ledger.check
        self.store.parked, self.store.closed = self.parked, self.ledger.nothing_left
        self.recall: Recall | None = None
        self.store.wake = self.wake
        self.store.is_due = self.is_due
        self.store.compare = lambda: self.later(0.5, self.compare_soon)
        if log is not None:
            self.store.log = self.log
        self.requests, self.calls = 0, 0
        self.at_request = {int(m.at): m for m in plot.mischief if m.kind in AT_A_REQUEST}
        self.at_call = {int(m.at): m for m in plot.mischief if m.kind in AT_A_CALL}
        self.off: set[str] = set()  # what is down now
        self.injected: Counter[str] = Counter()
        self.dead: dict[int, float] = {}  # orders whose worker died, and when
        self.orphaned_seconds: list[float] = []  # until another one owned them
        self.drift = Decimal(0)
        self.still: dict[int, tuple[int, int]] = {}  # what the last whole turn of an order began with
        self.last_mischief = max((m.at for m in plot.mischief if m.kind in AT_A_TIME), default=0.0)

    # --- time ----------------------------------------------------------------------------------------

    def now(self) -> datetime:
        if self._now_at != self.time:
            self._now_at, self._now = self.time, START + timedelta(seconds=self.time)
        return self._now

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self.heap, (self.time + seconds, next(self.order_of_events), do))

    def log(self, text: str) -> None:
        if self._log is not None:
            self._log(f"{self.time:9.3f}  {text}")

    def run(self) -> None:
        """Let the story happen, to the end of what anybody has to do. Raises Violation."""
        self.begin()
        self.run_until(HORIZON_SECONDS)

    def begin(self) -> None:
        for number in range(self.plot.orders):
            work = new_work(self.rng, number + 1, self.now())
            self.store.works[work.order.pk] = work
            self.later(self.rng.uniform(0, 3), partial(self.people.approve, work.order.pk))
        if self.rng.random() < LIMITED * (self.plot.orders > 1):
            self.limit()
        for mischief in self.plot.mischief:
            if mischief.kind in AT_A_TIME:
                self.later(mischief.at, partial(self.happen, mischief))
        self.later(60.0, self.each_minute)
        self.later(CLOSE_SECONDS, self.close)

    def limit(self) -> None:
        """Let each order fit into the account, and not all of them; who still waits after a minute gives up."""
        works = self.store.works.values()
        largest = max(limits.contracts(work) * work.order.quantity for work in works)
        self.account.most_contracts = largest + self.rng.randint(0, 2)
        self.later(60.0, self.give_up)

    def give_up(self) -> None:
        for pk, work in list(self.store.works.items()):
            if work.order.status is OrderStatus.HOLDING:
                self.people.ask_to_cancel(pk)

    def run_until(self, end: float) -> None:
        """Let everything happen that is due by then."""
        heap, self.end = self.heap, end
        while heap and heap[0][0] <= end:
            self.time, _, do = heapq.heappop(heap)
            do()
        self.time = max(self.time, end)

    def passes(self, seconds: float) -> bool:
        """Let so much time pass, unless something else happens until then."""
        at = self.time + seconds
        if at > self.end or (self.heap and self.heap[0][0] <= at):
            return False
        self.time = at
        return True

    def close(self) -> None:
        """The session ends: what lives expires, and the day is closed a little later."""
        self.exchange.close()
        self.off.clear()
        self.account.stream_since = self.account.stream_since or self.now()
        for seconds in (5, 300):
            self.later(seconds, self.close_day)

    def close_day(self) -> None:
        """Compare once more, and have every order that is at work looked at."""
        self.reconcile()
        for work in self.store.works.values():
            if work.order.status in AT_WORK and work.order.next_action_at is None:
                work.order.next_action_at = self.now()
                self.is_due(work.order.pk, self.now())

    # --- mischief ------------------------------------------------------------------------------------

    def happen(self, mischief: Mischief) -> None:
        self.injected[mischief.kind] += 1
        if self.is_logging:
            self.log(f"*** {mischief}")
        match mischief.kind:
            case "cancelled by its trader":
                self.people.ask_to_cancel(1)
            case "amended by its trader":
                self.people.amend(1)
            case "cancelled at the broker" | "both halves fill":
                self.happen_there(mischief.kind)
            case "halt" | "halt with cancel":
                self.halt(mischief)
            case "market runs away":
                self.drift += Decimal("0.05") * self.rng.choice((-1, 1))
            case _:
                self.set_down(mischief)

    def happen_there(self, kind: str) -> None:
        if kind == "both halves fill":
            self.exchange.race()
        for number in self.exchange.live()[:1] if kind == "cancelled at the broker" else ():
            self.exchange.end(number, "Cancelled")

    def set_down(self, mischief: Mischief) -> None:
        self.off.add(mischief.kind)
        if mischief.kind == "stream down":
            self.account.stream_since = None
        if mischief.kind == "listing lag":
            self.exchange.listing_stands = self.time
        self.later(mischief.lasts, partial(self.set_up, mischief.kind))

    def set_up(self, kind: str) -> None:
        self.off.discard(kind)
        if kind == "listing lag":
            self.exchange.listing_stands = -1.0
        if kind == "stream down" and self.account.stream_since is None:
            self.account.stream_since = self.now()
            self.later(self.rng.uniform(0, 1), self.reconcile)

    def halt(self, mischief: Mischief) -> None:
        """Nothing is sent any more; with cancel, everything that lives is taken back."""
        self.store.halt()
        if mischief.kind == "halt with cancel" and (self.recall is None or self.recall.is_over):
            self.recall = Recall(self)
            self.later(0.1, self.recall.make_pass)
        self.later(mischief.lasts, self.resume)

    def resume(self) -> None:
        """A second person lets it go on; nobody may while orders are still being taken back."""
        if self.recall is None or self.recall.is_over:
            self.account.state, self.recall = TradingStateName.ACTIVE, None
        else:
            self.later(1.0, self.resume)

    @property
    def is_taken_back(self) -> bool:
        """Whether a mass cancel has told that nothing of ours is left, and nobody lets it go on yet."""
        is_over = self.recall is not None and self.recall.is_over
        return is_over and self.account.state is TradingStateName.HALTED

    @property
    def mid(self) -> Decimal:
        return Decimal("1.25") + self.drift

    @property
    def is_too_late_to_walk(self) -> bool:
        return self.time > CLOSE_SECONDS - 30

    def parked(self, pk: int) -> None:
        """Somebody looks at half of what is parked, a while later."""
        if self.rng.random() < 0.5:
            self.later(self.rng.uniform(5, 60), partial(self.people.unpark, pk))

    # --- queue and sweep -----------------------------------------------------------------------------

    def wake(self, pk: int) -> None:
        """One message; the queue may lose it, or bring it five times."""
        if "queue down" in self.off:
            return
        version = self.store.works[pk].order.version
        for _ in range(5 if "every wake-up call five times" in self.off else 1):
            self.later(self.rng.uniform(0.002, 0.02), partial(self.deliver, pk, version))

    def is_due(self, pk: int, at: datetime) -> None:
        """The sweep of each second finds what is due, whatever became of its message."""
        second = int(max((at - START).total_seconds(), self.time)) + 1
        if second <= HORIZON_SECONDS and (pk, second) not in self.sweeps:
            self.sweeps.add((pk, second))
            self.later(second - self.time, partial(self.sweep, pk))

    def sweep(self, pk: int) -> None:
        order = self.store.works[pk].order
        if not is_to_be_worked(order, self.now()):
            return
        if order.status is OrderStatus.RESTING and self.nothing_new(pk):
            after_close = self.store.around.closes_at + timedelta(seconds=5)
            order.next_action_at = min(self.now() + timedelta(seconds=POLL_SECONDS), after_close)
            self.is_due(pk, order.next_action_at)
        else:
            self.deliver(pk, order.version)

    def as_it_stands(self, pk: int) -> tuple[int, int]:
        return self.store.works[pk].order.version, self.exchange.changes

    def nothing_new(self, pk: int) -> bool:
        """Whether the last turn saw all of this as it is, changed nothing, and nothing can go wrong now."""
        return (
            self.still.get(pk) == self.as_it_stands(pk)
            and pk not in self.dead
            and self.time > self.last_mischief
            and not self.off
            and self.requests > max(self.at_request, default=0)
            and self.calls > max(self.at_call, default=0)
            and self.store.around.closed() is None
        )

    def each_minute(self) -> None:
        """Compare with the broker while anything of ours may trade."""
        live = any(p.status in PLACEMENT_LIVE for w in self.store.works.values() for p in w.placements)
        if live:
            self.reconcile()
        if self.time < CLOSE_SECONDS:
            self.later(60.0, self.each_minute)

    def compare_soon(self) -> None:
        """A pass was asked for: within a second, and again after five where the broker does not answer."""
        if self.account.reconcile_due:
            self.reconcile()
        if self.account.reconcile_due:
            self.later(5.0, self.compare_soon)

    def deliver(self, pk: int, version: int) -> None:
        lease = self.store.claim(pk, version, self.now())
        if lease:
            if pk in self.dead:
                self.orphaned_seconds.append(self.time - self.dead.pop(pk))
            self.resume_worker(Worker(pk, lease, turn.take_turn(lease), self.as_it_stands(pk)))

    # --- a worker's turn -----------------------------------------------------------------------------

    def resume_worker(self, worker: Worker, answer: Any = None, error: Exception | None = None) -> None:
        """Run the script on, until it waits for the broker, or something else happens meanwhile."""
        while (request := self.next_request(worker, answer, error)) is not None:
            wait, mischief = 0.001, self.at_request.get(self.requests)
            if mischief is not None:
                wait += mischief.lasts
                if self.strikes(mischief, worker, request):
                    return
            if isinstance(request, requests.Call) or not self.passes(wait):
                self.later(wait, partial(self.make, worker, request, mischief))
                return
            answer, error = self.made(worker, request)
            if mischief is not None and self.dies(worker, mischief, error):
                return

    def next_request(self, worker: Worker, answer: Any, error: Exception | None) -> requests.Request | None:
        """Return what the script wants next; None where the turn is over."""
        try:
            request = worker.script.send(answer) if error is None else worker.script.throw(error)
        except StopIteration:
            self.still[worker.pk] = worker.began
        except LeaseLost:
            self.release(worker)
        except (BrokerUnavailable, NotFound) as failure:
            change = partial(leases.outage, lease=worker.lease, error=failure, needs_review=False)
            self.store.commit(worker.pk, change)
        else:
            self.requests += 1
            return request
        return None

    def strikes(self, mischief: Mischief, worker: Worker, request: requests.Request) -> bool:
        """Begin what goes wrong with a request; return whether the worker dies before it."""
        if self.is_logging:
            self.log(f"*** {mischief}, a {type(request).__name__} of {worker.lease}")
        self.injected[mischief.kind] += 1
        if mischief.kind in DEADLY and self.store.works[worker.pk].order.lease == worker.lease:
            self.dead[worker.pk] = self.time
        return mischief.kind == "crash before"

    def dies(self, worker: Worker, mischief: Mischief, error: Exception | None) -> bool:
        """Whether the worker never hears of what it asked for."""
        if mischief.kind != "crash after" or error is not None:
            return False
        if self.store.works[worker.pk].order.lease != worker.lease:
            self.dead.pop(worker.pk, None)  # it had given the order back
        return True

    def release(self, worker: Worker) -> None:
        order = self.store.works[worker.pk].order
        if order.lease == worker.lease:
            order.lease, order.leased_until = "", None
            if order.next_action_at is not None:
                self.is_due(order.pk, order.next_action_at)

    def make(self, worker: Worker, request: requests.Request, mischief: Mischief | None) -> None:
        """Make a request that something else has come before; a call of the broker takes its time."""
        if isinstance(request, requests.Call):
            self.call(worker, request, mischief)
            return
        answer, error = self.made(worker, request)
        if mischief is None or not self.dies(worker, mischief, error):
            self.resume_worker(worker, answer, error)

    def made(self, worker: Worker, request: requests.Request) -> tuple[Any, Exception | None]:
        try:
            return self.answer(worker, request), None
        except (LeaseLost, Refusal) as error:
            return None, error

    def answer(self, worker: Worker, request: requests.Request) -> Any:
        if isinstance(request, requests.Commit):
            pk = request.order or worker.pk
            return self.store.commit(pk, request.change, is_intent=request.is_intent)
        if isinstance(request, requests.Take):
            otherwise = (self.store.works[worker.pk], request.otherwise)
            return self.take(
                self.store.placement_of(request.reading) or otherwise, request.reading, request.by
            )
        if isinstance(request, requests.Look):
            return requests.Seen(self.store.read(worker.pk), self.market(None, ""), self.now())
        if isinstance(request, requests.Read):
            return self.store.read(worker.pk)
        return self.rarely(worker, request)

    def rarely(self, worker: Worker, request: requests.Request) -> Any:
        match request:
            case requests.ReadQuote():
                return self.market(*self.quote()), self.now()
            case requests.AskAgain():
                return self.people.ask_again(worker.pk, request)
            case requests.Finish(lease):
                return self.finish(worker.pk, lease)
        raise TypeError(f"no such request: {request!r}")

    def take(self, found: tuple[Work, str], reading: BrokerOrder, by: str) -> Any:
        work, name = found
        self.store.last_taken[reading.broker_order_id] = reading
        return self.store.commit(
            work.order.pk, lambda work, _, now: readings.take(work, name, reading, by=by, now=now)
        )

    def market(self, quote: Quote | None, fault: str) -> MarketView:
        refusal = self.store.around.closed()
        return MarketView(
            quote=quote, quote_fault=fault, opens_at=START - timedelta(hours=1),
            closes_at=self.store.around.closes_at, is_stream_up=self.account.stream_since is not None,
            is_sending_allowed=refusal is None, why_not=refusal.sentence if refusal else "",
        ) if self.now() < self.store.around.closes_at else MarketView(
            quote=quote, quote_fault=fault, opens_at=NEXT_OPEN,
            closes_at=START + timedelta(hours=24), closed_at=self.store.around.closes_at, is_stream_up=True,
        )  # fmt: skip

    def quote(self) -> tuple[Quote | None, str]:
        if "quotes gone" in self.off:
            return None, "there is no quote"
        mid = self.mid + Decimal("0.01") * self.rng.randint(-2, 2)
        return Quote(mid - Decimal("0.05"), mid + Decimal("0.05"), self.now()), ""

    def finish(self, pk: int, lease: str) -> None:
        def change(work: Work, _: Around, now: datetime) -> None:
            order = leases.held(work, lease, now)
            exits.follow(self.store, work, now)
            order.next_action_at, order.lease, order.leased_until = None, "", None

        self.store.commit(pk, change)

    # --- the wire ------------------------------------------------------------------------------------

    def call(self, worker: Worker, request: requests.Call, mischief: Mischief | None) -> None:
        """Do at the exchange what is asked, now or later or never, and answer, or not."""
        method, args = request.method, request.args
        self.calls += 1
        fault = self.at_call.get(self.calls)
        if fault is not None:
            self.injected[fault.kind] += 1
            self.log(f"*** {fault}: {method}")
        is_dead = mischief is not None and mischief.kind == "crash after"
        respond = nobody_hears if is_dead else partial(self.respond, worker)
        if method in CHANGING:
            self.change(method, args, fault.kind if fault else "", respond)
        elif "outage" in self.off or (fault is not None and fault.kind in {"fail", "drop"}):
            respond(self.rng.uniform(0.1, 3), error=BrokerUnavailable("HTTP 502"))
        else:
            self.later(self.latency(fault), lambda: self.read(method, args, respond))

    def latency(self, fault: Mischief | None) -> float:
        return (
            self.rng.uniform(3, 5)
            if fault is not None and fault.kind == "slow"
            else self.rng.uniform(0.01, 0.2)
        )

    def respond(
        self, worker: Worker, seconds: float, answer: Any = None, error: Exception | None = None
    ) -> None:
        self.later(seconds, partial(self.resume_worker, worker, answer, error))

    def read(self, method: str, args: tuple[Any, ...], respond: Callable[..., None]) -> None:
        try:
            answer = {
                "refresh": lambda: None,
                "order": lambda: self.exchange.order(*args),
                "complex_order": lambda: self.exchange.complex_order(*args),
                "live_orders": lambda: self.exchange.listing(self.time),
                "orders_since": lambda: self.exchange.listing(self.time),
            }[method]()
        except NotFound as error:
            respond(0.0, error=error)
            return
        respond(self.rng.uniform(0.005, 0.05), answer)

    def change(self, method: str, args: tuple[Any, ...], fault: str, respond: Callable[..., None]) -> None:
        if method in SENDING:
            self.check_intent(args[-1])
            if self.now() > args[-1].send_before:
                respond(0.0, NotSent("too late to send"))
                return
        if fault in {"refuse", "not sent"}:
            refused = Refused("margin_check_failed", "Not enough buying power.", 422)
            respond(0.05, refused if fault == "refuse" else NotSent("connection refused"))
        elif fault == "drop":
            respond(TIMEOUT, Unknown("timeout"))
        else:
            self.arrive(method, args, fault, respond)

    def arrive(self, method: str, args: tuple[Any, ...], fault: str, respond: Callable[..., None]) -> None:
        """It gets there after a while; then the answer goes back, or is lost."""
        is_held = fault == "late accept"
        wait = self.rng.uniform(5, 25) if is_held else self.latency(Mischief(fault, 0) if fault else None)

        def do() -> None:
            at = (self.time,) if method in SENDING else ()
            extra = {"rejects": True} if fault == "reject later" and method == "place" else {}
            answer = getattr(self.exchange, method)(*args, *at, **extra)
            if fault not in {"accept then drop", "late accept"}:
                respond(self.rng.uniform(0.005, 0.05), answer)

        self.later(wait, do)
        if fault in {"accept then drop", "late accept"}:
            respond(TIMEOUT, Unknown("timeout"))

    def check_intent(self, draft: Draft | ComplexDraft) -> None:
        """I3: every POST and PUT has a committed intent, and none leaves twice."""
        name = draft.external_identifier if isinstance(draft, Draft) else draft.target.external_identifier
        work = self.store.by_identifier.get(name)
        if work is None:
            raise Violation(f"I3: {name} was sent without an intent")

    # --- what the desk hears, and goes to look for ---------------------------------------------------

    def stream(self, reading: BrokerOrder) -> None:
        """The account stream: late, lost, twice or out of order; nothing while it is down."""
        if self.account.stream_since is None:
            return
        for _ in range(self.rng.choice((0, 1, 1, 1, 1, 1, 1, 1, 1, 2))):
            self.later(self.rng.choice((0.01, 0.02, 0.2)) * self.rng.random(), partial(self.hear, reading))

    def hear(self, reading: BrokerOrder) -> None:
        found = self.store.placement_of(reading)
        if found is not None:
            self.take(found, reading, "stream")

    def reconcile(self) -> None:
        """One complete pass, as the shell makes it: what is listed, then what should be and is not."""
        if "outage" in self.off:
            return
        listing = self.exchange.listing(self.time)
        for reading in listing:
            if self.store.last_taken.get(reading.broker_order_id) is not reading:
                self.hear(reading)
        for number in self.unlisted({reading.broker_order_id for reading in listing}):
            self.hear(self.exchange.order(number))
        self.account.reconcile_due = False
        if not self.account.is_reconciled:
            self.account.is_reconciled = True
            for pk in self.store.due(self.now()):
                self.wake(pk)

    def unlisted(self, listed: set[str]) -> list[str]:
        live = [p for w in self.store.works.values() for p in w.placements if p.status in PLACEMENT_LIVE]
        parts = [part for placement in live for part in (placement.halves or (placement,))]
        return [p.broker_order_id for p in parts if p.broker_order_id and p.broker_order_id not in listed]


def nobody_hears(seconds: float, answer: Any = None, error: Exception | None = None) -> None:
    """The worker that was to hear the answer is dead."""
