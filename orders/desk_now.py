"""The desk as the machine may ask about it, inside the transaction that keeps its answer."""

import random
import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from orders import exits, looking
from orders.controls import at_intent
from orders.machine import state
from orders.machine.desk import Waits
from orders.market import Quote
from orders.reconciliation import breaks
from orders.values import Rows
from orders.verdicts import Verdict, first_refusal

SEND_SECONDS = 2.0  # from the commit of an intent to its first byte


def waits() -> Waits:
    return Waits(
        lease=settings.LEASE_SECONDS,
        call=settings.CALL_SECONDS,
        send=SEND_SECONDS,
        absence_reads=settings.ABSENCE_READS,
        absence_spacing=settings.ABSENCE_SPACING_SECONDS,
        absence_grace=settings.ABSENCE_GRACE_SECONDS,
        jitter=random.uniform(0.8, 1.2),  # noqa: S311 -- not a secret
    )


class DeskNow:
    """Answers from rows. Asked for an intent, the account's lock is held."""

    def __init__(self, rows: Rows) -> None:
        self.waits = waits()
        self.besides: list[Rows] = []  # other orders that are to be kept with this one
        self._rows = rows

    def refusal(self, price: Decimal | None, quote: Quote | None) -> Verdict | None:
        order = self._rows.row
        return looking.sending_refusal(order) or first_refusal(at_intent.take(order, quote, price))

    def is_in_session(self, now: datetime) -> bool:
        return looking.is_in_session(self._rows.row, now)

    def is_stream_up(self, now: datetime, since: datetime | None = None) -> bool:
        return looking.is_stream_up(self._rows.row.account, now, since)

    def explanation(self, kind: str, key: str) -> str:
        return breaks.explanation(self._rows.row.account, kind, key)

    def identifier(self, order: state.Order, number: int) -> str:
        # The random end keeps a restored database from ever repeating an identifier.
        return f"{looking.prefix(order.environment)}{order.pk}-{number}-{uuid.uuid4().hex[:6]}"

    def sleeping_exit(self, lease: str, now: datetime) -> state.Work | None:
        entry = self._rows.row
        if not entry.is_bracket:
            return None
        sleeping = Rows(exits.asleep(entry, lease, now=now, seconds=settings.LEASE_SECONDS))
        self._rows.work.order.version = entry.version  # the entry has told of its exit
        self.besides.append(sleeping)
        return sleeping.work
