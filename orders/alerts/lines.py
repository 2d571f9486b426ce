"""From what an alert says to the commands it comes to, an order a line, or why a person is asked."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from orders.language.alerts import Intent, OrderReading, Reading, as_ticket
from orders.language.alerts.drafts import draft_command
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Ticket
from orders.language.values import Propose
from orders.language.writing import pays, write_ticket

NO_QUANTITY = "the alert does not say how many, and its channel has no number of its own"


class Doubtful(Exception):
    """A person has to look. The text says why, without its full stop."""


@dataclass(frozen=True, slots=True)
class Line:
    """One order as a command. `remarks` say what of the message the command leaves out."""

    command: str
    remarks: tuple[str, ...] = ()


def lines_of(reading: Reading, *, quantity: int | None, now: datetime) -> list[Line]:
    """Return one line for each order. Raises Doubtful where one of them is not whole.

    `quantity` is the channel's, for openings that name none; closes are complete already.
    """
    if not reading.intent.is_order or not reading.orders:
        raise Doubtful(reading.reason or "no order in it")
    return [_line(order, quantity, now) for order in reading.orders]


def drafts_of(reading: Reading) -> str:
    """Return the best guess at the commands, an order a line."""
    return "\n".join(draft_command(order) for order in reading.orders)


def _line(order: OrderReading, quantity: int | None, now: datetime) -> Line:
    if order.intent is Intent.CONDITIONAL:
        raise Doubtful(f"conditional: {order.reason}" if order.reason else "conditional")
    wanted = order.quantity or (quantity if order.intent is Intent.OPEN else None)
    if wanted is None:
        raise Doubtful(NO_QUANTITY)
    remarks = _unworked(order)
    kept = replace(order, targets=() if len(order.targets) > 1 else order.targets)
    try:
        ticket = as_ticket(kept, quantity=wanted)
    except ValueError:
        raise Doubtful("not everything an order needs is there") from None
    ticket = _straightened(ticket, leaves=order.intent is not Intent.OPEN)
    command = write_ticket(ticket)
    # What is proposed is the command: it has to say exactly what was read.
    if parse_command(command, now=now, calendar=NYSE) != Propose(ticket):
        raise Doubtful("it cannot be written as one command")
    return Line(command, remarks)


def _straightened(ticket: Ticket, *, leaves: bool) -> Ticket:
    """Return the ticket as a command has it: an entry range from its better end, no effect on one leg."""
    price = ticket.price
    if len(ticket.legs) == 1:
        price = replace(price, effect=None)
    if price.start is not None and price.bound is not None:
        better_first = sorted((price.start, price.bound), key=lambda value: value * pays(ticket))
        price = replace(price, start=better_first[0], bound=better_first[1])
    if leaves:
        return replace(ticket, price=price, stop=None, target=None)
    return replace(ticket, price=price)


def _unworked(order: OrderReading) -> tuple[str, ...]:
    """Return what the desk will not do of the exits that the message names."""
    leaves = order.intent is not Intent.OPEN
    several = len(order.targets) > 1
    targets = [str(t) for t in order.targets if leaves or several or not isinstance(t, Decimal)]
    targets += [f"{t} of the underlying" for t in order.underlying_targets]
    stops = [str(order.stop)] if order.stop and (leaves or not isinstance(order.stop, Decimal)) else []
    stops += [f"{order.underlying_stop} of the underlying"] if order.underlying_stop is not None else []
    named = [f"target {', '.join(targets)}"] * bool(targets) + [f"stop {', '.join(stops)}"] * bool(stops)
    return tuple(f"The alert's {one} is not worked by the desk." for one in named)
