"""The chain of an order's events: each holds the digest of the one before, the order that of the last. Pure.

Whoever changes one row has to change every row after it and the order's head; what was said of the heads
elsewhere, in a daily digest that is posted, he cannot change.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def digest_of(previous: str, content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's content and of the digest before it, in hex."""
    text = json.dumps([previous, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One row as it is stored, and the digest that its content has now."""

    sequence: int
    previous: str
    digest: str
    actual: str


@dataclass(frozen=True, slots=True)
class Pin:
    """What was once said of a chain: its head then, and where it was said."""

    where: str
    sequence: int
    head: str


def faults(links: Sequence[Link], *, head: str, last: int, pins: Sequence[Pin] = ()) -> Iterator[str]:
    """Yield one sentence for every row that is altered, missing or cut.

    `links` by sequence; `head` and `last` are what the order says of its newest row.
    """
    before, expected = "", 1
    for link in links:
        yield from _gap(expected, link.sequence)
        if link.actual != link.digest:
            yield f"row {link.sequence} was altered"
        elif link.previous != before and link.sequence == expected:
            yield f"row {link.sequence} does not follow from the row before it: one of them was altered"
        before, expected = link.digest, link.sequence + 1
    yield from _gap(expected, last + 1)
    if head != before and expected == last + 1:
        yield f"row {last} is not the one that the order has as its head: one of them was altered"
    yield from _unpinned({link.sequence: link.digest for link in links}, pins)


def _gap(expected: int, found: int) -> Iterator[str]:
    if found > expected:
        which = f"row {expected} is" if found == expected + 1 else f"rows {expected} to {found - 1} are"
        yield f"{which} missing"


def _unpinned(digests: Mapping[int, str], pins: Sequence[Pin]) -> Iterator[str]:
    for pin in pins:
        if pin.sequence not in digests:
            yield f"row {pin.sequence} is missing: {pin.where} holds it"
        elif digests[pin.sequence] != pin.head:
            yield f"row {pin.sequence} or one before it was altered: {pin.where} holds another digest of it"
