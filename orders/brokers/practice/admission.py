"""How an order is let in: read, checked, costed, given its id, written down, routed."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from orders.brokers.practice import fees, rules
from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import Fault
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.intake import is_strict, name_underlying, read_order
from orders.brokers.practice.margin import BuyingPowerEffect
from orders.brokers.practice.matching import Side, mid_cost, natural_cost
from orders.brokers.practice.preflight import CLOSED_WARNING, NO_POSITION, Finding, Scene, find_errors
from orders.brokers.practice.wire import (
    Json,
    bad_parameter,
    failed_preflight,
    instant,
    quantity,
    read_quantity,
)

FIRST_ORDER = 1_000_001
ROUTING = timedelta(milliseconds=30)  # from the answer to the exchange's book
LEAST_SHARE = Decimal("0.00001")
LET_GO = "let_go"  # nothing but its own rules keeps an order from being routed
NOBODY: frozenset[int] = frozenset()
Contracts = tuple[Instrument, ...]


def read(exchange: Exchange, account: str, body: Json) -> tuple[Order, Contracts]:
    """Read an order and find its contracts; raises Refusal."""
    order = read_order(body, account, exchange.now())
    found = tuple(exchange.instrument(leg.symbol) for leg in order.legs)
    unknown = [leg.symbol for leg, i in zip(order.legs, found, strict=True) if i is None]
    if unknown:
        message = f"Instrument not found: {', '.join(unknown)}"
        raise failed_preflight([("instrument_validation_failed", message)], order.preflight_id or "")
    contracts = tuple(i for i in found if i is not None)
    name_underlying(order, list(contracts))
    if order.value is not None:
        _measure(exchange, order, order.value, contracts[0])
    return order, contracts


def _measure(exchange: Exchange, order: Order, value: Decimal, instrument: Instrument) -> None:
    """Turn the value of a notional order into shares, at what they cost now, rounded down."""
    quote = exchange.market.quote(instrument)
    touch = quote.ask if value > 0 else quote.bid
    shares = (abs(value) / touch).quantize(LEAST_SHARE, ROUND_DOWN) if touch > 0 else Decimal(0)
    if not shares:
        raise bad_parameter("value", "is worth less than the smallest part of a share")
    order.legs[0].quantity = read_quantity(quantity(shares))


def check(exchange: Exchange, order: Order, contracts: Contracts, besides: frozenset[int]) -> list[Finding]:
    """Pass the preflight, margin aside, or raise Refusal; returns the warnings."""
    others = tuple(o for o in exchange.working_of(order.account) if o.id not in besides)
    scene = Scene(order, contracts, others, exchange.calendar, exchange.now())
    if errors := find_errors(scene):
        raise failed_preflight(errors, order.preflight_id or "")
    return [] if scene.is_open else [CLOSED_WARNING]


def relabel(exchange: Exchange, order: Order, *, strict: bool) -> list[Finding]:
    """Turn a closing leg without a position into an opening one, as the broker does, with a warning.

    Strict orders are refused instead, also where they would close more than is held.
    """
    warnings: list[Finding] = []
    for leg in order.legs:
        held = -leg.sign * exchange.held(order.account, leg.symbol)
        if not leg.closes or held >= leg.quantity or (held > 0 and not strict):
            continue
        opening = leg.action.replace("Close", "Open")
        message = (
            "You cannot route a closing order without an existing position to close. "
            f"This order will be updated to a {opening.lower()} order when routed."
        )
        if strict:
            raise failed_preflight([(NO_POSITION, message)], order.preflight_id or "")
        leg.action = opening
        warnings.append((NO_POSITION, message))
    return warnings


def costs(order: Order, contracts: Contracts) -> fees.Fees:
    pairs = zip(order.legs, contracts, strict=True)
    return fees.total(fees.leg_fees(i, leg.action, leg.quantity) for leg, i in pairs)


def effect(
    exchange: Exchange, order: Order, contracts: Contracts, besides: frozenset[int] = NOBODY
) -> BuyingPowerEffect:
    """Return what the order does to buying power, executed at its limit; raises Refusal if too much."""
    trades = [
        (i, leg.sign * leg.quantity, exchange.market.quote(i).mid)
        for leg, i in zip(order.legs, contracts, strict=True)
    ]
    cost = costs(order, contracts).total + _beyond_mid(exchange, order, contracts)
    found = exchange.treasury.effect(order.account, trades, cost)
    if found.change < 0 and found.after < reserved(exchange, order.account, besides):
        message = f"Available buying power of {found.before:.2f} is below {-found.change:.2f}."
        raise failed_preflight([("margin_check_failed", message)], order.preflight_id or "")
    return found


def _beyond_mid(exchange: Exchange, order: Order, contracts: Contracts) -> Decimal:
    """Return what the order would pay beyond the mids, USD; futures pay nothing at all."""
    if contracts[0].kind is Kind.FUTURE:
        return Decimal(0)
    sides = [
        Side(leg.sign, order.ratio(leg), exchange.market.quote(i))
        for leg, i in zip(order.legs, contracts, strict=True)
    ]
    price = natural_cost(sides) if order.price is None else order.price
    return (price - mid_cost(sides)) * order.size * contracts[0].multiplier


def reserved(exchange: Exchange, account: str, besides: frozenset[int]) -> Decimal:
    """Return what the account's working orders may still cost, USD."""
    held = Decimal(0)
    for order in exchange.working_of(account):
        if order.id in besides or order.price is None or order.price <= 0:
            continue
        instrument = exchange.instrument(order.legs[0].symbol)
        if instrument is not None and instrument.kind is not Kind.FUTURE:
            held += order.price * order.remaining_units * instrument.multiplier
    return held


