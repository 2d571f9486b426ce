"""The small words between a cue and its number: `stop at`, `target is around`."""

from .evidence import Evidence
from .tokens import Kind

_LONGEST_LINK = 4


def skip_links(ev: Evidence, at: int, links: frozenset[str]) -> int:
    """Return the place behind the linking words that begin here."""
    here = at
    while here < len(ev.tokens) and here - at < _LONGEST_LINK and ev.tokens[here].word in links:
        if ev.tokens[here].kind is Kind.LINE:
            break
        here += 1
    return here
