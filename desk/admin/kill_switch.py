"""The kill switch of an account or of an environment: its page, its buttons, its column."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.admin.base import ModelAdmin, badge, environment_badge, person
from desk.models import Account, Environment
from orders.approval import NotAllowed
from orders.enums import TradingStateName
from orders.halts import halting
from orders.models import MassCancel

Row = TypeVar("Row", Account, Environment)
REASON: Final = "halted in the admin"
STATE_TONES: Final = {
    TradingStateName.ACTIVE: "green",
    TradingStateName.REDUCING: "amber",
    TradingStateName.HALTED: "red",
}
RESUMES: Final[Mapping[str, TradingStateName]] = {
    "resume": TradingStateName.ACTIVE,
    "resume_reducing": TradingStateName.REDUCING,
}


def state_badge(row: Account | Environment) -> SafeString:
    """Return the state that counts: an account's is never less careful than its environment's."""
    state = row.effective_state if isinstance(row, Account) else TradingStateName(row.state)
    return badge(state, STATE_TONES[state])


def name_of(row: Account | Environment) -> str:
    return str(row) if isinstance(row, Account) else f"All of {row.pk}"


class HaltForm(forms.Form):
    """Why, and whether what is live goes too. A halt must not wait for words: the reason is optional."""

    reason = forms.CharField(max_length=150, required=False)
    cancel = forms.BooleanField(required=False)


class KillSwitchAdmin(ModelAdmin[Row]):
    """Adds the switch to the admin of a model with a trading state."""

    kill_switch_name: str  # of the page's address
    kill_switch_path: str

    def has_halt_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("desk.halt_account")

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("desk.resume_account")

    def may_turn(self, request: HttpRequest) -> bool:
        return self.has_halt_permission(request) or self.has_resume_permission(request)

    @admin.display(description="trading", ordering="state")
    def trading(self, obj: Row) -> SafeString:
        return state_badge(obj)

    @admin.display(description="kill switch")
    def turn(self, obj: Row) -> SafeString:
        halted = obj.state == TradingStateName.HALTED
        return format_html(
            '<a class="desk-button {}" href="{}">{}</a>',
            "" if halted else "desk-danger",
            reverse(f"admin:{self.kill_switch_name}", args=(obj.pk,)),
            "Resume …" if halted else "Halt …",
        )

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.kill_switch_view)
        return [path(self.kill_switch_path, page, name=self.kill_switch_name), *super().get_urls()]

    def kill_switch_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show the kill switch, and turn it on POST."""
        row = get_object_or_404(self.model, pk=pk)
        if not self.may_turn(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._obey(request, row)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Trading of {name_of(row)}",
            "opts": self.opts,
            "original": row,
            "name": name_of(row),
            "environment_tag": environment_badge(
                row.pk if isinstance(row, Environment) else row.environment_id
            ),
            "state_tag": badge(row.state, STATE_TONES[TradingStateName(row.state)]),
            "may_halt": self.has_halt_permission(request),
            "may_resume": self.has_resume_permission(request),
            "mass_cancels": last_mass_cancels(row),
            "changes": changes_of(row),
        }
        return TemplateResponse(request, "admin/desk/account/switch.html", context)

    def _obey(self, request: HttpRequest, row: Row) -> HttpResponse:
        """Do what the button said, whatever the state is by now: every direction is safe twice."""
        form, wanted = HaltForm(request.POST), request.POST.get("turn", "")
        form.is_valid()
        if wanted in RESUMES:
            if not self.has_resume_permission(request):
                raise PermissionDenied
            self.resume(request, row, RESUMES[wanted])
        elif not self.has_halt_permission(request):
            raise PermissionDenied
        elif wanted == "reduce":
            self.reduce(request, row, reason=form.cleaned_data.get("reason", ""))
        else:
            self.halt(request, [row], **form.cleaned_data)
        return HttpResponseRedirect(reverse(f"admin:{self.kill_switch_name}", args=(row.pk,)))

    def halt(
        self, request: HttpRequest, rows: Sequence[Row], *, reason: str = "", cancel: bool = False
    ) -> None:
        """Halt each and tell of each; a halt is safe twice."""
        asked: dict[str, Any] = {
            "by": person(request).get_username(),
            "reason": reason or REASON,
            "cancel": cancel,
        }
        for row in rows:
            if isinstance(row, Account):
                count = halting.halt([row.pk], **asked)
            else:
                count = halting.halt_environment(row.pk, **asked)
            told = f"{name_of(row)} is halted."
            if cancel:
                told += f" Asked to cancel: {count} order{'' if count == 1 else 's'}."
            self.message_user(request, told, messages.SUCCESS)

    def reduce(self, request: HttpRequest, row: Row, *, reason: str) -> None:
        asked = {"by": person(request).get_username(), "reason": reason or "reduced in the admin"}
        if isinstance(row, Account):
            halting.reduce([row.pk], **asked)
        else:
            halting.reduce_environment(row.pk, **asked)
        self.message_user(request, f"{name_of(row)} lets only closing orders through.", messages.SUCCESS)

    def resume(self, request: HttpRequest, row: Row, to: TradingStateName) -> None:
        by = person(request)
        try:
            if isinstance(row, Account):
                halting.resume(row.pk, by=by, to=to)
            else:
                halting.resume_environment(row.pk, by=by, to=to)
        except NotAllowed as refusal:
            self.message_user(request, f"{name_of(row)}: {refusal}", messages.WARNING)
        else:
            again = "trades again" if to is TradingStateName.ACTIVE else "closes again, and opens nothing"
            self.message_user(request, f"{name_of(row)} {again}.", messages.SUCCESS)


def last_mass_cancels(row: Account | Environment) -> list[MassCancel]:
    """Return the latest mass cancel of each account that has had one."""
    whose = Q(account=row) if isinstance(row, Account) else Q(account__environment=row)
    found: dict[int, MassCancel] = {}
    for asked in MassCancel.objects.filter(whose).select_related("account").order_by("-pk")[:50]:
        found.setdefault(asked.account_id, asked)
    return list(found.values())


def changes_of(row: Account | Environment) -> Any:
    """Return the last changes of its state, newest first."""
    own = Q(account=row) if isinstance(row, Account) else Q(account=None)
    return row.state_changes.filter(own).order_by("-pk")[:10]
