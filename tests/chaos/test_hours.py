"""The exchange's real hours, with real processes: a half day's close, and the weeks in which New York changes its clocks.

The processes' clock is set by `clock/sitecustomize.py`; the exchange knows its sessions as the real ones are.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk.running.demo_day import Contracts, never, still
from desk.running.exchange_eye import is_placing
from desk.running.welcome import example_expiry, example_listed
from tests.chaos.desks import running_desk, wait_until

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(400)]
NEW_YORK = ZoneInfo("America/New_York")
STRIKE = 600
SEEN_SECONDS = 1.0  # until every process has looked at the clock: each does ten times a second


class Clock:
    """The time of day of one desk's processes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def set(self, moment: datetime) -> None:
        ahead = f"{(moment - datetime.now(UTC)).total_seconds():.3f}"
        new = self.file.with_suffix(".new")
        new.write_text(ahead)
        new.replace(self.file)  # nobody reads half of it
        time.sleep(SEEN_SECONDS)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text()))

    @property
    def told(self) -> dict[str, str]:
        return {"CHAOS_CLOCK": str(self.file), "PYTHONPATH": str(Path(__file__).with_name("clock"))}


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "clock")


def new_york(*parts):
    return datetime(*parts, tzinfo=NEW_YORK)


def asked(desk, moment):
    """Ask for an order that finds no market, and return its message."""
    contracts = Contracts(example_expiry(moment.date()), example_listed(moment.date()))
    symbol, stage = contracts.symbol(STRIKE), desk.stage()
    stage.exchange.set_faults(never(symbol), still(symbol))
    return stage.ask("tessa", f"!tt bto 2 {contracts.word(STRIKE)} wait 600s again")


def sent_at(desk):
    """Return when each request for an order reached the exchange."""
    requests = filter(is_placing, desk.stage().exchange.ledger()["requests"])
    return [datetime.fromisoformat(each["at"]) for each in requests]


def test_a_half_day_ends_early_and_nothing_is_sent_after_it(tmp_path, clock):
    ours = new_york(2026, 11, 27, 13)
    theirs = ours + timedelta(minutes=15)  # options on funds trade on a little
    clock.set(ours - timedelta(minutes=20))
    with running_desk(tmp_path / "var", options=("--market-hours",), **clock.told) as desk:
        clock.set(ours - timedelta(minutes=10))
        stage = desk.stage()
        reply = asked(desk, ours)
        stage.chat.press("ada", reply, "Approve")
        wait_until(lambda: sent_at(desk), "the order at the exchange", 60)

        clock.set(theirs - timedelta(seconds=2))

        stage.shows(reply, "Expired", seconds=90)
        late = asked(desk, ours)
        if "Approve" in late.buttons:
            stage.chat.press("ada", late, "Approve")
        time.sleep(5)  # absence takes its time: five sweeps
        assert [each for each in sent_at(desk) if each >= ours] == []
        assert len(sent_at(desk)) == 1
        assert desk.differences() == []


@pytest.mark.parametrize(
    ("opens", "as_utc"),
    [
        pytest.param(
            new_york(2026, 11, 2, 9, 30), datetime(2026, 11, 2, 14, 30, tzinfo=UTC), id="winter time"
        ),
        pytest.param(
            new_york(2027, 3, 15, 9, 30), datetime(2027, 3, 15, 13, 30, tzinfo=UTC), id="summer time"
        ),
    ],
)
def test_after_new_york_has_changed_its_clocks_the_first_order_leaves_at_the_open(
    tmp_path, clock, opens, as_utc
):
    clock.set(opens - timedelta(minutes=10))
    with running_desk(tmp_path / "var", options=("--market-hours",), **clock.told) as desk:
        reply = asked(desk, opens)
        desk.stage().chat.press("ada", reply, "Approve")
        desk.stage().shows(reply, "Approved", seconds=60)

        clock.set(opens - timedelta(seconds=5))

        first = wait_until(lambda: sent_at(desk), "the order at the exchange", 60)[0]
        assert as_utc <= first < as_utc + timedelta(seconds=30)
        assert desk.differences() == []
