"""What an exit is, and the pre-trade controls on it and on whatever closes a position. Pure."""

from decimal import Decimal

from orders.enums import Action, OrderType, Side
from orders.language.symbols import spoken
from orders.market import TickTable, is_on_tick, plain
from orders.verdicts import Verdict

OPPOSITE = {
    Action.BUY_TO_OPEN: Action.SELL_TO_CLOSE,
    Action.SELL_TO_OPEN: Action.BUY_TO_CLOSE,
    Action.BUY_TO_CLOSE: Action.SELL_TO_OPEN,
    Action.SELL_TO_CLOSE: Action.BUY_TO_OPEN,
    Action.BUY: Action.SELL,
    Action.SELL: Action.BUY,
}


def exit_type(target: Decimal | None, stop: Decimal | None) -> OrderType:
    """Return how an exit is placed: both prices are a pair, one of which ends the other."""
    if target is not None and stop is not None:
        return OrderType.OCO
    return OrderType.LIMIT if stop is None else OrderType.STOP


def exit_words(target: Decimal | None, stop: Decimal | None) -> str:
    """Return the prices of an exit in words: target 2.50, stop 0.80."""
    named = (("target", target), ("stop", stop))
    return ", ".join(f"{name} {plain(Decimal(price))}" for name, price in named if price is not None)


def within_position(symbol: str, asked: int, held: int, working: int) -> Verdict:
    """A close never exceeds what is held less what is already working to close it. Unsigned quantities."""
    free = max(held - working, 0)
    already = f" and {working} of them are already being closed" if working else ""
    return Verdict(
        "CLOSE_EXCEEDS_POSITION",
        asked <= free,
        f"{asked} of {spoken(symbol)} to close, but {held} held{already}",
        {"asked": str(asked), "held": str(held), "working": str(working)},
    )


def beyond_market(target: Decimal | None, stop: Decimal | None, mid: Decimal, position: Side) -> Verdict:
    """Target and stop lie on their own sides of the market: one that does not would trade at once.

    `position` is whether it was paid for: a long has its target above the mid, a short below.
    """
    sentence = ""
    above, below = ("above", "below") if position is Side.PAYS else ("below", "above")
    if target is not None and (target - mid) * position <= 0:
        sentence = f"the target {plain(target)} is not {above} the mid {plain(mid)}: close at a price instead"
    if stop is not None and (mid - stop) * position <= 0:
        sentence = f"the stop {plain(stop)} is not {below} the mid {plain(mid)}: it would trigger at once"
    return Verdict("EXIT_TRIGGERS_AT_ONCE", not sentence, sentence, {"mid": str(mid)})


def stop_on_one_leg(stop: Decimal | None, legs: int) -> Verdict:
    """A stop becomes a market order, and the broker takes those with one leg only."""
    return Verdict(
        "STOP_NEEDS_ONE_LEG",
        stop is None or legs == 1,
        "the broker takes a stop on one leg only: write tp alone for a spread",
        {"legs": str(legs)},
    )


def on_the_tick(target: Decimal | None, stop: Decimal | None, ticks: TickTable) -> Verdict:
    """Exit prices are placed as they were written, so they must be prices of the instrument."""
    wrong = [p for p in (target, stop) if p is not None and not (p > 0 and is_on_tick(p, ticks))]
    said, verb = " and ".join(map(plain, wrong)), "is" if len(wrong) == 1 else "are"
    return Verdict(
        "PRICE_OFF_TICK", not wrong, f"{said} {verb} not on the tick of this instrument" if said else ""
    )


def one_direction(actions: list[Action]) -> Verdict:
    """Stop and target belong to an order that only opens or only closes: a roll has no single exit."""
    is_ok = len({action.closes for action in actions}) == 1
    return Verdict(
        "EXIT_OF_A_ROLL", is_ok, "sl and tp go with an order that only opens or only closes, not with a roll"
    )
