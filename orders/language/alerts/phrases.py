"""Words that play one part together: `buy to open`, `stop loss`; and the whole of making tokens."""

from .joining import join_numbers
from .tokens import Kind, Token, scan
from .words import PHRASES, ROLES


def tokenise(text: str) -> list[Token]:
    """Return the tokens of a plain text. Raises TooLongError beyond `MOST`: half a message is never read."""
    return merge_phrases(join_numbers(scan(text)))


def merge_phrases(tokens: list[Token]) -> list[Token]:
    """Join words that play one part together: `buy to open`, `stop loss`."""
    merged: list[Token] = []
    at = 0
    while at < len(tokens):
        length, phrase = _phrase_at(tokens, at)
        if length:
            merged.append(tokens[at]._replace(text=phrase, word=phrase, role=ROLES[phrase]))
        else:
            merged.append(tokens[at])
        at += length or 1
    return merged


def _phrase_at(tokens: list[Token], at: int) -> tuple[int, str]:
    """Return how many tokens the longest phrase here takes, and the phrase; 0 where there is none."""
    first = tokens[at]
    if first.kind is not Kind.WORD:
        return 0, ""
    for words in PHRASES.get(first.word, ()):
        if length := _length_of(words, tokens, at):
            return length, " ".join(words)
    return 0, ""


def _length_of(words: tuple[str, ...], tokens: list[Token], at: int) -> int:
    """Return how many tokens the words take from here, hyphens between them included; 0 if they differ."""
    here = at
    for place, word in enumerate(words):
        if place and here < len(tokens) and tokens[here].text == "-":
            here += 1
        if here >= len(tokens) or tokens[here].word != word:
            return 0
        here += 1
    return here - at
