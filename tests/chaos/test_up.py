"""`make up`: it starts, refuses a second one, and leaves nothing behind, however it ends."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from tests.chaos.desks import ROOT, running_desk, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
STOP_SECONDS = 15  # ten, and some more for a machine that is busy with other tests


def sockets(place):
    return [each for each in place.var.rglob("*") if stat.S_ISSOCK(each.lstat().st_mode)]


def manage(desk, *arguments, **over):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=desk.environment() | over,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_a_desk_starts_serves_refuses_a_second_one_and_ends_clean(tmp_path):
    with running_desk(tmp_path) as desk:
        said = desk.said()
        second = manage(desk, "up", "--port", str(desk.addresses.web + 100))
        elsewhere = manage(desk, "up", "--port", str(desk.addresses.web), VAR_DIR=str(tmp_path / "other"))
        wait_until(lambda: manage(desk, "preflight").returncode == 0, "a green preflight", 60)
        seconds = desk.stop(signal.SIGINT)

        assert f"{desk.addresses.web_url}/admin/" in said
        assert (second.returncode, elsewhere.returncode) == (1, 1)
        assert "already" in second.stderr and str(desk.process.pid) in second.stderr
        assert f"{desk.addresses.web} (web)" in elsewhere.stderr
        assert seconds < STOP_SECONDS
        assert (desk.process.returncode, desk.pids(), sockets(desk.place)) == (0, [], [])
        assert "Traceback" not in desk.said()


def kill_and_wait(desk, process):
    assert len(desk.pids()) > 9
    os.kill(process, signal.SIGKILL)
    desk.process.wait(60)
    wait_until(lambda: desk.pids() == [], "every process to end", 60)


def test_nothing_lives_on_when_it_is_killed_and_the_next_one_starts(tmp_path):
    with running_desk(tmp_path) as desk:
        kill_and_wait(desk, desk.process.pid)
    with running_desk(tmp_path) as desk:
        kill_and_wait(desk, int(desk.place.supervisor_pid.read_text()))

        assert desk.process.returncode == 1
        assert "The supervisor ended by itself" in desk.said()
        assert sockets(desk.place) == []


def test_a_part_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path):
    (tmp_path / "exchange.sqlite3").write_text("this is no database" * 100)

    with (
        pytest.raises(AssertionError, match=r"exchange ends again and again"),
        running_desk(tmp_path),
    ):
        pass
