"""The faults that happen at once, or when their time has come, and mean the exchange as a whole."""

from typing import TYPE_CHECKING

from starlette.datastructures import State

from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.faults import Fault

if TYPE_CHECKING:
    from orders.brokers.practice.account_stream import AccountStreams
    from orders.brokers.practice.dxlink import QuoteStreams


async def happen(state: State) -> None:
    """Do what faults of the immediate kinds ask for, if they are due."""
    for fault in state.exchange.faults.take_immediate():
        if fault.kind is FaultKind.EXPIRE_TOKENS:
            state.exchange.ledger.void_tokens()
        elif fault.kind is FaultKind.NIGHTLY_RESET:
            state.exchange.reset()
        else:
            await _disturb(state, fault)


async def _disturb(state: State, fault: Fault) -> None:
    """Break the open streams that a fault means, or let them go deaf."""
    accounts: AccountStreams = state.account_streams
    quotes: QuoteStreams = state.quote_streams
    which = str(fault.options.get("stream", "both"))
    for name, streams in (("account", accounts), ("dxlink", quotes)):
        if which not in {name, "both"}:
            continue
        if fault.kind is FaultKind.STREAM_HALF_OPEN:
            streams.deafen()
        else:
            await streams.drop()
