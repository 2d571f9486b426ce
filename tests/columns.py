"""SQLite takes a text or a count of any size for a column: here it refuses what PostgreSQL refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DataError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations

RANGES = BaseDatabaseOperations.integer_field_ranges


def require_room(field: models.Field, value: Any) -> None:
    """Raise DataError for what the column has no room for, or PostgreSQL no way to keep."""
    if isinstance(value, str):
        if field.max_length is not None and len(value) > field.max_length:
            raise DataError(f"{field}: {len(value)} characters are too long for {field.max_length}")
    elif isinstance(value, int) and field.get_internal_type() in RANGES:
        low, high = RANGES[field.get_internal_type()]
        if not low <= value <= high:
            raise DataError(f"{field}: {value} is out of range")


@contextmanager
def columns_have_their_size() -> Iterator[None]:
    """Have every value judged by its column before it is written, however it is written."""
    djangos_way = models.Field.get_db_prep_save

    def judged(field: models.Field, value: Any, connection: BaseDatabaseWrapper) -> Any:
        prepared = djangos_way(field, value, connection)
        require_room(field, prepared)
        return prepared

    models.Field.get_db_prep_save = judged
    try:
        yield
    finally:
        models.Field.get_db_prep_save = djangos_way
