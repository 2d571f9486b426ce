"""The next move of an order, as a value. Pure: `execution` reads, asks here, obeys.

Contract: docs/execution.md. No path leads from an unknown outcome to a new order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from orders import lifecycle
from orders.controls import risk
from orders.enums import OrderStatus as O
from orders.enums import OrderType, Side
from orders.enums import PlacementStatus as P
from orders.ladder import price_at
from orders.market import Quote, plain, tick_at
from orders.moves import (
    CANCEL_POLL_SECONDS,
    HOLD_SECONDS,
    POLL_SECONDS,
    POLL_WITHOUT_STREAM_SECONDS,
    AskAgain,
    AskDryRun,
    Cancel,
    Close,
    CountStep,
    Hold,
    MarketView,
    Move,
    OrderView,
    Park,
    Place,
    PlacementView,
    ReadBack,
    Replace,
    Rest,
    Wait,
)

LAST_STEP_BEFORE_CLOSE = timedelta(minutes=5)
QUOTE_SECONDS = 3.0
STEP = "for the next price"
END = "the walk is over and nothing is to rest"
AMEND = "to be amended"
CANCELLABLE = frozenset({P.WORKING, P.REPLACING})
NEVER_WORKED = frozenset({P.NOT_SENT, P.NOT_PLACED, P.REJECTED})


def next_move(
    order: OrderView, placements: Sequence[PlacementView], market: MarketView, *, now: datetime
) -> Move:
    """Decide the order's next move. `placements` are all of them, oldest first."""
    move = _decide(order, placements, market, now=now)
    return _while_parked(move, now) if order.is_parked else move


def _while_parked(move: Move, now: datetime) -> Move:
    """A parked order is read, cancelled if someone wants that, and closed; nothing new is sent."""
    is_step = isinstance(move, Cancel) and move.reason in {STEP, END}
    if isinstance(move, ReadBack | Wait | Close | Cancel) and not is_step:
        return move
    return Wait(now + timedelta(seconds=POLL_SECONDS))


def _decide(
    order: OrderView, placements: Sequence[PlacementView], market: MarketView, *, now: datetime
) -> Move:
    live = [p for p in placements if p.status in lifecycle.PLACEMENT_LIVE]
    if order.is_cancel_wanted and any(p.status in CANCELLABLE and p.has_broker_id for p in live):
        return Cancel("cancelled as asked")  # also beside one whose outcome is unknown
    if any(p.status in lifecycle.UNRESOLVED for p in live):
        return ReadBack()
    if live:
        return _with_live(order, live[-1], market, now=now)
    if any(p.fills_missing for p in placements):
        return hold(order, "the broker has executed more than the fills it has shown", now)
    ended = next(
        (p for p in reversed(placements) if not (p.is_replacement and p.status in NEVER_WORKED)), None
    )
    meant = _as_wanted(order, now) or _after(order, ended)
    if meant is not None:
        return meant
    return _place_exit(order, market, now) if order.is_exit else _place_next(order, ended, market, now=now)


def _as_wanted(order: OrderView, now: datetime) -> Move | None:
    """Return what its fills and people's wishes mean, with nothing live; None when the walk goes on."""
    if order.leaves == 0:
        return Close(O.FILLED, "all of it filled")
    if order.is_cancel_wanted:
        return Close(O.CANCELLED, "cancelled as asked")
    if order.amend_reason:
        return AskAgain(order.amend_reason)
    if order.status is O.PROPOSED or order.waits_for_entry:
        return Wait(now + timedelta(seconds=POLL_SECONDS))
    if order.is_uneven:
        return Park("its legs have filled unevenly: a person has to even them out")
    return None


# --- a placement is live ---------------------------------------------------------------------------


def _with_live(order: OrderView, placement: PlacementView, market: MarketView, *, now: datetime) -> Move:
    if placement.quantity - placement.filled_quantity > order.leaves and placement.status is not P.CANCELLING:
        return Cancel("more is working than is left to fill")
    if placement.status is P.CANCELLING:
        return _chase_cancel(order, placement, now)
    if order.is_cancel_wanted or order.amend_reason:
        return Cancel("cancelled as asked" if order.is_cancel_wanted else AMEND)
    if placement.status is P.REPLACING:
        return Wait(now + timedelta(seconds=CANCEL_POLL_SECONDS))
    if placement.broker_status == "Filled":
        return _await_fills(order, now)
    if order.status is O.RESTING:
        return _wait(now, market)
    if order.is_exit or order.order_type is OrderType.MARKET:
        return Rest("an exit does not walk" if order.is_exit else "a market order does not walk")
    return _step(order, placement, market, now=now)


