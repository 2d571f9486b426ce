"""The accounts' books: bookings of executions, and buying power before and after an order."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from orders.brokers.practice import fees
from orders.brokers.practice.accounts import ACCOUNT_NUMBERS, STARTING_CASH
from orders.brokers.practice.balances import Standing
from orders.brokers.practice.book import VENUE, Fill, Leg, Order
from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.ledger import Ledger
from orders.brokers.practice.margin import BuyingPowerEffect, Holding, futures_requirement, requirement
from orders.brokers.practice.market import Market
from orders.brokers.practice.positions import Position, position_from
from orders.brokers.practice.wire import Json, Quantity, instant, number, signed, unsigned

FIRST_TRANSACTION = 500_001
OPPOSITE = {"Debit": "Credit", "Credit": "Debit"}
Trade = tuple[Instrument, Quantity, Decimal]  # contract, signed quantity, price


class Treasury:
    """Cash and positions of every account, kept in the ledger."""

    def __init__(self, ledger: Ledger, market: Market) -> None:
        self._ledger = ledger
        self._market = market
        self.cash: dict[str, Decimal] = {}
        self.positions: dict[tuple[str, str], Position] = {}
        self._instruments: dict[str, Instrument] = {}
        self.load()

    def load(self) -> None:
        """Read cash and positions from the ledger; a new account starts with its cash."""
        kept = self._ledger.cash()
        self.cash = {number: kept.get(number, STARTING_CASH) for number in ACCOUNT_NUMBERS}
        found = [position_from(state) for state in self._ledger.positions()]
        self.positions = {(p.account, p.symbol): p for p in found}

    def know(self, instrument: Instrument) -> None:
        """Remember a contract that is held, also after it left the listing."""
        self._instruments[instrument.symbol] = instrument

    def held(self, account: str, symbol: str) -> Quantity:
        position = self.positions.get((account, symbol))
        return position.quantity if position else 0

    def positions_of(self, account: str) -> list[Position]:
        return [p for (number, _), p in self.positions.items() if number == account]

    def instrument_of(self, position: Position) -> Instrument | None:
        return self._instruments.get(position.symbol)

    def book(self, order: Order, leg: Leg, fill: Fill, instrument: Instrument, on: date) -> None:
        """Book one execution: position, cash, fees and the transaction that says so."""
        self.know(instrument)
        position = self._position(order.account, instrument, fill.at)
        gain = position.trade(leg.sign * fill.quantity, fill.price, fill.at, on)
        value = cash_value(instrument, leg.sign * fill.quantity, fill.price)
        cost = fees.leg_fees(instrument, leg.action, fill.quantity)
        self.cash[order.account] += value - cost.total + (gain if instrument.kind is Kind.FUTURE else 0)
        self._ledger.save_position(order.account, instrument.symbol, position.state())
        self._ledger.set_cash(order.account, self.cash[order.account])
        self._ledger.add_fill(order, leg, fill)
        self._note(order, leg, fill, instrument, value, cost, on)

    def _position(self, account: str, instrument: Instrument, now: datetime) -> Position:
        key = (account, instrument.symbol)
        if key not in self.positions:
            self.positions[key] = Position(
                account, instrument.symbol, instrument.kind, instrument.underlying, instrument.product,
                instrument.multiplier, 0, Decimal(0), now, now,
                expires_at=instrument.stops_at if instrument.kind.is_option else None,
            )  # fmt: skip
        return self.positions[key]

    def take_back(self, order: Order, leg: Leg, fill: Fill, instrument: Instrument, now: datetime) -> None:
        """Undo the booking of an execution, fees and all, by an entry that names the first.

        What a future had realized stays in cash: its position opens again at the price of the fill.
        """
        position = self._position(order.account, instrument, now)
        position.trade(-leg.sign * fill.quantity, fill.price, now, now.date())
        first = next(t for t in self.transactions(order.account) if t.get("exec-id") == fill.fill_id)
        back: Json = {name: OPPOSITE.get(value, value) for name, value in first.items()}
        number_ = self._ledger.next_id("transaction", FIRST_TRANSACTION)
        back |= {
            "id": number_,
            "description": f"Reversed: {first['description']}",
            "executed-at": instant(now),
            "reverses-id": first["id"],
        }
        worth = Decimal(first["net-value"]) * (1 if first["net-value-effect"] == "Debit" else -1)
        self.cash[order.account] += worth
        self._ledger.save_position(order.account, instrument.symbol, position.state())
        self._ledger.set_cash(order.account, self.cash[order.account])
        self._ledger.add_transaction(number_, order.account, back)

    def _note(
        self,
        order: Order,
        leg: Leg,
        fill: Fill,
        instrument: Instrument,
        value: Decimal,
        cost: fees.Fees,
        on: date,
    ) -> None:
        number_ = self._ledger.next_id("transaction", FIRST_TRANSACTION)
        verb = "Bought" if leg.sign > 0 else "Sold"
        self._ledger.add_transaction(
            number_,
            order.account,
            {
                "id": number_,
                "account-number": order.account,
                "symbol": leg.symbol,
                "instrument-type": leg.kind.value,
                "underlying-symbol": instrument.underlying,
                "transaction-type": "Trade",
                "transaction-sub-type": leg.action,
                "description": f"{verb} {fill.quantity} {leg.symbol} @ {fill.price:.2f}",
                "action": leg.action,
                "quantity": number(Decimal(fill.quantity)),
                "price": number(fill.price),
                "executed-at": instant(fill.at),
                "transaction-date": on.isoformat(),
                **signed("value", value),
                **signed("net-value", value - cost.total),
                **signed("commission", -cost.commission),
                **signed("clearing-fees", -cost.clearing),
                **signed("regulatory-fees", -cost.regulatory),
                **signed("proprietary-index-option-fees", -cost.proprietary),
                "is-estimated-fee": True,
                "exec-id": fill.fill_id,
                "ext-exec-id": fill.fill_id.split("_", 1)[0],
                "order-id": order.id,
                "leg-count": len(order.legs),
                "destination-venue": VENUE,
            },
        )

    def mark(self, instrument: Instrument) -> Decimal:
        return self._market.quote(instrument).mid

    def spot(self, instrument: Instrument) -> Decimal:
        return Decimal(self._market.underlying_price(instrument))

    def holdings(self, account: str) -> list[Holding]:
        open_positions = (p for p in self.positions_of(account) if p.quantity)
        pairs = ((self.instrument_of(p), p.quantity) for p in open_positions)
        return [Holding(instrument, quantity) for instrument, quantity in pairs if instrument]

    def requirement_of(self, holdings: Iterable[Holding]) -> Decimal:
        return requirement(holdings, mark=self.mark, spot=self.spot)

    def standing(self, account: str) -> Standing:
        return self._standing(self.cash[account], self.holdings(account), self._futures_gain(account))

    def _futures_gain(self, account: str) -> Decimal:
        total = Decimal(0)
        for position in self.positions_of(account):
            instrument = self.instrument_of(position)
            if position.quantity and instrument and instrument.kind is Kind.FUTURE:
                move = self.mark(instrument) - position.average_price
                total += move * position.quantity * position.multiplier
        return total

    def _standing(self, cash: Decimal, holdings: list[Holding], futures_gain: Decimal) -> Standing:
        worth = {True: {True: Decimal(0), False: Decimal(0)}, False: {True: Decimal(0), False: Decimal(0)}}
        contracts: dict[str, int] = {}
        for held in holdings:
            if held.instrument.kind is Kind.FUTURE:
                contracts[held.instrument.product] = contracts.get(held.instrument.product, 0) + int(
                    held.quantity
                )
                continue
            value = self.mark(held.instrument) * unsigned(held.quantity) * held.instrument.multiplier
            worth[held.instrument.kind.is_option][held.quantity > 0] += value
        return Standing(
            cash,
            worth[False][True],
            worth[False][False],
            worth[True][True],
            worth[True][False],
            futures_gain,
            self.requirement_of(holdings),
            futures_requirement(contracts),
        )

    def effect(self, account: str, trades: Iterable[Trade], cost: Decimal) -> BuyingPowerEffect:
        """Return what trades would do to buying power; `cost` are their fees, USD."""
        trades = list(trades)
        before = self.standing(account)
        wanted = _merged(self.holdings(account), trades)
        cash = before.cash - cost + sum((cash_value(*t) for t in trades), Decimal(0))
        after = self._standing(cash, wanted, before.futures_gain)
        alone = [Holding(i, n) for i, n, _ in trades]
        return BuyingPowerEffect(
            before.buying_power,
            after.buying_power,
            after.requirement - before.requirement,
            self.requirement_of(alone),
            is_spread=len(trades) > 1,
        )

    def settle_expired(self, instrument: Instrument, position: Position, now: datetime, on: date) -> None:
        """Close an expired option at what it is worth inside, in cash, without fees."""
        price = self.spot(instrument)
        inside = price - instrument.strike if instrument.is_call else instrument.strike - price
        worth = max(inside, Decimal(0)).quantize(Decimal("0.01"))
        value = worth * position.quantity * position.multiplier
        self._note_expiry(position, value, now, on)
        self.cash[position.account] += value
        position.trade(-position.quantity, worth, now, on)
        self._ledger.save_position(position.account, position.symbol, position.state())
        self._ledger.set_cash(position.account, self.cash[position.account])

    def _note_expiry(self, position: Position, value: Decimal, now: datetime, on: date) -> None:
        """Write the entry of an option's end, in the broker's words."""
        number_ = self._ledger.next_id("transaction", FIRST_TRANSACTION)
        settled = "Cash Settled Exercise" if position.quantity > 0 else "Cash Settled Assignment"
        self._ledger.add_transaction(
            number_,
            position.account,
            {
                "id": number_,
                "account-number": position.account,
                "symbol": position.symbol,
                "instrument-type": position.kind.value,
                "underlying-symbol": position.underlying,
                "transaction-type": "Receive Deliver",
                "transaction-sub-type": settled if value else "Expiration",
                "description": "Removal of option due to expiration",
                "quantity": number(Decimal(unsigned(position.quantity))),
                "executed-at": instant(now),
                "transaction-date": on.isoformat(),
                **signed("value", value),
                **signed("net-value", value),
                "is-estimated-fee": True,
            },
        )

    def transactions(self, account: str) -> list[Json]:
        return self._ledger.transactions(account)


def cash_value(instrument: Instrument, signed_quantity: Quantity, price: Decimal) -> Decimal:
    """Return the cash an execution brings in (positive) or takes; a future's takes none."""
    if instrument.kind is Kind.FUTURE:
        return Decimal(0)
    return -signed_quantity * price * instrument.multiplier


def _merged(holdings: list[Holding], trades: list[Trade]) -> list[Holding]:
    found = {h.instrument.symbol: h for h in holdings}
    for instrument, quantity, _ in trades:
        held = found.get(instrument.symbol, Holding(instrument, 0))
        found[instrument.symbol] = replace(held, quantity=held.quantity + quantity)
    return [h for h in found.values() if h.quantity]
