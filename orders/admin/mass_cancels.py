"""What halts took back from the broker, and what they left."""

from django.contrib import admin
from django.utils.safestring import SafeString

from desk.admin.base import ReadOnlyAdmin, environment_badge
from orders.models import MassCancel


@admin.register(MassCancel)
class MassCancelAdmin(ReadOnlyAdmin[MassCancel]):
    list_display = ("account", "tag", "by", "reason", "asked_at", "passes", "told")
    list_select_related = ("account",)
    list_filter = ("account__environment", "account")
    ordering = ("-pk",)

    @admin.display(description="environment", ordering="account__environment")
    def tag(self, obj: MassCancel) -> SafeString:
        return environment_badge(obj.account.environment_id)
