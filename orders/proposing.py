"""From a ticket to a recorded proposal: resolve, quote, plan, dry-run, record.

`prepare` speaks to the broker and writes nothing; `record` writes and speaks to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from desk import environments
from desk.models import Account, Channel, Trader
from orders.brokers.base import Broker, Draft, DraftLeg, DryRun
from orders.controls import account_readings, products
from orders.controls.at_proposal import (
    candidate_of,
    closing_verdicts,
    dry_run_verdicts,
    duplicate_verdicts,
    exit_verdicts,
    verdicts_on,
)
from orders.controls.candidates import leg_rows
from orders.enums import OrderType, PriceRule, Side
from orders.exit_rules import exit_type
from orders.ladder import Terms, ladder
from orders.language.ticket import Ticket
from orders.market import Quote
from orders.models import Leg, Order
from orders.resolving import resolve
from orders.terms import ResolvedLeg, exit_terms, has_exit_prices, package_quote, terms_of
from orders.verdicts import Denied, Verdict, first_refusal


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal not yet recorded: the plan as the trader will see it."""

    ticket: Ticket
    legs: tuple[ResolvedLeg, ...]
    side: Side
    quote: Quote
    terms: Terms  # with its bound
    prices: tuple[Decimal, ...]  # the ladder if the market stands still
    dry_run: DryRun
    verdicts: tuple[Verdict, ...]
    is_closing: bool
    is_dry_run: bool

    @property
    def order_type(self) -> OrderType:
        if self.terms.rule is PriceRule.EXIT:
            return exit_type(self.ticket.target, self.ticket.stop)
        return OrderType.MARKET if self.terms.rule is PriceRule.MARKET else OrderType.LIMIT

    @property
    def multiplier(self) -> Decimal:
        return self.legs[0].instrument.multiplier


def prepare(ticket: Ticket, *, channel: Channel, trader: Trader, broker: Broker) -> Prepared:
    """Resolve the ticket, price it and ask the broker what it would do.

    Raises Denied (refused by us), UnresolvedTicket (no such contract, with the nearest) or BrokerError.
    """
    refuse_unauthorised(channel, trader)
    legs = tuple(ResolvedLeg(leg.action, leg.ratio, resolve(leg, broker)) for leg in ticket.legs)
    return prepare_legs(ticket, legs, channel=channel, trader=trader, broker=broker)


def prepare_legs(
    ticket: Ticket,
    legs: tuple[ResolvedLeg, ...],
    *,
    channel: Channel,
    trader: Trader,
    broker: Broker,
    closes: bool = False,
    instead_of: Order | None = None,
) -> Prepared:
    """Price a ticket whose instruments are known. Raises Denied or BrokerError.

    `closes` says so where the legs can't: futures are netted, not closed. `instead_of` is the order that
    it amends: what that one has filled and what it asks for are not counted against it.
    """
    refuse_mixed(legs)
    is_closing = closes or all(leg.action.closes for leg in legs)
    is_exit = is_closing and has_exit_prices(ticket)
    quote, side = package_quote(legs, broker, ticket)
    terms = exit_terms(ticket, legs, side) if is_exit else terms_of(ticket, legs, quote, side, channel)
    filled = instead_of.filled_quantity if instead_of is not None else 0
    asked = candidate_of(ticket, legs, terms, instead_of, is_closing=is_closing)
    account_readings.latest(channel.account, broker)
    verdicts = (
        *verdicts_on(asked, ticket, quote, terms, channel, trader),
        *exit_verdicts(ticket, legs, terms, quote),
        *closing_verdicts(asked, ticket.quantity - filled, channel.account, broker, instead_of),
        *(duplicate_verdicts(ticket, legs, side, channel, trader) if instead_of is None else ()),
    )
    refusal = first_refusal(verdicts)
    if refusal is not None:
        raise Denied(refusal)
    prices = () if terms.rule in {PriceRule.MARKET, PriceRule.EXIT} else ladder(quote, terms)
    draft = draft_of(legs, ticket, side, prices[0] if prices else None, ticket.quantity - filled)
    dry_run = broker.dry_run(exit_draft(draft, ticket) if is_exit else draft)
    return Prepared(
        ticket=ticket,
        legs=legs,
        side=side,
        quote=quote,
        terms=terms,
        prices=prices,
        dry_run=dry_run,
        verdicts=(
            *verdicts,
            *dry_run_verdicts(dry_run, legs[0].instrument.kind, channel.account, instead_of),
        ),
        is_closing=is_closing,
        is_dry_run=environments.is_dry_run(channel.account.environment, asked=ticket.dry_run),
    )


