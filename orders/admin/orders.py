"""The list of orders, and the page of one. Nothing is edited here: buttons call services."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from desk.admin.base import ActionForm, ReadOnlyAdmin, ago, badge, environment_badge, person, until
from desk.models import Trader
from orders.admin import page, words
from orders.admin.decisions import VERBS, decide
from orders.enums import OrderStatus
from orders.models import Order


class ReasonActionForm(ActionForm):
    """The bar under the list, with the reason that a denial and a resolution need and a cancel may have."""

    reason = forms.CharField(
        required=False,
        label="",
        max_length=200,
        widget=forms.TextInput(
            {
                "placeholder": "Reason",
                "class": "desk-bar-input",
                "x-show": "['deny', 'cancel', 'resolve'].some((verb) => action.includes(verb))",
            }
        ),
    )


class TraderFilter(admin.RelatedFieldListFilter):
    """Traders by name, in one query: a trader is named by his user."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(trader.pk), str(trader)) for trader in Trader.objects.select_related("user")]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin[Order]):
    """Orders: what waits for approval, what is at work, what became of it."""

    list_display = (
        "number",
        "stands",
        "age",
        "what",
        "limit",
        "market",
        "filled",
        "tag",
    )
    list_display_links = ("number",)
    list_filter = (
        "status",
        "environment",
        "account",
        ("trader", TraderFilter),
        "needs_review",
        "proposed_at",
    )
    list_select_related = ("trader__user",)
    list_per_page = 50
    list_fullwidth = True
    list_disable_select_all = True  # only what is on the page was seen
    search_fields = (
        "=id",
        "underlying",
        "text",
        "legs__symbol",
        "placements__external_identifier",
        "placements__broker_order_id",
    )
    search_help_text = "Number, symbol, what was typed, or an external or broker identifier"
    date_hierarchy = "proposed_at"
    ordering = ("-pk",)
    action_form = ReasonActionForm
    actions = ("approve_selected", "deny_selected", "cancel_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).prefetch_related("legs")

    @admin.display(description="#", ordering="pk")
    def number(self, obj: Order) -> SafeString:
        """Show the number, and carry the version this row was drawn from into a bulk approval."""
        return format_html('#{}<input type="hidden" name="seen-{}" value="{}">', obj.pk, obj.pk, obj.version)

    @admin.display(description="status", ordering="status")
    def stands(self, obj: Order) -> SafeString:
        told = badge(obj.get_status_display(), words.STATUS_TONES[OrderStatus(obj.status)])
        if obj.parked_reason or obj.needs_review:
            return format_html("{} {}", told, badge("review", "red"))
        return told

    @admin.display(description="what, and whose", ordering="trader")
    def what(self, obj: Order) -> SafeString:
        return format_html(
            '<strong class="desk-what">{}</strong><br><span class="desk-quiet">{}</span>',
            words.what(obj),
            obj.trader,
        )

    @admin.display(description="bound", ordering="bound_price")
    def limit(self, obj: Order) -> SafeString:
        return format_html('<span class="desk-number">{}</span>', words.bound(obj))

    @admin.display(description="market then")
    def market(self, obj: Order) -> SafeString:
        quote, mid = words.market(obj)
        return format_html(
            '<span class="desk-number">{}<br><span class="desk-quiet">mid {}</span></span>', quote, mid
        )

    @admin.display(description="filled", ordering="filled_quantity")
    def filled(self, obj: Order) -> SafeString:
        return format_html('<span class="desk-number">{}</span>', words.filled(obj))

    @admin.display(description="where", ordering="environment")
    def tag(self, obj: Order) -> SafeString:
        tag = environment_badge(obj.environment)
        return format_html("{} {}", tag, badge("dry run", "grey")) if obj.dry_run else tag

    @admin.display(description="age", ordering="proposed_at")
    def age(self, obj: Order) -> SafeString:
        if obj.status == OrderStatus.PROPOSED:
            return format_html('<span class="desk-number">lapses in {}</span>', until(obj.lapses_at))
        return format_html('<span class="desk-number">{}</span>', ago(obj.proposed_at))

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.approve_order")

    @admin.action(description="Approve", permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, "approve", queryset)

    @admin.action(description="Deny, with the reason beside", permissions=["approve"])
    def deny_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, "deny", queryset)

    @admin.action(description="Cancel", permissions=["view"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._each(request, "cancel", queryset)

    def _each(self, request: HttpRequest, verb: str, queryset: QuerySet[Order]) -> None:
        """Decide on each order on its own, so one stale row does not hold up the rest."""
        for order_id in queryset.values_list("pk", flat=True):
            filled_in = {
                "version": request.POST.get(f"seen-{order_id}", ""),
                "reason": request.POST.get("reason", ""),
            }
            self._decide(request, verb, order_id, filled_in)

    def _decide(self, request: HttpRequest, verb: str, order_id: int, filled_in: Mapping[str, str]) -> None:
        said = decide(verb, order_id, person(request), filled_in)
        messages.add_message(request, said.level, said.sentence)

    def get_urls(self) -> list[URLPattern]:
        decision = self.admin_site.admin_view(self.decision_view)
        return [
            path("<int:order_id>/live/", self.live_view, name="orders_order_live"),
            path("<int:order_id>/<str:verb>/now/", decision, name="orders_order_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """Show the order. It takes no POST: nothing of an order is edited."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        order = page.read(int(object_id)) if object_id.isdecimal() else None
        if order is None:
            raise Http404(f"There is no order #{object_id}.")
        shown = {
            **self.admin_site.each_context(request),
            **page.context(order, person(request), seen=order.version),
            "title": f"Order #{order.pk}",
            "opts": self.opts,
            "original": order,
        }
        return TemplateResponse(request, "admin/orders/order/page.html", shown)

    @method_decorator(never_cache)
    def live_view(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Answer a page that asks what is new: 204 while nothing is, else the live part anew.

        Whoever may not look any more, for his login ended, has the page reload itself into the login.
        """
        if not (self.admin_site.has_permission(request) and self.has_view_permission(request)):
            return HttpResponse(headers={"HX-Refresh": "true"})
        had, seen = request.GET.get("had", ""), request.GET.get("seen", "")
        if Order.objects.filter(pk=order_id, version=int(had) if had.isdecimal() else 0).exists():
            return HttpResponse(status=204)
        order = page.read(order_id)
        if order is None:
            raise Http404(f"There is no order #{order_id}.")
        shown = page.context(order, person(request), seen=int(seen) if seen.isdecimal() else 0)
        return TemplateResponse(request, "admin/orders/order/live.html", shown | {"seen": seen})

    def decision_view(self, request: HttpRequest, order_id: int, verb: str) -> HttpResponse:
        """Take one decision on one order, by POST, and go back to its page."""
        if verb not in VERBS:
            raise Http404(f"An order can't be asked to {verb}.")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        self._decide(request, verb, order_id, request.POST.dict())
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=(order_id,)))
