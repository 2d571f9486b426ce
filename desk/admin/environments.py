"""Environments with their switch, what was switched and checked, and their sessions."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from desk import switching
from desk.admin import switch_page
from desk.admin.base import ReadOnlyAdmin, ago, badge, environment_badge, person
from desk.admin.kill_switch import KillSwitchAdmin
from desk.models import Environment, EnvironmentChange, PreflightRun, TradingSession
from desk.switching import NotSwitched
from orders.enums import EnvironmentName

Act = Callable[[str, Mapping[str, str], User], EnvironmentChange]


def _ask(name: str, posted: Mapping[str, str], by: User) -> EnvironmentChange:
    return switching.request_change(name, by=by, **switch_page.wanted(posted))


def _confirm(name: str, posted: Mapping[str, str], by: User) -> EnvironmentChange:
    return switching.confirm_change(_waiting(name, posted), by=by)


def _withdraw(name: str, posted: Mapping[str, str], by: User) -> EnvironmentChange:
    return switching.withdraw_change(_waiting(name, posted), by=by)


def _waiting(name: str, posted: Mapping[str, str]) -> int:
    """Return the change that the form was drawn with: what nobody saw is not confirmed."""
    number = posted.get("change", "")
    known = EnvironmentChange.objects.filter(environment=name)
    if not number.isdecimal() or not known.filter(pk=int(number)).exists():
        raise Http404("There is no such change.")
    return int(number)


ACTS: Mapping[str, Act] = {"ask": _ask, "confirm": _confirm, "withdraw": _withdraw}


@admin.register(Environment)
class EnvironmentAdmin(KillSwitchAdmin[Environment]):
    """The three environments. The form holds no switch: the buttons above it call `switching`."""

    kill_switch_name = "desk_environment_halt"
    kill_switch_path = "<str:pk>/halt/"
    list_display: tuple[str, ...] = (
        "tag",
        "switch",
        "trading",
        "state_reason",
        "dry_run",
        "rollout",
        "quote_delay_seconds",
        "turn",
    )
    list_display_links = ("tag",)
    fields = ("tag", "trading", "state_reason", "turn", "quote_delay_seconds")
    readonly_fields = ("tag", "trading", "state_reason", "turn")
    change_form_outer_before_template = "admin/desk/environment/switch.html"

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return self.list_display if self.may_turn(request) else self.list_display[:-1]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Environment, form: Any, change: bool) -> None:
        """Save what the form holds only: a switch that was turned meanwhile stays as it is."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Draw the switch above the form."""
        shown = switch_page.context(context["original"], person(request), now=timezone.now())
        return super().render_change_form(request, context | {"switch": shown}, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        turn = self.admin_site.admin_view(self.switch_view)
        return [
            path("<str:name>/switch/<str:act>/", turn, name="desk_environment_switch"),
            *super().get_urls(),
        ]

    def switch_view(self, request: HttpRequest, name: str, act: str) -> HttpResponse:
        """Ask for a change, confirm or withdraw one, by POST, and go back to the environment's page."""
        if act not in ACTS or not Environment.objects.filter(pk=name).exists():
            raise Http404("There is no such environment, or nothing of it to turn.")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        self._turn(request, name, act)
        return HttpResponseRedirect(reverse("admin:desk_environment_change", args=(name,)))

    def _turn(self, request: HttpRequest, name: str, act: str) -> None:
        try:
            change = ACTS[act](name, request.POST.dict(), person(request))
        except (NotSwitched, switch_page.BadRequest) as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            told = f"{change.environment}: {change.what}, {change.get_status_display().lower()}."
            self.message_user(request, told, messages.SUCCESS)

    @admin.display(description="environment", ordering="name")
    def tag(self, obj: Environment) -> SafeString:
        return environment_badge(obj.name)

    @admin.display(description="switch", ordering="is_enabled")
    def switch(self, obj: Environment) -> SafeString:
        return badge("on", "green") if obj.is_enabled else badge("off", "grey")

    @admin.display(description="rollout stage", ordering="stage")
    def rollout(self, obj: Environment) -> str:
        return obj.get_stage_display() if obj.name == EnvironmentName.PRODUCTION else "–"


@admin.register(EnvironmentChange)
class EnvironmentChangeAdmin(ReadOnlyAdmin[EnvironmentChange]):
    list_display = ("tag", "what", "status", "asked_by", "asked", "ended_by", "preflight")
    list_display_links = ("what",)
    list_filter = ("environment", "setting", "status")
    list_select_related = ("environment", "asked_by", "ended_by", "preflight")
    ordering = ("-pk",)

    @admin.display(description="environment", ordering="environment")
    def tag(self, obj: EnvironmentChange) -> SafeString:
        return environment_badge(obj.environment_id)

    @admin.display(description="asked", ordering="asked_at")
    def asked(self, obj: EnvironmentChange) -> SafeString | str:
        return ago(obj.asked_at)


@admin.register(PreflightRun)
class PreflightRunAdmin(ReadOnlyAdmin[PreflightRun]):
    list_display = ("id", "tag", "began", "colour")
    list_filter = ("environment", "verdict")
    list_select_related = ("environment",)
    ordering = ("-pk",)

    @admin.display(description="environment", ordering="environment")
    def tag(self, obj: PreflightRun) -> SafeString:
        return environment_badge(obj.environment_id)

    @admin.display(description="began", ordering="at")
    def began(self, obj: PreflightRun) -> SafeString | str:
        return ago(obj.at)

    @admin.display(description="verdict", ordering="verdict")
    def colour(self, obj: PreflightRun) -> SafeString:
        return badge(obj.verdict, switch_page.TONES[obj.verdict])


@admin.register(TradingSession)
class TradingSessionAdmin(ReadOnlyAdmin[TradingSession]):
    list_display = ("day", "kind", "tag", "opens_at", "closes_at")
    list_filter = ("environment", "kind")
    list_select_related = ("environment",)
    date_hierarchy = "day"
    ordering = ("-day", "kind")

    @admin.display(description="environment", ordering="environment")
    def tag(self, obj: TradingSession) -> SafeString:
        return environment_badge(obj.environment_id)
