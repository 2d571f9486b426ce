"""Where faults are played: a desk with two workers, a proxy before its exchange, and orders to watch."""

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import psycopg
from django.utils import timezone

from desk.running import calls
from desk.running.addresses import Addresses
from desk.running.chat_hand import Message, NothingSeen
from desk.running.demo_day import Contracts, never, now, still
from desk.running.exchange_eye import belongs_to, is_placing
from desk.running.stage import Stage, headline
from desk.running.welcome import example_expiry, example_listed
from orders.brokers.base import TERMINAL_STATUSES
from tests.chaos.beside import Inside, second_worker
from tests.chaos.desks import Late, RunningDesk, running_desk, wait_until
from tests.chaos.proxy import HOST, Proxy, proxied
from tests.chaos.servers import Server, postgres, running

STRIKES = range(605, 617)  # in turn, again and again: each has a price with room for a walk
LOOK_BACK = 20  # messages
LOOK_SECONDS = 0.2  # each look reads every order and fill of the exchange
ORDERS = 2  # at a time, each in a contract of its own
IS_SHORT = os.environ.get("CHAOS_FORM", "short") == "short"
SECONDS = 90.0 if IS_SHORT else 240.0  # for anything to happen; to prove absence takes its own stated time
RECOVERED_SECONDS = 45.0 if IS_SHORT else 120.0  # until the books agree and every message says so
# What the desk waits by. Continuous integration can't wait half a minute for each lost answer. Lease and call
# are a quarter of production's, not a tenth: on two busy cores a sound call takes longer than 0.6 s.
SHORT_WAITS = {
    "LEASE_SECONDS": "2.0",
    "CALL_SECONDS": "1.5",
    "ABSENCE_SPACING_SECONDS": "1.0",
    "ABSENCE_GRACE_SECONDS": "3.0",
}
LEASE_SECONDS = 2.0 if IS_SHORT else 8.0
CALL_SECONDS = 1.5 if IS_SHORT else 6.0
LATE_SECONDS = (2.0, 3.0) if IS_SHORT else (20.0, 50.0)  # within what absence has to be proven for
TOO_LATE_SECONDS = 25.0 if IS_SHORT else 80.0  # after that, also on a busy machine
SETTLED = re.compile("Filled|Waiting for approval")
TOO_LATE = re.compile("grew old while its move was decided|the lease on .* ran out|is worked by another")


