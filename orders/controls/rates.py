"""Pre-trade controls on how often: messages, placements of an order, orders of a symbol, rejects. Pure."""

from orders.language.symbols import spoken
from orders.verdicts import Verdict


def refilled(tokens: float, since_seconds: float, *, per_minute: int, burst: int) -> float:
    """Return what a token bucket holds so many seconds later; a clock that goes back adds nothing."""
    return min(float(burst), tokens + max(since_seconds, 0.0) * per_minute / 60)


def message_rate(tokens: float, *, per_minute: int, burst: int) -> Verdict:
    """A message takes one whole token. Cancels take none and always pass."""
    return Verdict(
        "MESSAGE_RATE_EXCEEDED",
        tokens >= 1,
        f"{int(tokens)} of {burst} messages of this account are left, {per_minute} come back a minute",
        {"left": f"{tokens:.2f}", "burst": str(burst), "per_minute": str(per_minute)},
    )


def intents(sent: int, most: int) -> Verdict:
    """How often an order may be placed: once, and once more for each retry of its policy."""
    return Verdict(
        "PLACEMENTS_AT_MAXIMUM",
        sent < most,
        f"{sent} placements were sent, its policy allows {most}",
        {"sent": str(sent), "maximum": str(most)},
    )


def is_runaway(sent: int, most: int) -> bool:
    """Whether an order was sent so often that nothing of its account may go on."""
    return sent > 2 * most


def repeated(symbol: str, orders: int, *, most: int, seconds: int) -> Verdict:
    """How many orders may be sent in one symbol within a while."""
    return Verdict(
        "SYMBOL_REPEATED",
        orders < most,
        f"{orders} other orders in {spoken(symbol)} were sent in {seconds} s, fewer than {most} allowed",
        {"orders": str(orders), "maximum": str(most), "seconds": str(seconds)},
    )


def duplicate(earlier: str, ago_seconds: float, *, within: int, is_confirmed: bool) -> Verdict:
    """The same person asks for the same again: meant, or a slip? `earlier` names what he asked for."""
    is_ok = is_confirmed or ago_seconds > within
    return Verdict(
        "ORDER_REPEATED",
        is_ok,
        f"you asked for the same {ago_seconds:.0f} s ago ({earlier}):"
        " write `again` behind it to mean it twice",
        {"earlier": earlier, "ago": f"{ago_seconds:.0f}", "within": str(within)},
    )


def rejects(count: int, *, most: int, seconds: int) -> Verdict:
    """How many placements the broker may reject within a while."""
    return Verdict(
        "REJECTS_AT_MAXIMUM",
        count < most,
        f"the broker rejected {count} placements in {seconds} s, fewer than {most} allowed",
        {"rejects": str(count), "maximum": str(most), "seconds": str(seconds)},
    )
