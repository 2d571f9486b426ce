"""Every mistake as a person reads it: `mistakes.txt` holds the answers, their first line being what was typed."""

from datetime import datetime
from pathlib import Path

import pytest

from orders.language.calendar import NEW_YORK
from orders.language.showing import show_mistake
from orders.language.ticket import Mistake

from .reading import parse

ANSWERS = (Path(__file__).parent / "mistakes.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.split("\n", 1)[0] for answer in ANSWERS])
def test_a_mistake_is_answered_word_for_word(answer):
    typed = answer.split("\n", 1)[0]

    assert show_mistake(parse(typed)) == answer


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.split("\n", 1)[0] for answer in ANSWERS])
def test_the_example_of_a_mistake_is_a_command(answer):
    mistake = parse(answer.split("\n", 1)[0])

    assert not isinstance(parse(mistake.example), Mistake)


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.split("\n", 1)[0] for answer in ANSWERS])
def test_a_mistake_says_what_was_expected_or_where_the_word_belongs(answer):
    mistake = parse(answer.split("\n", 1)[0])

    assert mistake.expected != "" or " belongs to " in mistake.message


def test_a_suggestion_in_place_of_the_word_mends_the_command():
    mended = []
    for answer in ANSWERS:
        mistake = parse(answer.split("\n", 1)[0])
        if mistake.suggestion:
            text = f"{mistake.text[: mistake.start]}{mistake.suggestion}{mistake.text[mistake.end :]}"
            mended.append((text, parse(text)))

    again = [text for text, found in mended if isinstance(found, Mistake) and found.start <= text.find(" ")]
    assert (len(mended) >= 20, again) == (True, [])


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u00a0"])
def test_nothing_typed_is_answered_with_an_example(text):
    mistake = parse(text)

    assert (mistake.message, mistake.example) == (
        "There is nothing to read.",
        "bto 2 SPY 18dec 600c @ 1.25 max 1.40",
    )


def test_a_text_too_long_is_not_read():
    mistake = parse(f"bto 2 SPY 18dec 600c {'wait 20s ' * 100}")

    assert (mistake.start, mistake.message) == (500, "A command is at most 500 characters long.")


def test_the_caret_of_a_command_over_several_lines_stands_under_its_line():
    mistake = parse("bto 2 SPY 18dec 600c\n@ 1,25 day")

    assert mistake.pointing() == "@ 1,25 day\n  ^^^^"


def test_a_long_word_is_shown_in_part():
    assert parse("b" * 400).message == f"`{'b' * 24}…` is no command."


def test_examples_name_expiries_that_are_still_to_come():
    later = datetime(2027, 6, 14, 10, tzinfo=NEW_YORK)

    example = parse("bto 2 SPY foo", later).example

    assert example == "bto 2 SPY 16jul 600c @ 1.25 max 1.40"
    assert not isinstance(parse(example, later), Mistake)
