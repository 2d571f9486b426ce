"""The rows behind an order, each with its own list: legs, placements, fills, approvals, events, digests."""

from django.contrib import admin
from django.utils.safestring import SafeString

from desk.admin.base import ReadOnlyAdmin, badge, environment_badge
from orders.admin import words
from orders.models import Approval, DayDigest, Fill, Leg, OrderEvent, Placement


@admin.register(Leg)
class LegAdmin(ReadOnlyAdmin[Leg]):
    list_display = (
        "symbol",
        "order",
        "tag",
        "action",
        "ratio",
        "kind",
        "expires_on",
        "strike",
        "option_type",
    )
    list_select_related = ("order",)
    list_filter = ("kind", "action", "order__environment")
    search_fields = ("symbol", "root")
    ordering = ("-order_id", "index")

    @admin.display(description="environment", ordering="order__environment")
    def tag(self, obj: Leg) -> SafeString:
        return environment_badge(obj.order.environment)


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin[Placement]):
    list_display = (
        "external_identifier",
        "order",
        "tag",
        "stands",
        "rung",
        "quantity",
        "limit",
        "filled_quantity",
        "broker_order_id",
        "broker_status",
        "intended_at",
        "latency_ms",
        "cause",
    )
    list_select_related = ("order",)
    list_filter = ("status", "order__environment", "account")
    search_fields = ("external_identifier", "broker_order_id", "=order__id")
    date_hierarchy = "intended_at"
    ordering = ("-pk",)

    @admin.display(description="environment", ordering="order__environment")
    def tag(self, obj: Placement) -> SafeString:
        return environment_badge(obj.order.environment)

    @admin.display(description="status", ordering="status")
    def stands(self, obj: Placement) -> SafeString:
        return badge(obj.get_status_display(), words.placement_tone(obj.status))

    @admin.display(description="limit", ordering="limit_price")
    def limit(self, obj: Placement) -> str:
        return words.price(obj.limit_price)


@admin.register(Fill)
class FillAdmin(ReadOnlyAdmin[Fill]):
    list_display = ("fill_id", "order", "tag", "leg", "quantity", "at", "filled_at", "account")
    list_select_related = ("placement__order", "leg", "account")
    list_filter = ("account__environment", "account")
    search_fields = ("fill_id", "placement__external_identifier", "leg__symbol")
    date_hierarchy = "filled_at"
    ordering = ("-filled_at", "-pk")

    @admin.display(description="order", ordering="placement__order")
    def order(self, obj: Fill) -> str:
        return str(obj.placement.order)

    @admin.display(description="environment", ordering="account__environment")
    def tag(self, obj: Fill) -> SafeString:
        return environment_badge(obj.account.environment_id)

    @admin.display(description="price", ordering="price")
    def at(self, obj: Fill) -> str:
        return words.price(obj.price)


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin[Approval]):
    list_display = ("order", "tag", "answer", "by", "via", "at", "quantity", "limit", "reason")
    list_select_related = ("order", "by")
    list_filter = ("is_yes", "is_void", "via", "order__environment")
    search_fields = ("=order__id", "by__username", "reason")
    date_hierarchy = "at"
    ordering = ("-at",)

    @admin.display(description="environment", ordering="order__environment")
    def tag(self, obj: Approval) -> SafeString:
        return environment_badge(obj.order.environment)

    @admin.display(description="answer", ordering="is_yes")
    def answer(self, obj: Approval) -> SafeString:
        if obj.is_void:
            return badge("asked again", "grey")
        return badge("approved", "green") if obj.is_yes else badge("denied", "red")

    @admin.display(description="bound", ordering="bound_price")
    def limit(self, obj: Approval) -> str:
        return words.price(obj.bound_price)


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin[OrderEvent]):
    list_display = ("at", "order", "tag", "kind", "by", "old_status", "new_status", "reason")
    list_select_related = ("order",)
    list_filter = ("kind", "order__environment")
    search_fields = ("=order__id", "by", "reason")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    @admin.display(description="environment", ordering="order__environment")
    def tag(self, obj: OrderEvent) -> SafeString:
        return environment_badge(obj.order.environment)


@admin.register(DayDigest)
class DayDigestAdmin(ReadOnlyAdmin[DayDigest]):
    list_display = ("day", "written_at", "digest", "count")
    search_fields = ("=digest",)
    date_hierarchy = "day"
    ordering = ("-day",)

    @admin.display(description="orders")
    def count(self, obj: DayDigest) -> int:
        return len(obj.heads)
