"""Every fault against a running desk: nothing is lost and nothing is doubled. `make chaos` runs it."""

import os
import random
from pathlib import Path

import pytest

from orders.enums import WalkMethod
from tests.chaos import exchange_faults, process_faults, server_faults, version_faults  # noqa: F401 -- the table
from tests.chaos.desks import Late
from tests.chaos.ground import ORDERS, RECOVERED_SECONDS, ground
from tests.chaos.matrix import FAULTS, MOST_PLACEMENTS, QUEUES, part, title
from tests.chaos.results import Result, keep, kept
from tests.surroundings import needs

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(1500)]
SEED = os.environ.get("CHAOS_SEED", "1")
# The plays of one desk, or all of them one after the other.
PARTS = [named] if (named := os.environ.get("CHAOS_PART")) else list(QUEUES)
DONE = {each.fault for each in kept(Path(os.environ["CHAOS_DONE"]))} if "CHAOS_DONE" in os.environ else set()
PLAYS = [each for named in PARTS for each in part(named, SEED) if title(*each) not in DONE]


@pytest.fixture(scope="module")
def played(request, tmp_path_factory):
    with needs(ground(tmp_path_factory.mktemp("desk"), QUEUES[request.param])) as found:
        yield found


@pytest.mark.parametrize(("played", "name"), PLAYS, indirect=["played"], scope="module")
def test_nothing_is_lost_and_nothing_is_doubled(played, name):
    played.chance = random.Random(f"{SEED} {name}")
    played.inside.told("walk_by", WalkMethod.REPLACE if "replacement" in name else WalkMethod.CANCEL_RESUBMIT)
    try:
        play(played, name)
    except Late as late:  # once, and only where in the end all of it has come and nothing is wrong
        print(f"once more, it was late: {late}")
        played.calm()
        assert (played.broken(), played.sent_twice(), played.unsettled()) == ([], 0, [])
        assert max(played.accepted()) <= MOST_PLACEMENTS
        play(played, name)


def play(played, name):
    fault = FAULTS[name]
    played.ask(fault.quantity, fault.wait_seconds)

    injected = fault.play(played)
    seconds, filled, broken = played.recover(), played.filled(), played.broken()

    lost = len([each for each in broken if each.endswith("the desk None")])
    doubled = sum(max(each - fault.quantity, 0) for each in filled) + played.sent_twice()
    keep(Result(title(played.servers["queue"].name, name), injected, lost, doubled, seconds))
    assert injected > 0
    assert (lost, broken, doubled) == (0, [], 0)
    assert max(played.accepted()) <= MOST_PLACEMENTS
    if seconds > RECOVERED_SECONDS:
        raise Late(f"{seconds:.0f} s until both books agreed and every message said Filled")
    assert filled == [fault.quantity] * ORDERS
    if fault.placements is not None:
        assert played.accepted() == [fault.placements] * ORDERS
