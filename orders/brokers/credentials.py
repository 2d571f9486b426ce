"""The secrets of an environment, from the settings; never from the database, never logged."""

from dataclasses import dataclass, field

from django.conf import settings

from orders.brokers.base import CredentialsRefused
from orders.enums import EnvironmentName


@dataclass(frozen=True, slots=True)
class Credentials:
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


PRACTICE = Credentials("practice-secret", "practice-refresh")


def credentials_of(environment: str) -> Credentials:
    """Return the environment's secrets. Raises CredentialsRefused when one is empty.

    Looked at before the SDK is: given an empty secret it would take another from the process
    environment.
    """
    if environment == EnvironmentName.PRACTICE:
        return PRACTICE
    prefix = f"TASTYTRADE_{environment.upper()}"
    names = f"{prefix}_CLIENT_SECRET", f"{prefix}_REFRESH_TOKEN"
    missing = [name for name in names if not getattr(settings, name)]
    if missing:
        raise CredentialsRefused(f"{environment.title()} has no credentials: set {' and '.join(missing)}.")
    return Credentials(*(getattr(settings, name) for name in names))
