"""The command that runs the practice Discord."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from websockets.sync.client import connect

ROOT = Path(__file__).parents[3]


@contextmanager
def runchat(store):
    """Run the command on a free port; yield the process and its address."""
    command = [sys.executable, "manage.py", "runchat", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        finally:
            process.kill()


def health(url):
    with urllib.request.urlopen(f"{url}/practice/health", timeout=30) as answer:
        return json.loads(answer.read())["status"]


def test_it_says_where_it_listens_and_ends_soon_after_sigterm_with_sockets_open(tmp_path):
    with runchat(tmp_path / "chat.sqlite3") as (process, url):
        base = url.replace("http", "ws")
        ready = health(url)
        with connect(f"{base}/gateway?v=10"), connect(f"{base}/practice/live?member=tessa"):
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(10)
            took = time.monotonic() - began

    assert (ready, code) == ("ok", 0)
    assert took < 8  # under two on a quiet machine, while a busy one takes its time


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])
def test_it_listens_on_this_machine_only(host, tmp_path):
    with pytest.raises(CommandError, match="is not a loopback address"):
        call_command("runchat", host=host, store=tmp_path / "chat.sqlite3")


def test_a_taken_port_is_a_plain_error(tmp_path, server):
    with pytest.raises(CommandError, match="cannot listen on 127"):
        call_command("runchat", port=server.server.port, store=tmp_path / "chat.sqlite3")


def test_a_store_of_another_version_is_left_alone(tmp_path):
    path = tmp_path / "chat.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE message (id INTEGER)")
    with pytest.raises(CommandError, match="holds version 0, not 1: move the file away"):
        call_command("runchat", port=0, store=path)
