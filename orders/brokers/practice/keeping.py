"""How orders are kept: as the broker would write them, and what that leaves out."""

from datetime import UTC, date, datetime
from decimal import Decimal

from orders.brokers.practice.book import Fill, Leg, Order, Status
from orders.brokers.practice.instruments import Kind
from orders.brokers.practice.wire import Json, read_quantity


def state_of(order: Order) -> Json:
    """Return what the ledger keeps beside the wire form, so that a restart forgets nothing."""
    moments = {
        "due-at": order.due_at,
        "session-ends-at": order.session_ends_at,
        "listed-from": order.listed_from,
        "fills-shown-from": order.fills_shown_from,
    }
    return {
        "wire": order.wire(datetime.max.replace(tzinfo=UTC)),
        "triggered": order.triggered,
        "behaviours": order.behaviours,
        "moments": {k: v.isoformat() for k, v in moments.items() if v},
    }


def _moment(kept: Json, name: str) -> datetime | None:
    return datetime.fromisoformat(kept[name]) if kept.get(name) else None


def order_from(state: Json) -> Order:
    """Read back what `state_of` wrote."""
    wire, moments = state["wire"], state["moments"]
    sign = -1 if wire.get("price-effect") == "Credit" else 1
    gtc = wire.get("gtc-date")
    return Order(
        account=wire["account-number"],
        order_type=wire["order-type"],
        time_in_force=wire["time-in-force"],
        legs=[_leg_from(leg) for leg in wire["legs"]],
        underlying=wire["underlying-symbol"],
        underlying_kind=wire["underlying-instrument-type"],
        received_at=datetime.fromisoformat(wire["received-at"]),
        updated_at=datetime.fromtimestamp(wire["updated-at"] / 1000, UTC),
        id=wire["id"],
        status=Status(wire["status"]),
        price=sign * Decimal(wire["price"]) if "price" in wire else None,
        stop_trigger=Decimal(wire["stop-trigger"]) if "stop-trigger" in wire else None,
        value=_value(wire),
        gtc_date=date.fromisoformat(gtc) if gtc else None,
        external_identifier=wire.get("external-identifier"),
        source=wire.get("source"),
        live_at=_moment(wire, "live-at"),
        in_flight_at=_moment(wire, "in-flight-at"),
        cancelled_at=_moment(wire, "cancelled-at"),
        terminal_at=_moment(wire, "terminal-at"),
        reject_reason=wire.get("reject-reason"),
        contingent_status=wire.get("contingent-status"),
        edited=wire["edited"],
        replaces=wire.get("replaces-order-id"),
        replaced_by=wire.get("replacing-order-id"),
        complex_id=wire.get("complex-order-id"),
        complex_tag=wire.get("complex-order-tag"),
        preflight_id=wire.get("preflight-id"),
        rules=wire.get("order-rule"),
        triggered=state["triggered"],
        behaviours=state["behaviours"],
        due_at=_moment(moments, "due-at"),
        session_ends_at=_moment(moments, "session-ends-at"),
        listed_from=_moment(moments, "listed-from"),
        fills_shown_from=_moment(moments, "fills-shown-from"),
    )


def _value(wire: Json) -> Decimal | None:
    if "value" not in wire:
        return None
    return Decimal(wire["value"]) * (-1 if wire["value-effect"] == "Credit" else 1)


def _leg_from(wire: Json) -> Leg:
    fills = [
        Fill(
            f["fill-id"],
            read_quantity(f["quantity"]),
            Decimal(f["fill-price"]),
            datetime.fromisoformat(f["filled-at"]),
        )
        for f in wire["fills"]
    ]
    kind, shares = Kind(wire["instrument-type"]), read_quantity(wire["quantity"])
    return Leg(wire["symbol"], kind, wire["action"], shares, fills)
