"""What a member types into a modal, checked as Discord's client does before it sends."""

from bot.practice.component_rules import INPUT_VALUE_LIMIT, LABEL, leaves
from bot.practice.control_words import ControlError
from bot.practice.messages import JSON


def submitted(modal: JSON, fields: JSON) -> list[JSON]:
    """Return the components of a modal submit; a field that is not given keeps its preset value."""
    known = {leaf["custom_id"] for leaf in leaves(modal["components"])}
    if unknown := set(fields) - known:
        raise ControlError(f"no field {sorted(unknown)}; there are {sorted(known)}")
    return [_row(row, fields) for row in modal["components"]]


def _row(row: JSON, fields: JSON) -> JSON:
    (entry,) = leaves([row])
    answered = {
        "type": entry["type"],
        "id": entry["id"],
        "custom_id": entry["custom_id"],
        "value": _value(str(row.get("label") or entry["label"]), entry, fields),
    }
    if row["type"] == LABEL:
        return {"type": row["type"], "id": row["id"], "component": answered}
    return {"type": row["type"], "id": row["id"], "components": [answered]}


def _value(label: str, entry: JSON, fields: JSON) -> str:
    value = str(fields.get(entry["custom_id"], entry.get("value") or ""))
    low = entry.get("min_length") or 0
    high = entry.get("max_length") or INPUT_VALUE_LIMIT
    if not value:
        if entry.get("required", True):
            raise ControlError(f"{label}: this field is required")
    elif not low <= len(value) <= high:
        raise ControlError(f"{label}: must be between {low} and {high} characters")
    return value
