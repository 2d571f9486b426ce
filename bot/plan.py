"""What an order is going to do and what it costs, in words. Pure."""

from decimal import Decimal

from bot.cards import Card
from bot.wording import dollars, moment, price
from orders.controls.products import opening
from orders.enums import (
    InstrumentType,
    OrderType,
    PriceRule,
    Side,
    TimeInForce,
    WalkEnd,
)
from orders.ladder import ladder, place_in_spread
from orders.market import Quote, in_favour
from orders.models import Order


def proposal_quote(order: Order) -> Quote:
    """Return the market as it stood when the order was proposed."""
    return Quote(order.proposal_bid_price, order.proposal_ask_price, received_at=order.proposed_at)


def market(card: Card) -> str:
    """Return the market at the proposal: bid 1.20 · mid 1.25 · ask 1.30."""
    quote = proposal_quote(card.order)
    mid = price(quote.mid) if quote.is_two_sided else "–"
    return f"bid {price(quote.bid)} · mid **{mid}** · ask {price(quote.ask)}"


def prices(order: Order) -> str:
    """Return the plan: mid 1.25, then 1.27, 1.29, 1.31; bound 1.31 = 62 % of the spread; then DAY."""
    if order.is_exit:
        return f"no walk: rests {exit_prices(order)}, as {end(order)}"
    quote = proposal_quote(order)
    if order.order_type == OrderType.MARKET or not quote.is_two_sided:
        return "one MARKET order at whatever price the market has, no walk"
    steps = ladder(quote, order.terms)
    first = f"{start_word(order, quote)}{price(steps[0])}"
    then = f", then {', '.join(map(price, steps[1:]))}" if len(steps) > 1 else ""
    pace = f", {order.wait_seconds} s each" if len(steps) > 1 else ""
    return f"{first}{then}{pace}; bound {bound(order, quote)}; then {end(order)}"


def session(order: Order) -> str:
    """Return that the market was closed and what follows from it; empty where it was open."""
    opens_at = opening(order.verdicts, order.proposed_at)
    return f"closed until {moment(opens_at)}; once approved it is sent then" if opens_at else ""


def exit_prices(order: Order) -> str:
    """Return an exit's prices: at the target 2.50 or, once 0.80 is touched, at the market (OCO)."""
    target, stop = order.target_price, order.stop_price
    at_target = f"at the target {price(target)}"
    at_stop = f"at the market once the stop {price(stop)} is touched"
    if target is not None and stop is not None:
        return f"{at_target} or {at_stop} (OCO)"
    return at_target if stop is None else at_stop


def exits(card: Card) -> str:
    """Return what follows the fills of an entry, or which entry an exit follows."""
    order = card.order
    if order.parent_id is not None:
        waits = ", asleep at the broker until it has filled" if order.waits_for_entry else ""
        return f"exit of #{order.parent_id}, approved with it{waits}"
    if not order.wants_exits:
        return ""
    how = "sent with it (OTOCO)" if order.is_bracket else "placed when it has ended, for what filled"
    return f"{exit_prices(order)}; {how}"


def start_word(order: Order, quote: Quote) -> str:
    """Return what the first price is, where it is one that the market has a word for."""
    if order.price_rule == PriceRule.NATURAL:
        return "natural "
    terms = order.terms
    mid = in_favour(quote.mid, terms.ticks, terms.side)
    return "mid " if order.start_price is None and ladder(quote, terms)[0] == mid else ""


def bound(order: Order, quote: Quote) -> str:
    """Return the bound with its place in the spread: 1.31 = 62 % of the spread."""
    if order.bound_price is None:
        return "none"
    return price(order.bound_price) + place_in_spread(order.bound_price, quote, Side(order.side))


def end(order: Order) -> str:
    """Return what becomes of what is not filled."""
    if order.end == WalkEnd.CANCEL:
        return "cancel"
    return "GTC" if order.time_in_force == TimeInForce.GTC else "DAY"


def typed_price(order: Order) -> str:
    """Return what the typed price means, said back."""
    if order.is_exit:
        return ""  # the plan says it all
    pays = order.side == Side.PAYS
    worst, reach = ("never pays more than", "up to") if pays else ("never takes less than", "down to")
    match PriceRule(order.price_rule):
        case PriceRule.LIMIT if order.start_price is not None:
            return f"starts at {price(order.start_price)}, {worst} {price(order.asked_bound_price)}"
        case PriceRule.LIMIT:
            return f"{worst} {price(order.asked_bound_price)}; starts at the mid where that is better"
        case PriceRule.NATURAL:
            return f"goes to the natural at once, {worst} {price(order.asked_bound_price)}"
        case PriceRule.MARKET:
            return "a market order: trades at once, at any price within the collar"
    said = "`@ mid`" if order.price_rule == PriceRule.MID else "no price"
    return f"{said}: starts at mid, {order.retries} steps {reach} {price(order.asked_bound_price)}"


def cost(card: Card) -> str:
    """Return what it takes: buying power and fees by the broker's dry-run, and the worst case."""
    order, parts = card.order, []
    effect, asked = order.buying_power_effect_value, asked_for(order)
    if effect is not None:
        parts.append(f"buying power {'−' if effect < 0 else '+'}{dollars(effect)}{asked}")
    if order.fees_value is not None:
        parts.append(f"fees {dollars(order.fees_value)}{asked}")
    return " · ".join([*parts, worst(card)] if worst(card) else parts) or "–"


def asked_for(order: Order) -> str:
    """Return what the broker's figures are for, where an approver has reduced the order since."""
    return f" for {order.asked_quantity}" if order.quantity != order.asked_quantity else ""


def worst(card: Card) -> str:
    """Return what the order costs or brings at its bound, before fees. A future has no such price."""
    order = card.order
    if order.bound_price is None or card.legs[0].kind == InstrumentType.FUTURE:
        return ""
    value = Decimal(order.bound_price) * order.quantity * order.multiplier
    return (
        f"costs at most **{dollars(value)}**"
        if order.side == Side.PAYS
        else f"brings at least **{dollars(value)}**"
    )


def against_mid(card: Card) -> str:
    """Return how the average fill compares with the mid at the start: 0.02 worse than the mid 1.25."""
    order = card.order
    if order.average_fill_price is None or order.arrival_mid_price is None:
        return ""
    worse_by = (order.average_fill_price - order.arrival_mid_price) * order.side
    mid = f"the mid {price(order.arrival_mid_price)} at the start"
    if worse_by == 0:
        return f"exactly {mid}"
    return f"{price(abs(worse_by))} {'worse' if worse_by > 0 else 'better'} than {mid}"
