"""What an account holds and has not begun to close, as the reader of alerts knows positions."""

from collections.abc import Iterator

from orders.brokers.base import Position
from orders.enums import InstrumentType
from orders.holdings import Holdings
from orders.language.alerts import Asset, HeldPosition
from orders.language.symbols import parse_future_option, parse_occ


def readable(held: Holdings, *, less_working: bool = True) -> list[HeldPosition]:
    """Return the positions by their contracts, less what is being closed. Unreadable ones are left."""
    found: list[HeldPosition] = []
    for position in held.positions.values():
        size = held[position.symbol].free if less_working else abs(position.quantity)
        found.extend(_named(position, size if position.quantity > 0 else -size))
    return found


def _named(position: Position, quantity: int) -> Iterator[HeldPosition]:
    if position.kind is InstrumentType.EQUITY:
        yield HeldPosition(position.symbol, Asset.STOCK, quantity)
        return
    if position.kind is InstrumentType.FUTURE:
        yield HeldPosition(position.symbol, Asset.FUTURE, quantity)
        return
    is_future = position.kind is InstrumentType.FUTURE_OPTION
    contract = parse_future_option(position.symbol) if is_future else parse_occ(position.symbol)
    if contract is not None:
        asset = Asset.FUTURE_OPTION if is_future else Asset.OPTION
        yield HeldPosition(
            contract.root, asset, quantity, contract.strike, contract.option_type, contract.expiry
        )
