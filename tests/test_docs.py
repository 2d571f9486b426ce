"""What the README and the docs say is so: settings, commands, states, links."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests import docs_controls, docs_diagrams

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
SETTINGS = ast.parse((ROOT / "desk" / "settings.py").read_text())
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]


def settings_read() -> dict[str, str | None]:
    """Return every variable that the settings read, with its default as the table would write it."""
    calls = [
        node
        for node in ast.walk(SETTINGS)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
    ]
    return {call.args[0].value: written(call.keywords[0].value) for call in calls}


def written(default: ast.expr) -> str | None:
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return None  # it depends on others: the table says it in words
    return ",".join(value) if isinstance(value, list) else str(value)


def settings_told() -> dict[str, str]:
    table = README.split("## Settings")[1].split("## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \|(.*?)\|", table, re.MULTILINE))


def test_the_table_of_settings_is_complete():
    assert sorted(settings_told()) == sorted(settings_read())


def test_the_table_of_settings_tells_the_defaults():
    told = settings_told()
    literal = {name: default for name, default in settings_read().items() if default is not None}

    assert {name: told[name].strip(" `") for name in literal} == literal


def test_the_example_settings_are_settings():
    names = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(set(names) - set(settings_read())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_is_there(page):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert sorted(set(re.findall(r"manage\.py ([a-z]+)", text)) - set(get_commands())) == []
    assert sorted(set(re.findall(r"`make ([a-z]+)", text)) - targets) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_of_the_makefile_is_told():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    inside = {"help", "install", "lock"}

    assert [each for each in targets if each not in inside and f"`make {each}`" not in README] == []


def test_the_continuous_integration_runs_the_readmes_own_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    pattern = re.search(r"-oE '(.+?)' README\.md", script)[1]

    assert re.findall(pattern, README, re.MULTILINE) == ["make test"]


def test_the_state_diagrams_are_drawn_from_the_tables():
    assert docs_diagrams.STATES.read_text() == docs_diagrams.page(), "run: python -m tests.docs_diagrams"


def test_the_page_of_controls_has_every_code_and_every_limit():
    assert sorted(docs_controls.codes()) == sorted(docs_controls.CONTROLS)
    assert docs_controls.PAGE.read_text() == docs_controls.page(), "run: python -m tests.docs_controls"


def test_the_examples_of_the_readme_are_understood():
    from datetime import UTC, datetime

    from orders.language.calendar import NYSE
    from orders.language.commands import parse_command
    from orders.language.ticket import Mistake

    now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    examples = re.findall(r"`(!tt [^`]+)`", README) + re.findall(r"^(!tt .+)$", README, re.MULTILINE)

    read = {text: parse_command(text.removeprefix("!tt "), now=now, calendar=NYSE) for text in examples}

    assert len(examples) > 10
    assert [text for text, value in read.items() if isinstance(value, Mistake)] == []


def test_the_picture_is_there_and_small():
    picture = ROOT / "docs" / "desk.png"

    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size <= 300_000


def test_the_page_on_the_practice_exchange_tells_every_fault_in_the_codes_own_words():
    source = (ROOT / "orders/brokers/practice/fault_kinds.py").read_text()
    page = (ROOT / "docs/practice-exchange.md").read_text().split("## Faults")[1]

    kept = re.findall(r'^    [A-Z_]+ = "(\w+)"  # (.*)$', source, re.MULTILINE)

    assert re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE) == kept


def test_the_page_on_the_practice_exchange_tells_every_path_of_its_own():
    from orders.brokers.practice import hand_api, practice_api

    page = (ROOT / "docs/practice-exchange.md").read_text().split("## The time")[0]
    paths = {
        route.path.replace("{account}", "N").replace("{order_id:int}", "ID") for route in practice_api.routes
    }
    by_hand = {route.path.split("{")[0] for route in hand_api.routes}

    assert sorted(path for path in paths if path not in page) == []
    assert by_hand == {"/practice/hand/accounts/"}
