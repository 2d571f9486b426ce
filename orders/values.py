"""From rows to the machine's values and back. A field there and a column here have one name.

Only what changed is written. The caller holds the order's row lock where it writes.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from orders.brokers.base import BrokerOrder
from orders.enums import (
    Action,
    InstrumentType,
    OrderStatus,
    OrderType,
    PlacementStatus,
    PriceRule,
    Role,
    Side,
    TimeInForce,
)
from orders.machine import state
from orders.models import Component, Fill, Order, Placement

NOT_COLUMNS = {"notes", "is_woken", "tick_table", "replaces", "halves"}
ORDER = [f.name for f in fields(state.Order) if f.name not in NOT_COLUMNS]
PLACEMENT = [f.name for f in fields(state.Placement) if f.name not in NOT_COLUMNS]
HALF = [f.name for f in fields(state.Half)]


def order_value(row: Order) -> state.Order:
    found = {name: getattr(row, name) for name in ORDER}
    found |= {
        "status": OrderStatus(row.status), "side": Side(row.side), "order_type": OrderType(row.order_type),
        "time_in_force": TimeInForce(row.time_in_force), "price_rule": PriceRule(row.price_rule),
    }  # fmt: skip
    return state.Order(**found, tick_table=row.ticks_table)


def leg_values(row: Order) -> tuple[state.Leg, ...]:
    return tuple(
        state.Leg(InstrumentType(leg.kind), leg.symbol, Action(leg.action), leg.ratio)
        for leg in row.legs.all()
    )


def placement_value(row: Placement, identifiers: dict[int, str]) -> state.Placement:
    found = {name: getattr(row, name) for name in PLACEMENT}
    found["status"] = PlacementStatus(row.status)
    halves = tuple(half_value(half) for half in row.components.all())
    replaces = identifiers[row.replaces_id] if row.replaces_id is not None else ""
    return state.Placement(**found, replaces=replaces, halves=halves)


def half_value(row: Component) -> state.Half:
    found = {name: getattr(row, name) for name in HALF}
    return state.Half(**(found | {"role": Role(row.role)}))


class Rows:
    """The rows of one order, and the value made of them."""

    def __init__(self, row: Order, reading: BrokerOrder | None = None) -> None:
        self.row = row
        self.legs = list(row.legs.all())
        self.placements = {p.external_identifier: p for p in row.placements.prefetch_related("components")}
        self.work = self._value(reading)
        self._told = len(self.work.fills)

    def _value(self, reading: BrokerOrder | None) -> state.Work:
        identifiers = {p.pk: p.external_identifier for p in self.placements.values()}
        symbols = {leg.pk: leg.symbol for leg in self.legs}
        kept = list(Fill.objects.filter(placement__order=self.row))
        self._fill_ids = {f.fill_id: f.pk for f in kept}
        names = {f.pk: f.fill_id for f in kept}
        fills = [
            state.Fill(
                f.fill_id, identifiers[f.placement_id], symbols[f.leg_id], f.quantity, f.price, f.filled_at,
                f.broker_order_id, names.get(f.compensates_id or 0, ""),
            )
            for f in kept
        ]  # fmt: skip
        return state.Work(
            order=order_value(self.row),
            legs=leg_values(self.row),
            placements=[placement_value(p, identifiers) for p in self.placements.values()],
            fills=fills,
            known_fill_ids={fill.fill_id for fill in fills} | self._elsewhere(reading),
        )

    def _elsewhere(self, reading: BrokerOrder | None) -> set[str]:
        """Return which fills of this reading the account has already, of whatever order."""
        told = [fill.fill_id for fill in reading.fills] if reading is not None else []
        known = Fill.objects.filter(account_id=self.row.account_id, fill_id__in=told) if told else None
        return set(known.values_list("fill_id", flat=True)) if known is not None else set()

    def save(self, recorded_at: Any) -> None:
        """Write what of the value is new."""
        for placement in self.work.placements:
            self._save_placement(placement)
        self._save_fills(self.work.fills[self._told :], recorded_at)
        if put(self.row, self.work.order, ORDER):
            self.row.save()

    def _save_placement(self, value: state.Placement) -> None:
        row = self.placements.get(value.external_identifier)
        if row is None:
            replaced = self.placements.get(value.replaces)
            row = Placement(order=self.row, account_id=self.row.account_id, replaces=replaced)
            self.placements[value.external_identifier] = row
        if put(row, value, PLACEMENT) or row.pk is None:
            row.save()
        halves = {half.external_identifier: half for half in row.components.all()}
        for half in value.halves:
            kept = halves.get(half.external_identifier) or Component(placement=row, account_id=row.account_id)
            if put(kept, half, HALF):
                kept.save()

    def _save_fills(self, fills: Iterable[state.Fill], recorded_at: Any) -> None:
        legs = {leg.symbol: leg for leg in self.legs}
        for fill in fills:
            row = Fill.objects.create(
                placement=self.placements[fill.external_identifier], account_id=self.row.account_id,
                leg=legs[fill.symbol], fill_id=fill.fill_id, quantity=fill.quantity, price=fill.price,
                filled_at=fill.filled_at, recorded_at=recorded_at, broker_order_id=fill.broker_order_id,
                compensates_id=self._fill_ids[fill.compensates] if fill.compensates else None,
            )  # fmt: skip
            self._fill_ids[fill.fill_id] = row.pk


def put(row: Any, value: object, names: Iterable[str]) -> bool:
    """Set what differs; return whether anything did."""
    changed = [name for name in names if getattr(row, name) != getattr(value, name)]
    for name in changed:
        setattr(row, name, getattr(value, name))
    return bool(changed)
