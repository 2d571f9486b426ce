"""What runs by itself: schedules, their last runs, and each process's last sign of life."""

from typing import Any

import django_q.admin as django_q_admin
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django_q.models import Failure, OrmQ, Schedule, Success

from desk.admin.base import ReadOnlyAdmin, ago
from desk.models import Heartbeat

for model in (Schedule, Success, Failure, OrmQ):
    admin.site.unregister(model)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin[Heartbeat]):
    list_display = ("name", "last_beat", "unbroken", "detail")
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description="last sign of life", ordering="beat_at")
    def last_beat(self, obj: Heartbeat) -> SafeString | str:
        return ago(obj.beat_at)

    @admin.display(description="without a gap for", ordering="since_at")
    def unbroken(self, obj: Heartbeat) -> SafeString | str:
        return ago(obj.since_at)


# Seen, not edited: whoever may write a schedule's `func` may run any function of the desk.
@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin[Any], django_q_admin.ScheduleAdmin):  # type: ignore[misc]
    list_display = ("name", "func", "schedule_type", "cron", "minutes", "next_run", "get_last_run")
    list_display_links = ("name",)
    list_filter = ("schedule_type",)


class RunAdmin(ReadOnlyAdmin[Any]):
    list_display: tuple[str, ...] = ("name", "func", "started", "stopped", "time_taken")
    search_fields = ("name", "func")
    list_filter = ("group",)
    ordering = ("-stopped",)

    @admin.display(description="seconds")
    def time_taken(self, obj: Any) -> str:
        return f"{obj.time_taken():.2f}"


@admin.register(Success)
class SuccessAdmin(RunAdmin):
    fields = ("name", "func", "group", "started", "stopped", "attempt_count")


@admin.register(Failure)
class FailureAdmin(RunAdmin):
    list_display = (*RunAdmin.list_display, "said")
    fields = ("name", "func", "group", "started", "stopped", "attempt_count", "said")

    @admin.display(description="what it said")
    def said(self, obj: Any) -> str:
        """Return the last line of the traceback: the sentence, not the stack."""
        lines = str(obj.result or "").strip().splitlines()
        return lines[-1][:200] if lines else "–"


@admin.register(OrmQ)
class QueueAdmin(ReadOnlyAdmin[Any]):
    list_display = ("id", "key", "queued_task", "lock")
    fields = ("key", "queued_task", "lock")

    @admin.display(description="task")
    def queued_task(self, obj: Any) -> str:
        return str(obj.func())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("pk")
