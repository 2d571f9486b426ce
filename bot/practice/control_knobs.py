"""Control API, faults: what goes wrong, how fast one may send, and how the gateway behaves."""

from dataclasses import asdict, fields
from typing import Any

from bot.practice.control_words import ControlError, control, need
from bot.practice.knobs import GatewayKnobs, InteractionKnobs
from bot.practice.limits import DISCORD_RULES, Rule
from bot.practice.messages import JSON
from bot.practice.practice import Practice

UNLIMITED = Rule(1_000_000, 1.0)


async def faults(practice: Practice, _: JSON) -> Any:
    """List the planned faults."""
    return [asdict(fault) for fault in practice.faults.queue]


async def add_fault(practice: Practice, words: JSON) -> Any:
    """Plan a fault; see `faults.Fault` for its keys."""
    try:
        return asdict(practice.faults.add(words))
    except ValueError as problem:
        raise ControlError(str(problem)) from problem


async def clear_faults(practice: Practice, _: JSON) -> Any:
    """Drop all planned faults."""
    practice.faults.queue.clear()
    return []


async def limits(practice: Practice, words: JSON) -> Any:
    """Set the rate limits: `off`, `discord`, or `rules` {"POST /channels/…": [limit, seconds]}."""
    mode = words.get("mode")
    if mode == "off":
        practice.limits.set({}, default=UNLIMITED)
    elif mode == "discord":
        practice.limits.set(dict(DISCORD_RULES))
    elif mode is not None:
        raise ControlError(f"no mode {mode!r}; there are off and discord")
    if words.get("rules"):
        given = {route: Rule(int(n), float(s)) for route, (n, s) in words["rules"].items()}
        practice.limits.set(practice.limits.rules | given, default=practice.limits.default)
    rules = {route: [rule.limit, rule.seconds] for route, rule in practice.limits.rules.items()}
    return {"rules": rules, "default": [practice.limits.default.limit, practice.limits.default.seconds]}


async def gateway(practice: Practice, words: JSON) -> Any:
    """Turn the gateway's knobs (see `knobs.GatewayKnobs`); `down` also cuts who is connected."""
    _turn(practice.gateway, words)
    if words.get("down"):
        _abort_all(practice)
    return asdict(practice.gateway)


async def interaction_knobs(practice: Practice, words: JSON) -> Any:
    """Turn the deadlines of interactions (see `knobs.InteractionKnobs`)."""
    _turn(practice.interaction_knobs, words)
    return asdict(practice.interaction_knobs)


async def reset(practice: Practice, _: JSON) -> Any:
    """Begin anew without a restart: no messages, threads, faults or log, every knob as it was."""
    practice.store.clear()
    practice.chat.channels.forget_threads()
    practice.requests.clear()
    practice.faults.queue.clear()
    practice.limits.set(dict(DISCORD_RULES))
    vars(practice.gateway).update(vars(GatewayKnobs()))
    vars(practice.interaction_knobs).update(vars(InteractionKnobs()))
    practice.page.publish({"type": "reload"})
    return {}


async def act(practice: Practice, words: JSON) -> Any:
    """Do something to the connected bot.

    `action` is reconnect (op 7), invalid (op 9, `resumable`), close (`code`), abort (cut the TCP
    connection), beat (op 1, ask for a heartbeat) or forget (lose all sessions, so that a resume fails).
    """
    action = need(words, "action")
    reached = len(practice.connections)
    if action == "forget":
        practice.sessions.forget()
    elif action == "abort":
        _abort_all(practice)
    elif action == "close":
        code = int(need(words, "code"))
        for connection in practice.connections:
            connection.close(code)
    else:
        _send_all(practice, str(action), resumable=bool(words.get("resumable")))
    return {"connections": reached}


def _send_all(practice: Practice, action: str, *, resumable: bool) -> None:
    frames: dict[str, JSON] = {
        "reconnect": {"op": 7, "s": None, "t": None, "d": None},
        "invalid": {"op": 9, "s": None, "t": None, "d": resumable},
        "beat": {"op": 1, "s": None, "t": None, "d": None},
    }
    if action not in frames:
        raise ControlError(f"no action {action!r}; there are {sorted([*frames, 'close', 'abort', 'forget'])}")
    for connection in practice.connections:
        connection.send(frames[action])


def _abort_all(practice: Practice) -> None:
    for connection in list(practice.connections):
        practice.abort(connection.client)


def _turn(knobs: GatewayKnobs | InteractionKnobs, words: JSON) -> None:
    known = {f.name for f in fields(knobs)}
    if unknown := set(words) - known:
        raise ControlError(f"unknown knobs {sorted(unknown)}; there are {sorted(known)}")
    for name, value in words.items():
        setattr(knobs, name, value)


routes = [
    control("POST", "/reset", reset),
    control("GET", "/faults", faults),
    control("POST", "/faults", add_fault),
    control("DELETE", "/faults", clear_faults),
    control("GET", "/limits", limits),
    control("POST", "/limits", limits),
    control("GET", "/gateway", gateway),
    control("POST", "/gateway", gateway),
    control("POST", "/gateway/act", act),
    control("GET", "/interactions", interaction_knobs),
    control("POST", "/interactions", interaction_knobs),
]
