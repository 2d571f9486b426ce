"""Where discord.py speaks to: Discord, or the practice server at an address of ours.

The addresses are class attributes of discord.py, so they hold for the whole process.
"""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from desk.environments import is_loopback

log = logging.getLogger(__name__)
DISCORD = "https://discord.com/api/v10"


def problems(api_url: str, gateway_url: str) -> list[str]:
    """Return why these addresses may not be given the bot's token; empty when they may. Pure."""
    found = []
    if api_url != DISCORD and not is_safe(api_url, "https", "http"):
        found.append(f"DISCORD_API_URL must be https, or http on this machine, not {api_url}")
    if gateway_url and not is_safe(gateway_url, "wss", "ws"):
        found.append(f"DISCORD_GATEWAY_URL must be wss, or ws on this machine, not {gateway_url}")
    return found


def is_safe(url: str, encrypted: str, plain: str) -> bool:
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    return bool(host) and (scheme == encrypted or (scheme == plain and is_loopback(url)))


def point_discord() -> None:
    """Point discord.py at the configured addresses. Raises ImproperlyConfigured for unsafe ones."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route
    from yarl import URL

    if found := problems(settings.DISCORD_API_URL, settings.DISCORD_GATEWAY_URL):
        raise ImproperlyConfigured("; ".join(found))
    if settings.DISCORD_API_URL != DISCORD:
        log.warning("the bot's token goes to %s instead of Discord", settings.DISCORD_API_URL)
    Route.BASE = settings.DISCORD_API_URL.rstrip("/")
    if settings.DISCORD_GATEWAY_URL:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.DISCORD_GATEWAY_URL)


def gateway_is_to_be_asked() -> bool:
    """Whether the other server's own word is needed: a plain client never asks for its gateway."""
    return settings.DISCORD_API_URL != DISCORD and not settings.DISCORD_GATEWAY_URL
