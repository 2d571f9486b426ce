"""The rows every desk begins with: environments, groups with their rights, a policy, the schedules."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from desk import schedules
from desk.models import Environment, WalkPolicy
from orders.enums import EnvironmentName

SANDBOX_DELAY_SECONDS = 900  # measured: its quote stream is 15 minutes late
POLICY = "patient"

GROUPS = {
    "Traders": ("orders.propose_order",),
    "Approvers": (
        "orders.approve_order", "orders.cancel_order", "desk.halt_account",
        "orders.view_message", "orders.review_message",
        "orders.view_order", "orders.view_leg", "orders.view_placement", "orders.view_fill",
        "orders.view_approval", "orders.view_orderevent", "orders.view_component", "orders.view_break",
        "orders.resolve_break", "orders.view_external", "orders.view_daydigest",
        "orders.view_masscancel", "desk.view_statechange",
        "desk.view_environment", "desk.view_account", "desk.view_channel", "desk.view_trader",
        "desk.view_walkpolicy", "desk.view_risklimits", "desk.view_tradingsession", "desk.view_heartbeat",
    ),
    "Operators": (
        "desk.halt_account", "desk.resume_account", "desk.change_environment",
        "desk.view_environmentchange", "desk.view_preflightrun",
        "desk.add_account", "desk.change_account", "desk.add_channel", "desk.change_channel",
        "desk.add_trader", "desk.change_trader", "desk.add_walkpolicy", "desk.change_walkpolicy",
        "desk.add_risklimits", "desk.change_risklimits",
        "desk.view_environment", "desk.view_account", "desk.view_channel", "desk.view_trader",
        "desk.view_walkpolicy", "desk.view_risklimits", "desk.view_tradingsession", "desk.view_heartbeat",
        "orders.view_order", "orders.view_leg", "orders.view_placement", "orders.view_fill",
        "orders.view_approval", "orders.view_orderevent", "orders.view_component", "orders.view_break",
        "orders.resolve_break", "orders.view_external", "orders.view_daydigest",
        "orders.view_masscancel", "desk.view_statechange",
    ),
}  # fmt: skip


@transaction.atomic
def set_up() -> None:
    """Make what is missing, everything off; change nothing that is there. Safe to repeat."""
    for name in EnvironmentName.values:
        is_sandbox = name == EnvironmentName.SANDBOX
        delay = SANDBOX_DELAY_SECONDS if is_sandbox else 0
        Environment.objects.get_or_create(name=name, defaults={"quote_delay_seconds": delay})
    for name, rights in GROUPS.items():
        _group(name, rights)
    WalkPolicy.objects.get_or_create(name=POLICY)
    schedules.write()


def _group(name: str, rights: tuple[str, ...]) -> None:
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        group.permissions.set([_permission(right) for right in rights])


def _permission(right: str) -> Permission:
    app, codename = right.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
