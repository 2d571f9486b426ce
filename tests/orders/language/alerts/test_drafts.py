"""A reading as the command a person would type: what is unsaid is a question mark that the grammar points at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.enums import Action
from orders.language.alerts import Asset, Intent, OrderReading
from orders.language.alerts.drafts import draft_command
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.ticket import Mistake
from orders.language.values import Propose
from tests.orders.language.alerts.saying import POSTED, read


@pytest.mark.parametrize(
    ("message", "draft"),
    [
        pytest.param("BTO 2 SPY 600c 12/18 @ 1.25", "bto 2 SPY 18dec26 600c @ 1.25", id="whole"),
        pytest.param("BTO SPY 600c @ 1.25", "bto ? SPY ? 600c @ 1.25", id="no quantity, no expiry"),
        pytest.param("BTO 2 SPY 600c 12/18", "bto 2 SPY 18dec26 600c @ ?", id="no price"),
        pytest.param("STC half SPY", "stc ? SPY", id="a trim"),
        pytest.param(
            "BTO 2 SPY 600c 12/18 @ 1.20-1.30", "bto 2 SPY 18dec26 600c @ 1.20 max 1.30", id="range"
        ),
        pytest.param(
            "BTO 2 SPY 600c 12/18 @ 1.25 SL 0.80 PT 2.50",
            "bto 2 SPY 18dec26 600c @ 1.25 sl 0.80 tp 2.50",
            id="exits",
        ),
        pytest.param(
            "BTO SPY 12/18 600/610 call debit spread @ 3.20",
            "bto ? SPY 18dec26 600/610c vertical @ 3.20 db",
            id="a spread",
        ),
        pytest.param("BTO 100 CPB @ 45.95", "bto 100 CPB @ 45.95", id="shares"),
        pytest.param(
            "Sold 2 SPY 590p 12/18 @ 1.25", "? 2 SPY 18dec26 590p @ 1.25", id="opened or closed: unsaid"
        ),
        pytest.param(
            "Short 2 SPY 590p 12/18 @ 1.25", "? 2 SPY 18dec26 590p @ 1.25", id="bought or sold: unsaid"
        ),
    ],
)
def test_the_draft_says_what_was_understood(message, draft):
    assert draft_command(read(message).orders[0]) == draft


def test_a_reading_of_nothing_is_all_questions():
    assert draft_command(OrderReading()) == "? ? ?"


def test_legs_that_make_no_ticket_are_a_question():
    order = OrderReading(Intent.REVIEW, Action.BUY_TO_OPEN, symbol="SPY", asset=Asset.SPREAD)

    assert draft_command(order) == "bto ? SPY ? ?"


def test_the_grammar_points_at_the_first_question():
    draft = draft_command(read("BTO SPY 600c @ 1.25").orders[0])
    found = parse_command(draft, now=POSTED, calendar=NYSE)

    assert isinstance(found, Mistake)
    assert (found.start, found.end) == (4, 5)


@settings(max_examples=60)
@given(
    verb=st.sampled_from(["BTO", "STO", "STC", "BTC"]),
    quantity=st.integers(1, 500),
    strike=st.sampled_from(["600", "597.5", "1000"]),
    kind=st.sampled_from("cp"),
    price=st.decimals("0.05", "20", places=2),
)
def test_a_whole_message_drafts_a_command_that_parses(verb, quantity, strike, kind, price):
    reading = read(f"{verb} {quantity} SPX {strike}{kind} 12/18 @ {price}")
    if reading.intent.is_order:
        found = parse_command(draft_command(reading.orders[0]), now=POSTED, calendar=NYSE)
        assert isinstance(found, Propose)
        assert found.ticket.quantity == quantity
