"""The shared corpus of 236 messages, where it lies beside this checkout; scored by its own script."""

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from orders.language.alerts import read_alert
from orders.language.calendar import NEW_YORK, NYSE

FOLDER = Path(__file__).parents[5] / "shared" / "alerts"
POSTED = datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)  # of rows that do not say, by the corpus' own page

pytestmark = pytest.mark.skipif(
    not (FOLDER / "alerts.jsonl").exists(), reason="the shared alert corpus is not beside this checkout"
)

# Rows where the corpus contradicts itself or a careful clerk: they are referred, each for the reason given.
CONTRADICTED = {
    "a082": "332 for a 200 call: per share it is more than the strike, per contract the text does not say",
    "a105": "a fill notice, perhaps an echo of our own",
    "a127": "the stop stands above the entry of a long",
    "a133": "a stop report; the corpus refers the same words of AMD in a111",
    "a147": "a stop report; closes by symbol alone are of the position elsewhere, of shares here",
    "a191": "SELL without open or close; the corpus reads a158 the other way",
}


def rows():
    lines = (FOLDER / "alerts.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def posted(row):
    at = datetime.fromisoformat(row["posted"]) if row.get("posted") else POSTED
    return at if at.tzinfo else at.replace(hour=at.hour or 10, tzinfo=NEW_YORK)


def read(row):
    return read_alert(row["msg"], embed_title=row.get("embed_title") or "", now=posted(row), calendar=NYSE)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    output = tmp_path_factory.mktemp("alerts") / "output.jsonl"
    output.write_text("".join(json.dumps(read(row).as_json()) + "\n" for row in rows()), "utf-8")
    command = [sys.executable, FOLDER / "score_alerts.py", FOLDER / "alerts.jsonl", output, "-v"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_corpus_has_its_236_rows():
    assert len(rows()) == 236


def test_nothing_is_silently_wrong(report):
    assert re.findall(r"^silently wrong: (\d+)$", report.stdout, re.MULTILINE) == ["0"]


def test_at_least_95_of_100_fully_specified_opens_are_right_and_the_scorer_passes(report):
    right, of = re.findall(r"opens: (\d+) of (\d+) right", report.stdout)[0]
    assert (int(right), int(of)) == (83, 87)
    assert report.stdout.splitlines()[-1] == "PASS"
    assert report.returncode == 0


def test_the_totals_are_these(report):
    total = next(line.split() for line in report.stdout.splitlines() if line.startswith("TOTAL"))
    assert total == ["TOTAL", "192", "43", "0", "0", "1", "236"]


def test_every_fully_specified_open_not_right_is_listed_with_its_reason(report):
    referred = set(re.findall(r"^(a\d{3}) referred", report.stdout, re.MULTILINE))
    assert set(CONTRADICTED) <= referred
    assert len(CONTRADICTED) <= 6
    specified = {row["id"] for row in rows() if is_fully_specified_open(row["expect"])}
    assert specified & referred == specified & set(CONTRADICTED)


def is_fully_specified_open(expect):
    single = not expect.get("orders") and not expect.get("legs")
    given = all(expect.get(key) is not None for key in ("type", "expiry", "price"))
    return expect["intent"] == "open" and single and given and expect.get("asset") != "option_spread"


def test_no_message_that_is_no_single_order_becomes_one_leg():
    for row in rows():
        reading = read(row)
        if row["expect"].get("legs") and reading.intent.is_order:
            assert all(len(order.legs) >= 2 for order in reading.orders), row["id"]
        if row["expect"]["intent"] in ("review", "noise", "update"):
            assert not reading.intent.is_order, row["id"]