@dataclass
class Ground:
    """The desk, and the orders of the fault that is played now."""

    desk: RunningDesk
    servers: dict[str, Server]  # database and queue
    proxies: dict[str, Proxy]  # by what is behind: exchange, database and queue
    stage: Stage
    inside: Inside
    second: "subprocess.Popen[bytes]"
    strikes: Iterator[int] = field(default_factory=lambda: cycle(STRIKES))
    chance: random.Random = field(default_factory=random.Random)
    symbols: list[str] = field(default_factory=list)
    replies: list[Message] = field(default_factory=list)
    quantity: int = 0
    first_request: int = 0  # the last one before the fault that is played now
    over_at: float = 0.0

    # --- orders ----------------------------------------------------------------------------------

    def ask(self, quantity: int, wait_seconds: int) -> None:
        """Ask for orders that find no market until it is said to come."""
        today = timezone.localdate()
        contracts = Contracts(example_expiry(today), example_listed(today))
        strikes = [next(self.strikes) for _ in range(ORDERS)]
        self.quantity, self.symbols = quantity, [contracts.symbol(each) for each in strikes]
        self.first_request, self.over_at = newest_id(self.requests()), 0.0
        self.market()
        words = (f"!tt bto {quantity} {contracts.word(each)} wait {wait_seconds}s again" for each in strikes)
        self.replies = [self.recorded(each) for each in words]

    def recorded(self, words: str) -> Message:
        """Type a ticket until it is recorded: what the last fault left behind may cost the first try."""
        return self.until(lambda: (reply := self.stage.ask("tessa", words)).order_id and reply, words)

    def market(self, *faults: dict[str, Any]) -> None:
        """Have these faults, quotes that stand still and nobody who sells."""
        self.stage.exchange.set_faults(*faults, *map(never, self.symbols), *map(still, self.symbols))

    def each(self, **fault: Any) -> list[dict[str, Any]]:
        """Return this fault for each of the contracts."""
        return [{**fault, "symbol": symbol} for symbol in self.symbols]

    def now(self, *faults: dict[str, Any]) -> None:
        """Add faults that are done at once, and keep those that stand."""
        calls.send(f"{self.stage.exchange.url}/practice/faults", list(faults))

    def approve(self) -> None:
        """Press Approve under every message, and don't wait for what comes of it."""
        for reply in self.replies:
            self.stage.chat.press("ada", reply, "Approve")

    def placed(self, times: int = 1) -> None:
        """Wait until the exchange was asked for each order so many times."""

        def placements() -> list[int]:
            sent = self.sent()
            return [len([name for name in sent if belongs_to(each.order_id, name)]) for each in self.replies]

        self.until(lambda: min(placements()) >= times, f"placement {times} of every order")

    def hits(self, kind: str, method: str = "") -> int:
        """Return how many requests since the orders were asked for had this fault."""
        return len(
            [each for each in self.requests() if each["fault"] == kind and method in ("", each["method"])]
        )

    def hit(self, kind: str, times: int = ORDERS, method: str = "") -> int:
        """Wait until a fault of requests has struck so often, and return how often it did."""
        return self.until(
            lambda: (found := self.hits(kind, method)) >= times and found, f"{times} times {kind}"
        )

    def filled(self) -> list[int]:
        """Return how many contracts of each order the exchange has filled."""
        fills = self.ledger()["fills"]
        return [
            sum(each["quantity"] for each in fills if belongs_to(reply.order_id, each["external_identifier"]))
            for reply in self.replies
        ]

    def accepted(self) -> list[int]:
        """Return how many placements the exchange has taken of each order."""
        orders = self.ledger()["orders"]
        return [
            len([each for each in orders if belongs_to(reply.order_id, each["external-identifier"])])
            for reply in self.replies
        ]

    def live(self) -> list[int]:
        """Return how many of those may still trade, for each order."""
        orders = [each for each in self.ledger()["orders"] if each["status"] not in TERMINAL_STATUSES]
        return [
            len([each for each in orders if belongs_to(reply.order_id, each["external-identifier"])])
            for reply in self.replies
        ]

    def sent(self) -> list[str]:
        """Return the identifier of each request for an order since the orders were asked for."""
        return [each["external_identifier"] for each in self.requests() if is_placing(each)]

    def requests(self) -> list[dict[str, Any]]:
        """Return what the exchange was asked since the orders were asked for."""
        found: list[dict[str, Any]] = self.ledger()["requests"]
        return found

    def ledger(self) -> dict[str, Any]:
        return self.stage.exchange.ledger(self.first_request)

    def sent_twice(self) -> int:
        """Return how many of them repeated the identifier of an older one."""
        return len(sent := self.sent()) - len(set(sent))

    def turns_given_up(self) -> int:
        """Return how often a worker lost its lease, or found its quote too old, before its intent."""
        logs = [self.desk.place.logs / f"{name}.log" for name in ("worker", "second")]
        return sum(len(TOO_LATE.findall(each.read_text())) for each in logs)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Hold every row of a table of the database against whoever changes one."""
        with psycopg.connect(self.servers["database"].url) as line:
            line.execute(f"SELECT 1 FROM {table} FOR UPDATE")
            yield

    def sending(self) -> list[str]:
        """Return the identifier of each intent that was committed and has no outcome yet."""
        return self.inside.told("sending")

    # --- the end ---------------------------------------------------------------------------------

    def over(self) -> None:
        """From here on the desk recovers."""
        self.over_at = time.monotonic()

    def recover(self) -> float:
        """Let the market come; return the seconds until each message says Filled and the books agree.

        They count from the end of the fault. What is still different after a while is left for the caller.
        """
        if not self.over_at:
            self.over()
        self.stage.exchange.set_faults(*map(now, self.symbols), *map(still, self.symbols))
        for reply in self.replies:
            with suppress(NothingSeen):
                self.stage.shows(reply, f"Filled {self.quantity}", SECONDS)
        with suppress(Late):
            self.until(lambda: self.broken() == [], "both books to agree", 30)
        return time.monotonic() - self.over_at

    def broken(self) -> list[str]:
        return self.inside.told("broken", self.stage.exchange.url)

    def until(self, seen: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        return wait_until(seen, what, seconds, LOOK_SECONDS)

    def calm(self) -> None:
        """Take back what a play that broke off may have left: bad ways, and what may still be asked of it."""
        for proxy in self.proxies.values():
            proxy.mend()
        self.go_on(self.workers)
        self.stage.exchange.set_faults(*map(now, self.symbols))
        with suppress(Late):
            self.until(lambda: self.broken() == [], "both books to agree")
        self.inside.told("explain")

    def unsettled(self) -> list[str]:
        """Return what the messages say of orders that have neither filled nor wait for a person's yes."""

        def found() -> list[str]:
            says = [headline(self.stage.again(reply)) for reply in self.replies]
            return [each for each in says if not SETTLED.search(each)]

        with suppress(Late):
            self.until(lambda: not found(), "every message to say how it ended", RECOVERED_SECONDS)
        return found()

    # --- processes -------------------------------------------------------------------------------

    def kill_workers(self) -> None:
        """Kill -9 both workers, and wait until two others run in their place."""
        self.end_second()
        self.desk.kill("worker")
        self.second = second_worker(self.desk)

    def replace_second(self, start: "Callable[[], subprocess.Popen[bytes]]") -> None:
        """Kill the second worker, and have another one work in its place."""
        self.end_second()
        ready = self.workers_ready()
        self.second = start()
        self.until(lambda: self.workers_ready() > ready, "the other worker")

    def workers_ready(self) -> int:
        """Return how many second workers have come up so far."""
        return (self.desk.place.logs / "second.log").read_text().count("worker ready")

    def end_second(self) -> None:
        self.second.kill()
        self.second.wait()

    def kill_server(self, name: str, seconds: float = 0.0) -> int:
        """Kill -9 the database or the queue with all of its processes; start it again after a while."""
        ended = self.servers[name].kill()
        time.sleep(seconds)
        self.servers[name].start()
        return ended

    def stop_for(self, seconds: float, *pids: int) -> int:
        """SIGSTOP these processes for a while, then SIGCONT; return how many they were."""
        self.stop(pids)
        time.sleep(seconds)
        self.go_on(pids)
        return len(pids)

    def stop(self, pids: Iterable[int]) -> None:
        """Stop these processes, and return when each of their threads stands still.

        kill(2) only tells one thread, which stops the others once it runs: on a busy machine they go on meanwhile.
        """
        pids = list(pids)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        self.until(lambda: all(map(stands_still, pids)), "every thread to stand still")

    def go_on(self, pids: Iterable[int]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    @property
    def workers(self) -> list[int]:
        return [self.desk.supervision.pid("worker"), self.second.pid]


@contextmanager
def ground(var: Path, queue: Callable[[Path], Server]) -> Iterator[Ground]:
    """Give a desk to play faults on: two workers, its own servers, a proxy before each and the exchange."""
    addresses = Addresses.free()
    with ExitStack() as stack:
        served = {
            "database": stack.enter_context(running(postgres)),
            "queue": stack.enter_context(running(queue)),
        }
        ports = {"exchange": addresses.exchange} | {name: each.port for name, each in served.items()}
        proxies = {name: stack.enter_context(proxied(port)) for name, port in ports.items()}
        told = (SHORT_WAITS if IS_SHORT else {}) | {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "CHAOS_EXCHANGE_URL": f"http://{HOST}:{proxies['exchange'].port}",
        }
        straight = urls(served, ports)
        desk = stack.enter_context(
            running_desk(var, addresses, **told, **urls(served, {k: v.port for k, v in proxies.items()}))
        )
        inside = Inside(desk, **straight)
        stack.callback(inside.end)
        found = Ground(desk, served, proxies, desk.stage(LOOK_BACK), inside, second_worker(desk))
        stack.callback(found.end_second)
        found.until(found.workers_ready, "the second worker")
        yield found


def stands_still(pid: int) -> bool:
    """Whether every thread of a process is stopped: state T of proc_pid_stat(5)."""
    try:
        found = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # a thread has just ended
        return False
    return bool(found) and all(each.rpartition(")")[2].split()[0] == "T" for each in found)


def newest_id(requests: list[dict[str, Any]]) -> int:
    return max((each["id"] for each in requests), default=0)


def urls(served: dict[str, Server], ports: dict[str, int]) -> dict[str, str]:
    """Return the settings that name the servers, at these ports."""
    return {
        "DATABASE_URL": served["database"].at(ports["database"]),
        "CELERY_BROKER_URL": served["queue"].at(ports["queue"]),
    }
