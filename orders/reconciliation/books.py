"""Compare what an account holds, its fills and its cash, with what our fills make of them."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from desk.models import Account
from orders.brokers.base import Balance, Broker, BrokerError, PositionListing, TransactionListing
from orders.controls import account_readings
from orders.enums import Action, InstrumentType
from orders.language.symbols import parse_future_option, parse_occ
from orders.market import plain
from orders.models import Book, External, Fill
from orders.reconciliation import breaks, cash, externals
from orders.reconciliation.differences import BreakKind

log = logging.getLogger(__name__)
OPTIONS_END_AT = time(16, 0)  # New York's, of the ones that expire
ReadAgain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account is said to hold, read before its orders: what fills later is not in it."""

    at: datetime
    positions: PositionListing
    balance: Balance
    entries: TransactionListing | None


def read(account: Account, broker: Broker) -> Holdings:
    """Read positions, cash and, where they answer, the books. Raises BrokerError for the first two.

    The controls count by the same reading.
    """
    now, book = timezone.now(), Book.objects.filter(account=account).first()
    yesterday = timezone.localdate(now) - timedelta(days=1)
    since = min(book.cash_on, yesterday) if book is not None else yesterday
    positions = broker.position_listing()
    read_at = timezone.now()
    balance = broker.balance()
    account_readings.store(account, list(positions), balance, began_at=now, read_at=read_at)
    try:
        entries = broker.transactions_since(since)
    except BrokerError as error:
        sentence = f"the account's books can't be compared: {error}"
        breaks.open_break(account, BreakKind.UNREADABLE_ENTRY, "books", sentence)
        return Holdings(now, positions, balance, None)
    return Holdings(now, positions, balance, entries)


def compare(account: Account, held: Holdings, changed: set[str], read_again: ReadAgain) -> None:
    """Open a break for every difference and close those that are none any more.

    `changed`: symbols in which others' orders have just traded; `read_again` reads one order of ours.
    """
    unreadable(account, BreakKind.UNREADABLE_POSITION, held.positions.unreadable, "symbol")
    if held.entries is not None:
        unreadable(account, BreakKind.UNREADABLE_ENTRY, held.entries.unreadable, "id")
        compare_fills(account, held.entries, read_again)
        externals.forget_ours(account)
        changed = changed | externals.keep_entries(account, held.entries, held.at)
    book = book_of(account, held)
    compare_positions(account, book, held, changed | cash.settling(account, held.at))
    has_futures = any(position.kind is InstrumentType.FUTURE for position in held.positions)
    if held.entries is not None and not has_futures:
        cash.compare(account, book, held.balance, held.entries, held.at)


def unreadable(account: Account, kind: BreakKind, rows: Iterable[object], name: str) -> None:
    """Open a break for each row that could not be read, and close those of rows that can be by now."""
    found = set()
    for row in rows:
        told = row if isinstance(row, dict) else {}
        key = str(told.get(name, "?"))
        found.add(key)
        where = {"symbol": str(told.get("symbol", "")), "underlying": str(told.get("underlying-symbol", ""))}
        breaks.open_break(account, kind, key, f"the broker's {kind.split()[1]} {key} can't be read", **where)
    breaks.close_stale(account, kind, found)


# --- fills ---------------------------------------------------------------------------------------


def compare_fills(account: Account, entries: TransactionListing, read_again: ReadAgain) -> None:
    """Have an order of ours read again where the books have more of it than we, or take some back.

    Fewer entries than fills are no difference: when the broker books a fill is not documented.
    """
    own, booked, reversed_orders = externals.ours(account), Counter[tuple[str, str]](), set()
    for entry in entries:
        if entry.broker_order_id in own and entry.is_trade:
            booked[entry.broker_order_id, entry.symbol] += int(abs(externals.moved(entry))) * (
                -1 if entry.reverses_id else 1
            )
            reversed_orders |= {entry.broker_order_id} if entry.reverses_id else set()
    found = set()
    for (number, symbol), quantity in booked.items():
        if differs(account, number, symbol, quantity, is_reversed=number in reversed_orders):
            read_again(number)
        if differs(account, number, symbol, quantity, is_reversed=False):
            key = f"{number} {symbol}"
            found.add(key)
            sentence = f"the books have {quantity} of {symbol} for order {number}, more than its fills"
            breaks.open_break(account, BreakKind.BOOKS, key, sentence, symbol=symbol)
    breaks.close_stale(account, BreakKind.BOOKS, found)


