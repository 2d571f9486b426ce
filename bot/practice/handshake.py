"""How a gateway session begins: who may identify, and what READY tells."""

from typing import Any

from bot.practice import wire, world
from bot.practice.intents import KNOWN, MEMBERS, refused
from bot.practice.knobs import GatewayKnobs
from bot.practice.messages import JSON
from bot.practice.sessions import Session

__all__ = ["MEMBERS", "CloseGateway", "check_identify", "check_token", "members_chunk", "ready"]


class CloseGateway(Exception):
    """The server ends the connection with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"gateway closes with {code}")
        self.code = code


def check_token(data: JSON, knobs: GatewayKnobs) -> None:
    """Refuse a planned close (its code) and a wrong token (4004)."""
    if knobs.close_before_ready:
        raise CloseGateway(knobs.close_before_ready.pop(0))
    if data.get("token") != world.BOT_TOKEN:
        raise CloseGateway(4004)


def check_identify(data: JSON, knobs: GatewayKnobs) -> None:
    """Refuse what `check_token` does, unknown intents (4013) and intents without permission (4014)."""
    check_token(data, knobs)
    intents = data.get("intents")
    if not isinstance(intents, int) or intents & ~KNOWN:
        raise CloseGateway(4013)
    if refused(intents, knobs.application_flags):
        raise CloseGateway(4014)


def ready(session: Session, resume_url: str, flags: int, shard: Any) -> JSON:
    """Return READY: who the bot is, and the guild that GUILD_CREATE will bring."""
    payload: JSON = {
        "v": 10,
        "user": wire.user(world.BOT) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
        "guilds": [{"id": str(world.GUILD_ID), "unavailable": True}],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "application": {"id": str(world.APPLICATION_ID), "flags": flags},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "user_settings": {},
        "_trace": ["practice"],
    }
    return payload | {"shard": shard} if shard else payload


def members_chunk(request: JSON) -> JSON:
    """Answer op 8: the members asked for by id or by the beginning of their names."""
    wanted = request.get("user_ids")
    if wanted is None:
        query = str(request.get("query") or "").lower()
        found = [person for person in world.MEMBERS.values() if person.username.startswith(query)]
        missing: list[str] = []
    else:
        ids = [int(i) for i in (wanted if isinstance(wanted, list) else [wanted])]
        found = [wire.MEMBER_BY_ID[i] for i in ids if i in wire.MEMBER_BY_ID]
        missing = [str(i) for i in ids if i not in wire.MEMBER_BY_ID]
    payload: JSON = {
        "guild_id": str(world.GUILD_ID),
        "members": [wire.member(person) for person in found[: int(request.get("limit") or 0) or None]],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": missing,
        "presences": [],
    }
    return payload | {"nonce": request["nonce"]} if request.get("nonce") is not None else payload
