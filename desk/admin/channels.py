"""The allow-list of channels, and how orders from them are worked."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.admin.base import ModelAdmin, environment_badge
from desk.models import Channel, WalkPolicy


@admin.register(Channel)
class ChannelAdmin(ModelAdmin[Channel]):
    list_display = ("name", "tag", "account", "policy", "is_enabled", "max_quantity", "readings")
    list_filter = ("is_enabled", "account__environment", "account")
    list_select_related = ("account", "policy")
    search_fields = ("name", "discord_channel_id")
    autocomplete_fields = ("account", "policy", "alert_trader")
    filter_horizontal = ("traders",)
    fieldsets = (
        (None, {"fields": ("name", "discord_channel_id", "is_enabled", "posts_digests")}),
        ("Where its orders go", {"fields": ("account", "policy")}),
        ("Who", {"fields": ("traders", "approver_role_id")}),
        ("What is accepted", {"fields": ("max_quantity", "allows_market", "preview_only", "is_canary")}),
        (
            "Alerts",
            {
                "fields": (
                    "reads_alerts",
                    "replies_to_alerts",
                    "alert_quantity",
                    "alert_author_ids",
                    "alert_trader",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        """Leave it to those who may switch production which channels go first there."""
        return () if request.user.has_perm("desk.change_environment") else ("is_canary",)

    @admin.display(description="alerts", ordering="reads_alerts")
    def readings(self, obj: Channel) -> SafeString:
        """Link what was last read there; what it says is whether alerts are read at all."""
        word = "only looks" if obj.preview_only else "read" if obj.reads_alerts else "not read"
        address = reverse("admin:orders_message_changelist")
        return format_html(
            '<a class="desk-link" href="{}?channel__id__exact={}">{}</a>', address, obj.pk, word
        )

    @admin.display(description="environment", ordering="account__environment")
    def tag(self, obj: Channel) -> SafeString:
        return environment_badge(obj.account.environment_id)


@admin.register(WalkPolicy)
class WalkPolicyAdmin(ModelAdmin[WalkPolicy]):
    list_display = ("name", "retries", "ticks", "wait_seconds", "method", "end", "before_open")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name",)}),
        ("The walk", {"fields": ("retries", "ticks", "wait_seconds", "method", "end", "before_open")}),
        ("When not to step", {"fields": ("max_spread_percent", "max_move_ticks", "patience_seconds")}),
    )
