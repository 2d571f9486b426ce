"""Work an order: claim it, then obey the script of a turn over the database and a broker.

No lock and no transaction is held while the broker thinks. A worker that dies after an intent leaves a
SENDING placement behind, which the next one reads back and never resends.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from orders import amending, approval, exits, keeping, looking, queue, recording
from orders.approval import locked
from orders.brokers.base import Broker, BrokerError, BrokerOrder, CredentialsRefused
from orders.enums import Action, OrderStatus, Side
from orders.machine import leases, requests, turn
from orders.machine.leases import BY, LeaseLost
from orders.market import Quote, net_quote
from orders.models import Order, Placement
from orders.moves import MarketView
from orders.values import Rows

log = logging.getLogger(__name__)


def step(order_id: int, version: int, *, get_broker: Callable[[str, str], Broker]) -> None:
    """Make the order's next move. A stale version or a lost race does nothing."""
    lease = claim(order_id, version)
    if lease is None:
        return
    order = read(order_id)
    try:
        Player(order, get_broker(order.environment, order.account.number)).play(turn.take_turn(lease))
    except LeaseLost as lost:
        log.info("%s", lost)
        release(order_id, lease)
    except BrokerError as error:
        log.warning("%s: %s", order, error)
        needs_review = isinstance(error, CredentialsRefused)
        give_up(order_id, partial(leases.outage, lease=lease, error=error, needs_review=needs_review))
    except Exception as error:
        give_up(order_id, partial(leases.failed, lease=lease, error=error))
        raise


def give_up(order_id: int, change: keeping.Change[None]) -> None:
    """Keep why the turn ended early. It may concern the account, whose lock goes first."""
    keeping.commit(order_id, change, locks_account=True)


def claim(order_id: int, version: int) -> str | None:
    """Take the lease of a due order: one conditional UPDATE, won by exactly one worker."""
    now, lease = timezone.now(), uuid.uuid4().hex
    due = Order.objects.due(now).order_by().filter(pk=order_id, version=version)
    won = due.update(lease=lease, leased_until=now + timedelta(seconds=settings.LEASE_SECONDS))
    return lease if won else None


def release(order_id: int, lease: str) -> None:
    """Give the lease back untouched: the order changed while its move was decided, and is due again."""
    Order.objects.filter(pk=order_id, lease=lease).update(lease="", leased_until=None)


def read(order_id: int) -> Order:
    found = Order.objects.select_related("account__environment", "trader", "channel")
    return found.prefetch_related("legs").get(pk=order_id)


@dataclass(slots=True)
class Player:
    """Obeys the requests of one turn's script."""

    order: Order
    broker: Broker

    def play(self, script: requests.Script) -> None:
        """Run the script to its end. What a request raises is thrown into it first."""
        ask = partial(next, script)
        while True:
            try:
                request = ask()
            except StopIteration:
                return
            try:
                ask = partial(script.send, self.obey(request))
            except Exception as error:  # noqa: BLE001 -- the script decides what it means
                ask = partial(script.throw, error)

    def obey(self, request: requests.Request) -> Any:
        """Do what is asked, and return the answer. Raises what a change or the broker raises."""
        match request:
            case requests.Call(method, args):
                return getattr(self.broker, method)(*args)
            case requests.ReadQuote():
                return self.look_around(*quote_of(self.order, self.broker))
            case requests.Commit(change, order, is_intent):
                return keeping.commit(order or self.order.pk, change, locks_account=is_intent)
            case requests.Take(reading, by, otherwise):
                return recording.apply_reading(self.placement_of(reading, otherwise), reading, by=by)
            case _:
                return self.turn_to_rows(request)

    def turn_to_rows(self, request: requests.Request) -> Any:
        """Do what only rows are needed for."""
        match request:
            case requests.Read():
                return Rows(read(self.order.pk)).work
            case requests.Look():
                return requests.Seen(Rows(read(self.order.pk)).work, *self.look_around())
            case requests.AskAgain():
                return ask_again(self.order.pk, request)
            case requests.Finish(lease):
                return finish(self.order.pk, lease)
        raise TypeError(f"no such request: {request!r}")

    def look_around(self, quote: Quote | None = None, fault: str = "") -> tuple[MarketView, datetime]:
        now = timezone.now()
        return looking.market_view(read(self.order.pk), quote, fault, now=now), now

    def placement_of(self, reading: BrokerOrder, otherwise: str) -> Placement:
        """Return whose word this is: of a bundle, each order belongs to a placement of its own."""
        found = recording.placement_of(self.order.account, reading)
        return found or self.order.placements.get(external_identifier=otherwise)


def quote_of(order: Order, broker: Broker) -> tuple[Quote | None, str]:
    """Return the package's quote or, without one, why."""
    legs = list(order.legs.all())
    quotes = broker.quotes([looking.instrument_of(leg) for leg in legs])
    missing = [leg.symbol for leg in legs if leg.symbol not in quotes]
    if missing:
        return None, f"there is no quote for {', '.join(missing)}"
    if len(legs) == 1:
        return quotes[legs[0].symbol], ""
    parts = [(Action(leg.action).sign * leg.ratio, quotes[leg.symbol]) for leg in legs]
    return net_quote(parts, Side(order.side)), ""


@transaction.atomic
def ask_again(order_id: int, asked: requests.AskAgain) -> None:
    """Void the approval and propose the order anew, as its trader has amended it."""
    order = locked(order_id)
    require_lease(order, asked.lease)
    if order.version == asked.version:
        propose_anew(order, asked)
    give_back(order)


def propose_anew(order: Order, asked: requests.AskAgain) -> None:
    if asked.quote is not None:
        order.proposal_bid_price, order.proposal_ask_price = asked.quote.bid, asked.quote.ask
    amending.apply(order)
    if order.leaves_quantity == 0:
        reason = "filled as far as it is wanted now"
        order.move_to(OrderStatus.FILLED, by=BY, now=timezone.now(), reason=reason)
    else:
        approval.ask_again(order, reason=asked.reason)


@transaction.atomic
def finish(order_id: int, lease: str) -> None:
    """See that what filled of a closed order gets its exit, and give the lease back."""
    order = locked(order_id)
    require_lease(order, lease)
    exits.follow(order)
    order.next_action_at = None
    give_back(order)


def require_lease(order: Order, lease: str) -> None:
    """Raise LeaseLost unless this worker still holds the order."""
    if order.lease != lease or order.leased_until is None or order.leased_until < timezone.now():
        raise LeaseLost(f"{order} is worked by another")


def give_back(order: Order) -> None:
    """Give the lease back; the order has said itself when it is due."""
    order.lease, order.leased_until, order.failures = "", None, 0
    order.save()
    if order.next_action_at is not None and order.next_action_at <= timezone.now():
        queue.wake(order)
