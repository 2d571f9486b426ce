"""Pre-trade controls once more, in the transaction that commits an intent. Reads and writes rows only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from desk.limits import ControlState, RiskLimits
from desk.models import Account, Channel
from orders import exit_rules
from orders.controls import account_readings, exposure, in_flight, rates, risk
from orders.controls.candidates import Candidate, of_order
from orders.controls.standing import (
    Standing,
    crossing_verdicts,
    opening_verdicts,
    product_verdicts,
    rejects_of,
    standing_of,
)
from orders.enums import OrderType, PlacementStatus
from orders.market import Quote
from orders.models import Order
from orders.verdicts import Verdict


def take(order: Order, quote: Quote | None, price: Decimal | None) -> list[Verdict]:
    """Take every control as it stands now, and a message from the account's bucket.

    The caller holds the account's lock and the order's, and rolls all of it back at a refusal. The verdicts
    are kept on the order, which the caller saves. `price` is what is about to be sent, None at market.
    """
    now, asked = timezone.now(), of_order(order, price=price)
    at = standing_of(order.account, besides=order.pk, now=now)
    state = state_of(order.account, at.limits, now)
    found = [
        *size_verdicts(order, asked, quote, at.limits),
        *authority_verdicts(order, asked),
        *product_verdicts(asked, at),
        *opening_verdicts(asked, at),
        *buying_power_verdicts(order, asked, at),
        *closing_verdicts(asked, at),
        *crossing_verdicts(asked, at),
        rates.intents(sent_of(order), most_intents(order)),
        rejects_of(order.account, at.limits, state.breaker_at, now),
        take_token(state, at.limits, now),
    ]
    order.verdicts = kept(order.verdicts, found)
    return found


def kept(before: Iterable[dict[str, Any]], found: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts to store: the latest of each code."""
    codes = {verdict.code for verdict in found}
    return [*(v for v in before if v["code"] not in codes), *(verdict.as_json() for verdict in found)]


def size_verdicts(
    order: Order, asked: Candidate, quote: Quote | None, limits: RiskLimits
) -> Iterable[Verdict]:
    """They may have been lowered since the approval."""
    kind, price, channel = asked.kind, asked.price, order.channel
    ask = risk.Ask(kind, asked.quantity, OrderType(order.order_type), price, asked.multiplier)
    yield risk.quantity(ask, min(limits.max_quantity, channel.max_quantity))
    yield risk.market_allowed(ask, len(asked.legs), allowed=channel.allows_market)
    if quote is not None and not order.is_exit:  # its age the caller judges
        yield risk.quote_usable(quote, order.max_spread_percent, max_age_seconds=0, age_seconds=0)
    yield risk.max_loss(kind, asked.loss, Decimal(limits.max_loss_value))
    if price is not None:
        yield risk.notional(ask, price, Decimal(limits.max_notional_value))
        if quote is not None:
            yield risk.collar(price, quote, limits.collar_percent)
        if asked.width is not None:
            yield risk.within_width(price, asked.width, asked.side)


def authority_verdicts(order: Order, asked: Candidate) -> Iterable[Verdict]:
    """Whoever lost his place here meanwhile opens nothing more; what he holds may be closed."""
    if not asked.is_closing:
        channel: Channel = order.channel
        is_ok = channel.is_enabled and order.trader.is_active and order.trader.user.is_active
        yield Verdict(
            "TRADER_NOT_AUTHORISED",
            is_ok,
            f"{order.trader} may {'' if is_ok else 'no longer '}open positions in {channel}",
        )


def buying_power_verdicts(order: Order, asked: Candidate, at: Standing) -> Iterable[Verdict]:
    if at.reading is not None:
        yield exposure.buying_power(
            needed=in_flight.buying_power_needed(order, at.reading),
            available=account_readings.buying_power_of(at.reading, asked.kind),
            reserved=in_flight.buying_power_taken(order.account, at.reading, order.pk),
        )


def closing_verdicts(asked: Candidate, at: Standing) -> Iterable[Verdict]:
    """What closes never exceeds what is held less what is being closed already."""
    for leg in asked.closing:
        held, working = in_flight.closable(leg, at.reading, at.fills, at.others)
        yield exit_rules.within_position(leg.symbol, leg.ratio * asked.quantity, held, working)


# --- how often -------------------------------------------------------------------------------------


def most_intents(order: Order) -> int:
    return order.walks * (1 + order.retries)


def sent_of(order: Order) -> int:
    """Count what was sent of an order under its present approval and may have reached the broker."""
    never_there = (PlacementStatus.NOT_SENT, PlacementStatus.NOT_PLACED)
    placements = order.placements.filter(is_zombie=False).exclude(status__in=never_there)
    if order.approved_at is not None:
        placements = placements.filter(intended_at__gte=order.approved_at)
    return placements.count()


def state_of(account: Account, limits: RiskLimits, now: datetime) -> ControlState:
    """Return what the controls remember; a new account has a full bucket. Under the account's lock."""
    full = {"tokens": limits.message_burst, "refilled_at": now}
    return ControlState.objects.get_or_create(account=account, defaults=full)[0]


def take_token(state: ControlState, limits: RiskLimits, now: datetime) -> Verdict:
    """Take one message from the bucket, if it holds one."""
    rate = {"per_minute": limits.messages_per_minute, "burst": limits.message_burst}
    tokens = rates.refilled(state.tokens, (now - state.refilled_at).total_seconds(), **rate)
    verdict = rates.message_rate(tokens, **rate)
    if verdict.is_ok:
        state.tokens, state.refilled_at = tokens - 1, now
        state.save(update_fields=["tokens", "refilled_at"])
    return verdict
