from datetime import date
from decimal import Decimal

import pytest

from orders.enums import Action, InstrumentType, OptionType, PriceRule, Side
from orders.language.alerts import OrderReading, as_ticket, refer_expired
from orders.language.calendar import NYSE
from orders.language.ticket import AskedPrice, Contract, Ticket, TicketLeg
from tests.orders.language.alerts.saying import POSTED, read, said

DEC18 = date(2026, 12, 18)
SPY_CALL = Contract(InstrumentType.EQUITY_OPTION, "SPY", DEC18, Decimal(600), OptionType.CALL)


def ticket(message, quantity=1):
    return as_ticket(read(message).orders[0], quantity=quantity)


def test_an_option_becomes_a_ticket_bound_by_its_price():
    assert ticket("BTO 5 SPY 600c 12/18 @ 1.25 SL 0.80 PT 2.50") == Ticket(
        legs=(TicketLeg(Action.BUY_TO_OPEN, SPY_CALL),),
        quantity=5,
        price=AskedPrice(PriceRule.LIMIT, bound=Decimal("1.25")),
        stop=Decimal("0.80"),
        target=Decimal("2.50"),
    )


def test_an_entry_range_starts_at_its_first_price_and_is_bound_by_the_other():
    price = ticket("BTO 5 SPY 600c 12/18 @ 1.25-1.40").price
    assert price == AskedPrice(PriceRule.LIMIT, start=Decimal("1.25"), bound=Decimal("1.40"))


def test_the_desk_gives_the_quantity_a_message_leaves_out():
    assert ticket("BTO SPY 600c 12/18 @ 1.25", quantity=3).quantity == 3


@pytest.mark.parametrize(
    ("message", "contract", "action"),
    [
        ("BTO 100 AAPL @ 250.10", Contract(InstrumentType.EQUITY, "AAPL"), Action.BUY_TO_OPEN),
        ("BTO /ES @ 6100.25", Contract(InstrumentType.FUTURE, "/ES"), Action.BUY),
        ("STC 1 /ESZ6 @ 6110", Contract(InstrumentType.FUTURE, "/ES", month="Z6"), Action.SELL),
        ("Long MNQ @ 21500", Contract(InstrumentType.FUTURE, "/MNQ"), Action.BUY),
        (
            "BTO /ES 12/18 6300c @ 12.50",
            Contract(InstrumentType.FUTURE_OPTION, "/ES", DEC18, Decimal(6300), OptionType.CALL),
            Action.BUY_TO_OPEN,
        ),
    ],
)
def test_every_asset_becomes_its_contract(message, contract, action):
    assert ticket(message).legs == (TicketLeg(action, contract),)


def test_a_spread_becomes_its_legs_at_the_net_price():
    found = ticket("BTO 2 SPY 600/610 call spread 12/18 @ 3.20")
    short = Contract(InstrumentType.EQUITY_OPTION, "SPY", DEC18, Decimal(610), OptionType.CALL)
    assert found.legs == (TicketLeg(Action.BUY_TO_OPEN, SPY_CALL), TicketLeg(Action.SELL_TO_OPEN, short))
    assert found.price == AskedPrice(PriceRule.LIMIT, bound=Decimal("3.20"), effect=Side.PAYS)
    assert (found.quantity, found.shape) == (2, "vertical")


def test_an_incomplete_reading_has_no_ticket():
    with pytest.raises(ValueError, match="no ticket without"):
        as_ticket(OrderReading(), quantity=1)
    with pytest.raises(ValueError, match="no option without"):
        as_ticket(read("SPY 600c all out").orders[0], quantity=1)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("BTO SPY 600c 12/18 @ 1.25", "open: BTO SPY 2026-12-18 600C at 1.25"),
        ("closing SPY", "close: STC SPY, missing action/strike/type/expiry"),
        ("gm", "noise: no order in it"),
    ],
)
def test_a_live_message_passes_where_its_days_lie_ahead(message, expected):
    assert said(refer_expired(read(message), POSTED.date(), NYSE)) == expected


@pytest.mark.parametrize(
    "message",
    [
        "BTO SPY 600c 1/21/22 @ 1.25",
        "BTO SPY 600c 11/21 @ 1.25",
        "BTO SPY 600c 11/26 @ 1.25",
        "BTO 1 SPY 600/610 call spread 11/28 @ 3.20",
    ],
)
def test_a_live_message_with_a_day_past_or_without_a_session_is_referred(message):
    assert read(message).intent.is_order
    assert not refer_expired(read(message), POSTED.date(), NYSE).intent.is_order
