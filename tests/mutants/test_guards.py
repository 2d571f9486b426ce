"""The table of guards is true: each stands where it says, once, and its tests are there."""

from pathlib import Path

import pytest

from tests.mutants.guards import GUARDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_where_the_table_says(guard):
    assert (ROOT / guard.path).read_text().count(guard.held) == 1
    assert [test for test in guard.tests if not (ROOT / test).exists()] == []
