"""Messages in many styles and what each says; the files under `messages/` are written to be read by a person."""

import pytest

from tests.orders.language.alerts.saying import MESSAGES, parts, read, rows, said

FILES = sorted(path.name for path in MESSAGES.glob("*.txt"))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(message, expected, id=f"{name.removesuffix('.txt')}-{message[:60]}")
        for name in FILES
        for message, expected in rows(name)
    ],
)
def test_the_message_says_this(message, expected):
    title, text = parts(message)
    assert said(read(text, title=title)) == expected


def test_the_files_hold_many_messages_and_none_twice():
    messages = [message for name in FILES for message, _ in rows(name)]
    assert len(messages) == len(set(messages))
    assert len(messages) >= 150
