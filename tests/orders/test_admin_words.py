"""An order in the words of the desk."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from orders.admin import words
from orders.enums import Side
from tests.factories import make_leg, make_order

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
FUTURE = {
    "kind": "Future",
    "symbol": "/ESZ6",
    "action": "Buy",
    "expires_on": None,
    "strike": None,
    "option_type": "",
}
SHARES = {"kind": "Equity", "symbol": "AAPL", "action": "Sell to Close", "expires_on": None, "strike": None,
          "option_type": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("leg", "said"),
    [
        pytest.param({}, "BTO 2 SPY 18 Dec 600 C", id="this year"),
        pytest.param({"expires_on": date(2027, 1, 15)}, "BTO 2 SPY 15 Jan 2027 600 C", id="another year"),
        pytest.param(
            {"strike": D("602.5"), "option_type": "P"}, "BTO 2 SPY 18 Dec 602.50 P", id="half a strike"
        ),
        pytest.param(FUTURE, "BUY 2 /ESZ6", id="a future"),
        pytest.param(SHARES, "STC 2 AAPL", id="shares"),
    ],
)
def test_an_order_is_one_line(leg, said):
    assert words.what(make_order(now=NOON, leg=leg)) == said


def test_a_spread_names_each_leg():
    order = make_order(now=NOON)
    make_leg(order, symbol="SPY   261218C00610000", strike=D(610), action="Sell to Open", ratio=2)

    assert words.what(order) == "BTO 2 SPY 18 Dec 600 C / STO 4 SPY 18 Dec 610 C"


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param(
            {"bound_price": D("1.30")},
            "1.25, then 1.27, then 1.29, then 1.30; 10 s each; bound 1.30 = 100 % of the spread; "
            "then the rest rests as a DAY order.",
            id="up to the bound",
        ),
        pytest.param(
            {"bound_price": D("1.20"), "side": Side.RECEIVES, "retries": 1, "end": "cancel"},
            "1.25, then 1.23; 10 s each; bound 1.20 = 100 % of the spread; then the rest is cancelled.",
            id="a credit comes down",
        ),
        pytest.param(
            {"proposal_bid_price": None},
            "from the mid at sending; 10 s each; bound 1.31; then the rest rests as a DAY order.",
            id="no quote",
        ),
        pytest.param(
            {"price_rule": "market", "bound_price": None},
            "One market order at the natural, no walk.",
            id="market",
        ),
    ],
)
def test_the_plan_is_said_before_anybody_approves(over, said):
    assert words.plan(make_order(**over)) == said


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param(
            {"retries": 1},
            "No price was typed: starts at the mid; the bound 1.31 is the mid plus 1 step of 2 ticks, "
            "never past the natural then.",
            id="nothing",
        ),
        pytest.param(
            {"price_rule": "mid", "side": Side.RECEIVES},
            "@ mid: starts at the mid; the bound 1.31 is the mid minus 3 steps of 2 ticks, "
            "never past the natural then.",
            id="mid, for a credit",
        ),
        pytest.param(
            {"price_rule": "limit"},
            "@ 1.31: starts at the better of the mid and 1.31, never passes 1.31.",
            id="a price",
        ),
        pytest.param(
            {"price_rule": "limit", "start_price": D("1.25")},
            "@ 1.25 max 1.31: starts at 1.25, never passes 1.31.",
            id="from and to",
        ),
        pytest.param(
            {"price_rule": "natural"},
            "@ nat: starts at the natural 1.31, which is also the bound.",
            id="natural",
        ),
        pytest.param(
            {"price_rule": "market", "bound_price": None},
            "@ mkt: one MARKET order. It has no worst price; only the collar at sending.",
            id="market",
        ),
    ],
)
def test_what_a_typed_price_means_is_said(over, said):
    assert words.meaning(make_order(**over)) == said


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param({}, "0/2", id="nothing yet"),
        pytest.param({"filled_quantity": 1, "average_fill_price": D("1.27")}, "1/2 @ 1.27", id="a part"),
    ],
)
def test_fills_are_counted_against_what_was_asked(over, said):
    assert words.filled(make_order(**over)) == said


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param({}, ("1.31 debit", D("262.0000")), id="pays"),
        pytest.param({"side": Side.RECEIVES}, ("1.31 credit", D("262.0000")), id="receives"),
        pytest.param({"price_rule": "market", "bound_price": None}, ("market", None), id="market"),
    ],
)
def test_the_bound_says_which_way_the_money_goes(over, said):
    order = make_order(**over)

    assert (words.bound(order), words.worst_value(order)) == said


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param({}, "Costs at most", id="pays"),
        pytest.param({"side": Side.RECEIVES}, "Brings at least", id="receives"),
        pytest.param({"leg": FUTURE}, "Worth at the bound", id="a future costs its margin"),
    ],
)
def test_the_worth_of_an_order_is_named_by_what_it_does_to_cash(over, said):
    assert words.worth(make_order(**over)) == said


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("filled", "green"),
        ("unknown", "amber"),
        ("rejected", "red"),
        ("working", "blue"),
        ("cancelled", "grey"),
    ],
)
def test_placements_are_coloured_by_what_a_person_must_know(status, tone):
    assert words.placement_tone(status) == tone


EXIT = {"price_rule": "exit", "target_price": D("2.50"), "stop_price": D("0.80"), "bound_price": None}


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param(
            {"order_type": "OCO"},
            "Rests at target 2.50, stop 0.80, no walk. Both are one OCO order: one ends the other.",
            id="pair",
        ),
        pytest.param(
            {"order_type": "Limit", "stop_price": None}, "Rests at target 2.50, no walk.", id="target alone"
        ),
        pytest.param(
            {"order_type": "Stop", "target_price": None}, "Rests at stop 0.80, no walk.", id="stop alone"
        ),
    ],
)
def test_an_exit_rests_at_its_prices(over, said):
    order = make_order(side=Side.RECEIVES, leg={"action": "Sell to Close"}, **EXIT | over)

    assert words.plan(order) == said
    assert words.bound(order) == said.removeprefix("Rests at ").split(", no walk")[0]
    assert words.meaning(order) == (
        "sl and tp: rests at these prices of the position; the stop trades at the market."
    )


@pytest.mark.parametrize(
    ("retries", "how"),
    [
        pytest.param(3, "placed when it has ended, for what filled", id="walks"),
        pytest.param(0, "sent with it as one OTOCO", id="never walks"),
    ],
)
def test_an_entry_names_the_exit_that_follows(retries, how):
    order = make_order(target_price=D("2.50"), stop_price=D("0.80"), retries=retries)

    assert words.exits(order) == f"target 2.50, stop 0.80: {how}"


def test_one_price_needs_no_pace():
    order = make_order(bound_price=D("1.00"), price_rule="limit", retries=3)

    assert words.plan(order) == "1.00; bound 1.00, below the bid; then the rest rests as a DAY order."


def test_the_brokers_figures_say_for_how_many_they_are_once_an_approver_took_less():
    order = make_order(quantity=1, asked_quantity=2, fees_value=D("-2.24"))

    assert (words.fees(order), words.figures(order), words.figures(make_order())) == ("$2.24", " for 2", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [("stream", "the account stream"), ("answer", "the broker's answer"), ("ada", "ada")],
)
def test_who_saw_or_did_something_is_named_in_words(name, said):
    assert words.who(name) == said
