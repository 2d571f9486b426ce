"""The proxy of the chaos tests does what its commands say."""

import errno
import socket
import socketserver
import threading
import time

import pytest

from tests.chaos.proxy import HOST, proxied


class Echo(socketserver.BaseRequestHandler):
    """Says back what it hears."""

    def handle(self):
        while heard := self.request.recv(100):
            self.request.sendall(heard)


@pytest.fixture
def proxy():
    with socketserver.ThreadingTCPServer((HOST, 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        with proxied(server.server_address[1]) as found:
            yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def line(proxy):
    with called(proxy) as found:
        yield found


def called(proxy):
    return socket.create_connection((HOST, proxy.port), timeout=5)


def said_back(line, word=b"hello"):
    line.sendall(word)
    return line.recv(100)


def is_broken(line):
    """Whether the other side is gone, however it shows."""
    try:
        return said_back(line) == b""
    except ConnectionError:
        return True


def test_it_passes_on_what_both_sides_say(line):
    assert said_back(line) == b"hello"


def test_a_cut_breaks_what_stands_and_what_comes_until_it_is_mended(proxy, line):
    assert said_back(line) == b"hello"

    broken = proxy.cut()

    assert broken == 1
    with called(proxy) as late:
        assert (is_broken(line), is_broken(late)) == (True, True)
    proxy.mend()
    with called(proxy) as again:
        assert said_back(again) == b"hello"


def test_a_half_open_connection_stays_open_and_deaf_and_a_new_one_works(proxy, line):
    assert said_back(line) == b"hello"

    assert proxy.half_open() == 1

    line.settimeout(0.2)
    with pytest.raises(TimeoutError):
        said_back(line)
    with called(proxy) as other:
        assert said_back(other) == b"hello"


def test_to_a_half_open_connection_the_system_itself_loses_patience(proxy, line):
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 300)
    assert said_back(line) == b"hello"

    proxy.half_open()

    line.settimeout(30)
    with pytest.raises(TimeoutError) as ended:
        said_back(line)
    assert ended.value.errno == errno.ETIMEDOUT  # not our own timeout, which has no number


def test_the_answer_to_a_commit_is_held_where_its_transaction_said_the_word(proxy, line):
    with called(proxy) as other:
        assert (said_back(line), said_back(other)) == (b"hello", b"hello")
        proxy.hold_commits(b"INSERT")
        assert said_back(line, b"INSERT") == b"INSERT"
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            said_back(line, b"COMMIT")
        assert said_back(other, b"COMMIT") == b"COMMIT"

        proxy.mend()

        line.settimeout(5)
        assert line.recv(100) == b"COMMIT"
        assert said_back(line, b"COMMIT") == b"COMMIT"


def test_a_delay_holds_up_each_way_until_it_is_mended(proxy, line):
    proxy.delay(0.1)
    began = time.monotonic()
    late = said_back(line)
    seconds = time.monotonic() - began
    proxy.mend()

    assert (late, seconds >= 0.2) == (b"hello", True)
    assert said_back(line, b"again") == b"again"


def test_a_server_that_is_down_is_a_broken_line(proxy):
    proxy.server = 1

    with called(proxy) as line:
        assert is_broken(line)
