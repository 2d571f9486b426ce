"""Where an account stands while an order of it is judged, and what follows from it. Reads rows only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from desk.limits import AccountReading, RiskLimits, limits_of
from desk.models import Account, TradingSession
from orders.brokers.base import Position
from orders.controls import account_readings, exposure, in_flight, products, rates
from orders.controls.candidates import Candidate, of_order
from orders.enums import InstrumentType, OrderType, PlacementStatus
from orders.models import Fill, Order, Placement
from orders.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """Limits, the broker's word, what filled since, and the other orders that hold a place."""

    account: Account
    limits: RiskLimits
    reading: AccountReading | None
    positions: tuple[Position, ...]
    fills: tuple[Fill, ...]
    others: tuple[Order, ...]
    now: datetime


def standing_of(account: Account, *, besides: int | None, now: datetime) -> Standing:
    """Read where the account stands; the order that is judged is not counted against itself."""
    reading = account_readings.known_of(account)
    return Standing(
        account=account,
        limits=limits_of(account.pk),
        reading=reading,
        positions=tuple(account_readings.positions_of(reading)),
        fills=tuple(in_flight.fills_since(account, reading)),
        others=tuple(in_flight.reserving(account, besides)),
        now=now,
    )


def opening_verdicts(order: Candidate, at: Standing) -> list[Verdict]:
    """Take what is asked of an order that opens a position; one that closes is let through."""
    if order.is_closing:
        return []
    limits, others = at.limits, in_flight.candidates_of(at.others)
    age = (at.now - at.reading.began_at).total_seconds() if at.reading is not None else None
    lost = account_readings.lost_today(at.reading, at.now) if at.reading is not None else Decimal(0)
    return [
        exposure.reading_age(age, limits.max_reading_age_seconds),
        exposure.daily_loss(lost, Decimal(limits.max_daily_loss_value)),
        exposure.open_orders(len(at.others), limits.max_open_orders),
        exposure.underlying_quantity(
            order.underlying,
            held=in_flight.held_quantity(at.positions, at.fills, order.underlying),
            reserved=in_flight.quantity_in(others, order.underlying),
            asked=order.contracts,
            most=limits.max_underlying_quantity,
        ),
        exposure.underlying_value(
            order.underlying,
            held=in_flight.held_value(at.positions, at.fills, order.underlying),
            reserved=in_flight.value_in(others, order.underlying),
            asked=order.loss,
            most=Decimal(limits.max_underlying_value),
        ),
        repeated(order, at),
    ]


def repeated(order: Candidate, at: Standing) -> Verdict:
    """Count the orders that were sent lately in whichever of its contracts has the most."""
    since = at.now - timedelta(seconds=at.limits.symbol_seconds)
    symbols = [leg.symbol for leg in order.opening]
    counts = in_flight.opened_lately(at.account, symbols, since, order.pk)
    most_sent = max(symbols, key=lambda symbol: counts[symbol])
    return rates.repeated(
        most_sent,
        counts[most_sent],
        most=at.limits.max_orders_per_symbol,
        seconds=at.limits.symbol_seconds,
    )


def product_verdicts(order: Candidate, at: Standing) -> Iterable[Verdict]:
    """Take the lists and the expiries."""
    limits = at.limits
    yield products.restricted(order.underlying, limits.restricted_symbols, is_closing=order.is_closing)
    for kind in sorted({InstrumentType(leg.kind) for leg in order.legs}):
        yield products.allowed(
            kind,
            order.underlying,
            kinds=limits.allowed_kinds,
            symbols=limits.allowed_symbols,
            is_closing=order.is_closing,
        )
    session = session_of(at.account, order.kind, at.now)
    for expires_on in sorted({leg.expires_on for leg in order.legs if leg.expires_on is not None}):
        yield products.expiry(
            expires_on,
            timezone.localdate(at.now),
            closes_at=session.closes_at if session is not None else None,
            now=at.now,
            allows_same_day=limits.allows_expiry_day,
            cutoff_minutes=limits.expiry_cutoff_minutes,
            is_closing=order.is_closing,
        )


def session_of(account: Account, kind: InstrumentType, now: datetime) -> TradingSession | None:
    """Return the session of that kind that is open, or the next one."""
    ahead = TradingSession.objects.filter(environment=account.environment_id, kind=kind, closes_at__gt=now)
    return ahead.order_by("closes_at").first()


def crossing_verdicts(order: Candidate, at: Standing) -> list[Verdict]:
    """Compare with each order in flight that trades the very same the other way round."""
    found = []
    for other in at.others:
        theirs = of_order(other)
        is_awake = theirs.order_type is not OrderType.STOP and not other.waits_for_entry
        if is_awake and order.is_opposite(theirs):
            price = price_of(other)
            ours = order.price if order.order_type is not OrderType.MARKET else None
            found.append(exposure.not_crossing(order.side, ours, str(other), price))
    return found


def price_of(order: Order) -> Decimal | None:
    """Return where an order works now; between two of its prices, its bound."""
    live = order.placements.live().last()
    price = live.limit_price if live is not None else order.bound_price or order.target_price
    return Decimal(price) if price is not None else None


def rejects_of(account: Account, limits: RiskLimits, since: datetime | None, now: datetime) -> Verdict:
    """Count the broker's rejects of the last minutes, no further back than the breaker's last trip."""
    window = now - timedelta(seconds=limits.reject_seconds)
    began = max(window, since) if since is not None else window
    rejected = Placement.objects.filter(account=account, status=PlacementStatus.REJECTED, ended_at__gt=began)
    return rates.rejects(rejected.count(), most=limits.max_rejects, seconds=limits.reject_seconds)
