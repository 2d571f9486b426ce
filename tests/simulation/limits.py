"""One limit of an account that many orders race for, and what the exchange has of it."""

from collections.abc import Iterable

from orders.brokers.base import Draft
from orders.controls import exposure
from orders.enums import OrderStatus
from orders.machine.state import Work
from orders.verdicts import Verdict
from tests.simulation.exchange import Resting

WORKED = frozenset({OrderStatus.WALKING, OrderStatus.RESTING})


def verdict(work: Work, works: Iterable[Work], most: int) -> Verdict:
    """Weigh an order against what is held and in flight: what `controls/in_flight.py` reads from rows."""
    opening = [each for each in works if not each.order.is_exit]
    others = [each for each in opening if each is not work and (each.order.status in WORKED or each.live())]
    return exposure.underlying_quantity(
        "SPY",
        held=sum(contracts(each) * each.order.filled_quantity for each in opening),
        reserved=sum(contracts(each) * each.order.leaves_quantity for each in others),
        asked=0 if work.order.is_exit else contracts(work) * work.order.leaves_quantity,
        most=most,
    )


def contracts(work: Work) -> int:
    """Return how many contracts a unit of the order opens."""
    return sum(leg.ratio for leg in work.legs)


def at_exchange(orders: Iterable[Resting]) -> int:
    """Return how many contracts have been opened there, and may yet be by what is live."""
    return sum(
        width(each.draft) * (each.units if each.is_live else each.filled) // each.units
        for each in orders
        if not each.draft.legs[0].action.closes
    )


def width(draft: Draft) -> int:
    return sum(leg.quantity for leg in draft.legs)
