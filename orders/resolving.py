"""From a contract as a trader names it to the instrument the broker lists, or the nearest that exist."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from orders.brokers.base import Broker, Expiration, NotFound
from orders.enums import InstrumentType, OptionType
from orders.language.symbols import PARENTS, underlying
from orders.language.ticket import Contract, TicketLeg
from orders.market import Instrument, plain


class UnresolvedTicket(Exception):
    """No such contract, or two fit. The text says which are the nearest and is for people."""


def resolve(leg: TicketLeg, broker: Broker) -> Instrument:
    """Return the instrument of a leg. Raises UnresolvedTicket or BrokerError."""
    return resolve_contract(leg.contract, broker)


def resolve_contract(contract: Contract, broker: Broker) -> Instrument:
    """Return the instrument. Raises UnresolvedTicket or BrokerError."""
    by_kind = {
        InstrumentType.EQUITY: equity,
        InstrumentType.EQUITY_OPTION: option,
        InstrumentType.FUTURE: future,
        InstrumentType.FUTURE_OPTION: option,
    }
    return by_kind[contract.kind](contract, broker)


def equity(contract: Contract, broker: Broker) -> Instrument:
    try:
        return broker.equity(contract.root)
    except NotFound:
        raise UnresolvedTicket(f"The broker knows no {contract.root}.") from None


def option(contract: Contract, broker: Broker) -> Instrument:
    """Return the option, by the chain: weekly and index roots (SPX and SPXW) are told apart there."""
    is_future = contract.kind is InstrumentType.FUTURE_OPTION
    try:
        chain = (
            broker.future_option_chain(contract.root)
            if is_future
            else broker.option_chain(underlying(contract.root))
        )
    except NotFound:
        raise UnresolvedTicket(f"The broker lists no options on {contract.root}.") from None
    expiration = one_expiration(contract, chain)
    return one_strike(contract, expiration)


def one_expiration(contract: Contract, chain: Sequence[Expiration]) -> Expiration:
    """Return the expiry asked for. Raises UnresolvedTicket with the nearest three, or where two fit."""
    exact = [e for e in chain if e.expires_on == contract.expiry and _fits(contract.root, e.root)]
    if len(exact) == 1:
        return exact[0]
    if len(exact) > 1:
        roots = " or ".join(sorted({e.root for e in exact}))
        raise UnresolvedTicket(f"Two contracts fit {contract.root} {contract.expiry}: write {roots}.")
    near = nearest_dates(contract.expiry, sorted({e.expires_on for e in chain}))
    listed = ", ".join(map(_day, near))
    raise UnresolvedTicket(
        f"{contract.root} has no options expiring {_day(contract.expiry)}. Nearest: {listed}."
    )


def _fits(word: str, root: str) -> bool:
    """Whether the trader's word may mean this root: SPXW only itself, SPX both."""
    return word not in PARENTS or word == root


def one_strike(contract: Contract, expiration: Expiration) -> Instrument:
    """Return the option at the strike asked for. Raises UnresolvedTicket with the nearest three."""
    side = expiration.calls if contract.option_type is OptionType.CALL else expiration.puts
    instrument = side.get(contract.strike) if contract.strike is not None else None
    if instrument is not None:
        return instrument
    near = nearest_strikes(contract.strike, expiration.strikes)
    asked, listed = plain(contract.strike or Decimal(0)), ", ".join(map(plain, near))
    where = f"{expiration.root} {_day(expiration.expires_on)}"
    raise UnresolvedTicket(f"{where} has no strike {asked}. Nearest: {listed}.")


def future(contract: Contract, broker: Broker) -> Instrument:
    """Return the future of the month asked for, or the front month."""
    try:
        listed = broker.futures(contract.root)
    except NotFound:
        listed = ()
    if not listed:
        raise UnresolvedTicket(f"The broker lists no {contract.root} futures.")
    wanted = [i for i in listed if not contract.month or i.symbol == f"{contract.root}{contract.month}"]
    if wanted:
        return wanted[0]
    raise UnresolvedTicket(
        f"{contract.root}{contract.month} is not listed. Nearest: {', '.join(i.symbol for i in listed[:3])}."
    )


def nearest_strikes(strike: Decimal | None, strikes: Sequence[Decimal]) -> list[Decimal]:
    asked = strike or Decimal(0)
    return sorted(sorted(strikes, key=lambda s: (abs(s - asked), s))[:3])


def nearest_dates(day: date | None, days: Sequence[date]) -> list[date]:
    if day is None:
        return list(days[:3])
    return sorted(sorted(days, key=lambda d: (abs((d - day).days), d))[:3])


def _day(day: date | None) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}" if day else "that day"
