"""What a person can decide on an order in the admin: each one form, one service, one sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User

from orders import approval, requests
from orders.admin import words
from orders.approval import NotAllowed
from orders.enums import OrderStatus
from orders.lifecycle import IllegalTransition
from orders.models import Order

VIA: Final = "admin"


class VersionForm(forms.Form):
    """The version seen on the page."""

    version = forms.IntegerField()


class ApproveForm(VersionForm):
    """And what the approver takes less of."""

    quantity = forms.IntegerField(required=False, min_value=1)
    bound = forms.DecimalField(required=False, max_digits=14, decimal_places=4)


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, max_length=200)


@dataclass(frozen=True, slots=True)
class Said:
    """What to tell the person, and how loudly (a level of `django.contrib.messages`)."""

    sentence: str
    level: int


def _cleaned(form: forms.Form) -> dict[str, Any]:
    """Return what was filled in. Raises NotAllowed with the first fault as a sentence."""
    if not form.is_valid():
        name, faults = next(iter(form.errors.items()))
        raise NotAllowed(f"{name.capitalize()}: {faults[0]}")
    return form.cleaned_data


def approve(order_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    asked = _cleaned(ApproveForm(filled_in))
    order = approval.approve(
        order_id,
        by=user,
        via=VIA,
        quantity=asked["quantity"],
        bound=asked["bound"],
        version=asked["version"],
    )
    if order.status == OrderStatus.LAPSED:
        raise NotAllowed("Too late: it was not decided in time and has lapsed.")
    return f"approved: {words.what(order)}, bound {words.bound(order)}"


def deny(order_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    approval.deny(order_id, by=user, via=VIA, reason=_cleaned(ReasonForm(filled_in))["reason"])
    return "denied"


def cancel(order_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    reason = _cleaned(ReasonForm(filled_in))["reason"]
    order = requests.cancel(order_id, by=user, via=VIA, reason=reason)
    if order.is_closed:
        return order.get_status_display().lower()
    return "asked to cancel; it is gone once the broker says so"


def work_again(order_id: int, user: User, _: Mapping[str, str]) -> str:
    requests.work_again(order_id, by=user, via=VIA)
    return "worked again inside its approved bound"


def unpark(order_id: int, user: User, _: Mapping[str, str]) -> str:
    requests.unpark(order_id, by=user)
    return "goes on"


def reviewed(order_id: int, user: User, filled_in: Mapping[str, str]) -> str:
    requests.reviewed(order_id, by=user, version=_cleaned(VersionForm(filled_in))["version"])
    return "reviewed"


VERBS: Final[Mapping[str, Callable[[int, User, Mapping[str, str]], str]]] = {
    "approve": approve,
    "deny": deny,
    "cancel": cancel,
    "again": work_again,
    "unpark": unpark,
    "reviewed": reviewed,
}


def decide(verb: str, order_id: int, user: User, filled_in: Mapping[str, str]) -> Said:
    """Call the one service behind the button; a refusal comes back as a sentence, never as an error page."""
    try:
        done = VERBS[verb](order_id, user, filled_in)
    except (NotAllowed, IllegalTransition) as refusal:
        return Said(f"#{order_id}: {refusal}", messages.WARNING)
    return Said(f"#{order_id}: {done}", messages.SUCCESS)


@dataclass(frozen=True, slots=True)
class Choices:
    """Which buttons this person gets for this order, and why not Approve where that may surprise."""

    approve: bool = False
    refusal: str = ""
    cancel: bool = False
    again: bool = False
    unpark: bool = False
    reviewed: bool = False

    @property
    def any(self) -> bool:
        return self.approve or self.cancel or self.again or self.unpark or self.reviewed


def choices(order: Order, user: User) -> Choices:
    """Return the buttons. The services ask the same questions again under the row's lock."""
    refusal = _approve_refusal(order, user)
    may_cancel, may_approve = requests.may_cancel(order, user), user.has_perm("orders.approve_order")
    return Choices(
        approve=order.status == OrderStatus.PROPOSED and not refusal,
        refusal=refusal if order.status == OrderStatus.PROPOSED else "",
        cancel=may_cancel and is_cancellable(order),
        again=may_cancel and order.status == OrderStatus.RESTING and not order.is_exit,
        unpark=bool(order.parked_reason) and may_approve,
        reviewed=order.needs_review and not order.parked_reason and may_approve,
    )


def is_cancellable(order: Order) -> bool:
    """Whether there is something of its own to cancel: what waits for its entry goes with that."""
    return not (order.is_closed or order.cancel_requested_by or order.waits_for_entry)


def _approve_refusal(order: Order, user: User) -> str:
    try:
        approval.require_approver(order, user)
    except NotAllowed as refusal:
        return str(refusal)
    return ""
