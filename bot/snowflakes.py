"""Discord's ids, which carry the time they were made. Pure."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
TIME_SHIFT = 22  # bits below the milliseconds


def made_at(snowflake: int) -> datetime:
    """Return when Discord made this id, aware UTC."""
    return EPOCH + timedelta(milliseconds=snowflake >> TIME_SHIFT)


def first_at(moment: datetime) -> int:
    """Return the lowest id of that moment; 0 before Discord began."""
    return max(int((moment - EPOCH) / timedelta(milliseconds=1)), 0) << TIME_SHIFT


def earlier(snowflake: int, by: timedelta) -> int:
    """Return the lowest id of `by` before this one."""
    return first_at(made_at(snowflake) - by)
