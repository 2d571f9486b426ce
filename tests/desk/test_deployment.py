"""`check --deploy` with the documented settings, as a new process sees them."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def check_deploy(**over):
    mine = {name: value for name, value in os.environ.items() if name not in EXAMPLE}
    filled = EXAMPLE | {"SECRET_KEY": secrets.token_urlsafe(50)} | over
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=mine | filled, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_documented_settings_leave_nothing_to_complain_of(tmp_path):
    answer = check_deploy(VAR_DIR=str(tmp_path))

    assert (answer.returncode, answer.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("over", "found"),
    [
        pytest.param({"SECRET_KEY": "insecure-practice-key-for-loopback-only"}, "desk.E003", id="public key"),
        pytest.param({"HTTPS": "false"}, "desk.E004", id="no encryption"),
        pytest.param({"FOUR_EYES": "false"}, "desk.E005", id="one person alone"),
        pytest.param({"DEBUG": "true"}, "security.W018", id="debug pages"),
        pytest.param({"PRACTICE_EXCHANGE_URL": "http://10.0.0.1:8810"}, "desk.E001", id="practice elsewhere"),
        pytest.param({"CALL_SECONDS": "9"}, "desk.E002", id="calls outlive their lease"),
        pytest.param({"DISCORD_API_URL": "http://discord.example"}, "bot.E001", id="token in the open"),
    ],
)
def test_each_careless_setting_is_named(tmp_path, over, found):
    answer = check_deploy(VAR_DIR=str(tmp_path), **over)

    assert answer.returncode == 1
    assert found in answer.stderr
