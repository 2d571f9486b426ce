"""What the plays came to is added up by fault, and the page in the docs has all of them."""

import re

from tests.chaos import exchange_faults, process_faults, server_faults, version_faults  # noqa: F401 -- the table
from tests.chaos.matrix import plays, title
from tests.chaos.results import PAGE, Result, keep, kept, table


def test_a_play_is_kept_where_the_environment_says(tmp_path, monkeypatch):
    file = tmp_path / "results.jsonl"
    result = Result("the queue emptied", 1, 0, 0, 2.5)
    monkeypatch.setenv("CHAOS_RESULTS", str(file))

    keep(result)
    keep(result)

    assert kept(file) == [result, result]
    assert kept(tmp_path / "none") == []


def test_the_table_adds_up_each_fault():
    plays = [
        Result("b", 2, 0, 1, 1.0),
        Result("a", 1, 0, 0, 2.0),
        Result("b", 3, 1, 0, 4.0),
        Result("b", 1, 0, 0, 2.0),
    ]

    assert table(plays).splitlines()[2:] == ["| a | 1 | 0 | 0 | 2.0 | 2.0 |", "| b | 6 | 1 | 1 | 2.0 | 4.0 |"]


def test_the_page_of_faults_has_every_fault_and_none_that_is_gone():
    told = set(re.findall(r"^\| (.+?) \| \d", PAGE.read_text(), re.MULTILINE))

    assert told == {title(*each) for each in plays()}, "run: make chaos SHORT=1 PAGE=1"
