"""An order in the words of the desk: what it is, how it will be worked, what was found. Pure.

Every function reads an order whose legs were fetched before, and asks the database nothing else.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from orders.enums import Action, InstrumentType, OrderStatus, OrderType, PlacementStatus, PriceRule, Side
from orders.exit_rules import exit_words
from orders.ladder import ladder, place_in_spread
from orders.lifecycle import PLACEMENT_LIVE
from orders.market import Quote, cents, plain
from orders.models import Leg, Order, Placement

STATUS_TONES: Final = {
    OrderStatus.PROPOSED: "amber",
    OrderStatus.APPROVED: "blue",
    OrderStatus.WALKING: "blue",
    OrderStatus.HOLDING: "amber",
    OrderStatus.RESTING: "blue",
    OrderStatus.FILLED: "green",
    OrderStatus.CANCELLED: "grey",
    OrderStatus.EXPIRED: "grey",
    OrderStatus.REJECTED: "red",
    OrderStatus.DENIED: "red",
    OrderStatus.LAPSED: "grey",
    OrderStatus.WITHDRAWN: "grey",
}


# Who tells of a fact that no person brought about.
WITNESSES: Final = {
    "desk": "the desk",
    "answer": "the broker's answer",
    "stream": "the account stream",
    "poll": "a look at the broker",
    "read back": "a look at the broker",
    "reconcile": "the reconciliation",
}
PLACES: Final = {"discord": "Discord", "admin": "the admin"}


def who(name: str) -> str:
    """Return who did or saw something: a person by his name, a part of the desk in words."""
    return WITNESSES.get(name, name)


def placement_tone(status: str) -> str:
    """Return the colour of a placement: doubt is amber, a refusal red, what is live blue."""
    if status == PlacementStatus.FILLED:
        return "green"
    if status == PlacementStatus.UNKNOWN:
        return "amber"
    if status == PlacementStatus.REJECTED:
        return "red"
    return "blue" if status in PLACEMENT_LIVE else "grey"


def price(value: Decimal | None) -> str:
    return "–" if value is None else cents(Decimal(value))


def dollars(value: Decimal | None) -> str:
    return "–" if value is None else f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def day(on: date, *, today: date) -> str:
    """Return the day as traders say it, with the year where it is not this one."""
    return f"{on.day} {on:%b}" if on.year == today.year else f"{on.day} {on:%b %Y}"


def instrument(leg: Leg, *, today: date) -> str:
    """Return what a leg trades: SPY 18 Dec 600 C, /ESZ6, AAPL."""
    if leg.kind in {InstrumentType.EQUITY, InstrumentType.FUTURE} or not leg.expires_on:
        return leg.symbol.strip()
    return (
        f"{leg.root} {day(leg.expires_on, today=today)} {plain(Decimal(leg.strike or 0))} {leg.option_type}"
    )


def what(order: Order) -> str:
    """Return the order in one line: BTO 2 SPY 18 Dec 600 C; the legs of a spread behind one another."""
    today = order.proposed_at.date()
    return " / ".join(
        f"{Action(leg.action).short} {leg.ratio * order.quantity} {instrument(leg, today=today)}"
        for leg in order.legs.all()
    )


def proposal_quote(order: Order) -> Quote | None:
    """Return the quote the order was proposed by, or None where it was not two-sided."""
    if order.proposal_bid_price is None or order.proposal_ask_price is None:
        return None
    return Quote(order.proposal_bid_price, order.proposal_ask_price, received_at=order.proposed_at)


def market(order: Order) -> tuple[str, str]:
    """Return bid / ask, and the mid, at proposal."""
    quote = proposal_quote(order)
    return (f"{price(quote.bid)} / {price(quote.ask)}", price(quote.mid)) if quote else ("–", "–")


def bound(order: Order) -> str:
    if order.price_rule == PriceRule.MARKET:
        return "market"
    if order.is_exit:
        return exit_words(order.target_price, order.stop_price)
    return f"{price(order.bound_price)} {'debit' if order.side == Side.PAYS else 'credit'}"


def filled(order: Order) -> str:
    """Return filled / asked and the average: 1/2 @ 1.27."""
    done = f"{order.filled_quantity}/{order.quantity}"
    return done if order.average_fill_price is None else f"{done} @ {price(order.average_fill_price)}"


def meaning(order: Order) -> str:
    """Return what the typed price means, in words."""
    way = "plus" if order.side == Side.PAYS else "minus"
    count = f"{order.retries} step{'' if order.retries == 1 else 's'}"
    limit = price(order.bound_price)
    walk = f"the bound {limit} is the mid {way} {count} of {order.ticks} ticks, never past the natural then."
    return {
        PriceRule.NONE: f"No price was typed: starts at the mid; {walk}",
        PriceRule.MID: f"@ mid: starts at the mid; {walk}",
        PriceRule.NATURAL: f"@ nat: starts at the natural {limit}, which is also the bound.",
        PriceRule.MARKET: "@ mkt: one MARKET order. It has no worst price; only the collar at sending.",
        PriceRule.EXIT: "sl and tp: rests at these prices of the position; the stop trades at the market.",
        PriceRule.LIMIT: (
            f"@ {limit}: starts at the better of the mid and {limit}, never passes {limit}."
            if order.start_price is None
            else f"@ {price(order.start_price)} max {limit}: starts at {price(order.start_price)}, "
            f"never passes {limit}."
        ),
    }[PriceRule(order.price_rule)]


def steps(order: Order) -> list[str]:
    """Return the prices of the walk if the market stands still; none for a market order."""
    quote = proposal_quote(order)
    if quote is None or order.price_rule in {PriceRule.MARKET, PriceRule.EXIT}:
        return []
    return [price(rung) for rung in ladder(quote, order.terms)]


def plan(order: Order) -> str:
    """Return the plan in one line: from where, in which steps, how far, and what then."""
    if order.price_rule == PriceRule.MARKET:
        return "One market order at the natural, no walk."
    if order.is_exit:
        pair = " Both are one OCO order: one ends the other." if order.order_type == OrderType.OCO else ""
        return f"Rests at {bound(order)}, no walk.{pair}"
    prices = steps(order)
    walk = ", then ".join(prices) or "from the mid at sending"
    pace = f"; {order.wait_seconds} s each" if len(prices) != 1 else ""
    quote = proposal_quote(order)
    side, far = Side(order.side), order.bound_price
    reach = place_in_spread(far, quote, side) if quote and far is not None else ""
    end = "the rest rests as a DAY order" if order.end == "day" else "the rest is cancelled"
    return f"{walk}{pace}; bound {price(order.bound_price)}{reach}; then {end}."


def exits(order: Order) -> str:
    """Return what exit follows the fills of an entry; empty where none does."""
    if not order.wants_exits:
        return ""
    how = "sent with it as one OTOCO" if order.is_bracket else "placed when it has ended, for what filled"
    return f"{exit_words(order.target_price, order.stop_price)}: {how}"


def placed_at(placement: Placement) -> str:
    """Return the price of a placement; of a pair, or of a stop, with its stop."""
    if placement.stop_price is None:
        return price(placement.limit_price)
    stop = f"stop {price(placement.stop_price)}"
    return stop if placement.limit_price is None else f"{price(placement.limit_price)} or {stop}"


def worst_value(order: Order) -> Decimal | None:
    """Return what it costs, or brings at least, if all of it fills at the bound, in USD before fees."""
    if order.bound_price is None:
        return None
    return Decimal(order.bound_price) * order.quantity * order.multiplier


def worth(order: Order) -> str:
    """Return what `worst_value` is called: a future costs its margin, not its worth."""
    if any(leg.kind == InstrumentType.FUTURE for leg in order.legs.all()):
        return "Worth at the bound"
    return "Costs at most" if order.side == Side.PAYS else "Brings at least"


def fees(order: Order) -> str:
    """Return what the broker asks for it; negative is the broker's sign for what we pay."""
    return "–" if order.fees_value is None else dollars(abs(order.fees_value))


def figures(order: Order) -> str:
    """Return what the broker's figures are for, where an approver has reduced the order since."""
    return f" for {order.asked_quantity}" if order.quantity != order.asked_quantity else ""


def refusals(verdicts: Iterable[dict[str, object]]) -> int:
    return sum(not verdict["ok"] for verdict in verdicts)
