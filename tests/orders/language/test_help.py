from datetime import date, timedelta

import pytest

from orders.language.calendar import NYSE
from orders.language.help import EXAMPLE_OF, EXAMPLE_OF_EXIT, EXAMPLE_OF_SHAPE, TOPICS, WORDS, fill, help_text
from orders.language.ticket import Mistake

from .reading import NOW, parse

EXAMPLES = sorted(
    {example for topic in TOPICS.values() for example in topic.examples}
    | {*EXAMPLE_OF.values(), *EXAMPLE_OF_EXIT.values(), *EXAMPLE_OF_SHAPE.values()}
)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_command(text):
    assert not isinstance(parse(text), Mistake)


@pytest.mark.parametrize("ahead", range(0, 400, 9))
def test_examples_stay_commands_whatever_the_day(ahead):
    now = NOW + timedelta(days=ahead)
    filled = [fill(example, now.date(), NYSE) for example in EXAMPLES]

    assert [text for text in filled if isinstance(parse(text, now), Mistake)] == []


def test_examples_name_the_monthlies_to_come():
    text = fill("bto 1 SPY 18dec/15jan 600c", date(2026, 12, 15), NYSE)

    assert text == "bto 1 SPY 15jan/19feb 600c"


@pytest.mark.parametrize("topic", ["", *sorted(WORDS)])
def test_help_fits_one_message(topic):
    assert 0 < len(help_text(topic)) <= 1900


def test_every_topic_stands_in_the_overview():
    assert [line.split()[0] for line in help_text().splitlines()] == list(TOPICS)


def test_the_overview_fits_a_phone():
    assert max(map(len, help_text().splitlines())) <= 36


def test_help_on_a_word_is_the_page_of_its_topic():
    assert help_text("Iron  Condor") == help_text("spreads")
    assert help_text("cancel") == "cancel: Cancel one order, or all of your own.\n  cancel 1042\n  cancel all"


def test_help_on_an_unknown_word_is_the_overview():
    assert help_text("weather") == help_text()
