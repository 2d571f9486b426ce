"""What the tests of the language share: a morning, its calendar, and contracts in few words."""

from datetime import date, datetime
from decimal import Decimal

from orders.enums import Action, InstrumentType, OptionType
from orders.language.calendar import NEW_YORK, NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Contract, Ticket, TicketLeg
from orders.language.values import Propose

NOW = datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)  # a Monday
DEC = date(2026, 12, 18)
JAN = date(2027, 1, 15)
BTO, STO = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN
BTC, STC = Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE


def parse(text, now=NOW):
    return parse_command(text, now=now, calendar=NYSE)


def ticket(text) -> Ticket:
    """Return the ticket of a command that proposes one."""
    command = parse(text)
    assert isinstance(command, Propose), command
    return command.ticket


def option(strike, kind, expiry=DEC, root="SPY", month=""):
    instrument = InstrumentType.FUTURE_OPTION if root.startswith("/") else InstrumentType.EQUITY_OPTION
    return Contract(instrument, root, expiry, Decimal(strike), OptionType(kind), month)


def shares(root):
    return Contract(InstrumentType.EQUITY, root)


def future(root, month=""):
    return Contract(InstrumentType.FUTURE, root, month=month)


def leg(action, strike, kind, expiry=DEC, ratio=1, root="SPY"):
    return TicketLeg(action, option(strike, kind, expiry, root), ratio)
