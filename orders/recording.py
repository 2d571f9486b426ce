"""Record what we are told: a broker's reading of one placement, applied in one transaction.

Every source uses this one door: the answer of a call, a poll, the account stream, the reconcile.
Applying the same reading twice changes nothing; late facts only add.
"""

from datetime import datetime

from desk.models import Account
from orders import keeping
from orders.brokers.base import BrokerOrder
from orders.machine import readings
from orders.machine.desk import Desk
from orders.machine.state import Placement as PlacementValue
from orders.machine.state import Work
from orders.models import Component, Placement


def apply_reading(placement: Placement, reading: BrokerOrder, *, by: str) -> PlacementValue:
    """Apply the broker's word on a placement; return the placement as it is now."""
    name = placement.external_identifier

    def change(work: Work, _: Desk, now: datetime) -> PlacementValue:
        return readings.take(work, name, reading, by=by, now=now)

    return keeping.commit(placement.order_id, change, reading=reading)


def vanish(placement: Placement) -> None:
    """Record that the broker no longer knows an order it had."""
    name = placement.external_identifier
    keeping.commit(placement.order_id, lambda work, desk, now: readings.vanish(work, desk, name, now=now))


def placement_of(account: Account, reading: BrokerOrder) -> Placement | None:
    """Return our placement for a broker's order, by its id, by our identifier, or by its bundle."""
    # By its id once more: another process may have given it one between the two looks.
    return _by_id(account, reading) or _by_name(account, reading) or _by_id(account, reading)


def _by_id(account: Account, reading: BrokerOrder) -> Placement | None:
    ours = Placement.objects.filter(account=account)
    halves = Component.objects.filter(account=account, broker_order_id=reading.broker_order_id)
    return (
        ours.filter(broker_order_id=reading.broker_order_id).first()
        or ours.filter(components__in=halves).first()
    )


def _by_name(account: Account, reading: BrokerOrder) -> Placement | None:
    """One that has another id already is not this order, whatever it is called: a twin is a break."""
    if not reading.external_identifier:
        return None
    ours = Placement.objects.filter(account=account)
    name = reading.external_identifier
    return (
        ours.filter(external_identifier=name, broker_order_id="").first()
        or ours.filter(components__external_identifier=name, components__broker_order_id="").first()
    )
