"""What the bot has said and seen: rows that only the bot writes."""

from django.contrib import admin
from django.utils.safestring import SafeString

from bot.models import DigestPost, Reply, SeenMessage
from desk.admin.base import ReadOnlyAdmin, badge, environment_badge


@admin.register(Reply)
class ReplyAdmin(ReadOnlyAdmin[Reply]):
    list_display = ("order", "tag", "discord_channel_id", "discord_message_id", "shown_at", "freshness")
    list_select_related = ("order",)
    search_fields = ("=order__id", "discord_message_id")
    ordering = ("-order_id",)

    @admin.display(description="environment")
    def tag(self, obj: Reply) -> SafeString:
        return environment_badge(obj.order.environment)

    @admin.display(description="shows")
    def freshness(self, obj: Reply) -> SafeString:
        behind = obj.order.version - obj.shown_version
        return badge("the latest", "green") if behind <= 0 else badge(f"{behind} behind", "amber")


@admin.register(SeenMessage)
class SeenMessageAdmin(ReadOnlyAdmin[SeenMessage]):
    list_display = ("discord_message_id", "discord_channel_id", "seen_at")
    search_fields = ("discord_message_id",)
    ordering = ("-seen_at",)


@admin.register(DigestPost)
class DigestPostAdmin(ReadOnlyAdmin[DigestPost]):
    list_display = ("digest", "channel", "discord_message_id", "is_given_up")
    list_select_related = ("digest", "channel")
    ordering = ("-digest__day",)
