"""Control API, interactions: press buttons, choose, send modals and slash commands as any member.

Each answers with the outcome: `state` (replied, updated, modal, choices, deferred, waiting or failed),
`message`, `ephemeral`, `followups`, `modal`, `choices`. It comes as soon as the bot has answered for
good, or after `wait` seconds (4 unless told) with what there is.
"""

import asyncio
import time
from typing import Any

from bot.practice.component_rules import BUTTON, LINK_STYLE, SELECT, leaves
from bot.practice.control_words import ControlError, control, may_read, message, need, person, place
from bot.practice.interactions import Interaction, Kind
from bot.practice.messages import JSON, Message
from bot.practice.modal_values import submitted
from bot.practice.practice import Practice
from bot.practice.slash import command_data
from bot.practice.world import Member

# No person is faster, and a client knows its modal only once the answer to its callback has arrived.
FILLING_SECONDS = 0.2
WAIT_SECONDS = 4.0  # a second more than the bot has for its first answer


async def click(practice: Practice, words: JSON) -> Any:
    """Press a button by `custom_id` or `label`: of `message`, or of the newest in `channel` that has it."""
    member = person(words)
    found, button = _component(practice, words, member, BUTTON)
    data = {"component_type": BUTTON, "custom_id": button["custom_id"], "id": button["id"]}
    return await _press(practice, words, member, found, data)


async def select(practice: Practice, words: JSON) -> Any:
    """Choose `values` of a select by `custom_id`."""
    member = person(words)
    found, menu = _component(practice, words, member, SELECT)
    known = {option["value"] for option in menu["options"]}
    values = [str(value) for value in need(words, "values")]
    if unknown := set(values) - known:
        raise ControlError(f"no option {sorted(unknown)}; there are {sorted(known)}")
    data = {"component_type": SELECT, "custom_id": menu["custom_id"], "id": menu["id"], "values": values}
    return await _press(practice, words, member, found, data)


async def modal(practice: Practice, words: JSON) -> Any:
    """Send the modal that `interaction` opened, with `fields` by custom_id."""
    member = person(words)
    opener = practice.interactions.get(int(need(words, "interaction")))
    if opener is None or opener.modal is None or opener.member != member:
        raise ControlError(f"no modal is open for {member.name} from {words['interaction']}")
    rows = submitted(opener.modal, words.get("fields") or {})
    await asyncio.sleep(max(0.0, opener.modal_at + FILLING_SECONDS - time.monotonic()))
    data: JSON = {"custom_id": opener.modal["custom_id"], "components": rows}
    started = practice.interactions.start(Kind.MODAL, member, opener.place, data, opener.message)
    return await _outcome(practice, words, started)


async def slash(practice: Practice, words: JSON) -> Any:
    """Send a slash command `name` with `options` by name."""
    return await _command(practice, words, Kind.COMMAND)


async def autocomplete(practice: Practice, words: JSON) -> Any:
    """Ask for choices while the option `focused` of a slash command is typed."""
    need(words, "focused")
    return await _command(practice, words, Kind.AUTOCOMPLETE)


async def outcome(practice: Practice, words: JSON) -> Any:
    """Return what became of an `interaction` by now."""
    found = practice.interactions.get(int(need(words, "interaction")))
    if found is None:
        raise ControlError(f"no interaction {words['interaction']}")
    return practice.interactions.outcome(found)


async def _command(practice: Practice, words: JSON, kind: Kind) -> Any:
    member = person(words)
    channel = place(practice, words, member)
    data = command_data(practice.store, words, focused=words.get("focused"))
    return await _outcome(practice, words, practice.interactions.start(kind, member, channel, data))


async def _press(practice: Practice, words: JSON, member: Member, found: Message, data: JSON) -> Any:
    channel = practice.chat.channels.get(found.channel_id)
    return await _outcome(
        practice, words, practice.interactions.start(Kind.COMPONENT, member, channel, data, found)
    )


async def _outcome(practice: Practice, words: JSON, started: Interaction) -> Any:
    await practice.interactions.settled(started, within=float(words.get("wait", WAIT_SECONDS)))
    return practice.interactions.outcome(started)


def _component(practice: Practice, words: JSON, member: Member, kind: int) -> tuple[Message, JSON]:
    """Return the message and its component that the words mean."""
    for found in _candidates(practice, words, member):
        for leaf in leaves(found.components):
            if leaf["type"] == kind and leaf.get("style") != LINK_STYLE and _is_meant(leaf, words):
                if leaf.get("disabled"):
                    raise ControlError(f"{leaf.get('label') or leaf['custom_id']} is disabled")
                return found, leaf
    raise ControlError(f"no such component: {words.get('custom_id') or words.get('label')!r}")


def _candidates(practice: Practice, words: JSON, member: Member) -> list[Message]:
    if words.get("message"):
        found = message(practice, words, member)
        return [found] if may_read(member, practice.chat.channels.get(found.channel_id)) else []
    channel = place(practice, words, member)
    if not may_read(member, channel):
        return []
    return practice.store.history(channel.id, limit=100, viewer_id=member.id)


def _is_meant(leaf: JSON, words: JSON) -> bool:
    if words.get("custom_id"):
        return bool(leaf.get("custom_id") == words["custom_id"])
    return bool(leaf.get("label") == need(words, "label"))


routes = [
    control("POST", "/click", click),
    control("POST", "/select", select),
    control("POST", "/modal", modal),
    control("POST", "/slash", slash),
    control("POST", "/autocomplete", autocomplete),
    control("GET", "/outcome", outcome),
]
