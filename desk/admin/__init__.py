"""The desk's own rows in the admin, one topic each."""

from desk.admin import accounts, channels, environments, housekeeping, people

__all__ = ["accounts", "channels", "environments", "housekeeping", "people"]
