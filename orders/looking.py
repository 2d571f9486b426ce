"""From rows to what the plan sees. Reads only; no broker call."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from desk import environments
from desk.models import Account, Channel, Environment, Heartbeat, TradingSession
from orders.controls import risk
from orders.enums import (
    InstrumentType,
    OptionType,
    PlacementStatus,
)
from orders.market import Instrument, Quote
from orders.models import Leg, Order
from orders.moves import MarketView
from orders.reconciliation import breaks
from orders.verdicts import Verdict, first_refusal

# Placements that never reached the broker don't count as intents that left.
NEVER_LEFT = (PlacementStatus.NOT_SENT, PlacementStatus.NOT_PLACED)
STREAM_SILENCE = timedelta(seconds=8)  # its beats come every two seconds


def prefix(environment: str) -> str:
    """Return how every external identifier of this desk in this environment begins."""
    return f"{environment}-{settings.DESK_ID}-"


def market_view(order: Order, quote: Quote | None, fault: str, *, now: datetime) -> MarketView:
    """Return the market as the plan sees it; `quote` was just read, or None because it was not needed."""
    session = session_of(order, now)
    refusal = sending_refusal(order)
    return MarketView(
        quote=quote,
        quote_fault=fault,
        opens_at=session.opens_at if session else None,
        closes_at=session.closes_at if session else None,
        closed_at=last_close(order, now),
        is_stream_up=is_stream_up(order.account, now),
        is_sending_allowed=refusal is None,
        why_not=refusal.sentence if refusal else "",
    )


def session_of(order: Order, now: datetime) -> TradingSession | None:
    """Return the session that is open, or the next one, for what the order trades."""
    return sessions_of(order).filter(closes_at__gt=now).order_by("closes_at").first()


def last_close(order: Order, now: datetime) -> datetime | None:
    """Return when the last session that is over closed, for what the order trades."""
    over = sessions_of(order).filter(closes_at__lte=now)
    return over.order_by("-closes_at").values_list("closes_at", flat=True).first()


def sessions_of(order: Order) -> QuerySet[TradingSession]:
    kind = order.legs.all()[0].kind
    return TradingSession.objects.filter(environment_id=order.environment, kind=kind)


def is_in_session(order: Order, now: datetime) -> bool:
    """Whether a session of what it trades is open now."""
    session = session_of(order, now)
    return session is not None and session.opens_at <= now


def sending_refusal(order: Order) -> Verdict | None:
    """Return why nothing may be sent now: seal, rollout, trading state, no reconcile yet, or a break."""
    account = order.account
    return first_refusal(
        [
            environments.seal(order.environment, account, order.trader),
            risk.stage(
                InstrumentType(order.legs.all()[0].kind),
                order.quantity,
                rollout_of(account.environment, order.channel),
                asks_dry_run=order.dry_run,
            ),
            risk.trading_state(
                account.effective_state, account.effective_reason, is_closing=order.is_closing
            ),
            Verdict(
                "RECONCILE_PENDING",
                account.reconciled_at is not None,
                "the account's orders have not been compared with the broker's yet",
            ),
            breaks.refusal(order),
        ]
    )


def rollout_of(environment: Environment, channel: Channel) -> risk.Rollout:
    """Return how far the environment is opened, and whether the channel is one that goes first."""
    return risk.Rollout(
        environment=environment.name,
        stage=environment.stage,
        is_dry_run=environments.is_dry_run(environment),
        is_canary=channel.is_canary,
        limited_max_quantity=environment.limited_max_quantity,
    )


def stream_name(account: Account) -> str:
    return f"stream {account.environment_id} {account.number}"


def is_stream_up(account: Account, now: datetime, since: datetime | None = None) -> bool:
    """Whether the account's stream is connected and fresh, and has been without a gap since then."""
    beat = Heartbeat.objects.filter(name=stream_name(account), beat_at__gte=now - STREAM_SILENCE).first()
    return beat is not None and (since is None or beat.since_at <= since)


def instrument_of(leg: Leg) -> Instrument:
    """Return the leg's instrument, as recorded. Its ticks are not needed for a quote."""
    return Instrument(
        kind=InstrumentType(leg.kind),
        symbol=leg.symbol,
        root=leg.root,
        underlying=leg.order.underlying,
        multiplier=leg.multiplier,
        ticks=(),
        streamer_symbol=leg.streamer_symbol,
        expires_on=leg.expires_on,
        strike=leg.strike,
        option_type=OptionType(leg.option_type) if leg.option_type else None,
    )
