import io
import json

import pytest
from django.core.management import CommandError, call_command

POSTED = "2026-11-23T10:00-05:00"


def parse(*args):
    out = io.StringIO()
    call_command("parse", *args, f"--posted={POSTED}", stdout=out)
    return out.getvalue()


def parse_lines(monkeypatch, *lines):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    return [json.loads(line) for line in parse("--jsonl").splitlines()]


@pytest.mark.parametrize("prefix", ["", "!tt ", "/tt ", "!TT  "])
def test_a_command_is_printed_as_the_bot_would_answer(prefix):
    assert parse(f"{prefix}bto 2 SPY dec 600c @ 1.25") == (
        "Buy to open 2 SPY 18 Dec 2026 600 call at 1.25 or less.\nbto 2 SPY 18dec26 600c @ 1.25\n"
    )


def test_words_need_no_quotes():
    assert parse("cancel", "1042") == "Cancel order 1042.\n"


def test_a_mistake_is_printed_with_its_caret():
    assert parse("bto 2 SPY 18dce 600c").splitlines()[:3] == [
        "bto 2 SPY 18dce 600c",
        "          ^^^^^",
        "`18dce` is not known here.",
    ]


def test_nothing_to_read_is_an_error():
    with pytest.raises(CommandError, match="Say what to read"):
        parse()


def test_a_message_is_printed_as_its_reading():
    found = json.loads(parse("--alert", "BTO 2 SPY 600c 12/18 @ 1.25"))

    assert (found["intent"], found["symbol"], found["price"]) == ("open", "SPY", 1.25)


ORDER = {
    "intent": "open",
    "action": "BTO",
    "qty": 2,
    "symbol": "SPY",
    "asset": "option",
    "strike": 600,
    "type": "C",
    "expiry": "2026-12-18",
    "price": 1.25,
    "targets": [2.5],
    "stop": 0.8,
    "legs": None,
    "fraction": None,
    "reason": None,
}


def test_a_command_among_lines_is_an_object_with_every_key(monkeypatch):
    line = json.dumps({"msg": "!tt bto 2 SPY 18dec 600c @ 1.25 sl 0.8 tp 2.5", "posted": POSTED})

    assert parse_lines(monkeypatch, line) == [ORDER]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "stc 1 SPY 18dec 600.5p @ 2 min 1.5",
            {
                "intent": "close",
                "action": "STC",
                "qty": 1,
                "symbol": "SPY",
                "asset": "option",
                "strike": 600.5,
                "type": "P",
                "expiry": "2026-12-18",
                "price": 2,
            },
            id="a close",
        ),
        pytest.param(
            "buy 1 /ESZ6",
            {"intent": "open", "action": "BUY", "qty": 1, "symbol": "/ESZ6", "asset": "future"},
            id="a future",
        ),
        pytest.param(
            "sto 2 SPY 18dec 600/610c @ 3.20",
            {
                "intent": "open",
                "action": "STO",
                "qty": 2,
                "symbol": "SPY",
                "asset": "spread",
                "price": 3.2,
                "legs": [
                    {"action": "STO", "ratio": 1, "strike": 600, "type": "C", "expiry": "2026-12-18"},
                    {"action": "BTO", "ratio": 1, "strike": 610, "type": "C", "expiry": "2026-12-18"},
                ],
            },
            id="a spread",
        ),
        pytest.param("close 1042 half", {"intent": "trim", "fraction": 0.5}, id="half of a position"),
        pytest.param(
            "close 1042 qty 3 @ 2", {"intent": "trim", "qty": 3, "price": 2}, id="three of a position"
        ),
        pytest.param(
            "close SPY sl 590 tp 620",
            {
                "intent": "close",
                "symbol": "SPY",
                "asset": "stock",
                "fraction": 1,
                "stop": 590,
                "targets": [620],
            },
            id="a whole position",
        ),
        pytest.param("cancel 1042", {"intent": "update"}, id="a cancel"),
        pytest.param("amend 1042 max 1.45", {"intent": "update"}, id="a change"),
        pytest.param(
            "quote SPY", {"intent": "noise", "reason": "This asks and orders nothing."}, id="a question"
        ),
        pytest.param(
            "bto SPY", {"intent": "review", "reason": "How many? `SPY` stands there."}, id="a mistake"
        ),
    ],
)
def test_each_kind_of_command_has_its_intent(monkeypatch, text, expected):
    line = json.dumps({"msg": f"/tt {text}", "posted": POSTED})

    assert parse_lines(monkeypatch, line) == [dict.fromkeys(ORDER) | expected]


def test_a_line_without_a_prefix_is_read_as_an_alert(monkeypatch):
    line = json.dumps({"msg": "BTO 2 SPY 600c 12/18 @ 1.25", "posted": POSTED, "embed_title": None})

    (found,) = parse_lines(monkeypatch, line)

    assert found == ORDER | {"targets": None, "stop": None}


def test_lines_come_out_one_for_one_and_blank_ones_are_passed_over(monkeypatch):
    lines = [json.dumps({"msg": f"!tt cancel {n}"}) for n in (1, 2, 3)]

    assert len(parse_lines(monkeypatch, lines[0], "", lines[1], lines[2])) == 3


@pytest.mark.parametrize(
    "line", ["{", "[]", '"text"', "{}", '{"msg": "x", "posted": "yesterday"}', '{"msg": 1}']
)
def test_a_line_that_is_no_message_is_for_a_person_to_review(monkeypatch, line):
    (found,) = parse_lines(monkeypatch, line)

    assert found["intent"] == "review"
    assert found["reason"].startswith("The line is no message: ")


def test_posting_times_without_an_offset_are_new_yorks(monkeypatch):
    rows = [{"msg": "!tt bto 1 SPX 0dte 6000c", "posted": "2026-11-23T23:30"}]

    (found,) = parse_lines(monkeypatch, *map(json.dumps, rows))

    assert found["expiry"] == "2026-11-23"


def test_a_posting_time_that_is_none_is_an_error():
    with pytest.raises(CommandError, match="--posted"):
        call_command("parse", "cancel all", "--posted=yesterday")


def test_a_line_without_a_time_is_read_the_same_on_any_day(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"msg": "BTO 2 SPY 600c Fri @ 1.25"}'))
    out = io.StringIO()

    call_command("parse", "--jsonl", stdout=out)

    assert json.loads(out.getvalue())["expiry"] == "2026-11-27"
