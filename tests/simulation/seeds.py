"""Seeds that have failed once, or catch a rule that is taken away. Each is played in every run of the suite.

A seed is pinned with what its story has to show, in this order: after a change of what is drawn it may tell
another one, and then a seed that tells this one has to take its place.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pinned:
    """A seed, what went wrong in it once, and by which lines its story is known."""

    seed: int
    why: str
    shows: tuple[str, ...]


PINNED = (
    Pinned(
        850,
        "the desk's own cancel ended a sleeping exit, its entry filled all the same, and nothing covered it",
        ("#4 placement cancelled", "#2 filled", "#4 entry filled", "#4 sending"),
    ),
    Pinned(
        4877,
        "an amended entry left with the exit of its first approval",
        ("#1 proposed", "#1 approved", "#2 sending"),
    ),
    Pinned(
        633,
        "a bundle that never arrived left its entry to a person, and its exit waiting",
        ("#2 placement not placed", "#1 placement not placed", "#1 parked"),
    ),
    Pinned(
        14936,
        "a worker that had lost its lease died, and its order was taken for an orphan",
        ("*** pause", "*** crash after", "#3 placement cancelled"),
    ),
    Pinned(
        29465,
        "the poll after a worker's death was left out as one that would see nothing new",
        ("*** crash before", "placement expired"),
    ),
    Pinned(
        34537,
        "an amended entry filled beyond its first bundle, and that bundle's exit was not placed anew",
        ("#1 proposed", "#1 filled", "#2 entry filled", "#2 sending"),
    ),
    Pinned(
        7496,
        "a halt without cancel was judged as one with it, for an older mass cancel had ended",
        ("*** halt with cancel", "#1 sending", "*** late accept", "*** halt at", "placement unknown"),
    ),
    Pinned(
        103610,
        "an order that had filled meanwhile was to be held, by a turn whose intent a limit had refused",
        ("*** pause", "#3 holding", "#3 fill", "#3 filled"),
    ),
    Pinned(
        1072,
        "catches an intent that is committed although an amendment was asked for since the decision",
        ("#1 amend asked", "#1 proposed", "#1 approved", "#1 sending"),
    ),
    Pinned(
        4742,
        "catches a mass cancel that does not wait for a request that may still arrive",
        ("*** late accept", "*** halt with cancel", "#2 placement unknown", "#2 fill"),
    ),
)
