"""The small parts that `up` is made of."""

import configparser
import fcntl
import os
import socket
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from desk.running import environment, joining, queue_server, supervision, tenancy, tied, welcome
from desk.running.addresses import HOST, Addresses
from desk.running.place import LONGEST_SOCKET_PATH, Place
from desk.running.programs import Cast, programs
from desk.running.supervisor_config import COUNTERPARTS_SECONDS, DESK_SECONDS, render

PORTS = Addresses.beside(8900)


def wait_until(seen, what):
    deadline = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < deadline, f"waited 20 s for {what}"
        time.sleep(0.02)


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path / "var")
    found.prepare()
    return found


def test_the_exchange_and_the_chat_follow_the_web_port():
    assert (PORTS.web, PORTS.exchange, PORTS.chat) == (8900, 8910, 8920)
    assert PORTS.gateway_url == "ws://127.0.0.1:8920/gateway"


def test_free_ports_are_three_different_ones_that_nobody_listens_on():
    found = Addresses.free()

    assert len({found.web, found.exchange, found.chat}) == 3
    assert found.taken() == {}


def test_a_taken_port_is_named(place):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(tenancy.Occupied, match=rf"port {port} \(practice chat\)"):
            tenancy.refuse_taken(Addresses(web=1, exchange=2, chat=port))


def test_sockets_lie_beside_the_database_while_their_path_is_short(place):
    assert Place(Path("/srv/desk/var")).run == Path("/srv/desk/var/run")


def test_sockets_move_to_a_short_place_of_their_own_when_the_path_is_long():
    deep, other = Place(Path("/srv" + "/deep" * 30)), Place(Path("/srv" + "/deep" * 31))

    assert len(str(deep.supervisor_socket)) <= LONGEST_SOCKET_PATH
    assert deep.run != other.run


def test_what_is_written_is_for_its_owner_alone_and_the_key_is_made_once(place):
    key = place.secret_key.read_text()
    place.prepare()

    assert stat.S_IMODE(place.secret_key.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (place.run, place.logs)} == {0o700}
    assert (place.secret_key.read_text(), len(key) > 50) == (key, True)


def test_a_second_desk_is_told_who_runs_and_how_to_stop_it(place):
    free = Addresses.free()
    first, second = tenancy.sole_tenant(place, free), tenancy.sole_tenant(place, free)
    with first, pytest.raises(tenancy.Occupied) as refused, second:
        pass

    assert str(refused.value) == (
        f"A desk is running from {place.var} already, at {free.web_url}/. "
        f"Stop it with Ctrl-C in its window, or with: kill {os.getpid()}"
    )


def test_the_place_is_free_again_afterwards(place):
    free = Addresses.free()
    with tenancy.sole_tenant(place, free):
        pass
    with tenancy.sole_tenant(place, free):
        pass
    assert place.lock.read_text() == ""


def test_a_supervisor_left_behind_is_ended(place):
    mark = f"import time; time.sleep(60)  # {place.supervisor_config}"
    left = subprocess.Popen([sys.executable, "-c", mark])
    place.supervisor_pid.write_text(str(left.pid))
    wait_until(lambda: mark in tenancy.command_of(left.pid), "its command line")

    tenancy.end_leftovers(place)

    assert left.wait(10) == -15


def test_an_old_process_id_that_now_is_somebody_else_is_left_alone(place):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    place.supervisor_pid.write_text(str(other.pid))

    tenancy.end_leftovers(place)

    assert other.poll() is None
    other.kill()
    other.wait()


def test_every_process_is_configured_in_two_groups_that_end_in_time(place):
    everything = programs(place, PORTS, Cast())
    text = render(place, everything)
    parsed = configparser.RawConfigParser()
    parsed.read_string(text)

    assert parsed["group:counterparts"]["programs"] == "queue,exchange,chat"
    assert parsed["group:desk"]["programs"] == "web,worker,beat,qcluster,streamer,bot"
    assert parsed["program:qcluster"]["stopasgroup"] == "false"
    assert DESK_SECONDS + COUNTERPARTS_SECONDS < supervision.STOP_SECONDS < 10


def test_no_secret_is_on_a_command_line_or_in_the_configuration(place, settings):
    settings.DISCORD_TOKEN = ""
    told = environment.told(place, PORTS, Cast())
    text = render(place, programs(place, PORTS, Cast()))

    assert place.secret_key.read_text() not in text
    assert told["DISCORD_TOKEN"] not in text
    assert "SECRET_KEY" not in told and told["SECRET_KEY_FILE"] == str(place.secret_key)


