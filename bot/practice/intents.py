"""The gateway's intents: which events a session hears, and which of them need permission."""

from enum import Enum

GUILDS = 1 << 0
MEMBERS = 1 << 1
PRESENCES = 1 << 8
MESSAGE_CONTENT = 1 << 15

# Bits 0-16, 20, 21, 24 and 25 have a meaning; any other makes Discord close with 4013.
KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25

# Each privileged intent, with the application flags of which one allows it.
PRIVILEGED = {
    PRESENCES: 1 << 12 | 1 << 13,
    MEMBERS: 1 << 14 | 1 << 15,
    MESSAGE_CONTENT: 1 << 18 | 1 << 19,
}
ALL_ALLOWED = 1 << 13 | 1 << 15 | 1 << 19  # the "limited" flags, as an application in few guilds has


class Kind(Enum):
    """What happens in a channel."""

    MESSAGES = "messages"  # created, edited, deleted
    REACTIONS = "reactions"  # added, removed
    TYPING = "typing"  # someone writes


GUILD = {Kind.MESSAGES: 1 << 9, Kind.REACTIONS: 1 << 10, Kind.TYPING: 1 << 11}
DIRECT = {Kind.MESSAGES: 1 << 12, Kind.REACTIONS: 1 << 13, Kind.TYPING: 1 << 14}


def refused(intents: int, application_flags: int) -> int:
    """Return the privileged intents asked for that the application's flags do not allow."""
    return sum(bit for bit, flags in PRIVILEGED.items() if intents & bit and not application_flags & flags)
