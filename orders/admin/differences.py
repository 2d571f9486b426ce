"""Breaks, with who looks after them and what explained them; and what of an account is not the desk's."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from desk.admin.base import ReadOnlyAdmin, ago, badge, environment_badge, person
from orders.admin.orders import ReasonActionForm
from orders.approval import NotAllowed
from orders.models import Break, External
from orders.reconciliation import breaks


@admin.register(Break)
class BreakAdmin(ReadOnlyAdmin[Break]):
    """Breaks, the oldest open one first. Nothing is edited: a person takes one, and resolves it."""

    list_display = ("stands", "age", "tag", "account", "kind", "sentence", "blocks", "owner", "cause")
    list_display_links = ("kind",)
    list_select_related = ("account", "owner")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "kind", "account", "owner")
    search_fields = ("key", "sentence", "cause", "symbol", "underlying")
    ordering = (F("resolved_at").desc(nulls_first=True), "first_seen_at")
    action_form = ReasonActionForm
    actions = ("take_selected", "resolve_selected")

    @admin.display(description="environment", ordering="account__environment")
    def tag(self, obj: Break) -> SafeString:
        return environment_badge(obj.account.environment_id)

    @admin.display(description="stands", ordering="resolved_at")
    def stands(self, obj: Break) -> SafeString:
        return badge("explained", "green") if obj.resolved_at else badge("open", "red")

    @admin.display(description="age", ordering="first_seen_at")
    def age(self, obj: Break) -> SafeString | str:
        return ago(obj.first_seen_at)

    @admin.display(description="blocks", ordering="underlying")
    def blocks(self, obj: Break) -> str:
        return "" if obj.resolved_at else obj.underlying or obj.symbol or "nothing"

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.resolve_break")

    @admin.action(description="Take: I look after it", permissions=["resolve"])
    def take_selected(self, request: HttpRequest, queryset: QuerySet[Break]) -> None:
        self._each(request, queryset, "is yours", lambda pk, by: breaks.take(pk, by=by))

    @admin.action(description="Resolve, with what explains it beside", permissions=["resolve"])
    def resolve_selected(self, request: HttpRequest, queryset: QuerySet[Break]) -> None:
        cause = request.POST.get("reason", "")
        self._each(request, queryset, "is resolved", lambda pk, by: breaks.resolve(pk, by=by, cause=cause))

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Break], done: str, do: Callable[[int, User], Break]
    ) -> None:
        """Do it to each break on its own, with a message each: one refusal does not hold up the rest."""
        for pk in queryset.values_list("pk", flat=True):
            try:
                found = do(pk, person(request))
            except NotAllowed as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                self.message_user(request, f"{found} {done}.", messages.SUCCESS)


@admin.register(External)
class ExternalAdmin(ReadOnlyAdmin[External]):
    """What others did in the accounts: shown, counted, never fought."""

    list_display = ("first_seen_at", "tag", "account", "sentence", "status", "symbol", "quantity", "value")
    list_select_related = ("account",)
    list_filter = ("account__environment", "account", "status")
    search_fields = ("key", "sentence", "symbol", "broker_order_id")
    date_hierarchy = "on"
    ordering = ("-first_seen_at", "-pk")

    @admin.display(description="environment", ordering="account__environment")
    def tag(self, obj: External) -> SafeString:
        return environment_badge(obj.account.environment_id)
