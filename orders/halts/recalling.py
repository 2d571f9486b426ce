"""What of ours lives at the broker, by its own listing: each order, or bundle, that one DELETE ends."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from desk.models import Account
from orders import desk_now, recording
from orders.brokers.base import TERMINAL_STATUSES, BrokerOrder, Listing, Phase
from orders.lifecycle import UNRESOLVED
from orders.looking import prefix
from orders.machine import absence
from orders.models import Component, Placement
from orders.reconciliation import reconciling
from orders.values import Rows

BY = "mass cancel"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to take back: by its bundle where it is in one, which ends all that is tied together."""

    broker_order_id: str
    complex_order_id: str = ""
    placements: tuple[Placement, ...] = ()
    name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return ("", self.broker_order_id) if not self.complex_order_id else (self.complex_order_id, "")

    def __str__(self) -> str:
        number = self.broker_order_id or f"bundle {self.complex_order_id}"
        return f"{number} ({self.name})" if self.name else number


def settle(account: Account, listing: Listing) -> None:
    """Apply what ends, or resolves, one of ours: the listing knows it, whoever else is down."""
    live, unresolved = Placement.objects.live().filter(account=account), unresolved_of(account)
    halves = Component.objects.filter(account=account, placement__in=live)
    ids = {*live.values_list("broker_order_id", flat=True), *halves.values_list("broker_order_id", flat=True)}
    for reading in listing:
        if reading.phase is Phase.TERMINAL and reading.broker_order_id in ids:
            reconciling.adopt(account, reading)
    for placement in unresolved:
        work = Rows(placement.order).work
        found = absence.find(listing, work, work.placement(placement.external_identifier))
        if found is not None:
            recording.apply_reading(placement, found, by=BY)


def unresolved_of(account: Account) -> list[Placement]:
    """Return the placements whose outcome nobody knows yet."""
    return list(Placement.objects.filter(account=account, status__in=UNRESOLVED).select_related("order"))


def is_late(placement: Placement) -> bool:
    """Whether its request, if it was held up somewhere, would have arrived by now."""
    return timezone.now() >= absence.counting_starts_at(placement.send_deadline_at, desk_now.waits())


def targets(account: Account, listing: Listing) -> list[Target]:
    """Return everything of ours that may trade: as listed, and what the listing leaves out."""
    found: dict[tuple[str, str], Target] = {}
    for target in (*_listed(account, listing), *_unreadable(account, listing), *_missing(account, listing)):
        known = found.get(target.key, target)
        placements = dict.fromkeys((*known.placements, *target.placements))
        found[target.key] = Target(
            known.broker_order_id, known.complex_order_id, tuple(placements), known.name or target.name
        )
    return list(found.values())


def _listed(account: Account, listing: Listing) -> Iterator[Target]:
    known = {row.broker_order_id: row for row in Placement.objects.live().filter(account=account)}
    for reading in listing:
        if reading.phase is not Phase.TERMINAL:
            placement = known.get(reading.broker_order_id) or _row_of(account, reading)
            if placement is not None or _is_named_ours(account, reading.external_identifier):
                yield Target(
                    reading.broker_order_id,
                    reading.complex_order_id,
                    (placement,) if placement is not None else (),
                    reading.external_identifier,
                )


def _row_of(account: Account, reading: BrokerOrder) -> Placement | None:
    """Return our placement of a live order. One that we took for ended, or never knew, is told of first."""
    placement = recording.placement_of(account, reading)
    if placement is None or not placement.is_live:
        placement = reconciling.adopt(account, reading)
    return placement


def _is_named_ours(account: Account, external_identifier: str) -> bool:
    return external_identifier.startswith(prefix(account.environment_id))


def _unreadable(account: Account, listing: Listing) -> Iterator[Target]:
    """Return what cannot be read whole, and is ours by its name: its id is enough for a DELETE."""
    for raw in listing.unreadable:
        name, number = str(raw.get("external-identifier", "")), reconciling.open_unreadable(account, raw)
        if number.isdigit() and _is_named_ours(account, name) and raw.get("status") not in TERMINAL_STATUSES:
            yield Target(number, name=name, placements=tuple(_named(account, raw)))


def _named(account: Account, raw: Mapping[str, Any]) -> Iterable[Placement]:
    name = str(raw.get("external-identifier"))
    return Placement.objects.filter(account=account, external_identifier=name)


def _missing(account: Account, listing: Listing) -> Iterator[Target]:
    """Return our live placements that the listing does not show: listings may lag."""
    listed = {order.broker_order_id for order in listing}
    bundles = {order.complex_order_id for order in listing}
    live = Placement.objects.live().filter(account=account).exclude(broker_order_id="", complex_order_id="")
    for placement in live:
        is_shown = placement.broker_order_id in listed or placement.complex_order_id in bundles - {""}
        if not is_shown:
            yield Target(
                placement.broker_order_id,
                placement.complex_order_id,
                (placement,),
                placement.external_identifier,
            )
