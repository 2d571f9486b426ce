"""Who and what the practice Discord holds, under ids that never change.

Plain constants, so that the desk's practice rows can name them. Every id is a valid snowflake
of 2026-01-05 14:30:00 UTC; its last three digits tell guild (001), channels (1xx), roles (2xx),
people and bots (3xx) and direct-message channels (4xx) apart.
"""

from dataclasses import dataclass
from typing import Final

GUILD_ID: Final = 1457742938112000001
GUILD_NAME: Final = "The desk"

CHANNELS: Final[dict[str, int]] = {
    "orders": 1457742938112000101,  # the desk's
    "alerts": 1457742938112000102,
    "lobby": 1457742938112000103,  # never on the allow-list
}
TOPICS: Final[dict[str, str]] = {
    "orders": "Orders for the desk. !tt help says how.",
    "alerts": "Alerts as they come in.",
    "lobby": "Talk. The desk does not listen here.",
}

EVERYONE_ID: Final = GUILD_ID  # Discord gives @everyone the id of its guild
ROLES: Final[dict[str, int]] = {
    "@everyone": EVERYONE_ID,
    "Approvers": 1457742938112000201,
    "Traders": 1457742938112000202,
}


@dataclass(frozen=True)
class Member:
    """One person or bot of the guild."""

    id: int
    username: str  # unique, lower case: what the control API and the page call them
    name: str  # shown
    role_ids: tuple[int, ...] = ()
    is_bot: bool = False
    colour: int = 0x5865F2  # of the avatar on the page


MEMBERS: Final[dict[str, Member]] = {
    member.username: member
    for member in (
        Member(1457742938112000301, "tessa", "Tessa Trader", (ROLES["Traders"],), colour=0x3BA55C),
        Member(1457742938112000302, "theo", "Theo Trader", (ROLES["Traders"],), colour=0xD9822B),
        Member(1457742938112000303, "ada", "Ada Approver", (ROLES["Approvers"],), colour=0x9B59D0),
        Member(
            1457742938112000304, "bea", "Boss Bea", (ROLES["Traders"], ROLES["Approvers"]), colour=0xE0567A
        ),
        Member(1457742938112000305, "desk", "Desk", is_bot=True, colour=0x5865F2),
        Member(1457742938112000306, "newsbot", "NewsBot", is_bot=True, colour=0x2A9FBF),
    )
}
PEOPLE: Final = tuple(member for member in MEMBERS.values() if not member.is_bot)
OWNER: Final = MEMBERS["bea"]

BOT: Final = MEMBERS["desk"]
APPLICATION_ID: Final = BOT.id  # one number for both, as Discord does for every newer application
BOT_TOKEN: Final = "practice-bot-token"  # noqa: S105 - public on purpose: it opens nothing but practice

# The direct-message channel of each person with the desk's bot.
DM_CHANNELS: Final[dict[str, int]] = {
    person.username: 1457742938112000401 + n for n, person in enumerate(PEOPLE)
}