def test_a_percent_sign_in_a_path_is_not_read_by_the_supervisor(tmp_path):
    place = Place(tmp_path / "100%(here)s")

    assert "100%%(here)s" in render(place, programs(place, PORTS, Cast()))


def test_a_served_queue_and_a_real_bot_need_no_counterparts(place, settings, monkeypatch):
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://127.0.0.1/desk")
    settings.DISCORD_TOKEN = "a-real-one"
    cast = environment.cast_of_settings()

    names = [each.name for each in programs(place, PORTS, cast)]

    assert cast == Cast(has_queue=False, has_chat=False)
    assert names == ["exchange", "web", "worker", "beat", "qcluster", "streamer", "bot"]
    assert "CELERY_BROKER_URL" not in environment.told(place, PORTS, cast)
    assert "DISCORD_TOKEN" not in environment.told(place, PORTS, cast)


def test_a_key_of_ones_own_is_kept(place, settings):
    settings.SECRET_KEY = "my-own"

    assert "SECRET_KEY_FILE" not in environment.environment(place, PORTS, Cast())


def test_the_queue_server_is_the_packaged_one_then_one_on_the_path(monkeypatch, tmp_path):
    packaged = queue_server.queue_server()
    monkeypatch.setattr(queue_server, "_packaged", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "redis-server").touch(0o755)
    found = queue_server.queue_server()
    (tmp_path / "redis-server").unlink()

    assert packaged.name == "valkey-server"
    assert found == tmp_path / "redis-server"
    with pytest.raises(queue_server.NoQueueServer, match="install valkey-server or redis-server"):
        queue_server.queue_server()


def test_a_command_beside_a_running_desk_takes_over_what_is_not_set(place, monkeypatch):
    environment.write(place, {"PRACTICE_EXCHANGE_URL": "http://127.0.0.1:1", "DESK_ID": "theirs"})
    monkeypatch.setenv("VAR_DIR", str(place.var))
    monkeypatch.delenv("PRACTICE_EXCHANGE_URL", raising=False)
    monkeypatch.setenv("DESK_ID", "mine")
    with place.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        joining.join(Path("/nowhere"), "preflight")

    assert (os.environ["PRACTICE_EXCHANGE_URL"], os.environ["DESK_ID"]) == ("http://127.0.0.1:1", "mine")


@pytest.mark.parametrize("command", ["up", "demo", "preflight"])
def test_nothing_is_taken_over_from_a_desk_that_ended_or_by_what_starts_its_own(place, monkeypatch, command):
    environment.write(place, {"PRACTICE_EXCHANGE_URL": "http://127.0.0.1:1"})
    monkeypatch.setenv("VAR_DIR", str(place.var))
    monkeypatch.delenv("PRACTICE_EXCHANGE_URL", raising=False)
    with place.lock.open("w") as lock:
        if command != "preflight":
            fcntl.flock(lock, fcntl.LOCK_EX)
        joining.join(Path("/nowhere"), command)

    assert "PRACTICE_EXCHANGE_URL" not in os.environ


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel call is Linux's")
def test_a_tied_program_ends_with_its_parent(tmp_path):
    child = "print(__import__('os').getpid(), flush=True); __import__('time').sleep(60)"
    parent = (
        "import subprocess, sys\n"
        f"p = subprocess.Popen([sys.executable, {tied.__file__!r}, sys.executable, '-c', {child!r}],"
        " stdout=subprocess.PIPE)\n"
        "sys.stdout.buffer.write(p.stdout.readline()); sys.stdout.flush(); sys.stdin.read()"
    )
    started = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process = int(started.stdout.readline())
    assert tenancy.is_alive(process)

    started.kill()
    started.communicate()

    wait_until(lambda: not tenancy.is_alive(process), "the end of the child")


@pytest.mark.parametrize(
    ("today", "written", "listed"),
    [
        pytest.param(date(2026, 11, 22), "18dec", "261218", id="four weeks away"),
        pytest.param(date(2026, 11, 28), "15jan", "270115", id="less than three weeks: the next month"),
        pytest.param(date(2026, 5, 20), "18jun", "260618", id="the third Friday is a holiday"),
        pytest.param(date(2026, 12, 31), "19feb", "270219", id="over the year"),
    ],
)
def test_the_example_names_an_expiry_that_is_listed(today, written, listed):
    assert (welcome.example_expiry(today), welcome.example_listed(today)) == (written, listed)


def test_a_process_of_the_desk_searches_no_garbage_when_it_ends():
    code = "import atexit, gc\natexit.register(lambda: print(gc.get_freeze_count() > 0))\nimport desk"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "True\n"