def _await_fills(order: OrderView, now: datetime) -> Move:
    """`Filled` may be said before its fills are attached; only the fills count."""
    since = max(filter(None, (order.step_due_at, order.holding_since)), default=now)
    if now > since + timedelta(seconds=order.patience_seconds):
        return Hold(
            "the broker says filled, and shows no fills", now + timedelta(seconds=15), needs_review=True
        )
    return Wait(now + timedelta(seconds=CANCEL_POLL_SECONDS))


def _chase_cancel(order: OrderView, placement: PlacementView, now: datetime) -> Move:
    """Poll a cancel that was asked for; ask again with growing patience, after the policy's tell a person."""
    attempts, asked = placement.cancel_attempts, placement.cancel_requested_at
    if asked is None or now >= asked + cancel_patience(attempts):
        waited = sum(map(cancel_patience, range(1, attempts + 1)), timedelta(0))
        return Cancel(placement.cause, needs_review=waited > timedelta(seconds=order.patience_seconds))
    return Wait(now + timedelta(seconds=CANCEL_POLL_SECONDS))


def cancel_patience(attempts: int) -> timedelta:
    """Return how long to wait after a cancel that was asked for so many times, before it is asked again."""
    return timedelta(seconds=min(2**attempts, 30))


def _wait(now: datetime, market: MarketView, until: datetime | None = None) -> Wait:
    seconds = POLL_SECONDS if market.is_stream_up else POLL_WITHOUT_STREAM_SECONDS
    poll = now + timedelta(seconds=seconds)
    after_close = (
        market.closes_at + timedelta(seconds=5) if market.closes_at and market.closes_at > now else poll
    )
    return Wait(min(poll, after_close, until or poll))


def _step(order: OrderView, placement: PlacementView, market: MarketView, *, now: datetime) -> Move:
    if market.opens_at is None or market.closes_at is None or now < market.opens_at:
        return _wait(now, market)
    if now >= market.closes_at - LAST_STEP_BEFORE_CLOSE:
        return _end(order, "the session ends in five minutes")
    if order.step_due_at is not None and now < order.step_due_at:
        return _wait(now, market, order.step_due_at)
    if order.rung >= order.terms.retries:
        return _end(order, "every price was tried")
    if placement.price is None:
        return Park("a limit order is working without a price")
    fault = quote_fault(order, market, now)
    if not market.is_sending_allowed or fault or market.quote is None:
        return hold(order, market.why_not or fault, now)
    return _next_rung(order, placement, placement.price, market.quote)


def _next_rung(order: OrderView, placement: PlacementView, price: Decimal, quote: Quote) -> Move:
    following = price_at(order.rung + 1, price, quote, order.terms)
    if following == price:
        at_bound = order.terms.bound is not None and price == order.terms.bound
        return _end(order, "the bound is reached") if at_bound else CountStep(order.rung + 1)
    if order.replaces and placement.quantity == 1 and placement.filled_quantity == 0 and following > 0:
        return Replace(order.rung + 1, following)
    return Cancel(STEP)


def _end(order: OrderView, reason: str) -> Move:
    return Cancel(END) if order.cancels_at_end else Rest(reason)


class Holdable(Protocol):
    """What has been held for a while, and may be for so long before a person should know."""

    @property
    def holding_since(self) -> datetime | None: ...
    @property
    def patience_seconds(self) -> int: ...


def hold(order: Holdable, reason: str, now: datetime) -> Hold:
    """Return the move that holds: more and more slowly, and after the policy's patience with a person."""
    held = (now - order.holding_since).total_seconds() if order.holding_since else 0
    impatient = held > order.patience_seconds
    return Hold(reason, now + timedelta(seconds=15 if impatient else HOLD_SECONDS), needs_review=impatient)


def quote_fault(order: OrderView, market: MarketView, now: datetime) -> str:
    """Return why no step may be taken on this quote; empty when it is usable."""
    if market.quote is None:
        return market.quote_fault or "there is no quote"
    age = (now - market.quote.received_at).total_seconds()
    return risk.quote_usable(market.quote, order.max_spread_percent, QUOTE_SECONDS, age).sentence


# --- no placement is live --------------------------------------------------------------------------


