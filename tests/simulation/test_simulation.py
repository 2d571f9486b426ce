"""Stories by seed: nothing is sent twice, nothing is lost, every order ends truthfully."""

import re

import pytest

from orders.machine import outcomes, readings
from tests.simulation.plot import AT_A_CALL, AT_A_REQUEST, AT_A_TIME, plot_of
from tests.simulation.story import retold, shortest, tell

STORIES = 300  # continuous integration adds 20,000 orders, see .ci/run


def first_violation(seeds):
    """Return the shortest failing story, told for people, or nothing."""
    failing = next((plot for plot in map(plot_of, seeds) if tell(plot)), None)
    return retold(shortest(failing)) if failing is not None else ""


@pytest.mark.parametrize("part", range(4))
def test_no_story_violates_an_invariant(part):
    assert first_violation(range(part, STORIES, 4)) == ""


def test_a_seed_tells_the_same_story_twice():
    told = [[], []]
    for lines in told:
        tell(plot_of(17), lines)

    assert told[0] == told[1]
    assert len(told[0]) > 10


def test_every_kind_of_mischief_happens_in_these_stories():
    seen = {mischief.kind for seed in range(STORIES) for mischief in plot_of(seed).mischief}

    assert seen == {*AT_A_REQUEST, *AT_A_CALL, *AT_A_TIME}


# --- the stories see what they are there for: a guard taken away is a violation --------------------


def test_an_unknown_outcome_taken_for_not_sent_is_found(monkeypatch):
    real = outcomes.verdict_of
    not_sent = lambda outcome: (readings.P.NOT_SENT, "") if real(outcome)[0] == "unknown" else real(outcome)  # noqa: E731
    monkeypatch.setattr(outcomes, "verdict_of", not_sent)

    assert re.search("VIOLATED: I[12]: ", first_violation(range(STORIES)))


def test_a_fill_that_is_dropped_is_found(monkeypatch):
    monkeypatch.setattr(readings, "add_fill", lambda work, placement, fill, *_: fill.fill_id.endswith("-9"))

    assert "VIOLATED: I5" in first_violation(range(STORIES))
