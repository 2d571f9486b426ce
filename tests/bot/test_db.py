"""From the event loop to the database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from bot.db import in_thread


@pytest.fixture
async def one_thread(monkeypatch):
    """Let everything run on one thread that keeps its connection, as a served desk's; closed in the end."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 60)
    executor = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(executor)
    yield
    await asyncio.to_thread(connections.close_all)
    executor.shutdown()


def touched():
    connection.ensure_connection()
    return connection.connection


@pytest.mark.django_db(transaction=True)
async def test_a_thread_keeps_its_connection_from_one_service_to_the_next(one_thread):
    first, second = await in_thread(touched), await in_thread(touched)

    assert first is second
