"""Pre-trade verdicts on a proposal: the pure controls, given the rows and the broker's word they need."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from desk import environments
from desk.limits import RiskLimits, limits_of
from desk.models import Account, Channel, Trader
from orders import exit_rules, holdings, looking
from orders.brokers.base import Broker, DryRun
from orders.controls import account_readings, exposure, in_flight, products, rates, risk
from orders.controls.candidates import Candidate, leg_rows
from orders.controls.standing import (
    crossing_verdicts,
    opening_verdicts,
    product_verdicts,
    session_of,
    standing_of,
)
from orders.enums import Action, BeforeOpen, InstrumentType, OrderStatus, OrderType, PriceRule, Side
from orders.ladder import Terms
from orders.language.ticket import Ticket
from orders.market import Quote
from orders.models import Order
from orders.terms import ResolvedLeg, has_exit_prices
from orders.verdicts import Verdict

# What was taken back, refused or forgotten is not asked for twice.
UNDONE: Final = (OrderStatus.WITHDRAWN, OrderStatus.DENIED, OrderStatus.LAPSED)


def verdicts_on(
    asked: Candidate, ticket: Ticket, quote: Quote, terms: Terms, channel: Channel, trader: Trader
) -> tuple[Verdict, ...]:
    """Return every pre-trade verdict on a proposal; the intent's transaction takes them again."""
    account, now = channel.account, timezone.now()
    at = standing_of(account, besides=asked.pk, now=now)
    rollout = looking.rollout_of(account.environment, channel)
    asks_dry_run = environments.is_dry_run(account.environment, asked=ticket.dry_run)
    return (
        environments.seal(account.environment_id, account, trader),
        risk.stage(asked.kind, asked.quantity, rollout, asks_dry_run=asks_dry_run),
        risk.trading_state(account.effective_state, account.effective_reason, is_closing=asked.is_closing),
        *size_verdicts(asked, terms, quote, channel, at.limits),
        *product_verdicts(asked, at),
        session_verdict(asked, channel, now),
        *opening_verdicts(asked, at),
        *crossing_verdicts(asked, at),
    )


def candidate_of(
    ticket: Ticket,
    legs: Sequence[ResolvedLeg],
    terms: Terms,
    instead_of: Order | None = None,
    *,
    is_closing: bool = False,
) -> Candidate:
    """Return a proposal as the controls weigh it, at the worst price it may come to.

    `instead_of` is the order that it amends: that one is not counted against it.
    """
    is_exit = terms.rule is PriceRule.EXIT
    exits = (ticket.stop, ticket.target) if is_exit else ()
    return Candidate(
        pk=instead_of.pk if instead_of is not None else None,
        legs=leg_rows(legs),
        side=terms.side,
        quantity=ticket.quantity,
        price=max(filter(None, (terms.bound, *exits)), default=Decimal(0)),
        multiplier=legs[0].instrument.multiplier,
        underlying=legs[0].instrument.underlying,
        order_type=OrderType.MARKET if terms.rule is PriceRule.MARKET else OrderType.LIMIT,
        is_closing=is_closing,
    )


def size_verdicts(
    asked: Candidate, terms: Terms, quote: Quote, channel: Channel, limits: RiskLimits
) -> Iterable[Verdict]:
    price = asked.price or Decimal(0)
    ask = risk.Ask(asked.kind, asked.quantity, asked.order_type, price, asked.multiplier)
    yield risk.market_allowed(ask, len(asked.legs), allowed=channel.allows_market)
    yield risk.quantity(ask, min(limits.max_quantity, channel.max_quantity))
    yield risk.notional(ask, price, Decimal(limits.max_notional_value))
    yield risk.max_loss(asked.kind, asked.loss, Decimal(limits.max_loss_value))
    if asked.width is not None:
        yield risk.within_width(price, asked.width, asked.side)
    if terms.rule is not PriceRule.EXIT:  # an exit waits away from the market
        yield risk.collar(price, quote, limits.collar_percent)


def session_verdict(asked: Candidate, channel: Channel, now: datetime) -> Verdict:
    found = session_of(channel.account, asked.kind, now)
    opens_at = found.opens_at if found is not None else None
    local = f"{timezone.localtime(opens_at):%a %d %b %H:%M} New York" if opens_at is not None else ""
    waits = channel.policy.before_open == BeforeOpen.WAIT
    return products.session(opens_at, now, waits=waits, local=local)


def duplicate_verdicts(
    ticket: Ticket, legs: Sequence[ResolvedLeg], side: Side, channel: Channel, trader: Trader
) -> Iterable[Verdict]:
    """Ask again about what the same person asked for a moment ago."""
    limits, now = limits_of(channel.account_id), timezone.now()
    since = now - timedelta(seconds=limits.duplicate_seconds)
    same = Order.objects.filter(
        trader=trader, account=channel.account_id, side=side, asked_quantity=ticket.quantity, parent=None
    )
    earlier = same.filter(proposed_at__gt=since).exclude(status__in=UNDONE).prefetch_related("legs")
    asked = {(leg.instrument.symbol, leg.action, leg.ratio) for leg in legs}
    for order in earlier:
        if {(leg.symbol, leg.action, leg.ratio) for leg in order.legs.all()} == asked:
            yield rates.duplicate(
                str(order),
                (now - order.proposed_at).total_seconds(),
                within=limits.duplicate_seconds,
                is_confirmed=ticket.again,
            )
            return


def dry_run_verdicts(
    answer: DryRun, kind: InstrumentType, account: Account, besides: Order | None
) -> Iterable[Verdict]:
    """Judge what the broker said it would do. What it would refuse is shown, and can't be approved."""
    said = "; ".join(sentence for _, sentence in answer.errors)
    sentence = f"the broker would refuse it: {said}" if said else "the broker would take it"
    yield Verdict("BROKER_WOULD_REJECT", not said, sentence)
    reading = account_readings.known_of(account)
    if answer.buying_power_effect is not None and reading is not None:
        pk = besides.pk if besides is not None else None
        yield exposure.buying_power(
            needed=-answer.buying_power_effect,
            available=account_readings.buying_power_of(reading, kind),
            reserved=in_flight.buying_power_taken(account, reading, pk),
        )


def exit_verdicts(
    ticket: Ticket, legs: Sequence[ResolvedLeg], terms: Terms, quote: Quote
) -> tuple[Verdict, ...]:
    """Return the verdicts on stop and target, of an exit itself or of the one that is to follow."""
    if not has_exit_prices(ticket):
        return ()
    target, stop = ticket.target, ticket.stop
    position = Side(-terms.side) if terms.rule is PriceRule.EXIT else terms.side
    found = (
        exit_rules.one_direction([leg.action for leg in legs]),
        exit_rules.stop_on_one_leg(stop, len(legs)),
        exit_rules.on_the_tick(target, stop, terms.ticks),
    )
    if not quote.is_two_sided:
        return (*found, Verdict("QUOTE_NOT_USABLE", False, "the quote is one-sided"))
    return (*found, exit_rules.beyond_market(target, stop, quote.mid, position))


def closing_verdicts(
    asked: Candidate, quantity: int, account: Account, broker: Broker, besides: Order | None
) -> tuple[Verdict, ...]:
    """Return, for every leg that closes, whether so much is held and not yet being closed."""
    if not asked.closing:
        return ()
    held = holdings.holdings(broker, account, besides=besides)
    return tuple(
        exit_rules.within_position(
            leg.symbol,
            leg.ratio * quantity,
            held[leg.symbol].closable(Action(leg.action)),
            held[leg.symbol].working,
        )
        for leg in asked.closing
    )