def _after(order: OrderView, ended: PlacementView | None) -> Move | None:
    """Return what the last placement's own end means; None when the walk goes on."""
    if ended is None:
        return None
    if ended.status is P.REJECTED:
        return Close(O.REJECTED, ended.cause or "rejected by the broker")
    if ended.status is P.EXPIRED:
        return Close(O.EXPIRED, f"the day ended with {order.filled_quantity} of {order.quantity} filled")
    if ended.status in {P.CANCELLED, P.REMOVED} and not ended.was_cancel_ours:
        return Close(O.CANCELLED, ended.cause or "cancelled at the broker, not by the desk")
    if ended.status is P.CANCELLED and ended.cause == END:
        return Close(O.CANCELLED, END)
    if ended.status is P.NOT_PLACED and not order.may_resend_after_absence:
        return Park("the broker never had the last placement; confirm to place it again")
    return None


def next_rung_after(order: OrderView, ended: PlacementView | None) -> int:
    """A price that was never tried is tried again; one that was worked is stepped from."""
    if ended is None or ended.status in {P.NOT_SENT, P.NOT_PLACED}:
        return order.rung
    return min(order.rung + 1, order.terms.retries)


def _place_next(order: OrderView, ended: PlacementView | None, market: MarketView, *, now: datetime) -> Move:
    closed = _after_session(order, market) or _outside_session(order, market, now)
    if closed is not None:
        return closed
    if order.intents >= order.walks * (1 + order.terms.retries):
        return Park(f"{order.intents} placements were sent, its policy allows no more")
    fault = quote_fault(order, market, now)
    if not market.is_sending_allowed or fault or market.quote is None:
        return hold(order, market.why_not or fault, now)
    if ended is None and (moved := _moved(order, market.quote)):
        return AskAgain(moved)
    return _placing(order, next_rung_after(order, ended), market.quote, now)


def _place_exit(order: OrderView, market: MarketView, now: datetime) -> Move:
    """Place the exit once, at its own prices: it needs no quote."""
    if not order.is_gtc and (closed := _outside_session(order, market, now)) is not None:
        return closed
    if order.intents >= order.walks:
        return Park(f"{order.intents} placements were sent, an exit allows no more")
    if not market.is_sending_allowed:
        return hold(order, market.why_not, now)
    return AskDryRun(order.target) if order.is_dry_run else Place(0, order.target, order.leaves)


def _placing(order: OrderView, rung: int, quote: Quote, now: datetime) -> Move:
    if order.order_type is OrderType.MARKET:
        natural, bound = quote.natural(order.terms.side), order.terms.bound
        if bound is not None and (natural - bound) * order.terms.side > 0:
            return hold(order, f"the natural {plain(natural)} is outside the collar {plain(bound)}", now)
        return AskDryRun(None) if order.is_dry_run else Place(rung, None, order.leaves)
    price = price_at(rung, order.last_price, quote, order.terms)
    if price <= 0:
        return hold(order, f"the price would be {plain(price)}: no order is sent at 0", now)
    return AskDryRun(price) if order.is_dry_run else Place(rung, price, order.leaves)


def _after_session(order: OrderView, market: MarketView) -> Move | None:
    """A DAY order is for the session it was approved in or before: a later one needs a new yes."""
    if order.is_gtc or order.approved_at is None or market.closed_at is None:
        return None
    if order.approved_at >= market.closed_at:
        return None
    done = f"{order.filled_quantity} of {order.quantity} filled"
    return Close(O.EXPIRED, f"the session it was approved for ended with {done}: ask again")


def _outside_session(order: OrderView, market: MarketView, now: datetime) -> Move | None:
    if market.opens_at is None or market.closes_at is None:
        return hold(order, "the session calendar has no session for it", now)
    if market.opens_at <= now < market.closes_at:
        return None
    if order.intents and order.status is not O.APPROVED:
        return Close(O.EXPIRED, f"the session ended with {order.filled_quantity} of {order.quantity} filled")
    if order.waits_for_open:
        return Wait(market.opens_at)
    return Close(O.DENIED, "the market is closed, and its policy does not wait for the open")


def _moved(order: OrderView, quote: Quote) -> str:
    """Return the sentence about a market that ran away since the proposal; empty when it did not."""
    if order.proposal_mid is None:
        return ""
    against = (quote.mid - order.proposal_mid) * order.terms.side
    allowed = order.max_move_ticks * tick_at(quote.mid, order.terms.ticks)
    if against <= allowed:
        return ""
    way = "up" if order.terms.side is Side.PAYS else "down"
    return f"the mid moved {way} from {plain(order.proposal_mid)} to {plain(quote.mid)} since the proposal"
