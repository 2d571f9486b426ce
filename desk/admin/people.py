"""People: logins, rights, and the Discord identities bound to them."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from desk.admin.base import ModelAdmin, StackedInline
from desk.models import Trader

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
else:
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

admin.site.unregister(User)
admin.site.unregister(Group)


class TraderInline(StackedInline[Trader, User]):
    model = Trader
    can_delete = False
    extra = 0
    fields = ("discord_user_id", "is_active")


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin[User]):
    """Logins. Only superusers hand out rights, or touch a superuser's login."""

    form = UserChangeForm[User]
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
    inlines = (TraderInline,)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (request.user.is_superuser or obj is None or not obj.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        rights = () if request.user.is_superuser else ("is_superuser", "groups", "user_permissions")
        return (*rights, "last_login", "date_joined")

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin[Group]):
    """Rights in bundles. Only superusers change one."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser and super().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser and super().has_add_permission(request)


@admin.register(Trader)
class TraderAdmin(ModelAdmin[Trader]):
    list_display = (
        "__str__",
        "user",
        "discord_user_id",
        "is_active",
        "may_trade_production",
        "is_practice",
    )
    list_filter = ("is_active", "may_trade_production", "is_practice")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__first_name", "user__last_name", "discord_user_id")
    autocomplete_fields = ("user",)
    fields = ("user", "discord_user_id", "is_active", "may_trade_production", "is_practice")

    def get_readonly_fields(self, request: HttpRequest, obj: Trader | None = None) -> tuple[str, ...]:
        """Keep the keys of an environment to superusers; a profile never moves to another person."""
        keys = () if request.user.is_superuser else ("may_trade_production", "is_practice")
        return (*keys, "user") if obj else keys
