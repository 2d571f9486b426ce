"""Accounts: their limits, and the kill switch."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from desk.admin.base import ReadOnlyAdmin, StackedInline, ago, environment_badge
from desk.admin.kill_switch import KillSwitchAdmin
from desk.limits import RiskLimits
from desk.models import Account, StateChange
from orders.enums import TradingStateName


class RiskLimitsInline(StackedInline[RiskLimits, Account]):
    model = RiskLimits
    can_delete = False
    max_num = 1


@admin.register(Account)
class AccountAdmin(KillSwitchAdmin[Account]):
    """Accounts. The trading state is changed by the kill switch only."""

    kill_switch_name = "desk_account_switch"
    kill_switch_path = "<int:pk>/switch/"
    list_display: tuple[str, ...] = (
        "__str__",
        "tag",
        "number",
        "is_allowed",
        "trading",
        "why",
        "reconciled",
        "turn",
    )
    list_filter = ("environment", "state", "is_allowed")
    list_select_related = ("environment",)
    search_fields = ("number", "nickname")
    actions = ("halt_selected", "halt_and_cancel_selected", "resume_selected")
    inlines = (RiskLimitsInline,)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return self.list_display if self.may_turn(request) else self.list_display[:-1]

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        asked = ("environment", "number", "nickname", "is_allowed")
        return (*asked, "trading", "why", "reconciled", "turn") if obj else asked

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        """An account never moves to another environment: its orders are stamped with it."""
        return ("environment", "number", "trading", "why", "reconciled", "turn") if obj else ()

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Save under the lock that every intent takes first: limits and allow-list hold at once."""
        list(Account.objects.select_for_update(no_key=True).filter(pk=obj.pk))
        if not change:
            obj.save()
        elif form.changed_data:
            # Only what the form holds: a halt that committed meanwhile survives this save.
            obj.save(update_fields=form.changed_data)

    @admin.display(description="environment", ordering="environment")
    def tag(self, obj: Account) -> SafeString:
        return environment_badge(obj.environment_id)

    @admin.display(description="because")
    def why(self, obj: Account) -> str:
        return obj.effective_reason

    @admin.display(description="last reconciled", ordering="reconciled_at")
    def reconciled(self, obj: Account) -> SafeString | str:
        return ago(obj.reconciled_at)

    @admin.action(description="Halt: no new order leaves", permissions=["halt"])
    def halt_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self.halt(request, list(queryset))

    @admin.action(description="Halt and cancel what is live", permissions=["halt"])
    def halt_and_cancel_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self.halt(request, list(queryset), cancel=True)

    @admin.action(description="Resume trading", permissions=["resume"])
    def resume_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """Resume each account on its own, so one refusal does not hold up the rest."""
        for account in queryset:
            self.resume(request, account, TradingStateName.ACTIVE)


@admin.register(StateChange)
class StateChangeAdmin(ReadOnlyAdmin[StateChange]):
    """Who halted, reduced and resumed what."""

    list_display = ("at", "tag", "whose", "was", "becomes", "by", "reason")
    list_filter = ("environment", "account", "becomes")
    list_select_related = ("account", "environment")
    ordering = ("-pk",)

    @admin.display(description="environment", ordering="environment")
    def tag(self, obj: StateChange) -> SafeString:
        return environment_badge(obj.environment_id)

    @admin.display(description="whose", ordering="account")
    def whose(self, obj: StateChange) -> str:
        return str(obj.account) if obj.account else "all accounts"
