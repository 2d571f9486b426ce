"""The preflight checks of Discord's side: the token, the intent, the bot's sign of life."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from bot.pointing import problems
from desk import health
from desk.models import Channel
from desk.preflight import Finding, amber, check, green, red

CALL_SECONDS = 5
# Message Content: granted, or granted to an application in fewer than 100 servers.
READS_MESSAGES = 1 << 18 | 1 << 19
AGENT = "DiscordBot (preflight, 1)"

health.expect("bot", "The bot", timedelta(seconds=30))


@check("Discord token")
def token() -> Iterator[Finding]:
    """Discord knows the bot, and lets it read messages."""
    if not settings.DISCORD_TOKEN:
        yield red("DISCORD_TOKEN is empty")
        return
    if found := problems(settings.DISCORD_API_URL, settings.DISCORD_GATEWAY_URL):
        yield red("; ".join(found))
        return
    try:
        application = asked("/applications/@me")
    except urllib.error.HTTPError as error:
        yield refusal(error.code)
        return
    except OSError as error:
        yield red(f"{settings.DISCORD_API_URL} does not answer: {error}")
        return
    yield from findings(application)


def findings(application: dict[str, Any]) -> Iterator[Finding]:
    """Judge what Discord says of the application."""
    yield green(f"Discord knows the bot as {application.get('name', 'unnamed')}")
    if int(application.get("flags", 0)) & READS_MESSAGES:
        yield green("it may read messages")
    else:
        yield red("switch on Message Content Intent under Bot in Discord's developer portal")


def refusal(status: int) -> Finding:
    """Say what a refused question means."""
    if status in (401, 403):
        return red("Discord refuses the token in DISCORD_TOKEN: make a new one in the developer portal")
    return red(f"Discord answered with status {status}")


def asked(path: str) -> dict[str, Any]:
    """GET one thing from Discord as the bot."""
    request = urllib.request.Request(  # noqa: S310 - the address passed the check of schemes
        settings.DISCORD_API_URL.rstrip("/") + path,
        headers={"Authorization": f"Bot {settings.DISCORD_TOKEN}", "User-Agent": AGENT},
    )
    with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310 - see above
        found: dict[str, Any] = json.load(answer)
        return found


@check("channels")
def channels() -> Iterator[Finding]:
    """At least one is on the allow-list, with somebody who may ask there."""
    enabled = Channel.objects.filter(is_enabled=True)
    if not enabled.exists():
        yield red("no channel is on the allow-list: messages are answered nowhere")
        return
    yield green(f"listening in {', '.join(f'#{each.name}' for each in enabled.order_by('name'))}")
    for each in enabled.filter(traders=None).order_by("name"):
        yield amber(f"#{each.name} has no trader who may ask there")
