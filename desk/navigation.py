"""Where a person finds things in the admin, and which environment he is looking at."""

from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from desk.models import Environment
from orders import lifecycle
from orders.enums import EnvironmentName, OrderStatus
from orders.models import Break, Message, Order

# (title, icon, what its address and its right are named by)
GROUPS: Final[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
    (
        "Desk",
        (
            ("Orders", "receipt_long", "orders.order"),
            ("Messages", "inbox", "orders.message"),
            ("Approvals", "how_to_reg", "orders.approval"),
            ("Placements", "send", "orders.placement"),
            ("Fills", "done_all", "orders.fill"),
            ("Events", "history", "orders.orderevent"),
            ("Daily digests", "link", "orders.daydigest"),
            ("Breaks", "compare_arrows", "orders.break"),
            ("Mass cancels", "delete_sweep", "orders.masscancel"),
            ("External actions", "back_hand", "orders.external"),
        ),
    ),
    (
        "Setup",
        (
            ("Environments", "public", "desk.environment"),
            ("Switch changes", "toggle_on", "desk.environmentchange"),
            ("Preflights", "checklist", "desk.preflightrun"),
            ("Halts", "front_hand", "desk.statechange"),
            ("Accounts and limits", "account_balance", "desk.account"),
            ("Channels", "forum", "desk.channel"),
            ("Walk policies", "stairs", "desk.walkpolicy"),
            ("Sessions", "calendar_month", "desk.tradingsession"),
        ),
    ),
    (
        "People",
        (
            ("Traders", "badge", "desk.trader"),
            ("Users", "person", "auth.user"),
            ("Groups", "group", "auth.group"),
        ),
    ),
    (
        "Housekeeping",
        (
            ("Heartbeats", "ecg_heart", "desk.heartbeat"),
            ("Schedules", "schedule", "django_q.schedule"),
            ("Runs", "task_alt", "django_q.success"),
            ("Failed runs", "error", "django_q.failure"),
            ("Waiting runs", "hourglass_empty", "django_q.ormq"),
            ("Replies in Discord", "chat", "bot.reply"),
            ("Seen messages", "visibility", "bot.seenmessage"),
            ("Posted digests", "campaign", "bot.digestpost"),
        ),
    ),
)
BADGES: Final = {
    EnvironmentName.PRODUCTION: "danger",
    EnvironmentName.SANDBOX: "warning",
    EnvironmentName.PRACTICE: "success",
}


def may_view(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    return request.user.has_perm(f"{app}.view_{name}") or request.user.has_perm(f"{app}.change_{name}")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: what this person may look at, grouped, and beside it how many wait."""
    top = [{"title": "The desk now", "icon": "monitoring", "link": reverse("admin:index")}]
    if request.user.has_perm("orders.propose_order") and may_view(request, "orders.message"):
        top.append({"title": "New ticket", "icon": "edit_note", "link": reverse("admin:orders_message_new")})
    groups: list[dict[str, Any]] = [{"items": top}]
    for title, entries in GROUPS:
        items = [_item(request, *entry) for entry in entries if may_view(request, entry[2])]
        groups.append({"title": title, "separator": True, "items": items})
    return [group for group in groups if group["items"]]


def _item(request: HttpRequest, title: str, icon: str, model: str) -> dict[str, Any]:
    address = reverse(f"admin:{model.replace('.', '_')}_changelist")
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": address,
        "active": request.path.startswith(address),
    }
    if model in WAITING and (waiting := WAITING[model]()):
        item |= {"badge": str(waiting), "badge_variant": "warning", "badge_style": "solid"}
    return item


# How many of these wait for a person.
WAITING: Final = {
    "orders.order": lambda: Order.objects.filter(status=OrderStatus.PROPOSED).count(),
    "orders.message": lambda: Message.objects.waiting().count(),
    "orders.break": lambda: Break.objects.open().count(),
}


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the quick filters above the list of orders."""
    address, asked = reverse("admin:orders_order_changelist"), request.GET.urlencode()
    work = ",".join(sorted(lifecycle.AT_WORK))
    choices = (
        ("All", ""),
        ("Waiting for approval", f"status__in={OrderStatus.PROPOSED.value}"),
        ("At work", f"status__in={work}"),
        ("Needs review", "needs_review__exact=1"),
    )
    items = [
        {"title": title, "link": f"{address}?{query}", "active": asked.replace("%2C", ",") == query}
        for title, query in choices
    ]
    return [{"models": ["orders.order"], "items": items}]


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Return the badge in the header of every page: what is switched on, the riskiest first."""
    if not request.user.is_authenticated:
        return None
    enabled = set(Environment.objects.filter(Q(is_enabled=True)).values_list("name", flat=True))
    shown = [name for name in BADGES if name in enabled]
    if not shown:
        return "everything off", "info"
    return " + ".join(shown), BADGES[shown[0]]


def stylesheet(_: HttpRequest) -> str:
    return static("desk/desk.css")


def icon(_: HttpRequest) -> str:
    return static("desk/icon.svg")


def script(_: HttpRequest) -> str:
    return static("desk/desk.js")
