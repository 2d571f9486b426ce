"""How an order that was let in is replaced or cancelled."""

from datetime import timedelta

from orders.brokers.practice import admission
from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import symbols_of
from orders.brokers.practice.intake import PRICED, decimal_of, read_price, read_stop
from orders.brokers.practice.wire import Json, Refusal

CANCELLING = timedelta(milliseconds=50)  # from the request to its effect
OPEN_WHEN_REPLACED = "open_when_replaced"  # units; fewer when it is due mean that it traded
KEPT = {
    "time-in-force": "time_in_force",
    "gtc-date": "gtc_date",
    "external-identifier": "external_identifier",
    "source": "source",
}


def replace(exchange: Exchange, account: str, order_id: int, body: Json) -> Order:
    """Ask for a replacement; the new order waits until the old one is out of the way.

    What the broker does after a partial fill is not documented: here the replacement is for what is
    still open (for all of it under the fault `replace_whole`), and a fill after the request aborts it.
    """
    old = exchange.order(account, order_id)
    if old.status not in {Status.RECEIVED, Status.LIVE}:
        raise Refusal(422, "cannot_update_order", "the order could not be updated")
    order, contracts = admission.read(exchange, account, changed(exchange, old, body))
    besides = frozenset({old.id})
    admission.check(exchange, order, contracts, besides)
    admission.effect(exchange, order, contracts, besides)
    order.replaces, order.status, order.contingent_status = old.id, Status.CONTINGENT, "Pending Order"
    with exchange.ledger.together():
        admission.admit(exchange, order, contracts)
        _begin_replacing(exchange, old, order)
    exchange.tell(old)
    if old.status is Status.RECEIVED:  # nothing has left the house: the change is immediate
        old.edited = True
        exchange.finish(old, Status.CANCELLED)
    return order


def changed(exchange: Exchange, old: Order, body: Json) -> Json:
    """Return the replacement as a new order: the old one's open quantity under the new terms."""
    is_whole = exchange.faults.stands(FaultKind.REPLACE_WHOLE, symbols_of(old))
    units = old.size if is_whole else old.remaining_units
    order_type = body.get("order-type", old.order_type)
    merged = {name: body.get(name, getattr(old, attribute)) for name, attribute in KEPT.items()}
    legs = [
        {
            "instrument-type": leg.kind.value,
            "symbol": leg.symbol,
            "action": leg.action,
            "quantity": old.ratio(leg) * units,
        }
        for leg in old.legs
    ]
    return merged | _terms(old, body, order_type) | {"order-type": order_type, "legs": legs}


def _terms(old: Order, body: Json, order_type: str) -> Json:
    """Return price and trigger of a replacement: the new ones where given, else the old ones."""
    price = read_price(body, order_type) if decimal_of(body, "price") is not None else old.price
    trigger = read_stop(body, order_type) if "stop-trigger" in body else old.stop_trigger
    terms: Json = {}
    if order_type in PRICED and price is not None:
        terms |= {"price": str(abs(price)), "price-effect": "Debit" if price > 0 else "Credit"}
    if trigger is not None:
        terms["stop-trigger"] = str(trigger)
    return terms


def _begin_replacing(exchange: Exchange, old: Order, order: Order) -> None:
    now = exchange.now()
    old.replaced_by, old.due_at = order.id, now + _lag(old)
    old.behaviours[OPEN_WHEN_REPLACED] = old.remaining_units
    if old.status is Status.LIVE:
        old.status = Status.REPLACE_REQUESTED
    old.touch(now)
    exchange.keep(old, tell=False)


def _lag(order: Order) -> timedelta:
    options = order.behaviours.get(FaultKind.CANCEL_LAG.value)
    return CANCELLING if options is None else timedelta(seconds=float(options.get("seconds", 2)))


def cancel(exchange: Exchange, account: str, order_id: int) -> Order:
    """Ask for a cancel: a live order may still trade; one that waits is gone at once. Safe twice."""
    order, now = exchange.order(account, order_id), exchange.now()
    if order.status is Status.CANCEL_REQUESTED:
        return order
    if order.status.is_terminal or order.replaced_by is not None:
        raise Refusal(422, "cannot_update_order", "the order could not be cancelled")
    if order.status in {Status.RECEIVED, Status.CONTINGENT}:
        exchange.finish(order, Status.CANCELLED)
    else:
        order.status, order.due_at = Status.CANCEL_REQUESTED, now + _lag(order)
        order.touch(now)
        exchange.keep(order)
    return order
