"""A digest a day over the heads of the orders' chains: what was said of them where nobody can change it."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from orders.audit import chain
from orders.models import DayDigest, Order

log = logging.getLogger(__name__)
DAY_ENDS_AT = time(18, 0)  # New York's, after the latest session of what the desk trades by day
OVERLAP = timedelta(hours=1)  # an event may commit a little after a digest that is younger than it


def last_day(now: datetime) -> date:
    """Return New York's newest day that is over for trading."""
    local = timezone.localtime(now)
    return local.date() if local.time() >= DAY_ENDS_AT else local.date() - timedelta(days=1)


@transaction.atomic
def write(now: datetime) -> DayDigest:
    """Write the digest of the newest day that is over, unless it is there. Safe twice."""
    day, last = last_day(now), DayDigest.objects.select_for_update().last()
    if last is not None and last.day >= day:
        return last
    heads, previous = heads_since(last), last.digest if last is not None else ""
    row = DayDigest(day=day, written_at=now, heads=heads, previous=previous)
    row.digest = chain.digest_of(row.previous, row.content)
    row.save(force_insert=True)
    log.info("%s: %s over %s orders", row, row.digest, len(row.heads))
    return row


def heads_since(last: DayDigest | None) -> dict[str, list[int | str]]:
    """Return sequence and head of every order that has changed since, by its number."""
    orders = Order.objects.order_by("pk")
    if last is not None:
        orders = orders.filter(events__at__gte=last.written_at - OVERLAP).distinct()
    rows = orders.values_list("pk", "version", "chain_head")
    return {str(pk): [version, head] for pk, version, head in rows}


def pins() -> dict[int, list[chain.Pin]]:
    """Return what the digests say, by order."""
    found: dict[int, list[chain.Pin]] = defaultdict(list)
    for row in DayDigest.objects.all():
        for number, (sequence, head) in row.heads.items():
            found[int(number)].append(chain.Pin(f"the {row}", sequence, head))
    return found


def faults() -> Iterator[str]:
    """Yield one sentence for every digest that is altered, or before which one is missing."""
    before = ""
    for row in DayDigest.objects.all():
        if chain.digest_of(row.previous, row.content) != row.digest:
            yield f"the {row} was altered"
        elif row.previous != before:
            yield f"the {row} does not follow from the one before it: one is missing or was altered"
        before = row.digest
