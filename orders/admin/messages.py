"""What was said and read: the review queue first, and the page that completes a message in two clicks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from desk.admin.base import ReadOnlyAdmin, ago, badge, environment_badge, person
from orders.admin import message_words, ticket_box
from orders.alerts import reviewing
from orders.alerts.messages import UNDER_WAY, WAITING
from orders.alerts.reviewing import MAY_REVIEW, Misspelt
from orders.approval import NotAllowed
from orders.enums import MessageState
from orders.language.alerts import Intent
from orders.models import Message
from orders.verdicts import Denied

WAITS: Final = When(state__in=sorted(WAITING), then=Value(0))


def complete(message_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    reviewing.complete(message_id, filled_in.get("commands", ""), by=user, version=_version(filled_in))
    return "A worker prices it now."


def dismiss(message_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    reviewing.dismiss(message_id, by=user, reason=filled_in.get("reason", ""), version=_version(filled_in))
    return "Dismissed."


def mark(message_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    try:
        intent = Intent(filled_in.get("intent", ""))
    except ValueError:
        raise NotAllowed("Say what it should have been read as.") from None
    reviewing.mark_wrong(message_id, by=user, intent=intent, text=filled_in.get("expected", ""))
    return "Marked as read wrong; manage.py parse --export makes it a test case."


def _version(filled_in: Mapping[str, str]) -> int:
    seen = filled_in.get("version", "")
    return int(seen) if seen.isdecimal() else 0


VERBS: Final[Mapping[str, Callable[[int, User, Mapping[str, str]], str]]] = {
    "complete": complete,
    "dismiss": dismiss,
    "mark": mark,
}


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    """Messages: what waits for a person first, then what every other one became."""

    list_display = ("said", "stands", "whose", "words", "became")
    list_display_links = ("said",)
    list_filter = ("state", "channel", "intent", "is_marked_wrong", "posted_at")
    list_select_related = ("channel",)
    list_per_page = 50
    list_fullwidth = True
    search_fields = ("text", "author_name", "=discord_message_id")
    # What waits is longest waiting first, the rest newest first.
    ordering = (Case(WAITS, default=Value(1)), Case(When(state__in=sorted(WAITING), then=F("pk"))), "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).prefetch_related("parts__order")

    @admin.display(description="said", ordering="posted_at")
    def said(self, obj: Message) -> SafeString:
        return format_html('<span class="desk-number">{}</span>', ago(obj.posted_at))

    @admin.display(description="status", ordering="state")
    def stands(self, obj: Message) -> SafeString:
        return state_badge(obj)

    @admin.display(description="whose", ordering="author_name")
    def whose(self, obj: Message) -> SafeString:
        return format_html('{}<br><span class="desk-quiet">{}</span>', obj.author_name, obj.channel)

    @admin.display(description="what was said, and why it stands so")
    def words(self, obj: Message) -> SafeString:
        said = message_words.line(obj.text)
        return format_html('<strong>{}</strong><br><span class="desk-quiet">{}</span>', said, obj.reason)

    @admin.display(description="became", ordering="intent")
    def became(self, obj: Message) -> SafeString:
        """Show what it was read as, then its orders, and whether staff say that it was read wrong."""
        wrong = badge("read wrong", "red") if obj.is_marked_wrong else ""
        return format_html("{} {} {}", obj.intent, orders_of(obj), wrong)

    def get_urls(self) -> list[URLPattern]:
        decision = self.admin_site.admin_view(self.decision_view)
        box = self.admin_site.admin_view(self.ticket_box_view)
        return [
            path("new/", box, name="orders_message_new"),
            path("<int:message_id>/<str:verb>/now/", decision, name="orders_message_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """Show the message. It takes no POST: nothing of a message is edited."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, int(object_id) if object_id.isdecimal() else 0)

    def decision_view(self, request: HttpRequest, message_id: int, verb: str) -> HttpResponse:
        """Take one decision by POST. A mistake in a command comes back on the page, with what was typed."""
        if verb not in VERBS:
            raise Http404(f"A message can't be asked to {verb}.")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request) or not Message.objects.filter(pk=message_id).exists():
            raise PermissionDenied
        filled_in = request.POST.dict()
        try:
            messages.success(request, VERBS[verb](message_id, person(request), filled_in))
        except Misspelt as slip:
            fault = message_words.fault(slip.mistake)
            return self._page(request, message_id, fault=fault, filled_in=filled_in, verb=verb)
        except (NotAllowed, Denied) as refusal:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("admin:orders_message_change", args=(message_id,)))

    def ticket_box_view(self, request: HttpRequest) -> HttpResponse:
        """Take a command for a channel, show how it reads, and have a worker propose it."""
        if not self.has_view_permission(request) or not request.user.has_perm("orders.propose_order"):
            raise PermissionDenied
        found = ticket_box.answer(request)
        if found.message is not None:
            return HttpResponseRedirect(reverse("admin:orders_message_change", args=(found.message.pk,)))
        shown = self.admin_site.each_context(request) | found.context
        return TemplateResponse(
            request, "admin/orders/message/new.html", shown | {"title": "New ticket", "opts": self.opts}
        )

    def _page(self, request: HttpRequest, message_id: int, **more: Any) -> HttpResponse:
        related = ("channel__account", "requester__user", "marked_by")
        message = Message.objects.select_related(*related).filter(pk=message_id).first()
        if message is None:
            raise Http404(f"There is no message {message_id}.")
        shown = self.admin_site.each_context(request) | page(message, person(request)) | more
        named = {"title": f"Message {message.pk}", "opts": self.opts, "original": message}
        return TemplateResponse(request, "admin/orders/message/page.html", shown | named)


def page(message: Message, user: User) -> dict[str, Any]:
    """Return what the page of a message shows to this person."""
    may_review = user.has_perm(MAY_REVIEW)
    return {
        "message": message,
        "status": state_badge(message),
        "environment_tag": environment_badge(message.channel.account.environment_id),
        "orders": orders_of(message),
        "understood": message_words.understood(message.reading),
        "history": message_words.happened(message),
        "is_under_way": message.state in UNDER_WAY,
        "may_review": may_review,
        "refusal": refusal_for(message, user) if may_review and message.is_waiting else "",
        "intents": [intent.value for intent in Intent],
    }


def refusal_for(message: Message, user: User) -> str:
    """Return why this person may not propose there; "" where he may. The service asks again."""
    try:
        reviewing.requester_for(user, message.channel)
    except (NotAllowed, Denied) as refusal:
        return str(refusal)
    return ""


def state_badge(message: Message) -> SafeString:
    return badge(message.get_state_display(), message_words.TONES[MessageState(message.state)])


def orders_of(message: Message) -> SafeString:
    """Return links to the orders it became, with what became of them."""
    return format_html_join(
        ", ",
        '<a class="desk-link" href="{}">#{}</a> {}',
        (
            (
                reverse("admin:orders_order_change", args=(part.order_id,)),
                part.order_id,
                part.order.get_status_display().lower(),
            )
            for part in message.parts.all()
        ),
    )
