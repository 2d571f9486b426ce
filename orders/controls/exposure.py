"""Pre-trade controls on what an account holds and has in flight. Pure.

`reserved` is what other orders may still become: every one at the broker, about to be, or of unknown outcome.
"""

from decimal import Decimal

from orders.enums import Side
from orders.market import plain
from orders.verdicts import Verdict


def open_orders(count: int, most: int) -> Verdict:
    return Verdict(
        "OPEN_ORDERS_AT_MAXIMUM",
        count < most,
        f"{count} orders of this account are at work, at most {most} allowed",
        {"open": str(count), "maximum": str(most)},
    )


def underlying_quantity(underlying: str, *, held: int, reserved: int, asked: int, most: int) -> Verdict:
    """How many contracts of one underlying an account may come to hold, on either side."""
    return Verdict(
        "POSITION_EXCEEDS_MAXIMUM",
        held + reserved + asked <= most,
        f"{held} contracts of {underlying} held, {reserved} in flight and {asked} asked:"
        f" at most {most} allowed",
        {"held": str(held), "reserved": str(reserved), "asked": str(asked), "maximum": str(most)},
    )


def underlying_value(
    underlying: str, *, held: Decimal, reserved: Decimal, asked: Decimal, most: Decimal
) -> Verdict:
    """What an account may come to have at stake in one underlying, at worst."""
    return Verdict(
        "EXPOSURE_EXCEEDS_MAXIMUM",
        held + reserved + asked <= most,
        f"${held:,.2f} at stake in {underlying}, ${reserved:,.2f} in flight and ${asked:,.2f} asked:"
        f" at most ${most:,.2f} allowed",
        {
            "held": f"{held:.2f}", "reserved": f"{reserved:.2f}", "asked": f"{asked:.2f}",
            "maximum": f"{most:.2f}",
        },
    )  # fmt: skip


def buying_power(*, needed: Decimal, available: Decimal, reserved: Decimal) -> Verdict:
    """What the broker's dry-run says it takes, against what it last said there is, less what left since."""
    free = available - reserved
    return Verdict(
        "BUYING_POWER_EXCEEDED",
        needed <= 0 or needed <= free,
        f"takes ${needed:,.2f} of buying power, ${free:,.2f} free",
        {"needed": f"{needed:.2f}", "available": f"{available:.2f}", "reserved": f"{reserved:.2f}"},
    )


def daily_loss(lost: Decimal, most: Decimal) -> Verdict:
    """How much the account's worth has fallen since the day before; a gain is negative."""
    return Verdict(
        "DAILY_LOSS_AT_MAXIMUM",
        lost < most,
        f"the account has lost ${max(lost, Decimal(0)):,.2f} today, less than ${most:,.2f} allowed",
        {"lost": f"{lost:.2f}", "maximum": f"{most:.2f}"},
    )


def reading_age(age_seconds: float | None, most: int) -> Verdict:
    """What the account holds has to be known, and lately: None is never."""
    sentence = (
        f"the broker's word on the account is {age_seconds:.0f} s old, at most {most} s allowed"
        if age_seconds is not None
        else "the broker has not yet said what the account holds"
    )
    return Verdict(
        "ACCOUNT_READING_STALE",
        age_seconds is not None and age_seconds <= most,
        sentence,
        {"age": "" if age_seconds is None else f"{age_seconds:.0f}", "maximum": str(most)},
    )


def not_crossing(side: Side, price: Decimal | None, other: str, other_price: Decimal | None) -> Verdict:
    """Two orders of one account in opposite directions must not trade with each other.

    `other` names one whose legs are ours the other way round. Without a price it takes any.
    """
    crosses = price is None or other_price is None or (price - other_price) * side >= 0
    ours = "at market" if price is None else f"at {plain(price)}"
    theirs = "at market" if other_price is None else f"at {plain(other_price)}"
    return Verdict(
        "OPPOSITE_ORDER_WORKING",
        not crosses,
        f"{ours} it could trade with {other}, which is the other way round {theirs}",
        {"price": str(price), "other_price": str(other_price)},
    )
