"""Commands as the lines of `parse --jsonl`: the same keys as an alert's reading, null where unwritten."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from orders.enums import InstrumentType, Side

from .ticket import Contract, Mistake, Ticket, TicketLeg
from .values import Amend, CancelOrders, Close, Command, Propose
from .writing import pays

KEYS = (
    "intent", "action", "qty", "symbol", "asset", "strike", "type",
    "expiry", "price", "targets", "stop", "legs", "fraction", "reason",
)  # fmt: skip
ASSETS = {
    InstrumentType.EQUITY: "stock",
    InstrumentType.EQUITY_OPTION: "option",
    InstrumentType.FUTURE: "future",
    InstrumentType.FUTURE_OPTION: "future_option",
}
SPREAD_ACTIONS = {
    (Side.PAYS, False): "BTO",
    (Side.RECEIVES, False): "STO",
    (Side.PAYS, True): "BTC",
    (Side.RECEIVES, True): "STC",
}


def command_as_json(command: Command | Mistake) -> dict[str, Any]:
    """Return the object of one command: an order, a change, a question, or a mistake to review."""
    match command:
        case Propose(ticket):
            return _empty("close" if _closes(ticket) else "open") | _ticket(ticket)
        case Close():
            return _close(command)
        case CancelOrders() | Amend():
            return _empty("update")
        case Mistake():
            return _empty("review") | {"reason": command.message}
        case _:
            return _empty("noise") | {"reason": "This asks and orders nothing."}


def _empty(intent: str) -> dict[str, Any]:
    return dict.fromkeys(KEYS) | {"intent": intent}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    single = len(ticket.legs) == 1
    common = {
        "qty": ticket.quantity,
        "price": _number(ticket.price.start or ticket.price.bound),
        "targets": [_number(ticket.target)] if ticket.target is not None else None,
        "stop": _number(ticket.stop),
    }
    if single:
        leg = ticket.legs[0]
        return common | {"action": leg.action.short} | _contract(leg.contract)
    root = next(leg.contract.root for leg in reversed(ticket.legs))
    action = SPREAD_ACTIONS[pays(ticket), _closes(ticket)]
    return common | {
        "action": action,
        "symbol": root,
        "asset": "spread",
        "legs": [_leg(leg) for leg in ticket.legs],
    }


def _close(command: Close) -> dict[str, Any]:
    part = command.fraction if command.quantity is None else None
    return (
        _empty("close" if part == Fraction(1) else "trim")
        | (_contract(command.contract) if command.contract is not None else {})
        | {
            "qty": command.quantity,
            "price": _number(command.price.start or command.price.bound),
            "fraction": float(part) if part is not None else None,
            "stop": _number(command.terms.stop),
            "targets": [_number(command.terms.target)] if command.terms.target is not None else None,
        }
    )


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "symbol": f"{contract.root}{contract.month}",
        "asset": ASSETS[contract.kind],
        "strike": _number(contract.strike),
        "type": contract.option_type.value if contract.option_type else None,
        "expiry": contract.expiry.isoformat() if contract.expiry else None,
    }


def _leg(leg: TicketLeg) -> dict[str, Any]:
    named = _contract(leg.contract)
    return {"action": leg.action.short, "ratio": leg.ratio} | {
        key: named[key] for key in ("strike", "type", "expiry")
    }


def _closes(ticket: Ticket) -> bool:
    return all(leg.action.closes for leg in ticket.legs)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
