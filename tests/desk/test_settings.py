"""Settings come from the environment, each also from a file."""

import pytest

from desk.settings import env
from tests.test_docs import settings_read


@pytest.mark.parametrize("written", ["s3cret-word", "s3cret-word\n", "s3cret-word\r\n"])
def test_a_secret_in_a_file_is_read_without_its_line_end(tmp_path, monkeypatch, written):
    file = tmp_path / "secret"
    file.write_bytes(written.encode())
    monkeypatch.setenv("SOME_SECRET_FILE", str(file))

    assert type(env)().str("SOME_SECRET", default="") == "s3cret-word"


def test_production_waits_as_long_as_was_agreed():
    waits = (
        "LEASE_SECONDS",
        "CALL_SECONDS",
        "ABSENCE_READS",
        "ABSENCE_SPACING_SECONDS",
        "ABSENCE_GRACE_SECONDS",
    )

    assert {name: settings_read()[name] for name in waits} == {
        "LEASE_SECONDS": "8.0",
        "CALL_SECONDS": "6.0",
        "ABSENCE_READS": "3",
        "ABSENCE_SPACING_SECONDS": "10.0",
        "ABSENCE_GRACE_SECONDS": "30.0",
    }
