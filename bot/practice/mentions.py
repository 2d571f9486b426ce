"""Who a message calls: <@user>, <@&role>, @everyone, narrowed by `allowed_mentions`."""

import re
from dataclasses import dataclass
from typing import Any

from bot.practice import world
from bot.practice.messages import JSON

USER = re.compile(r"<@!?(\d{17,20})>")
ROLE = re.compile(r"<@&(\d{17,20})>")
EVERYONE = re.compile(r"@(everyone|here)\b")
KNOWN_USERS = {member.id for member in world.MEMBERS.values()}
KNOWN_ROLES = set(world.ROLES.values())


@dataclass(frozen=True)
class Mentions:
    """The people and roles that a message pings."""

    user_ids: list[int]
    role_ids: list[int]
    everyone: bool


def mentions_of(content: str, allowed: JSON | None, replied_author: int | None) -> Mentions:
    """Return whom the text pings; without `allowed` everything written in it does.

    Source: Discord's "allowed mentions object". A reply pings its author unless `replied_user` is false;
    with `allowed` given, only when it is true.
    """
    users = [int(found) for found in dict.fromkeys(USER.findall(content)) if int(found) in KNOWN_USERS]
    roles = [int(found) for found in dict.fromkeys(ROLE.findall(content)) if int(found) in KNOWN_ROLES]
    everyone = bool(EVERYONE.search(content))
    if allowed is not None:
        users = _allowed(users, allowed, "users")
        roles = _allowed(roles, allowed, "roles")
        everyone = everyone and "everyone" in (allowed.get("parse") or [])
    if replied_author is not None and (allowed is None or allowed.get("replied_user")):
        users = list(dict.fromkeys([*users, replied_author]))
    return Mentions(users, roles, everyone)


def _allowed(ids: list[int], allowed: JSON, kind: str) -> list[int]:
    if kind in (allowed.get("parse") or []):
        return ids
    named: list[Any] = allowed.get(kind) or []
    return [i for i in ids if i in {int(value) for value in named}]
