"""Pre-trade controls on what may be traded and when: lists, expiry, session. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from orders.enums import InstrumentType
from orders.verdicts import Verdict


def one_package(legs: Collection[tuple[InstrumentType, Decimal]]) -> Verdict:
    """What one order may hold, by kind and multiplier of its legs: a net price is of legs of one size.

    The broker takes shares, and futures, with one leg only.
    """
    return Verdict(
        "LEGS_OF_TWO_KINDS",
        len(set(legs)) == 1,
        "the broker takes no order of legs of two kinds: ask for shares and options one after the other",
        {"kinds": ", ".join(sorted({kind.value for kind, _ in legs}))},
    )


def restricted(underlying: str, banned: Collection[str], *, is_closing: bool) -> Verdict:
    """The restricted list: nothing of it is opened; what is held may be closed."""
    is_banned = underlying in banned
    return Verdict(
        "SYMBOL_RESTRICTED",
        is_closing or not is_banned,
        f"{underlying} is on the restricted list: positions in it can only be closed"
        if is_banned
        else f"{underlying} is not on the restricted list",
        {"symbol": underlying},
    )


def allowed(
    kind: InstrumentType,
    underlying: str,
    *,
    kinds: Collection[str],
    symbols: Collection[str],
    is_closing: bool,
) -> Verdict:
    """The allow-list of products; no symbols mean any of the allowed kinds."""
    is_listed = kind in kinds and (not symbols or underlying in symbols)
    return Verdict(
        "PRODUCT_NOT_ALLOWED",
        is_closing or is_listed,
        f"{kind.label.lower()} of {underlying} is {'' if is_listed else 'not '}on this account's allow-list",
        {"kind": kind, "symbol": underlying},
    )


def expiry(
    expires_on: date,
    today: date,
    *,
    closes_at: datetime | None,
    now: datetime,
    allows_same_day: bool,
    cutoff_minutes: int,
    is_closing: bool,
) -> Verdict:
    """A contract near its end: never after it, opened on its last day only where and while allowed."""
    sentence = f"it expires on {expires_on:%d %b %Y}"
    is_ok = expires_on > today
    if expires_on < today:
        sentence = f"it expired on {expires_on:%d %b %Y}"
    elif expires_on == today:
        late = closes_at is not None and now >= closes_at - timedelta(minutes=cutoff_minutes)
        is_ok = is_closing or (allows_same_day and not late)
        if not allows_same_day:
            sentence = "it expires today: this account opens nothing on the last day"
        elif late:
            sentence = f"it expires today: nothing is opened in its last {cutoff_minutes} minutes"
    return Verdict("EXPIRY_TOO_NEAR", is_ok, sentence, {"expires": str(expires_on), "today": str(today)})


def session(opens_at: datetime | None, now: datetime, *, waits: bool, local: str) -> Verdict:
    """The market has to be open, or the policy wait for it. `opens_at` is of the session now or next.

    `local` says that time for people. An unknown calendar holds an order later, and is no refusal.
    """
    if opens_at is None:
        return Verdict("SESSION_CLOSED", True, "no session of it is known yet")
    is_open = opens_at <= now
    sentence = "its session is open" if is_open else f"the market is closed until {local}"
    if not is_open and not waits:
        sentence += ", and the channel's policy does not wait for the open"
    return Verdict("SESSION_CLOSED", is_open or waits, sentence, {"opens": opens_at.isoformat()})


def opening(verdicts: Iterable[Mapping[str, Any]], proposed_at: datetime) -> datetime | None:
    """Return when the market opens that was closed at the proposal; None if it was open."""
    for verdict in verdicts:
        told = verdict.get("numbers", {}).get("opens") if verdict.get("code") == "SESSION_CLOSED" else None
        if told:
            opens_at = datetime.fromisoformat(told)
            return opens_at if opens_at > proposed_at else None
    return None
