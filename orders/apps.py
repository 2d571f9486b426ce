"""The orders' entry in Django."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders import preflight  # noqa: F401 - registers its checks