def refuse_mixed(legs: Sequence[ResolvedLeg]) -> None:
    """Raise Denied for a package that has no price per unit, and no place at the broker."""
    verdict = products.one_package([(leg.instrument.kind, leg.instrument.multiplier) for leg in legs])
    if not verdict.is_ok:
        raise Denied(verdict)


def refuse_unauthorised(channel: Channel, trader: Trader) -> None:
    """Raise Denied unless this person may propose in this channel."""
    if channel.preview_only:
        raise Denied(Verdict("CHANNEL_PREVIEW_ONLY", False, f"{channel} only looks: it records no orders"))
    user: User = trader.user
    is_ok = (
        channel.is_enabled
        and trader.is_active
        and user.is_active
        and user.has_perm("orders.propose_order")
        and channel.traders.filter(pk=trader.pk).exists()
    )
    if not is_ok:
        raise Denied(Verdict("TRADER_NOT_AUTHORISED", False, f"{trader} may not propose orders in {channel}"))


def exit_draft(draft: Draft, ticket: Ticket) -> Draft:
    """Return the draft for a dry-run of an exit: its target or, without one, its stop."""
    if ticket.target is not None:
        return replace(draft, price=ticket.target, order_type=OrderType.LIMIT)
    return replace(draft, stop_trigger=ticket.stop, order_type=OrderType.STOP)


def draft_of(
    legs: Sequence[ResolvedLeg], ticket: Ticket, side: Side, price: Decimal | None, quantity: int
) -> Draft:
    """Return the draft for a dry-run of that quantity at the first price."""
    return Draft(
        external_identifier="",
        legs=tuple(
            DraftLeg(leg.instrument.kind, leg.instrument.symbol, leg.action, leg.ratio * quantity)
            for leg in legs
        ),
        side=side,
        price=price,
        order_type=OrderType.LIMIT if price is not None else OrderType.MARKET,
        time_in_force=ticket.time_in_force,
    )


def record(
    prepared: Prepared, *, channel: Channel, trader: Trader, discord_message_id: int | None, text: str
) -> Order:
    """Record the proposal. Twice with the same Discord message gives the first order again.

    Without one it is the caller's to record it once.
    """
    try:
        with transaction.atomic():
            order = Order(**columns(prepared, channel), trader=trader, channel=channel,
                          discord_message_id=discord_message_id, text=text)  # fmt: skip
            order.save()
            legs = leg_rows(prepared.legs)
            for leg in legs:
                leg.order = order
            Leg.objects.bulk_create(legs)
            by, ladder = trader.user.get_username(), [str(p) for p in prepared.prices]
            order.begin("proposed", by=by, now=order.proposed_at, ladder=ladder)
            return order
    except IntegrityError:
        if discord_message_id is None:
            raise
        return Order.objects.get(discord_message_id=discord_message_id)


def columns(prepared: Prepared, channel: Channel) -> dict[str, object]:
    """Return the proposal as columns of an order."""
    ticket, terms, policy, now = prepared.ticket, prepared.terms, channel.policy, timezone.now()
    account: Account = channel.account
    return {
        "account": account,
        "environment": account.environment_id,
        "dry_run": prepared.is_dry_run,
        "side": prepared.side,
        "quantity": ticket.quantity,
        "asked_quantity": ticket.quantity,
        "closes_position": prepared.is_closing,
        "order_type": prepared.order_type,
        "time_in_force": ticket.time_in_force,
        "underlying": prepared.legs[0].instrument.underlying,
        "multiplier": prepared.multiplier,
        "tick_table": [
            [str(t.value), str(t.threshold) if t.threshold is not None else None] for t in terms.ticks
        ],
        "price_rule": terms.rule,
        "start_price": terms.start,
        "bound_price": terms.bound,
        "asked_bound_price": terms.bound,
        "target_price": ticket.target,
        "stop_price": ticket.stop,
        "proposal_bid_price": prepared.quote.bid,
        "proposal_ask_price": prepared.quote.ask,
        "policy": policy,
        "retries": terms.retries,
        "ticks": terms.ticks_per_step,
        "wait_seconds": ticket.wait_seconds or policy.wait_seconds,
        "method": policy.method,
        "end": policy.end,
        "before_open": policy.before_open,
        "max_spread_percent": policy.max_spread_percent,
        "max_move_ticks": policy.max_move_ticks,
        "patience_seconds": policy.patience_seconds,
        "buying_power_effect_value": prepared.dry_run.buying_power_effect,
        "fees_value": prepared.dry_run.fees,
        "warnings": [*prepared.dry_run.warnings, *(text for _, text in prepared.dry_run.errors)],
        "verdicts": [v.as_json() for v in prepared.verdicts],
        "proposed_at": now,
        "lapses_at": now + timedelta(seconds=settings.APPROVAL_SECONDS),
    }
