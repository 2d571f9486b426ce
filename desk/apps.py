"""The desk's entry in Django."""

import sys

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self) -> None:
        from desk import checks, desk_preflight  # noqa: F401 - they register themselves

        if sys.argv[1:2] == ["qcluster"]:
            # Its sentinel would outlive it, start workers anew, and belong to nobody.
            from desk.running.tied import tie_children

            tie_children()
