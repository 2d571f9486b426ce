"""Who may log in."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

from desk import environments


class DeskBackend(ModelBackend):
    """Django's own users and permissions, without practice people beside real money.

    Their password is public, so while sandbox or production is on none of them can log in, and a
    session they already have is worth nothing.
    """

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether this user may log in, or stay so: Django asks at the login and at each request."""
        return super().user_can_authenticate(user) and not is_shut_out(user)


def is_shut_out(user: User | AnonymousUser | None) -> bool:
    """Whether this is a practice user while another environment is on."""
    person = getattr(user, "trader", None)
    return person is not None and person.is_practice and environments.is_live_enabled()
