"""What every admin page here stands on: the theme's ModelAdmin, read-only rows, coloured words."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.enums import EnvironmentName

if TYPE_CHECKING:  # the theme carries no types; its classes are drop-ins for Django's
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.contrib.admin.helpers import ActionForm
else:
    from unfold.admin import ModelAdmin, StackedInline, TabularInline
    from unfold.forms import ActionForm

__all__ = [
    "ActionForm",
    "ModelAdmin",
    "ReadOnlyAdmin",
    "StackedInline",
    "TabularInline",
    "ago",
    "badge",
    "environment_badge",
    "person",
    "until",
]

M = TypeVar("M", bound=Model)
ENVIRONMENT_TONES: Final = {
    EnvironmentName.PRACTICE: "green",
    EnvironmentName.SANDBOX: "amber",
    EnvironmentName.PRODUCTION: "red",
}


class ReadOnlyAdmin(ModelAdmin[M]):
    """Rows that only services write: nobody adds, changes or deletes one by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def person(request: HttpRequest) -> User:
    """Return who is logged in; the admin lets nobody else this far."""
    if not isinstance(request.user, User):
        raise TypeError("a page of the admin was reached without a login")
    return request.user


def badge(text: str, tone: str) -> SafeString:
    """Return a coloured word. `tone`: amber, blue, green, red or grey."""
    return format_html('<span class="desk-badge desk-{}">{}</span>', tone, text)


def environment_badge(name: str) -> SafeString:
    return badge(name.upper(), ENVIRONMENT_TONES[EnvironmentName(name)])


def ago(at: datetime | None) -> SafeString | str:
    """Return how long ago, kept fresh by the page's script; the exact time on hover."""
    return _moving("since", at)


def until(at: datetime | None) -> SafeString | str:
    """Return how long until then, counting down by the page's script."""
    return _moving("until", at)


def _moving(direction: str, at: datetime | None) -> SafeString | str:
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html(
        '<time data-{}="{}" title="{}">{}</time>',
        direction,
        at.isoformat(),
        f"{local:%d %b %Y %H:%M:%S} New York",
        f"{local:%H:%M:%S}",
    )
