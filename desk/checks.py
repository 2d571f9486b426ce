"""System checks of the settings; those that matter only where others can reach it are deploy checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from desk.environments import is_loopback

INSECURE_KEY = "insecure-practice-key-for-loopback-only"


@register()
def practice_is_near(**_: Any) -> list[CheckMessage]:
    """The practice exchange has no real credentials: it must be on this machine."""
    url = settings.PRACTICE_EXCHANGE_URL
    if not url or is_loopback(url):
        return []
    return [Error(f"PRACTICE_EXCHANGE_URL must be a loopback address, not {url}", id="desk.E001")]


@register()
def calls_fit_into_leases(**_: Any) -> list[CheckMessage]:
    """A call that outlives its lease would be repeated by the next worker."""
    if settings.CALL_SECONDS < settings.LEASE_SECONDS:
        return []
    return [Error("CALL_SECONDS must be below LEASE_SECONDS", id="desk.E002")]


@register(Tags.security, deploy=True)
def own_secret_key(**_: Any) -> list[CheckMessage]:
    """The built-in key is public."""
    if settings.SECRET_KEY != INSECURE_KEY:
        return []
    return [Error("SECRET_KEY is the built-in one: set one of your own", id="desk.E003")]


@register(Tags.security, deploy=True)
def https(**_: Any) -> list[CheckMessage]:
    """Logins and orders cross the network."""
    return [] if settings.HTTPS else [Error("HTTPS is off: set HTTPS=true", id="desk.E004")]


@register(Tags.security, deploy=True)
def two_people(**_: Any) -> list[CheckMessage]:
    """One person alone could ask for an order and approve it."""
    if settings.FOUR_EYES:
        return []
    return [Error("FOUR_EYES is off: a requester could approve his own order", id="desk.E005")]
