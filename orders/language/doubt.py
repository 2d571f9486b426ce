"""Why a word is not one certain thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that could not be read with certainty; never raised, always returned.

    `message` is one sentence for a person; `spellings` are words that leave no doubt, best first.
    """

    message: str
    spellings: tuple[str, ...] = ()
