"""What may follow what: the transition tables of orders and placements. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from orders.enums import OrderStatus as O
from orders.enums import PlacementStatus as P

S = TypeVar("S", O, P)


class IllegalTransition(ValueError):
    """The table has no such arrow: someone else decided first, or the caller is wrong."""


CLOSED_BY_BROKER: Final = frozenset({O.FILLED, O.CANCELLED, O.EXPIRED, O.REJECTED})
NEXT: Final[Mapping[O, frozenset[O]]] = {
    # FILLED: a fill reported late completes what its trader amends, before it is asked or sent again.
    O.PROPOSED: frozenset({O.APPROVED, O.DENIED, O.LAPSED, O.WITHDRAWN, O.FILLED}),
    # PROPOSED again: the market moved or its trader amends, a person is asked once more.
    O.APPROVED: frozenset({O.WALKING, O.HOLDING, O.PROPOSED, O.CANCELLED, O.DENIED, O.EXPIRED, O.FILLED}),
    O.WALKING: frozenset({O.HOLDING, O.RESTING, O.PROPOSED}) | CLOSED_BY_BROKER,
    O.HOLDING: frozenset({O.WALKING, O.RESTING, O.PROPOSED, O.DENIED}) | CLOSED_BY_BROKER,
    O.RESTING: frozenset({O.WALKING, O.HOLDING, O.PROPOSED}) | CLOSED_BY_BROKER,
    O.FILLED: frozenset(),
    O.CANCELLED: frozenset({O.FILLED}),  # a fill can overtake a cancel
    O.EXPIRED: frozenset({O.FILLED}),  # and be reported after the close
    O.REJECTED: frozenset({O.FILLED}),
    O.DENIED: frozenset(),
    O.LAPSED: frozenset(),
    O.WITHDRAWN: frozenset(),
}
OPEN: Final = frozenset({O.PROPOSED, O.APPROVED, O.WALKING, O.HOLDING, O.RESTING})
AT_WORK: Final = frozenset({O.APPROVED, O.WALKING, O.HOLDING, O.RESTING})
CLOSED: Final = frozenset(O) - OPEN

ENDED_AT_BROKER: Final = frozenset({P.FILLED, P.CANCELLED, P.EXPIRED, P.REJECTED, P.REMOVED})
NEXT_PLACEMENT: Final[Mapping[P, frozenset[P]]] = {
    P.PLANNED: frozenset({P.SENDING, P.NOT_SENT}),
    P.SENDING: frozenset({P.WORKING, P.NOT_SENT, P.UNKNOWN}) | ENDED_AT_BROKER,
    # Only a reading of the broker's leads out of UNKNOWN, and none leads to a new send.
    P.UNKNOWN: frozenset({P.WORKING, P.CANCELLING, P.NOT_PLACED, P.REPLACED}) | ENDED_AT_BROKER,
    P.WORKING: frozenset({P.REPLACING, P.CANCELLING, P.REPLACED}) | ENDED_AT_BROKER,
    P.REPLACING: frozenset({P.WORKING, P.CANCELLING, P.REPLACED, P.UNKNOWN}) | ENDED_AT_BROKER,
    P.CANCELLING: frozenset({P.REPLACED}) | ENDED_AT_BROKER,
    # A zombie: we took it for gone, and the broker has it. It is cancelled at once.
    P.NOT_PLACED: frozenset({P.CANCELLING}) | ENDED_AT_BROKER,
    P.NOT_SENT: frozenset({P.CANCELLING}) | ENDED_AT_BROKER,
    P.REJECTED: frozenset({P.CANCELLING}) | ENDED_AT_BROKER - {P.REJECTED},
    P.REMOVED: frozenset({P.CANCELLING}) | ENDED_AT_BROKER - {P.REMOVED},
    # So is one whose end the broker told, and that it shows live after all.
    P.CANCELLED: frozenset({P.CANCELLING}),
    P.EXPIRED: frozenset({P.CANCELLING}),
    P.FILLED: frozenset({P.CANCELLING}),
    P.REPLACED: frozenset({P.CANCELLING}),
}
PLACEMENT_TERMINAL: Final = ENDED_AT_BROKER | {P.REPLACED, P.NOT_SENT, P.NOT_PLACED}
PLACEMENT_LIVE: Final = frozenset(P) - PLACEMENT_TERMINAL
UNRESOLVED: Final = frozenset({P.SENDING, P.UNKNOWN})


def require(old: O, new: O) -> None:
    """Raise IllegalTransition unless an order may go from old to new."""
    if new not in NEXT[old]:
        raise IllegalTransition(
            f"the order is already {old.label.lower()}, it can't become {new.label.lower()}"
        )


def require_placement(old: P, new: P) -> None:
    """Raise IllegalTransition unless a placement may go from old to new."""
    if new not in NEXT_PLACEMENT[old]:
        raise IllegalTransition(f"a placement can't go from {old} to {new}")


class Movable(Protocol):
    """What has an order's status: a row, or the machine's value."""

    status: Any
    note: Any
    closed_at: Any
    next_action_at: Any

    @property
    def wants_exits(self) -> bool: ...
    def tell(
        self, kind: str, *, by: str, now: datetime, old: str = "", reason: str = "", **detail: Any
    ) -> None: ...


def move(order: Movable, status: O, *, by: str, now: datetime, reason: str = "", **detail: Any) -> None:
    """Change an order's status, and tell. Raises IllegalTransition if the table has no such arrow."""
    old = O(order.status)
    require(old, status)
    order.status = status
    order.note = reason[:300] or order.note
    order.closed_at = now if status in CLOSED else None
    if status in CLOSED:  # one more turn where an exit has to follow what filled
        order.next_action_at = now if order.wants_exits else None
    order.tell(status.value, by=by, now=now, old=old, reason=reason, **detail)
