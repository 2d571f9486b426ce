"""From resolved legs and their market to the terms of an order: quote, side, ticks, bound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from desk.models import Channel
from orders.brokers.base import Broker
from orders.controls import risk
from orders.enums import Action, InstrumentType, PriceRule, Side
from orders.ladder import Terms, bound_of
from orders.language.ticket import Ticket
from orders.market import (
    NICKEL,
    NICKEL_SPREAD_ROOTS,
    PENNY,
    Instrument,
    Quote,
    TickTable,
    net_quote,
)
from orders.verdicts import Denied, Verdict

QUOTE_SECONDS = 3.0  # oldest quote, since we read it, that an order may be priced by


@dataclass(frozen=True, slots=True)
class ResolvedLeg:
    """A leg with the instrument the broker lists for it; `ratio` per unit of the order's quantity."""

    action: Action
    ratio: int
    instrument: Instrument


def package_quote(legs: Sequence[ResolvedLeg], broker: Broker, ticket: Ticket) -> tuple[Quote, Side]:
    """Return the quote of the whole package and whether it pays. Raises Denied without a quote."""
    quotes = broker.quotes([leg.instrument for leg in legs])
    missing = [leg.instrument.symbol for leg in legs if leg.instrument.symbol not in quotes]
    if missing:
        raise Denied(Verdict("QUOTE_NOT_USABLE", False, f"there is no quote for {', '.join(missing)}"))
    parts = [(leg.action.sign * leg.ratio, quotes[leg.instrument.symbol]) for leg in legs]
    if len(legs) == 1:
        side = Side.PAYS if legs[0].action.buys else Side.RECEIVES
        return quotes[legs[0].instrument.symbol], side
    paying = net_quote(parts, Side.PAYS)
    side = ticket.price.effect or (Side.PAYS if paying.is_two_sided and paying.mid > 0 else Side.RECEIVES)
    return net_quote(parts, side), side


def ticks_of(legs: Sequence[ResolvedLeg]) -> TickTable:
    """Return the tick table of the price: the instrument's own, or that of net prices."""
    if len(legs) == 1:
        return legs[0].instrument.ticks
    if any(leg.instrument.root in NICKEL_SPREAD_ROOTS for leg in legs):
        return NICKEL
    if legs[0].instrument.kind is InstrumentType.FUTURE_OPTION:
        return (min(legs[0].instrument.ticks, key=lambda t: t.value),)
    return PENNY


def terms_of(
    ticket: Ticket, legs: Sequence[ResolvedLeg], quote: Quote, side: Side, channel: Channel
) -> Terms:
    """Return the terms with their bound fixed from the quote. Raises Denied for an unusable quote."""
    age = (timezone.now() - quote.received_at).total_seconds()
    usable = risk.quote_usable(quote, channel.policy.max_spread_percent, QUOTE_SECONDS, age)
    if not usable.is_ok:
        raise Denied(usable)
    terms = Terms(
        side=side,
        rule=ticket.price.rule,
        ticks=ticks_of(legs),
        retries=channel.policy.retries if ticket.retries is None else ticket.retries,
        ticks_per_step=ticket.ticks or channel.policy.ticks,
        start=ticket.price.start,
        bound=ticket.price.bound,
    )
    bound = bound_of(quote, terms)
    if bound <= 0:
        raise Denied(
            Verdict("PRICE_NOT_POSITIVE", False, f"the bound would be {bound}: no order is sent at 0")
        )
    return replace(terms, bound=bound)


def has_exit_prices(ticket: Ticket) -> bool:
    return ticket.stop is not None or ticket.target is not None


def exit_terms(ticket: Ticket, legs: Sequence[ResolvedLeg], side: Side) -> Terms:
    """Return the terms of an exit: its target and its stop are its prices. Raises Denied with another."""
    if ticket.price.rule is not PriceRule.NONE:
        sentence = "an exit has a price, or stop and target, not both"
        raise Denied(Verdict("EXIT_HAS_TWO_PRICES", False, sentence))
    return Terms(side=side, rule=PriceRule.EXIT, ticks=ticks_of(legs), retries=0, ticks_per_step=1)
