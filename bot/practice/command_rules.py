"""Application commands: the shape Discord stores, and its limits on them."""

import re
from collections.abc import Callable

from bot.practice import world
from bot.practice.errors import invalid_form
from bot.practice.messages import JSON
from bot.practice.validation import Problem, bad_length, required

CHAT_INPUT = 1
NAME = re.compile(r"[-_'\w]{1,32}")


def checked_commands(given: list[JSON], guild_id: int | None, new_id: Callable[[], int]) -> list[JSON]:
    """Return the commands as Discord stores them. Raises Invalid Form Body."""
    problems = [problem for n, command in enumerate(given) for problem in _problems(str(n), command)]
    if problems:
        raise invalid_form(*problems)
    return [_stored(command, guild_id, new_id()) for command in given]


def _stored(command: JSON, guild_id: int | None, command_id: int) -> JSON:
    stored: JSON = {"options": [], "default_member_permissions": None, "nsfw": False, **command}
    stored |= {
        "id": str(command_id),
        "application_id": str(world.APPLICATION_ID),
        "version": str(command_id),
        "type": command.get("type") or CHAT_INPUT,
        "description": command.get("description") or "",
    }
    return stored | {"guild_id": str(guild_id)} if guild_id is not None else stored


def _problems(path: str, command: JSON) -> list[Problem]:
    name, chat_input = command.get("name") or "", (command.get("type") or CHAT_INPUT) == CHAT_INPUT
    problems: list[Problem] = []
    if not name:
        problems.append(required(f"{path}.name"))
    elif chat_input and (not NAME.fullmatch(name) or name != name.lower()):
        problems.append((f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"))
    if chat_input and not 1 <= len(command.get("description") or "") <= 100:
        problems.append(bad_length(f"{path}.description", 1, 100))
    if len(command.get("options") or []) > 25:
        problems.append(bad_length(f"{path}.options", 0, 25))
    return problems
