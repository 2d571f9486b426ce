"""kill -9 in the middle of a walk: nothing is lost, nothing is doubled, and the message still tells."""

import pytest
from django.utils import timezone

from desk.running.demo_day import Contracts, never, now, still
from desk.running.tenancy import command_of
from desk.running.welcome import example_expiry, example_listed
from tests.chaos.desks import running_desk, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
VICTIMS = {"worker": 600, "bot": 601, "streamer": 602, "queue": 603, "beat": 604}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with running_desk(tmp_path_factory.mktemp("desk")) as started:
        yield started


@pytest.mark.parametrize(("victim", "strike"), VICTIMS.items(), ids=VICTIMS)
def test_a_walk_survives_the_kill(desk, victim, strike):
    today = timezone.localdate()
    contracts = Contracts(example_expiry(today), example_listed(today))
    symbol, stage = contracts.symbol(strike), desk.stage()
    stage.exchange.set_faults(never(symbol), still(symbol))
    reply = stage.ask("tessa", f"!tt bto 2 {contracts.word(strike)} wait 2s")
    stage.approve("ada", reply)

    desk.kill(victim)

    sent = wait_until(
        lambda: (found := stage.exchange.placements_of(reply.order_id))[1:] and found, "the second price", 60
    )
    stage.exchange.set_faults(now(symbol))
    stage.shows(reply, "Filled 2", seconds=60)
    assert len({each["external_identifier"] for each in sent}) == len(sent)
    assert desk.differences() == []


def test_a_killed_housekeeping_leaves_no_child_behind(desk):
    before = housekeepers(desk)
    assert len(before) > 1

    desk.kill("qcluster")

    wait_until(lambda: not before & housekeepers(desk), "its children to end")


def housekeepers(desk):
    """Return the cluster's processes, its sentinel and workers too."""
    return {pid for pid in desk.pids() if "manage.py qcluster" in command_of(pid)}
