"""What the processes of a running desk are told: settings by environment variable, secrets by file."""

import os

from django.conf import settings

from bot.practice.world import BOT_TOKEN
from desk.checks import INSECURE_KEY
from desk.running.addresses import Addresses
from desk.running.place import Place
from desk.running.programs import Cast


def cast_of_settings() -> Cast:
    """Return which counterparts this machine's settings leave to the practice ones."""
    return Cast(has_queue=not os.environ.get("CELERY_BROKER_URL"), has_chat=not settings.DISCORD_TOKEN)


def told(place: Place, addresses: Addresses, cast: Cast) -> dict[str, str]:
    """Return the settings that a command beside the running desk needs too. None is a secret."""
    found = {
        "VAR_DIR": str(place.var),
        "PRACTICE_EXCHANGE_URL": addresses.exchange_url,
        "SECRET_KEY_FILE": str(place.secret_key),
    }
    if cast.has_queue:
        found["CELERY_BROKER_URL"] = f"redis+socket://{place.queue_socket}"
    if cast.has_chat:
        found |= {
            "PRACTICE_CHAT_URL": addresses.chat_url,
            "DISCORD_API_URL": f"{addresses.chat_url}/api/v10",
            "DISCORD_GATEWAY_URL": addresses.gateway_url,
            "DISCORD_TOKEN": BOT_TOKEN,  # public: it opens nothing but the practice chat
        }
    return found


def environment(place: Place, addresses: Addresses, cast: Cast) -> dict[str, str]:
    """Return the whole environment of the processes."""
    own = told(place, addresses, cast)
    if settings.SECRET_KEY != INSECURE_KEY:
        own.pop("SECRET_KEY_FILE")  # the desk has a key of its own
    # A file that holds a setting would win over the setting itself.
    no_files = {f"{name}_FILE": "" for name in own if not name.endswith("_FILE")}
    return {**os.environ, **no_files, **own, "PYTHONUNBUFFERED": "1", "TZ": "UTC"}


def write(place: Place, values: dict[str, str]) -> None:
    """Leave the settings for commands typed beside the running desk; `joining` reads them."""
    lines = (f"{name}={value}" for name, value in values.items())
    place.settings.write_text("\n".join(lines) + "\n")
