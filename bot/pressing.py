"""What a press does: look who presses, then one service. Rights are the services' own business."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bot.buttons import Press, Verb
from bot.errors import Told
from bot.people import person_of
from desk.models import Trader
from orders import approval, requests
from orders.approval import NotAllowed
from orders.enums import OrderStatus
from orders.lifecycle import IllegalTransition
from orders.models import Order

DISCORD = "discord"
Fields = Mapping[str, str]


def order_of(press: Press) -> Order:
    order = Order.objects.select_related("trader__user", "account").filter(pk=press.order_id).first()
    if order is None:
        raise Told(f"There is no order #{press.order_id}.")
    return order


def before_form(press: Press, discord_user_id: int) -> Order:
    """Return the order a form is about. Raises NotAllowed before anybody types for nothing."""
    person, order = person_of(discord_user_id), order_of(press)
    approval.require_approver(order, person.user)
    require_undecided(order, press)
    return order


def require_undecided(order: Order, press: Press) -> None:
    """Raise Told where the order is decided, or is no longer the one that was looked at."""
    if order.status != OrderStatus.PROPOSED:
        raise Told(decided_already(order))
    if order.version != press.version:
        raise Told(f"{order} changed meanwhile: look at it again, then decide.")


def decided_already(order: Order) -> str:
    """Return who was first: #12 is already approved, by ada."""
    last = order.events.filter(new_status=order.status).order_by("sequence").first()
    who = f" by {last.by}" if last is not None and last.by != "desk" else ""
    decision = order.approvals.filter(is_void=False).select_related("by").order_by("-pk").first()
    if decision is not None and decision.is_yes:
        return f"{order} is already approved by {decision.by.get_username()}."
    return f"{order} is already {order.get_status_display().lower()}{who}."


def decide(press: Press, discord_user_id: int, fields: Fields) -> None:
    """Approve, approve less, or deny. Raises Told, NotAllowed."""
    person, order = person_of(discord_user_id), order_of(press)
    approval.require_approver(order, person.user)
    require_undecided(order, press)
    try:
        _decide(press, person, fields)
    except IllegalTransition:  # someone was faster by less than a blink
        raise Told(decided_already(order_of(press))) from None


def _decide(press: Press, person: Trader, fields: Fields) -> None:
    match press.verb:
        case Verb.APPROVE:
            decided = approval.approve(press.order_id, by=person.user, via=DISCORD, version=press.version)
        case Verb.APPROVE_LESS:
            decided = approval.approve(
                press.order_id,
                by=person.user,
                via=DISCORD,
                quantity=whole(fields["quantity"]),
                bound=decimal(fields["bound"]) if "bound" in fields else None,
                version=press.version,
            )
        case _:
            decided = approval.deny(press.order_id, by=person.user, via=DISCORD, reason=fields["reason"])
    if decided.status == OrderStatus.LAPSED:
        raise Told(f"{decided} had lapsed: nobody had decided in time.")


def cancel(press: Press, discord_user_id: int) -> None:
    person = person_of(discord_user_id)
    requests.cancel(order_of(press).pk, by=person.user, via=DISCORD, reason="cancelled in Discord")


def work_again(press: Press, discord_user_id: int) -> None:
    person = person_of(discord_user_id)
    requests.work_again(order_of(press).pk, by=person.user, via=DISCORD)


def whole(text: str) -> int:
    """Read a quantity. Raises NotAllowed."""
    if not text.strip().isascii() or not text.strip().isdigit():
        raise NotAllowed(f"The quantity has to be a whole number, not {text!r}.")
    return int(text)


def decimal(text: str) -> Decimal:
    """Read a price with a point. Raises NotAllowed."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise NotAllowed(f"The bound has to be a price such as 1.25, not {text!r}.") from None
    if not number.is_finite():
        raise NotAllowed(f"The bound has to be a price such as 1.25, not {text!r}.")
    return number
