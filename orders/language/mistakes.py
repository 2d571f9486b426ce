"""From a refusal to a mistake: the word at fault, what could stand there, an example that works."""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Final

from lark import UnexpectedInput, UnexpectedToken

from .expiry_words import read_words
from .help import EXAMPLE_OF, EXAMPLE_OF_EXIT, EXAMPLE_OF_SHAPE, fill
from .proposals import ACTIONS, Day
from .slip import Slip
from .slots import SLOTS, Slot, slot_of
from .spelling import LONGEST_WORD, SECOND_COMMAND, known_slip, nearest_word
from .ticket import Mistake
from .values import Command

Reader = Callable[[str, Day], Command]
LONGEST_EXAMPLE = 500  # characters looked through for a shape
EXITS: Final = frozenset({"sl", "tp", "stop", "target"})
_STRIKES: Final = re.compile(r"[\d.]+[cp]?(?:/[\d.]+[cp]?){1,3}", re.ASCII)
_WORD: Final = re.compile(r"@|[^\s@]+")


def explain(text: str, error: UnexpectedInput) -> Slip:
    """Return what the parser's refusal means to a trader."""
    if not text.strip():
        return Slip(0, len(text), "There is nothing to read.", expected=SLOTS[0][1].expected)
    accepted = _accepted(error)
    slot = slot_of(accepted, text.split(maxsplit=1)[0].lower())
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        end = len(text.rstrip())
        message = (
            f"{slot.question} The command ends here." if slot.question else "The command ends too early."
        )
        return Slip(end, end, message, expected=slot.expected, sample=slot.sample)
    found = _WORD.search(text, error.pos_in_stream or 0)
    start, end = found.span() if found else (0, len(text))
    return _explain_word(text, start, end, accepted, slot)


def mistake(text: str, slip: Slip, day: Day, read: Reader) -> Mistake:
    """Return the mistake a slip is, with an example made of the trader's own words where one works."""
    mended = (tried for tried in _mended(text, slip, day) if _reads(tried, day, read))
    return Mistake(
        text,
        slip.start,
        slip.end,
        slip.message,
        expected=slip.expected,
        suggestion=slip.suggestion,
        example=slip.example or next(mended, "") or fill(_example(text), day.today, day.calendar),
    )


def _explain_word(text: str, start: int, end: int, accepted: set[str], slot: Slot) -> Slip:
    word = text[start:end]
    if known := known_slip(text[:start], word.rstrip(","), accepted):
        message, suggestion = known
        return Slip(
            start,
            end,
            message,
            expected=slot.expected,
            suggestion=suggestion,
            sample=slot.sample,
            spare=message == SECOND_COMMAND,
        )
    shown = word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"
    near = nearest_word(word, accepted)
    if near or "CLOSE" in accepted:
        message = f"`{shown}` is no command." if "CLOSE" in accepted else f"`{shown}` is not known here."
        return Slip(start, end, message, expected=slot.expected, suggestion=near)
    message = (
        f"{slot.question} `{shown}` stands there." if slot.question else f"`{shown}` has no meaning here."
    )
    spare = not slot.question and "EXPIRIES" not in accepted
    return Slip(start, end, message, expected=slot.expected, sample=slot.sample, spare=spare)


def _accepted(error: UnexpectedInput) -> set[str]:
    """Return the names of the terminals that could have stood there."""
    return {str(name) for name in getattr(error, "expected", None) or getattr(error, "allowed", None) or ()}


def _mended(text: str, slip: Slip, day: Day) -> Iterator[str]:
    """Yield the trader's text with the slip mended: by the suggestion, a sample before it, or one instead."""
    before, word, behind = text[: slip.start], text[slip.start : slip.end], text[slip.end :]
    sample = fill(slip.sample, day.today, day.calendar)
    if slip.suggestion:
        yield f"{before}{slip.suggestion}{behind}".strip()
    elif sample and not word:
        yield f"{before} {sample}"
    elif sample:
        yield f"{before}{sample} {word}{behind}".strip()
        yield f"{before}{sample}{behind}".strip()
    if slip.spare:
        yield before.strip()


def _reads(text: str, day: Day, read: Reader) -> bool:
    try:
        read(text, day)
    except Slip:
        return False
    return True


def _example(text: str) -> str:
    """Return the example nearest to what was begun: of its shape, else of its first word."""
    words = text[:LONGEST_EXAMPLE].lower().split()
    strikes = ("vertical" for word in words if _STRIKES.fullmatch(word) and not read_words(word))
    shape = next((word for word in words if word in EXAMPLE_OF_SHAPE), next(strikes, ""))
    if shape and words[0] in {*ACTIONS, *EXAMPLE_OF_SHAPE}:
        return EXAMPLE_OF_SHAPE[shape]
    if EXITS & set(words) and words[0] in EXAMPLE_OF_EXIT:
        return EXAMPLE_OF_EXIT[words[0]]
    near = get_close_matches(words[0][:LONGEST_WORD], EXAMPLE_OF, n=1) if words else []
    return EXAMPLE_OF[near[0] if near else "bto"]
