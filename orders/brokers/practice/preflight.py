"""The checks an order passes before it exists: each failure as the broker's (code, message)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.intake import MAX_OPTION_LEGS
from orders.brokers.practice.sessions import NEW_YORK, Calendar

Finding = tuple[str, str]
CLOSED_WARNING = ("tif.next_valid_session", "Your order will begin working during next valid session.")
NO_POSITION = "closing_with_no_position"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the checks look at: the contracts of the order's legs, and the account's other orders."""

    order: Order
    instruments: tuple[Instrument, ...]
    working: tuple[Order, ...]
    calendar: Calendar
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.calendar.current(self.now, self.instruments[0].hours).is_open(self.now)


def find_errors(scene: Scene) -> list[Finding]:
    """Return everything that is wrong with an order, margin aside."""
    checks = (check_shape, check_contracts, check_market_order, check_credit, check_wash, check_extended)
    return [finding for check in checks for finding in check(scene)]


def check_shape(scene: Scene) -> Iterable[Finding]:
    legs = scene.order.legs
    kinds = {leg.kind for leg in legs}
    is_part = any(not isinstance(leg.quantity, int) for leg in legs)
    if is_part and scene.order.order_type not in {"Market", "Notional Market"}:
        yield "fractional_market_orders_only", "Parts of a share are traded by market orders only."
    if len({leg.symbol for leg in legs}) < len(legs):
        yield "duplicate_leg_symbols", "Legs must not share a symbol."
    if len(legs) > (MAX_OPTION_LEGS if all(k.is_option for k in kinds) else 1):
        yield "too_many_legs", "Too many legs for these instruments."
    if len({i.product for i in scene.instruments}) > 1:
        yield "multiple_underlyings", "Legs must share one underlying."


def check_contracts(scene: Scene) -> Iterable[Finding]:
    if scene.order.value is not None and any(i.kind is not Kind.EQUITY for i in scene.instruments):
        yield "instrument_validation_failed", "Notional Market orders are for shares only."
    for leg, instrument in zip(scene.order.legs, scene.instruments, strict=True):
        if instrument.kind is not leg.kind or instrument.has_stopped(scene.now):
            yield "instrument_validation_failed", f"{leg.symbol} can not be traded as {leg.kind.value}."
        if leg.action in {"Buy", "Sell"} and leg.kind is not Kind.FUTURE:
            yield "invalid_action", f"{leg.action} is for outright futures only."


def check_market_order(scene: Scene) -> Iterable[Finding]:
    order = scene.order
    if order.order_type not in {"Market", "Stop", "Notional Market"}:
        return
    if len(order.legs) > 1:
        yield "market_orders_single_leg", "Market orders must have one leg."
    if order.order_type != "Stop" and order.time_in_force[:2] == "GT":
        yield "gtc_market_orders_not_supported", "GTC/GTD Market orders are not supported."
    if order.order_type != "Stop" and not scene.is_open and not all(leg.closes for leg in order.legs):
        message = "Opening market orders not allowed when market closed."
        yield "tif_no_after_hours_opening_market_orders", message


def check_credit(scene: Scene) -> Iterable[Finding]:
    order = scene.order
    cost = order.price if order.value is None else order.value
    if cost is not None and cost < 0 and all(leg.sign > 0 for leg in order.legs):
        yield "cant_buy_for_credit", "You cannot buy for a credit."
    if cost is not None and cost > 0 and all(leg.sign < 0 for leg in order.legs):
        yield "cant_sell_for_debit", "You cannot sell for a debit."  # not recorded: the mirror of the other


def check_wash(scene: Scene) -> Iterable[Finding]:
    wanted = {leg.symbol: leg.sign for leg in scene.order.legs}
    for other in scene.working:
        if other.status is not Status.CONTINGENT and any(
            wanted.get(leg.symbol) == -leg.sign for leg in other.legs
        ):
            yield "illegal_buy_and_sell_on_same_symbol", "Cannot buy and sell against the same symbol."
            return


def check_extended(scene: Scene) -> Iterable[Finding]:
    if "Ext" not in scene.order.time_in_force:
        return
    if scene.instruments[0].kind is not Kind.EQUITY:
        yield "tif_no_after_hours_orders", "Extended hours are for shares only."
    clock = scene.now.astimezone(NEW_YORK).time()
    overnight = "Overnight" in scene.order.time_in_force or scene.calendar.always_open
    if not overnight and not time(7) <= clock < time(20):  # 06:00 to 19:00 in Chicago
        yield "tif_no_after_hours_orders", "Extended hours orders are not accepted now."