def preview(exchange: Exchange, account: str, body: Json, besides: frozenset[int] = NOBODY) -> Json:
    """Answer a dry run: what would happen, without an id and without happening; raises Refusal."""
    order, contracts = read(exchange, account, body)
    return assess(exchange, order, contracts, strict=is_strict(body), besides=besides)


def assess(
    exchange: Exchange, order: Order, contracts: Contracts, *, strict: bool, besides: frozenset[int] = NOBODY
) -> Json:
    """Check and cost an order that was read, and write the answer; raises Refusal."""
    warnings = relabel(exchange, order, strict=strict) + check(exchange, order, contracts, besides)
    return written(exchange, order, contracts, warnings, effect(exchange, order, contracts, besides))


def written(
    exchange: Exchange, order: Order, contracts: Contracts, warnings: list[Finding], found: BuyingPowerEffect
) -> Json:
    return {
        "buying-power-effect": found.wire(),
        "fee-calculation": fees.fee_calculation(costs(order, contracts)),
        "order": order.wire(exchange.now()),
        "warnings": [{"code": code, "message": message} for code, message in warnings],
    }


def submit(exchange: Exchange, account: str, body: Json) -> Json:
    """Place an order; it is in the ledger when this returns."""
    order, contracts = read(exchange, account, body)
    answer = assess(exchange, order, contracts, strict=is_strict(body))
    admit(exchange, order, contracts)
    return answer | {"order": order.wire(exchange.now())}


def admit(exchange: Exchange, order: Order, contracts: Contracts) -> None:
    """Give an order its id, its last moment and its faults; route it unless it waits for another."""
    now = exchange.now()
    for instrument in contracts:
        exchange.treasury.know(instrument)
    order.id = exchange.ledger.next_id("order", FIRST_ORDER)
    order.session_ends_at = _last_moment(exchange, order, contracts[0], now)
    for fault in exchange.faults.take_for_order(order):
        _burden(order, fault, now)
    if order.status is not Status.CONTINGENT:
        let_go(exchange, order, contracts[0], now)
    exchange.add(order)
    exchange.keep(order)


def let_go(exchange: Exchange, order: Order, instrument: Instrument, now: datetime) -> None:
    """Route an order that waits for no other one, unless a rule of its own holds it back."""
    if order.rules is not None and not rules.may_route(order.rules, now):
        order.status, order.contingent_status = Status.CONTINGENT, "Pending Condition"
        order.behaviours[LET_GO] = True
        order.touch(now)
        return
    if order.rules is not None:
        order.rules["routed-at"] = instant(now)
    route(exchange, order, instrument, now)


def route(exchange: Exchange, order: Order, instrument: Instrument, now: datetime) -> None:
    """Send an order on its way, or let it wait for the next session."""
    session = exchange.calendar.current(now, instrument.hours)
    extended = "Ext" in order.time_in_force and session.starts_at <= now
    if session.is_open(now) or extended:
        order.status, order.due_at = Status.ROUTED, now + ROUTING
    else:
        order.status, order.due_at = Status.RECEIVED, session.opens_at
    order.contingent_status = None
    order.touch(now)


def _last_moment(exchange: Exchange, order: Order, instrument: Instrument, now: datetime) -> datetime | None:
    """Return when the order expires by itself; None for good till cancelled."""
    session = exchange.calendar.current(now, instrument.hours)
    if order.time_in_force == "GTD" and order.gtc_date is not None:
        return next(exchange.calendar.sessions_from(order.gtc_date, instrument.hours)).closes_at
    if order.time_in_force.startswith("GTC"):
        return None
    return session.ends_at if "Ext" in order.time_in_force else session.closes_at


def _burden(order: Order, fault: Fault, now: datetime) -> None:
    """Settle now what a fault will do to an order later."""
    if fault.kind is FaultKind.LISTING_LAG:
        order.listed_from = now + timedelta(seconds=fault.seconds(10))
    else:
        order.behaviours[fault.kind.value] = fault.options
