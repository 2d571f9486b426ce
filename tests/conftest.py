"""What every test with a database shares."""

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, settings

from tests.columns import columns_have_their_size
from tests.emptying import emptied_quickly
from tests.surroundings import pytest_collection_modifyitems, pytest_terminal_summary

# A test passes or fails by the code alone: the same examples each time, however slow the machine is.
# `pytest --hypothesis-profile=explore` looks for new ones.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """Keep SQLite's test database in a file of this run: threads see it, and other runs do not.

    Tests end their threads, and a connection that outlived one would be a leak: none is kept.
    """
    for each in connections.all():
        each.settings_dict["CONN_MAX_AGE"] = 0
        if each.vendor == "sqlite":
            path = tmp_path_factory.mktemp("database") / "test.sqlite3"
            each.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session", autouse=True)
def emptied():
    with emptied_quickly():
        yield


@pytest.fixture(scope="session", autouse=True)
def sized():
    with columns_have_their_size():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let PostgreSQL drop the test database although a thread of a stand-in, long ended, still holds it."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def queue_in_memory():
    """Send wake-up calls into this process's memory; a test that needs a real queue starts its own."""
    from desk.celery import app

    app.conf.broker_url = "memory://"
