"""The state diagrams of docs/states.md, drawn from the tables: `python -m tests.docs_diagrams` writes them."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

STATES = Path(__file__).resolve().parents[1] / "docs" / "states.md"
INTRODUCTION = """\
# States

Drawn from the tables in `orders/lifecycle.py`; a test compares. What an arrow needs stands in \
[execution.md](execution.md).
"""


def diagram(table: Mapping[str, Iterable[str]], first: str, ends: Collection[str]) -> str:
    """Return one table as a mermaid state diagram."""
    arrows = [f"    [*] --> {first}"]
    for state, following in table.items():
        arrows += [f"    {state} --> {each}" for each in sorted(following)]
        arrows += [f"    {state} --> [*]"] if state in ends else []
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def page() -> str:
    """Return the whole page."""
    from orders import lifecycle

    orders = {old.value: [new.value for new in following] for old, following in lifecycle.NEXT.items()}
    placements = {
        old.value: [new.value for new in following] for old, following in lifecycle.NEXT_PLACEMENT.items()
    }
    return "\n".join(
        [
            INTRODUCTION,
            "## An order\n",
            diagram(orders, "proposed", lifecycle.CLOSED),
            "\nA partial fill is a quantity, not a state. A fill can overtake a cancel, an expiry and a reject.\n",
            "## A placement\n",
            diagram(placements, "planned", lifecycle.PLACEMENT_TERMINAL),
            "\nNothing leads from `unknown` to a new send. Only a zombie, which we took for gone, leaves an end.\n",
        ]
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    import django

    django.setup()
    STATES.write_text(page())
