"""Empty the database after a test that committed: the tables that hold something, and no more than those.

Django's own way empties every table and then writes content types and permissions anew, a tenth of a
second each time. Those two stay: they are the code's, not a test's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete every row of a test's. Foreign keys are checked at the commit: the order does not matter."""
    quote = connection.ops.quote_name
    names = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    held = " UNION ALL ".join(f"SELECT '{n}' WHERE EXISTS (SELECT 1 FROM {quote(n)})" for n in sorted(names))
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(held)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quote(name)}")


@contextmanager
def emptied_quickly() -> Iterator[None]:
    """Have every test that commits tidied up in this way."""
    django_way = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: [
        empty(connections[name]) for name in case._databases_names(include_mirrors=False)
    ]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = django_way
