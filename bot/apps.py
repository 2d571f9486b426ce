"""The bot's entry in Django."""

from django.apps import AppConfig


class BotConfig(AppConfig):
    name = "bot"

    def ready(self) -> None:
        from bot import checks, preflight  # noqa: F401 -- they register themselves
