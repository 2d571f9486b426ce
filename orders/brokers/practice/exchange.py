"""The exchange's state under one roof: orders, accounts, market, faults, and whoever listens.

Single-threaded; the time is the clock's and nothing here waits. Orders come in through `admission`,
change through `changes`, and live on `floor`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from orders.brokers.practice.balances import balance
from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.clock import MarketClock, Time
from orders.brokers.practice.faults import Faults
from orders.brokers.practice.instruments import Instrument, find
from orders.brokers.practice.ledger import Ledger
from orders.brokers.practice.market import Market
from orders.brokers.practice.matching import Side
from orders.brokers.practice.sessions import Calendar
from orders.brokers.practice.treasury import Treasury
from orders.brokers.practice.wire import Json, Quantity, not_found

Listener = Callable[[str, str, Json], None]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A trade that does not count as a position before `until`; `quantity` is signed."""

    until: datetime
    account: str
    symbol: str
    quantity: Quantity


class Exchange:
    """What the practice exchange knows; every change of an order is kept before it is told."""

    def __init__(
        self, ledger: Ledger, time: Time, clock: MarketClock, *, seed: int, always_open: bool = False
    ) -> None:
        self.ledger = ledger
        self.time = time
        self.clock = clock
        self.seed = seed
        self.calendar = Calendar(always_open)
        self.market = Market(seed, clock, self.calendar)
        self.faults = Faults(time)
        self.treasury = Treasury(ledger, self.market)
        self.listeners: list[Listener] = []
        self.on_terminal: list[Callable[[Order], None]] = []
        self.orders: dict[int, Order] = {}
        self.unseen: list[Unseen] = []
        self.is_stirred = False  # quotes or faults were changed by hand: match everything anew
        self.on_advance: list[Callable[[], None]] = []
        self.on_reset: list[Callable[[], None]] = []
        self.load()

    def load(self) -> None:
        """Take orders and positions over from the ledger."""
        self.orders = {order.id: order for order in self.ledger.orders()}
        self._open = dict(self.orders)
        self.treasury.load()
        for position in self.treasury.positions.values():
            on = position.updated_at.date()
            instrument = find(position.symbol, self.today()) or find(position.symbol, on)
            if instrument is not None:
                self.treasury.know(instrument)

    def held(self, account: str, symbol: str) -> Quantity:
        """Return what the account's positions show of a contract, short negative: it may lag its fills."""
        now = self.now()
        self.unseen = [u for u in self.unseen if now < u.until]
        lag = sum(u.quantity for u in self.unseen if (u.account, u.symbol) == (account, symbol))
        return self.treasury.held(account, symbol) - lag

    def now(self) -> datetime:
        return self.time()

    def today(self) -> date:
        return self.calendar.today(self.now())

    def instrument(self, symbol: str) -> Instrument | None:
        return find(symbol, self.today())

    def add(self, order: Order) -> None:
        self.orders[order.id] = self._open[order.id] = order

    def working(self) -> list[Order]:
        """Return the orders that are not terminal; the beat asks often, so closed ones are dropped."""
        for order_id in [o.id for o in self._open.values() if o.status.is_terminal]:
            del self._open[order_id]
        return list(self._open.values())

    def working_of(self, account: str) -> list[Order]:
        return [o for o in self.working() if o.account == account]

    def stir(self) -> None:
        """Have quotes and matches made anew at once: something was changed by hand."""
        self.is_stirred = True
        self.market.forget()

    def order(self, account: str, order_id: int) -> Order:
        found = self.orders.get(order_id)
        if found is None or found.account != account:
            raise not_found("Order")
        return found

    def sides(self, order: Order) -> tuple[Side, ...] | None:
        """Return an order's legs with their quotes; None while one of them has no usable quote."""
        found = [self.instrument(leg.symbol) for leg in order.legs]
        quotes = [self.market.quote(i) for i in found if i is not None]
        if len(quotes) < len(order.legs) or not all(q.is_usable for q in quotes):
            return None
        return tuple(Side(leg.sign, order.ratio(leg), q) for leg, q in zip(order.legs, quotes, strict=True))

    def keep(self, order: Order, *, tell: bool = True) -> None:
        """Write an order down, then tell the listeners."""
        self.ledger.save_order(order)
        if tell:
            self.tell(order)

    def finish(self, order: Order, status: Status) -> None:
        """Close an order; those that wait for it hear of it."""
        order.finish(status, self.now())
        self.keep(order)
        for listener in self.on_terminal:
            listener(order)

    def tell(self, order: Order) -> None:
        self.announce(order.account, "Order", order.wire(self.now()))

    def announce(self, account: str, kind: str, message: Json) -> None:
        for listener in self.listeners:
            listener(account, kind, message)

    def balance(self, account: str) -> Json:
        return balance(account, self.treasury.standing(account), self.now(), self.today())

    def reset(self) -> None:
        """Forget all trading, as the sandbox does each night; ids go on."""
        self.ledger.forget_trading()
        self.unseen.clear()
        self.load()
        for listener in self.on_reset:
            listener()
