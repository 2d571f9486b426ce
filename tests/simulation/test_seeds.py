"""Seeds that have failed once do not fail again."""

import pytest

from tests.simulation.plot import plot_of
from tests.simulation.seeds import PINNED
from tests.simulation.story import retold, shortest, tell


@pytest.mark.parametrize("pinned", PINNED, ids=lambda pinned: str(pinned.seed))
def test_a_pinned_seed_tells_its_story_and_violates_nothing(pinned):
    plot, lines = plot_of(pinned.seed), []

    violated = tell(plot, lines)

    assert violated == "", retold(shortest(plot))
    told = iter(lines)  # each is looked for behind the one before
    assert [shown for shown in pinned.shows if not any(shown in line for line in told)] == []
