"""Audit the desk's own rows: the chains of events, the daily digests, the invariants. Reads only."""

from collections.abc import Iterator

from django.db.models import Count, Prefetch, QuerySet

from orders.audit import chain, digests
from orders.audit.invariants import INVARIANTS
from orders.models import Component, Fill, Order, Placement

ORDERS_AT_ONCE = 200


def faults() -> Iterator[str]:
    """Yield one sentence for everything that is not as it must be, naming the order and the row."""
    pins = digests.pins()
    yield from digests.faults()
    yield from shared_ids()
    for order in whole_orders().iterator(chunk_size=ORDERS_AT_ONCE):
        links = [event.link for event in order.events.all()]
        said = pins.pop(order.pk, ())
        for fault in chain.faults(links, head=order.chain_head, last=order.version, pins=said):
            yield f"{order}: {fault}"
        for name, invariant in INVARIANTS.items():
            for fault in invariant(order):
                yield f"{order}: {name}: {fault}"
    for number, said in pins.items():
        yield f"#{number}: the whole order is missing: {said[-1].where} holds it"


def whole_orders() -> QuerySet[Order]:
    """Return the orders with every row that the audit looks at."""
    fills = Prefetch("fills", Fill.objects.select_related("leg"))
    placements = Prefetch("placements", Placement.objects.prefetch_related(fills, "components"))
    changes = ("account__state_changes", "account__environment__state_changes")
    return (
        Order.objects.select_related("account__environment")
        .prefetch_related("legs", "approvals", "events", placements, *changes)
        .order_by("pk")
    )


def shared_ids() -> Iterator[str]:
    """I10, the other way round: one order of the broker's is at most one of ours, whole or half."""
    named = Placement.objects.exclude(broker_order_id="").values_list("account", "broker_order_id")
    halves = Component.objects.exclude(broker_order_id="").values_list("account", "broker_order_id")
    shared = set(halves) & set(named)
    for _, broker_order_id in sorted(shared):
        yield f"I10: the broker's order {broker_order_id} is two placements"


def counted() -> dict[str, int]:
    """Return how much there is to audit, for the line that the command prints."""
    found = Order.objects.aggregate(orders=Count("pk", distinct=True), rows=Count("events"))
    return {"orders": found["orders"], "rows": found["rows"]}
