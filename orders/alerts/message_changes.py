"""A message was edited or deleted: before approval that amends its orders, after it it stops them."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from desk.models import Channel
from orders import approval, requests
from orders.alerts import intake, message_proposing
from orders.alerts.intake import GetBroker, Posted
from orders.alerts.lines import drafts_of
from orders.alerts.messages import WAITING
from orders.approval import NotAllowed
from orders.enums import MessageState, OrderStatus
from orders.language.alerts import Intent, Reading
from orders.models import Message, Order

# Still the machine's: what its author says anew is read anew. The rest was decided by a person, or ended.
ITS_OWN = frozenset({*WAITING, MessageState.HEARD, MessageState.PREVIEW, MessageState.PROPOSED})
# Later than this after it was posted a new text is a person's: its days and prices are of another hour.
LONGEST_EDIT = timedelta(minutes=15)
# A deleted message in one of these leaves nothing to do.
UNDECIDED = ITS_OWN | {MessageState.TO_PROPOSE, MessageState.COMPLETED}


@dataclass
class TakenBack:
    """What a change of a message did to its orders."""

    withdrawn: list[Order] = field(default_factory=list)  # nobody had decided
    decided: list[str] = field(default_factory=list)  # what became of each of the others
    is_stopping: bool = False  # of an order at work no more is to be placed


def edited(posted: Posted, channel: Channel, get_broker: GetBroker, *, late: str = "") -> Message | None:
    """Act on a message whose text its author changed. None where it was never read, or says the same.

    Nothing decided is traded anew: an undecided order is withdrawn and the new text proposed in its
    place; one at work is stopped, and a person is asked. `late` refers a new order as well. Safe twice.
    """
    message = _take_over(posted, channel)
    if message is None or message.state != MessageState.HEARD:
        return message
    if timezone.now() - message.posted_at > LONGEST_EDIT:
        late = late or "message edited long after it was posted"
    left = MessageState.WITHDRAWN if message.parts.exists() else None
    return intake.read(message, get_broker, late=late, noise=left)


@transaction.atomic
def _take_over(posted: Posted, channel: Channel) -> Message | None:
    """Record the new text and take back the orders of the old. HEARD is then to be read anew."""
    message, title = _of(posted.message_id, channel), posted.embed_title[:300]
    if message is None or (message.text, message.embed_title) == (posted.text, title):
        return None
    before, said = MessageState(message.state), f"edited, was: {message.text}"
    taken = take_back(message, "its message was edited")
    message.text, message.embed_title = posted.text, title
    message.revision += 1
    doubt, reading = _doubt(before, taken), intake.reading_of(message)
    now, who = timezone.now(), message.author_name
    if not doubt:
        message.become(MessageState.HEARD, by=who, now=now, reason=said)
    elif reading.intent is Intent.NOISE and not taken.is_stopping:
        message.become(before, by=who, now=now, reason=said)
    else:
        message.become(
            MessageState.REVIEW, by=who, now=now, reason=doubt,
            answer=message_proposing.needs_a_person(doubt), **_understood(reading),
        )  # fmt: skip
    return message


def _understood(reading: Reading) -> dict[str, object]:
    return {
        "intent": reading.intent.value,
        "reading": reading.as_json(),
        "commands": drafts_of(reading),
        "remarks": [],
    }


def _doubt(before: MessageState, taken: TakenBack) -> str:
    """Return why an edited message is not acted on again; "" where it is."""
    if taken.decided:
        return f"message edited after approval: {', '.join(taken.decided)}"
    if before is MessageState.NOISE:
        return "message edited: it was no order at first"
    if before not in ITS_OWN:
        return f"message edited after it was {before.label.lower()}"
    return ""


@transaction.atomic
def deleted(discord_message_id: int, channel: Channel) -> Message | None:
    """Act on a message that is gone: withdraw what is undecided, stop what is at work and ask. Safe twice."""
    message = _of(discord_message_id, channel)
    if message is None:
        return None
    taken, now = take_back(message, "its message was deleted"), timezone.now()
    if taken.is_stopping:
        reason = f"message deleted after approval: {', '.join(taken.decided)}"
        message.become(
            MessageState.REVIEW, by=message.author_name, now=now, reason=reason,
            answer=message_proposing.needs_a_person(reason),
        )  # fmt: skip
    elif message.state in UNDECIDED and not taken.decided:
        message.become(
            MessageState.WITHDRAWN, by=message.author_name, now=now, reason="its message was deleted"
        )
    return message


def take_back(message: Message, reason: str) -> TakenBack:
    """Withdraw the message's undecided orders and ask for the others to be cancelled. Inside atomic only."""
    taken = TakenBack()
    for part in message.parts.select_related("order__trader__user"):
        if approval.withdraw(part.order_id, by=message.author_name, reason=reason):
            taken.withdrawn.append(part.order)
        elif (order := Order.objects.select_related("trader__user").get(pk=part.order_id)).is_closed:
            if order.status != OrderStatus.WITHDRAWN:
                taken.decided.append(f"{order} is {order.get_status_display().lower()}")
        else:
            taken.is_stopping = True
            taken.decided.append(_stop(order, reason))
    return taken


def _stop(order: Order, reason: str) -> str:
    """Ask for an order to be cancelled in its trader's name; return what came of it."""
    if order.cancel_requested_by:
        return f"{order} is being cancelled"
    try:
        order = requests.cancel(order.pk, by=order.trader.user, via="discord", reason=reason)
    except NotAllowed as refusal:
        return f"{order} could not be stopped ({refusal})"
    return f"{order} is {order.get_status_display().lower() if order.is_closed else 'being cancelled'}"


def _of(discord_message_id: int, channel: Channel) -> Message | None:
    found = Message.objects.filter(discord_message_id=discord_message_id, channel=channel).first()
    return message_proposing.locked(found.pk) if found is not None else None
