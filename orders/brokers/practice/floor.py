"""What happens on the exchange's floor as time goes by: routing, matching, cancels, expiries."""

from datetime import datetime, timedelta

from orders.brokers.practice import admission, corrections, rules, trading
from orders.brokers.practice.book import Order, Status
from orders.brokers.practice.changes import OPEN_WHEN_REPLACED
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import symbols_of
from orders.brokers.practice.instruments import Instrument
from orders.brokers.practice.market import Quote
from orders.brokers.practice.matching import natural_cost
from orders.brokers.practice.products import EQUITIES
from orders.brokers.practice.ticks import NICKEL, TickTable
from orders.brokers.practice.wire import Json, instant

STEP_SECONDS = 0.05  # of time turned by hand: quotes stand still for five of them


class Floor:
    """Moves every open order on; `advance` is called often and takes the time as it comes."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._veiled = [o for o in exchange.orders.values() if o.fills_shown_from is not None]
        self._doubtful = [o for o in exchange.orders.values() if corrections.due_at(o) is not None]
        exchange.on_terminal.append(self._settle_replacement)
        exchange.on_reset += [self._veiled.clear, self._doubtful.clear]

    def turn(self, seconds: float, step: float = STEP_SECONDS) -> None:
        """Let held time pass in small steps, doing at each what is due: the same steps, the same trades.

        Raises ValueError while the time runs by itself.
        """
        if not self.exchange.time.is_held or seconds < 0 or step <= 0:
            raise ValueError(f"hold the time first, then turn it by 0 s or more: {seconds=} {step=}")
        end = self.exchange.now() + timedelta(seconds=seconds)
        while (now := self.exchange.now()) < end:
            self.exchange.time.hold(min(now + timedelta(seconds=step), end))
            self.advance()

    def advance(self) -> None:
        """Do all that is due by now."""
        now = self.exchange.now()
        for order in self.exchange.working():
            self._step(order, now)
        self.exchange.is_stirred = False
        self._unveil(now)
        self._take_back(now)
        self._settle_expired(now)
        for listener in self.exchange.on_advance:
            listener()

    def _step(self, order: Order, now: datetime) -> None:
        if order.status.is_terminal:
            return  # closed by what another order did in this very round
        if order.session_ends_at is not None and now >= order.session_ends_at:
            self.exchange.finish(order, Status.EXPIRED)
        elif order.rules is not None and self._obey(order, order.rules, now):
            return
        elif order.status.is_working:
            self._work(order, now)
        elif order.due_at is not None and now >= order.due_at:
            if order.status is Status.ROUTED:
                self._go_live(order, now)
            else:
                self.release(order)

    def _obey(self, order: Order, rule: Json, now: datetime) -> bool:
        """Do what an order's own rules want now; say whether that was its turn."""
        if rules.look(rule, now, self._quote_of):
            self.exchange.keep(order)
        if rules.must_cancel(rule, now):
            rule["cancelled-at"] = instant(now)
            self.exchange.finish(order, Status.CANCELLED)
            return True
        is_free = order.status is Status.CONTINGENT and admission.LET_GO in order.behaviours
        if is_free and rules.may_route(rule, now):
            self.release(order)
            return True
        return False

    def _quote_of(self, symbol: str) -> Quote | None:
        instrument = self.exchange.instrument(symbol)
        return None if instrument is None else self.exchange.market.quote(instrument)

    def release(self, order: Order) -> None:
        """Route an order that waited: for its session, or for another order."""
        instrument = self.exchange.instrument(order.legs[0].symbol)
        if order.status in {Status.RECEIVED, Status.CONTINGENT} and instrument is not None:
            admission.let_go(self.exchange, order, instrument, self.exchange.now())
            self.exchange.keep(order)

    def _go_live(self, order: Order, now: datetime) -> None:
        order.status, order.in_flight_at = Status.IN_FLIGHT, now
        order.touch(now)
        self.exchange.keep(order)
        reason = self._objection(order)
        if reason is not None:
            order.reject_reason = reason
            is_dead = FaultKind.DEAD_STATUS.value in order.behaviours
            self.exchange.finish(order, Status.DEAD if is_dead else Status.REJECTED)
            return
        order.status, order.live_at = Status.LIVE, now
        order.due_at = None
        self.exchange.keep(order)
        self._work(order, now, is_new=True)

    def _objection(self, order: Order) -> str | None:
        """Return why the exchange refuses an order that the preflight let through."""
        for kind in (FaultKind.ASYNC_REJECT, FaultKind.DEAD_STATUS):
            if kind.value in order.behaviours:
                return str(order.behaviours[kind.value].get("reason", "Session offline"))
        instruments = [self.exchange.instrument(leg.symbol) for leg in order.legs]
        listed = [i for i in instruments if i is not None]
        if len(listed) < len(instruments):
            return "Instrument not found"
        table = price_table(listed)
        if any(p is not None and not table.holds(p) for p in (order.price, order.stop_trigger)):
            return "Invalid price increment"
        return None

    def _work(self, order: Order, now: datetime, *, is_new: bool = False) -> None:
        if order.live_at is not None and not self.exchange.clock.paused:
            self._match(order, now, is_new=is_new)
        if order.status is Status.LIVE and order.time_in_force == "IOC":
            self.exchange.finish(order, Status.CANCELLED)
        elif order.status.is_working and order.due_at is not None and now >= order.due_at:
            self._take_out(order, now)

    def _match(self, order: Order, now: datetime, *, is_new: bool) -> None:
        """Trade what trades now; quotes stand still within a slot, so each slot is looked at once."""
        slot = self.exchange.market.slot()
        if is_new:
            order.matched_slot = slot
        elif slot == order.matched_slot and not self.exchange.is_stirred:
            return
        if not self._may_trade(order, now):
            return
        sides, was_triggered = self.exchange.sides(order), order.triggered
        trade = trading.decide(self.exchange, order, sides) if sides else None
        order.matched_slot = slot
        if sides and trade is not None:
            self.execute(order, sides, trade, now)
        elif order.triggered != was_triggered:
            order.touch(now)
            self.exchange.keep(order)

    def _may_trade(self, order: Order, now: datetime) -> bool:
        """Say whether the order's market is open: one that is good for days sleeps at night."""
        instrument = self.exchange.instrument(order.legs[0].symbol)
        if instrument is None:
            return False
        session = self.exchange.calendar.current(now, instrument.hours)
        return session.is_open(now) or ("Ext" in order.time_in_force and session.starts_at <= now)

    def execute(self, order: Order, sides: trading.Sides, trade: trading.Trade, now: datetime) -> None:
        """Book a trade and say so: the order first, then positions, then the balance."""
        if trade.units <= 0:
            return
        trading.book(self.exchange, order, sides, trade, now)
        if corrections.due_at(order) is not None and order not in self._doubtful:
            self._doubtful.append(order)
        if order.remaining_units:
            self.exchange.tell(order)
        else:
            self._fill_up(order, now)
        for leg in order.legs:
            trading.report_position(self.exchange, order.account, leg.symbol)
        self.exchange.announce(order.account, "AccountBalance", self.exchange.balance(order.account))

    def fill(self, order: Order, units: int, now: datetime) -> None:
        """Trade some units of an order at its limit, whatever the market is."""
        if sides := self.exchange.sides(order):
            cost = natural_cost(sides) if order.price is None else order.price
            self.execute(order, sides, trading.Trade(min(units, order.remaining_units), cost), now)

    def _fill_up(self, order: Order, now: datetime) -> None:
        options = order.behaviours.get(FaultKind.FILLED_BEFORE_FILLS.value)
        if options is not None:
            order.fills_shown_from = now + timedelta(seconds=float(options.get("seconds", 2)))
            self._veiled.append(order)
        self.exchange.finish(order, Status.FILLED)

    def _take_out(self, order: Order, now: datetime) -> None:
        """Let a cancel or a replacement take effect, unless a fill wins the race."""
        is_replaced = order.status is Status.REPLACE_REQUESTED
        race = FaultKind.FILL_ON_REPLACE if is_replaced else FaultKind.FILL_ON_CANCEL
        if (options := order.behaviours.get(race.value)) is not None:
            self.fill(order, int(options.get("quantity", order.remaining_units)), now)
        if order.status.is_terminal:
            return
        if is_replaced:
            self._hand_over(order, now)
        else:
            self.exchange.finish(order, Status.CANCELLED)

    def _hand_over(self, old: Order, now: datetime) -> None:
        """Close the old order for its replacement; a fill since it was asked for aborts the latter."""
        new = self.exchange.orders[old.replaced_by or 0]
        if new.status is Status.CONTINGENT and old.remaining_units == old.behaviours[OPEN_WHEN_REPLACED]:
            old.edited = True
            self.exchange.finish(old, Status.CANCELLED)
            return
        old.status, old.replaced_by, old.due_at = Status.LIVE, None, None
        old.touch(now)
        self.exchange.keep(old)
        self._abort(new)

    def _abort(self, new: Order) -> None:
        """End a replacement whose order traded instead of making way; how it ends is not documented."""
        if new.status is not Status.CONTINGENT:
            return
        if self.exchange.faults.stands(FaultKind.REJECT_ABORTED, symbols_of(new)):
            new.reject_reason = "The original order was filled"
            self.exchange.finish(new, Status.REJECTED)
        else:
            self.exchange.finish(new, Status.CANCELLED)

    def _settle_replacement(self, order: Order) -> None:
        """Route the replacement of an order that made way for it; abort that of any other."""
        new = self.exchange.orders.get(order.replaced_by or 0)
        if new is None or new.status is not Status.CONTINGENT:
            return
        if order.edited:
            self.release(new)
        else:
            self._abort(new)

    def _take_back(self, now: datetime) -> None:
        """Bust or correct the trades that the fault script names."""
        for order in [o for o in self._doubtful if (due := corrections.due_at(o)) and now >= due]:
            self._doubtful.remove(order)
            corrections.settle(self.exchange, order, now)

    def _unveil(self, now: datetime) -> None:
        for order in [o for o in self._veiled if o.fills_shown_from and now >= o.fills_shown_from]:
            self._veiled.remove(order)
            order.fills_shown_from = None
            self.exchange.keep(order)

    def _settle_expired(self, now: datetime) -> None:
        """Settle options that have expired: what they are worth inside, in cash."""
        treasury = self.exchange.treasury
        for position in list(treasury.positions.values()):
            if not position.quantity or position.expires_at is None or now < position.expires_at:
                continue
            if (instrument := treasury.instrument_of(position)) is not None:
                treasury.settle_expired(instrument, position, now, self.exchange.calendar.today(now))
                trading.report_position(self.exchange, position.account, position.symbol)


def price_table(instruments: list[Instrument]) -> TickTable:
    """Return the grid an order's price must lie on: a leg's own, or that of net prices.

    Net grids are not documented by the broker; these are the exchanges' customs.
    """
    first = instruments[0]
    if len(instruments) == 1:
        return first.ticks
    equity = EQUITIES.get(first.product)
    return NICKEL if equity is None else equity.spread_ticks
