"""System checks of the bot's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from bot.pointing import problems


@register()
def discord_addresses(**_: Any) -> list[CheckMessage]:
    """Refuse to send the bot's token over an open network."""
    found = problems(settings.DISCORD_API_URL, settings.DISCORD_GATEWAY_URL)
    return [Error(sentence, id="bot.E001") for sentence in found]
