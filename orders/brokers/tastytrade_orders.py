"""Our draft as the SDK's order. The broker's debit and credit sign lives here alone."""

from decimal import Decimal

from tastytrade.order import (
    AdvancedInstructions,
    InstrumentType,
    Leg,
    LimitOrder,
    MarketOrder,
    OCOOrder,
    OrderAction,
    OrderTimeInForce,
    OTOCOOrder,
    StopOrder,
)

from orders.brokers.base import ComplexDraft, Draft, Refused
from orders.enums import OrderType, Side

SOURCE = "discord-tastytrade-desk"  # echoed on every report: tells our orders from a person's own
NOT_ASKED = 0  # the status of a refusal of our own: no request was made


def unsendable(draft: Draft) -> Refused | None:
    """Return why a draft cannot be sent at all; None if it can.

    A price of zero is one: the SDK would leave out its effect, which the broker requires.
    """
    if not _is_priced(draft):
        at = draft.price if draft.stop_trigger is None else draft.stop_trigger
        return Refused("unsendable_price", f"no {draft.order_type} order at {at}", NOT_ASKED)
    for leg in draft.legs:
        if leg.quantity < 1:
            return Refused("unsendable_quantity", f"no order for {leg.quantity} of {leg.symbol}", NOT_ASKED)
    return None if draft.legs else Refused("no_legs", "an order needs a leg", NOT_ASKED)


def _is_priced(draft: Draft) -> bool:
    """Whether the draft has the prices of its type, and no others."""
    has_price, has_trigger = _is_sendable(draft.price), _is_sendable(draft.stop_trigger)
    if draft.order_type is OrderType.LIMIT:
        return has_price and draft.stop_trigger is None
    if draft.order_type is OrderType.STOP:
        return has_trigger and draft.price is None
    return draft.order_type is OrderType.MARKET and draft.price is None and draft.stop_trigger is None


def _is_sendable(price: Decimal | None) -> bool:
    return price is not None and price.is_finite() and price > 0


def unsendable_bundle(draft: ComplexDraft) -> Refused | None:
    """Return why a bundle cannot be sent at all: one of its orders cannot, or is of the wrong type."""
    types = (draft.target.order_type, draft.stop.order_type)
    if types != (OrderType.LIMIT, OrderType.STOP):
        return Refused("unsendable_pair", "a pair is one limit and one stop", NOT_ASKED)
    parts = [draft.target, draft.stop, *([draft.trigger] if draft.trigger is not None else [])]
    return next((refusal for part in parts if (refusal := unsendable(part)) is not None), None)


def sdk_bundle(draft: ComplexDraft) -> OCOOrder | OTOCOOrder:
    """Return the complex order for the SDK. A sendable draft is expected."""
    pair = {"source": SOURCE, "take_profit": sdk_order(draft.target), "stop_loss": sdk_order(draft.stop)}
    if draft.trigger is None:
        return OCOOrder.model_validate(pair)
    return OTOCOOrder.model_validate(pair | {"trigger_order": sdk_order(draft.trigger)})


def sdk_order(draft: Draft) -> LimitOrder | MarketOrder | StopOrder:
    """Return the order for the SDK. A sendable draft is expected."""
    closes = any(leg.action.closes for leg in draft.legs)
    shared = {
        "source": SOURCE,
        "time_in_force": OrderTimeInForce(draft.time_in_force.value),
        "legs": _legs(draft),
        "external_identifier": draft.external_identifier or None,
        "advanced_instructions": AdvancedInstructions(strict_position_effect_validation=True)
        if closes
        else None,
    }
    if draft.stop_trigger is not None:
        return StopOrder.model_validate(shared | {"stop_trigger": plain(draft.stop_trigger)})
    if draft.price is None:
        return MarketOrder.model_validate(shared)
    return LimitOrder.model_validate(shared | {"price": signed_price(draft.side, draft.price)})


def signed_price(side: Side, price: Decimal) -> Decimal:
    """Return the price with the SDK's sign: a debit is negative, a credit positive."""
    return -plain(price) if side is Side.PAYS else plain(price)


def plain(price: Decimal) -> Decimal:
    """Return the same price without an exponent, which would be sent as it is: 1E+2."""
    return Decimal(f"{price:f}")


def _legs(draft: Draft) -> list[Leg]:
    return [
        Leg(
            instrument_type=InstrumentType(leg.kind.value),
            symbol=leg.symbol,
            action=OrderAction(leg.action.value),
            quantity=leg.quantity,
        )
        for leg in draft.legs
    ]
