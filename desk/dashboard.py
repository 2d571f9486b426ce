"""The first page: environments, accounts, what waits, what is at work, what needs a person, health."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from desk import health
from desk.admin.base import ago, badge, environment_badge, until
from desk.admin.kill_switch import state_badge
from desk.models import Account, Environment, EnvironmentChange, Heartbeat, said
from orders import lifecycle, signs
from orders.admin import message_words, words
from orders.enums import EnvironmentName, OrderStatus, TradingStateName
from orders.models import Break, Message, Order

PARTS: Final = ("desk", "health")
SHOWN_ORDERS: Final = 50
FRESH: Final = timedelta(seconds=30)
ASKED_FRESH: Final = timedelta(minutes=3)  # a broker is asked each minute, when its account is compared
RECONCILED_FRESH: Final = timedelta(minutes=15)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the parts of the first page to its context, drawn as their polls draw them."""
    return context | {"title": "The desk now", "parts": [_part(request, name)[0] for name in PARTS]}


@never_cache
def live(request: HttpRequest, part: str) -> HttpResponse:
    """Answer a page that asks what is new: 204 while nothing is, else the part anew."""
    if part not in PARTS:
        raise Http404(f"The first page has no part {part}.")
    if not admin.site.has_permission(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    html, digest = _part(request, part)
    return HttpResponse(status=204) if request.GET.get("had") == digest else HttpResponse(html)


def _part(request: HttpRequest, name: str) -> tuple[SafeString, str]:
    """Return one part in its polling frame, and the digest of what it says.

    Ages are counted by the page's script, so the text only changes with the facts, and a button is
    not swapped away under the finger.
    """
    shown = {"desk": _desk, "health": _health}[name](request, timezone.now())
    body = render_to_string(f"admin/desk/now/{name}.html", shown, request)
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    frame = {"name": name, "body": body, "digest": digest}
    return render_to_string("admin/desk/now/frame.html", frame), digest


def _desk(request: HttpRequest, now: datetime) -> dict[str, Any]:
    orders = _orders() if request.user.has_perm("orders.view_order") else []
    review = [o for o in orders if o.needs_review or o.parked_reason]
    return {
        "environments": _environments(),
        "accounts": [_account(row, now) for row in Account.objects.order_by("environment_id", "number")],
        "may_halt": request.user.has_perm("desk.halt_account"),
        "may_resume": request.user.has_perm("desk.resume_account"),
        "may_see_orders": request.user.has_perm("orders.view_order"),
        "waiting": [_order(o) for o in orders if o.status == OrderStatus.PROPOSED],
        "at_work": [_order(o) for o in orders if o.status in lifecycle.AT_WORK],
        "review": [_order(o) for o in review],
        "messages": _messages() if request.user.has_perm("orders.view_message") else [],
        "breaks": _breaks() if request.user.has_perm("orders.view_break") else [],
    }


def _breaks() -> list[dict[str, Any]]:
    """Return the open differences from the brokers' books, the oldest first."""
    found = Break.objects.open().select_related("account", "owner").order_by("first_seen_at")
    return [{"row": row, "age": ago(row.first_seen_at)} for row in found[:SHOWN_ORDERS]]


def _environments() -> list[dict[str, Any]]:
    rows = sorted(Environment.objects.all(), key=lambda row: EnvironmentName.values.index(row.name))
    asked = EnvironmentChange.objects.filter(status=EnvironmentChange.Status.ASKED)
    waiting = {change.environment_id: change for change in asked.select_related("asked_by")}
    return [_environment(row, waiting.get(row.pk)) for row in rows]


def _orders() -> list[Order]:
    """Return what is open or needs a person, the longest waiting first."""
    open_or_odd = Q(status__in=lifecycle.OPEN) | Q(needs_review=True) | ~Q(parked_reason="")
    found = (
        Order.objects.filter(open_or_odd).select_related("trader__user", "account").prefetch_related("legs")
    )
    return list(found.order_by("pk")[: 4 * SHOWN_ORDERS])


def _order(order: Order) -> dict[str, Any]:
    return {
        "row": order,
        "what": words.what(order),
        "status": badge(order.get_status_display(), words.STATUS_TONES[OrderStatus(order.status)]),
        "environment": environment_badge(order.environment),
        "bound": words.bound(order),
        "filled": words.filled(order),
        "lapses": until(order.lapses_at),
        "age": ago(order.proposed_at),
        "why": order.parked_reason or order.note,
    }


def _messages() -> list[dict[str, Any]]:
    """Return what was said and waits to be completed or dismissed, the longest waiting first."""
    waiting = Message.objects.waiting().select_related("channel")[:SHOWN_ORDERS]
    return [{"row": row, "line": message_words.line(row.text), "age": ago(row.posted_at)} for row in waiting]


def _environment(row: Environment, waiting: EnvironmentChange | None) -> dict[str, Any]:
    return {
        "tag": environment_badge(row.name),
        "row": row,
        "switch": badge("on", "green") if row.is_enabled else badge("off", "grey"),
        "stage": said(row.stage) if row.name == EnvironmentName.PRODUCTION else "",
        "waiting": waiting,
    }


def _account(row: Account, now: datetime) -> dict[str, Any]:
    fresh = row.reconciled_at is not None and now - row.reconciled_at < RECONCILED_FRESH
    return {
        "row": row,
        "tag": environment_badge(row.environment_id),
        "state": state_badge(row),
        "is_halted": row.effective_state is TradingStateName.HALTED,
        "reconciled": ago(row.reconciled_at),
        "reconciled_tone": "green" if fresh else "red",
    }


def _health(_: HttpRequest, now: datetime) -> dict[str, Any]:
    """Return every process that must beat, and whatever else does: each account's stream and broker."""
    expected = {sign.expected.name: sign for sign in health.signs(now)}
    idle = _idle_accounts()
    rows = Heartbeat.objects.order_by("name")
    beats = {row.name: row for row in rows if row.name.partition(" ")[2] not in idle}
    named = [_sign(sign.expected.what, beats.get(name), sign.is_alive) for name, sign in expected.items()]
    others = [
        _sign(_named(name), row, now - row.beat_at < _silence(name))
        for name, row in beats.items()
        if name not in expected
    ]
    return {"signs": named + others}


def _idle_accounts() -> set[str]:
    """Return the accounts that are not traded now, as signs of life name them: nobody speaks for them."""
    traded = Account.objects.filter(is_allowed=True, environment__is_enabled=True)
    idle = Account.objects.exclude(pk__in=traded.values("pk"))
    return {f"{environment} {number}" for environment, number in idle.values_list("environment", "number")}


def _named(name: str) -> str:
    """Return an account's sign of life in words: from `stream practice 5WT00001`."""
    what, _, account = name.partition(" ")
    environment, _, number = account.partition(" ")
    words_of = {"broker": "The broker", "stream": "The account stream"}
    return f"{words_of[what]}, {number} ({environment})" if what in words_of and number else name


def _silence(name: str) -> timedelta:
    return ASKED_FRESH if name.startswith(signs.PREFIX) else FRESH


def _sign(what: str, row: Heartbeat | None, is_alive: bool) -> dict[str, Any]:
    """Return one sign of life. Whoever reports an `error` in its detail is red, however fresh."""
    error = str(row.detail.get("error", "")) if row is not None else ""
    word = "error" if error else "alive" if is_alive else "silent"
    return {
        "what": what,
        "state": badge(word, "green" if word == "alive" else "red"),
        "age": ago(row.beat_at) if row is not None else "",
        "error": error,
    }
