"""From a reading to a ticket: the checks a live message must pass, and the ticket itself."""

from datetime import date
from decimal import Decimal

from orders.enums import Action, InstrumentType, OptionType, PriceRule
from orders.language.calendar import Calendar
from orders.language.doubt import Doubt
from orders.language.expiries import check_session
from orders.language.ticket import AskedPrice, Contract, Ticket, TicketLeg

from .reading import Asset, OrderReading, Reading, review

_KINDS = {
    Asset.STOCK: InstrumentType.EQUITY, Asset.OPTION: InstrumentType.EQUITY_OPTION,
    Asset.FUTURE: InstrumentType.FUTURE, Asset.FUTURE_OPTION: InstrumentType.FUTURE_OPTION,
    Asset.SPREAD: InstrumentType.EQUITY_OPTION,
}  # fmt: skip


def refer_expired(reading: Reading, today: date, calendar: Calendar) -> Reading:
    """Refer an order whose expiry is past, is no session or lies too far ahead: no live message means it.

    Reading itself takes days as written, so that old messages can be read.
    """
    if not reading.intent.is_order:
        return reading
    for order in reading.orders:
        for day in [order.expiry, *(leg.expiry for leg in order.legs)]:
            checked = check_session(day, today, calendar) if day else None
            if isinstance(checked, Doubt):
                return review(checked.message, *reading.orders)
    return reading


def as_ticket(order: OrderReading, *, quantity: int) -> Ticket:
    """Return the ticket of a complete order. Raises ValueError where a field it needs is missing.

    `quantity` is the desk's, for a message that wrote none. An entry range starts at its first price and
    is bound by the other.
    """
    if order.action is None or order.asset is None or not order.symbol:
        raise ValueError(f"no ticket without action, asset and symbol: {order.missing=}")
    return Ticket(
        legs=_legs(order, order.action, order.asset),
        quantity=order.quantity or quantity,
        price=_price(order),
        shape=order.shape,
        stop=order.stop if isinstance(order.stop, Decimal) else None,
        target=next((target for target in order.targets if isinstance(target, Decimal)), None),
    )


def _legs(order: OrderReading, action: Action, asset: Asset) -> tuple[TicketLeg, ...]:
    if order.legs:
        return tuple(
            TicketLeg(leg.action, _option(order, leg.strike, leg.option_type, leg.expiry), leg.ratio)
            for leg in order.legs
        )
    if asset in (Asset.OPTION, Asset.FUTURE_OPTION):
        return (TicketLeg(action, _option(order, order.strike, order.option_type, order.expiry)),)
    if asset is Asset.FUTURE:
        return (TicketLeg(Action.BUY if action.buys else Action.SELL, future_named(order.symbol)),)
    return (TicketLeg(action, Contract(InstrumentType.EQUITY, order.symbol.replace(".", "/"))),)


def _option(
    order: OrderReading, strike: Decimal | None, option_type: OptionType | None, expiry: date | None
) -> Contract:
    if order.asset is None or strike is None or option_type is None or expiry is None:
        raise ValueError(f"no option without strike, type and expiry: {order.missing=}")
    return Contract(_KINDS[order.asset], order.symbol.replace(".", "/"), expiry, strike, option_type)


def future_named(symbol: str) -> Contract:
    """Return `/ES`, `/ESZ6`, `/ESZ26` or `NQ` as a future; no month is the front month."""
    name = f"/{symbol.lstrip('/')}"
    bare = name.rstrip("0123456789")
    if bare == name or len(bare) < 3:
        return Contract(InstrumentType.FUTURE, name)
    return Contract(InstrumentType.FUTURE, bare[:-1], month=f"{bare[-1]}{name[-1]}")


def _price(order: OrderReading) -> AskedPrice:
    if order.price is None:
        return AskedPrice(order.price_rule, effect=order.effect)
    if order.price_to is not None:
        return AskedPrice(PriceRule.LIMIT, start=order.price, bound=order.price_to, effect=order.effect)
    return AskedPrice(PriceRule.LIMIT, bound=order.price, effect=order.effect)
