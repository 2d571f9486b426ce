"""Quotes as they leave the house: the market's own, bent by the fault script; matching sees the own."""

from dataclasses import replace
from decimal import Decimal

from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.instruments import Instrument
from orders.brokers.practice.market import Quote


def names_of(instrument: Instrument) -> set[str]:
    """Return every name a fault may know a contract by."""
    return {instrument.symbol, instrument.root, instrument.underlying, instrument.product}


class Wire:
    """The quotes that REST and streams show; remembers those that were stopped."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._stale: dict[str, tuple[Instrument, Quote]] = {}

    def is_stale(self, instrument: Instrument) -> bool:
        return self._exchange.faults.stands(FaultKind.STALE_QUOTES, names_of(instrument))

    def has_no_sides(self, instrument: Instrument) -> bool:
        return self._exchange.faults.stands(FaultKind.NAN_QUOTES, names_of(instrument))

    def quote(self, instrument: Instrument) -> Quote:
        if self.is_stale(instrument):
            stopped = (instrument, self._exchange.market.quote(instrument))
            return self._stale.setdefault(instrument.symbol, stopped)[1]
        self._stale.pop(instrument.symbol, None)
        return self._bent(instrument, self._exchange.market.quote(instrument))

    def let_go(self) -> None:
        """Forget the quotes that no fault stops now; those that one stops again stand where they stood."""
        self._stale = {name: kept for name, kept in self._stale.items() if self.is_stale(kept[0])}

    def _bent(self, instrument: Instrument, quote: Quote) -> Quote:
        stands, names = self._exchange.faults.stands, names_of(instrument)
        if stands(FaultKind.HALT, names):
            quote = replace(quote, is_halted=True)
        if stands(FaultKind.CROSSED_QUOTES, names):
            return replace(quote, bid=quote.ask + (quote.ask - quote.bid), ask=quote.bid)
        if stands(FaultKind.WIDE_QUOTES, names):
            return replace(quote, bid=instrument.ticks.floor(quote.mid / 2), ask=quote.mid * Decimal(2))
        return quote
