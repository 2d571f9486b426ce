"""Discord's limits on buttons, selects and modals."""

from collections.abc import Iterator

from bot.practice.messages import JSON
from bot.practice.validation import CUSTOM_ID_LIMIT, Problem, bad_length, required, too_long

ROW, BUTTON, SELECT, TEXT_INPUT, LABEL = 1, 2, 3, 4, 18
SELECTS = (3, 5, 6, 7, 8)
LINK_STYLE = 5
MOST_ROWS = 5
MOST_BUTTONS = 5
BUTTON_LABEL_LIMIT = 80
MODAL_TITLE_LIMIT = 45
INPUT_LABEL_LIMIT = 45
INPUT_VALUE_LIMIT = 4000


def component_problems(rows: list[JSON]) -> list[Problem]:
    """Check the action rows of a message."""
    problems = list(_rows_problems(rows))
    return problems + list(_repeated_ids("components", rows))


def modal_problems(modal: JSON) -> list[Problem]:
    """Check a modal: its title, custom_id and one text input in each row or label."""
    problems: list[Problem] = []
    if not 1 <= len(modal.get("title") or "") <= MODAL_TITLE_LIMIT:
        problems.append(bad_length("data.title", 1, MODAL_TITLE_LIMIT))
    problems += _custom_id_problems("data", modal)
    rows = modal.get("components") or []
    if not 1 <= len(rows) <= MOST_ROWS:
        problems.append(bad_length("data.components", 1, MOST_ROWS))
    for n, row in enumerate(rows):
        problems += _modal_row_problems(f"data.components.{n}", row)
    return problems + list(_repeated_ids("data.components", rows))


def leaves(rows: list[JSON]) -> Iterator[JSON]:
    """Return the buttons, selects and inputs inside rows and labels."""
    for row in rows:
        yield from row.get("components") or []
        if row.get("component"):
            yield row["component"]


def numbered(rows: list[JSON]) -> list[JSON]:
    """Give each component its `id`, counted from 1 as Discord does where the bot gave none."""
    count = iter(range(1, 10_000))

    def give(component: JSON) -> JSON:
        marked = {**component, "id": component.get("id") or next(count)}
        if "components" in component:
            marked["components"] = [give(child) for child in component["components"]]
        if "component" in component:
            marked["component"] = give(component["component"])
        return marked

    return [give(row) for row in rows]


def _rows_problems(rows: list[JSON]) -> Iterator[Problem]:
    if len(rows) > MOST_ROWS:
        yield bad_length("components", 1, MOST_ROWS)
    for n, row in enumerate(rows):
        path = f"components.{n}"
        if row.get("type") != ROW:
            yield f"{path}.type", "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).'
            continue
        children = row.get("components") or []
        if not 1 <= len(children) <= MOST_BUTTONS:
            yield bad_length(f"{path}.components", 1, MOST_BUTTONS)
        for m, child in enumerate(children):
            yield from _child_problems(f"{path}.components.{m}", child)


def _child_problems(path: str, child: JSON) -> Iterator[Problem]:
    if child.get("type") == BUTTON:
        yield from _button_problems(path, child)
    elif child.get("type") in SELECTS:
        yield from _custom_id_problems(path, child)
        if child["type"] == SELECT and not 1 <= len(child.get("options") or []) <= 25:
            yield bad_length(f"{path}.options", 1, 25)
    else:
        sentence = 'Value of field "type" must be one of (2, 3, 5, 6, 7, 8).'
        yield f"{path}.type", "UNION_TYPE_CHOICES", sentence


def _button_problems(path: str, button: JSON) -> Iterator[Problem]:
    if len(button.get("label") or "") > BUTTON_LABEL_LIMIT:
        yield too_long(f"{path}.label", BUTTON_LABEL_LIMIT)
    if not button.get("label") and not button.get("emoji"):
        yield path, "BUTTON_COMPONENT_INVALID", "A button must have a label or an emoji"
    if button.get("style") not in range(1, 7):
        yield f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}."
    elif button["style"] == LINK_STYLE:
        if not button.get("url"):
            yield required(f"{path}.url")
    else:
        yield from _custom_id_problems(path, button)


def _custom_id_problems(path: str, component: JSON) -> Iterator[Problem]:
    custom_id = component.get("custom_id") or ""
    if not custom_id:
        yield required(f"{path}.custom_id")
    elif len(custom_id) > CUSTOM_ID_LIMIT:
        yield too_long(f"{path}.custom_id", CUSTOM_ID_LIMIT)


def _modal_row_problems(path: str, row: JSON) -> Iterator[Problem]:
    inputs = list(leaves([row]))
    if row.get("type") not in (ROW, LABEL) or len(inputs) != 1 or inputs[0].get("type") != TEXT_INPUT:
        yield f"{path}.type", "UNION_TYPE_CHOICES", "Must be a row or label with one text input."
        return
    label = row.get("label") if row["type"] == LABEL else inputs[0].get("label")
    if not 1 <= len(label or "") <= INPUT_LABEL_LIMIT:
        yield bad_length(f"{path}.label", 1, INPUT_LABEL_LIMIT)
    if len(inputs[0].get("value") or "") > INPUT_VALUE_LIMIT:
        yield too_long(f"{path}.value", INPUT_VALUE_LIMIT)
    if len(inputs[0].get("placeholder") or "") > 100:
        yield too_long(f"{path}.placeholder", 100)
    yield from _custom_id_problems(path, inputs[0])


def _repeated_ids(path: str, rows: list[JSON]) -> Iterator[Problem]:
    seen: set[str] = set()
    for leaf in leaves(rows):
        custom_id = leaf.get("custom_id")
        if custom_id in seen:
            yield path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        if custom_id:
            seen.add(custom_id)