def differs(account: Account, number: str, symbol: str, booked: int, *, is_reversed: bool) -> bool:
    fills = Fill.objects.filter(account=account, broker_order_id=number, leg__symbol=symbol)
    kept = fills.aggregate(sum=Sum("quantity"))["sum"] or 0
    return booked > kept or (is_reversed and booked != kept)


# --- positions -----------------------------------------------------------------------------------


def book_of(account: Account, held: Holdings) -> Book:
    """Return what was there before the desk began to count; written by the first pass, for ever."""
    book = Book.objects.filter(account=account).first()
    if book is not None:
        return book
    counted = defaultdict(Decimal, counted_positions(account))
    there = defaultdict(Decimal, {p.symbol: Decimal(p.quantity) for p in held.positions})
    before = {s: str(there[s] - counted[s]) for s in there.keys() | counted.keys() if there[s] != counted[s]}
    yesterday = timezone.localdate(held.at) - timedelta(days=1)  # the day's cash is not taken yet
    return Book.objects.create(
        account=account, positions=before, opened_at=held.at, cash_on=yesterday, cash_value=0
    )


def counted_positions(account: Account) -> dict[str, Decimal]:
    """Return what our fills and others' actions make of each symbol."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    rows = Fill.objects.filter(account=account).values_list("leg__symbol", "leg__action")
    for symbol, action, quantity in rows.annotate(Sum("quantity")).order_by():
        found[symbol] += Action(action).sign * quantity
    others = External.objects.filter(account=account).exclude(symbol="").values_list("symbol")
    for symbol, quantity in others.annotate(Sum("quantity")).order_by():
        found[symbol] += quantity
    return dict(found)


def compare_positions(account: Account, book: Book, held: Holdings, moving: set[str]) -> None:
    """Open a break for each symbol of which the account holds something else than it should."""
    there = {p.symbol: p for p in held.positions}
    unread = {str(row.get("symbol", "")) for row in held.positions.unreadable}
    expected = defaultdict(Decimal, counted_positions(account))
    for symbol, before in book.positions.items():
        expected[symbol] += Decimal(before)
    found = moving | unread
    for symbol in (expected.keys() | there.keys()) - found.copy():
        quantity = Decimal(there[symbol].quantity) if symbol in there else Decimal(0)
        if abs(quantity - expected[symbol]) < 1 or (not quantity and has_expired(symbol, held.at)):
            continue  # a fraction of a share is not read
        found.add(symbol)
        underlying = there[symbol].underlying if symbol in there else underlying_of(account, symbol)
        said = f"the account holds {plain(quantity)} of {symbol}, the fills make {plain(expected[symbol])}"
        breaks.open_break(
            account, BreakKind.POSITION, symbol, said, symbol=symbol, underlying=underlying,
            quantity=str(quantity - expected[symbol]),
        )  # fmt: skip
    breaks.close_stale(account, BreakKind.POSITION, found)


def has_expired(symbol: str, at: datetime) -> bool:
    """Whether it is an option whose last session is over: its position goes without an order."""
    contract, local = parse_occ(symbol) or parse_future_option(symbol), timezone.localtime(at)
    last = local.date() - timedelta(days=0 if local.time() >= OPTIONS_END_AT else 1)
    return contract is not None and contract.expiry is not None and contract.expiry <= last


def underlying_of(account: Account, symbol: str) -> str:
    fill = Fill.objects.filter(account=account, leg__symbol=symbol).select_related("leg__order").first()
    return fill.leg.order.underlying if fill is not None else ""
