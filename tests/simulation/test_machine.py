"""The same machine in a world whose next misfortune Hypothesis chooses, and shortens."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.simulation.plot import AT_A_TIME, Mischief, Plot
from tests.simulation.story import judged
from tests.simulation.world import CLOSE_SECONDS, HORIZON_SECONDS, World


class Desk(RuleBasedStateMachine):
    """One desk with up to three orders; every rule lets time pass or breaks something."""

    @initialize(seed=st.integers(0, 2**32), orders=st.integers(1, 3))
    def begin(self, seed: int, orders: int) -> None:
        self.world = World(Plot(seed, orders, ()))
        self.world.begin()

    def pass_time(self, seconds: float) -> None:
        if self.world.time + seconds < CLOSE_SECONDS:
            self.world.run_until(self.world.time + seconds)

    @rule(seconds=st.sampled_from((0.05, 0.5, 2.0, 8.0, 20.0)))
    def wait(self, seconds: float) -> None:
        self.pass_time(seconds)

    @rule(kind=st.sampled_from(AT_A_TIME), lasts=st.sampled_from((1.0, 5.0, 30.0)))
    def misfortune(self, kind: str, lasts: float) -> None:
        if kind not in self.world.off:
            self.world.happen(Mischief(kind, self.world.time, lasts))

    @rule(kind=st.sampled_from(("crash before", "crash after", "pause")), lasts=st.sampled_from((1.0, 9.0)))
    def at_the_next_request(self, kind: str, lasts: float) -> None:
        number = self.world.requests + 1
        self.world.at_request[number] = Mischief(kind, number, lasts if kind == "pause" else 0.0)
        self.pass_time(1.0)

    @rule(
        kind=st.sampled_from(
            ("drop", "accept then drop", "late accept", "refuse", "not sent", "reject later")
        )
    )
    def at_the_next_call(self, kind: str) -> None:
        self.world.at_call[self.world.calls + 1] = Mischief(kind, self.world.calls + 1)
        self.pass_time(1.0)

    @rule(units=st.integers(1, 5))
    def fill_something(self, units: int) -> None:
        live = [number for number, resting in self.world.exchange.orders.items() if resting.is_live]
        if live:
            self.world.exchange.fill(live[-1], units)

    @invariant()
    def nothing_is_sent_twice_or_filled_beyond(self) -> None:
        if not hasattr(self, "world"):
            return
        arrivals = self.world.exchange.arrivals
        assert len(arrivals) == len(set(arrivals))
        for work in self.world.store.works.values():
            ledger = self.world.ledger
            assert ledger.filled(work) <= work.order.quantity or ledger.has_raced(work)

    def teardown(self) -> None:
        """Whatever has happened: after the day every order has ended truthfully, or waits for a person."""
        if hasattr(self, "world"):
            self.world.run_until(HORIZON_SECONDS)
            assert list(judged(self.world)) == []


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=25)
