"""Turn a slash command's name and options into the data of its interaction."""

from bot.practice import wire, world
from bot.practice.control_words import ControlError, need
from bot.practice.messages import JSON
from bot.practice.store import Store

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)


def command_data(store: Store, words: JSON, *, focused: str | None) -> JSON:
    """Return an interaction's `data`; "desk halt" names the subcommand halt of desk."""
    first, *rest = str(need(words, "name")).split()
    command = next((c for c in _known(store) if c["name"] == first), None)
    if command is None:
        raise ControlError(f"no command {first!r}; there are {[c['name'] for c in _known(store)]}")
    given = words.get("options") or {}
    data: JSON = {"id": command["id"], "name": first, "type": command["type"]}
    data["options"] = _options(command["options"], rest, given, focused)
    if people := [str(value) for value in given.values() if _is_person(value)]:
        members = [wire.MEMBER_BY_ID[int(i)] for i in people]
        data["resolved"] = {
            "users": {str(m.id): wire.user(m) for m in members},
            "members": {str(m.id): wire.member(m, with_user=False, with_permissions=True) for m in members},
        }
    return data | {"guild_id": command["guild_id"]} if command.get("guild_id") else data


def _known(store: Store) -> list[JSON]:
    return store.commands(world.GUILD_ID) + store.commands(None)


def _options(known: list[JSON], path: list[str], given: JSON, focused: str | None) -> list[JSON]:
    if path:
        inner = next((option for option in known if option["name"] == path[0]), None)
        if inner is None:
            raise ControlError(f"no subcommand {path[0]!r}")
        nested = _options(inner.get("options") or [], path[1:], given, focused)
        return [{"type": inner["type"], "name": inner["name"], "options": nested}]
    if unknown := set(given) - {option["name"] for option in known}:
        raise ControlError(f"no option {sorted(unknown)}")
    missing = [o["name"] for o in known if o.get("required") and o["name"] not in given]
    if missing and focused is None:
        raise ControlError(f"options missing: {missing}")
    return [_option(option, given[option["name"]], focused) for option in known if option["name"] in given]


def _option(option: JSON, value: object, focused: str | None) -> JSON:
    chosen: JSON = {"type": option["type"], "name": option["name"], "value": value}
    return chosen | {"focused": True} if option["name"] == focused else chosen


def _is_person(value: object) -> bool:
    return str(value).isdigit() and int(str(value)) in wire.MEMBER_BY_ID
