import pytest

from tests.bot.practice.chat_fixture import running_chat


@pytest.fixture(scope="module")
def server():
    """One practice Discord for a module's tests."""
    with running_chat() as chat:
        yield chat


@pytest.fixture
def chat(server):
    """The module's practice Discord, empty and without rate limits."""
    server.control("POST", "reset")
    server.control("POST", "limits", mode="off")
    return server
