"""Questions and cancels: quote, chain, orders, order, positions, balance, help, cancel."""

from decimal import Decimal

import pytest

from bot import asking
from orders.brokers.base import BrokerUnavailable, Position
from orders.enums import InstrumentType, OrderStatus
from orders.models import Order
from tests.bot.rig import EXPIRY, TYPED, field_of
from tests.factories import make_order

D = Decimal
DAY = f"{EXPIRY.day} {EXPIRY:%b %Y}"


def test_quote_shows_bid_mid_and_ask(desk):
    assert desk.ask(f"!tt quote SPY {TYPED} 600c") == (
        f"`PRACTICE`\n**SPY {DAY} 600 C**\nbid 1.20 · mid **1.25** · ask 1.30"
    )


def test_chain_shows_the_strikes_asked_for(desk):
    assert desk.ask(f"!tt chain SPY {TYPED} 600-605") == (
        f"`PRACTICE`\n**SPY {DAY}**\n```\n"
        " bid   ask  call/put   bid   ask\n"
        "1.20  1.30       600  1.20  1.30\n"
        "1.20  1.30       605  1.20  1.30\n"
        "```"
    )


def test_chain_without_strikes_shows_those_around_the_money(desk):
    desk.broker.bid, desk.broker.ask = D(604), D(606)

    lines = desk.ask("!tt chain SPY").split("\n")

    assert [line.split()[2] for line in lines[4:-1]] == ["590", "595", "600", "605", "610"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("chain SPY 600-605 IWM", None, id="mistake"),
        pytest.param("chain ABC", "The broker lists no options on ABC.", id="no such root"),
        pytest.param(f"chain SPY {TYPED} 700-800", f"SPY {DAY} has no strikes there.", id="no such strikes"),
        pytest.param("order 99", "There is no order #99 in this channel's account.", id="no such order"),
        pytest.param("cancel 99", "There is no order #99.", id="no such order to cancel"),
        pytest.param("cancel all", "You have no open orders.", id="nothing to cancel"),
        pytest.param("orders", "No open orders.", id="no orders"),
        pytest.param("positions", "The account holds no positions.", id="no positions"),
        pytest.param("close SPY", "The account holds no SPY shares.", id="nothing to close"),
        pytest.param(
            "close 99", "There is no order #99 in this channel's account.", id="close no such order"
        ),
        pytest.param(
            "amend 99 max 1.45", "There is no order #99 in this channel's account.", id="amend no such order"
        ),
    ],
)
def test_what_cannot_be_answered_is_told(desk, text, sentence):
    answer = desk.ask(f"!tt {text}")

    if sentence is None:
        assert "This works: `!tt " in answer
    else:
        assert answer == f"`PRACTICE`\n{sentence}"


def test_orders_lists_what_is_open(desk):
    open_order = desk.propose()
    make_order(trader=desk.tessa, channel=desk.channel, status=OrderStatus.FILLED)

    answer = desk.ask("!tt orders")

    assert answer == (
        "`PRACTICE`\n**Open orders**\n"
        f"**{open_order}** BTO 2 SPY {DAY} 600 C · proposed · 0 of 2 filled · tessa"
    )


def test_order_shows_it_as_it_stands(desk):
    order = desk.propose()
    said = desk.chat.say("tessa", f"!tt order {order.pk}")

    answer = desk.answer_to(said)

    assert answer["content"] == f"`PRACTICE`\n**{order}** as it stands"
    assert answer["embeds"][0]["title"] == f"{order} BUY TO OPEN 2 SPY {DAY} 600 C"
    assert answer["components"] == []


def test_positions_are_listed(desk):
    desk.broker.held = [
        Position("SPY", InstrumentType.EQUITY, "SPY", -100, D("601.5"), D(1)),
        Position("SPY   261218C00600000", InstrumentType.EQUITY_OPTION, "SPY", 5, D(11), D(100)),
    ]

    assert desk.ask("!tt positions") == (
        "`PRACTICE`\n**Positions**\n```\n"
        " qty  what                   opened at\n"
        "-100  SPY                       601.50\n"
        "  +5  SPY 18 Dec 2026 600 C      11.00\n"
        "```"
    )


def test_balance_is_shown(desk):
    assert desk.ask("!tt balance") == (
        "`PRACTICE`\n**Balance**\n```\n"
        "net liquidating value  $100,000.00\n"
        "cash                   $100,000.00\n"
        "option buying power    $200,000.00\n"
        "equity buying power    $200,000.00\n"
        "```"
    )


def test_a_question_to_a_broker_that_is_down_is_answered(desk):
    desk.broker.read_fails = BrokerUnavailable("The broker cannot answer now: HTTP 503.")

    assert desk.ask("!tt quote SPY") == (
        "`PRACTICE`\nThe broker cannot answer now: HTTP 503. Nothing was recorded: try again in a moment."
    )


def test_cancel_takes_back_ones_own_order(desk):
    order = desk.propose()

    assert desk.ask(f"!tt cancel {order.pk}") == f"`PRACTICE`\n{order} is withdrawn."
    desk.status(order, "Withdrawn")


def test_cancel_of_an_order_at_work_says_that_it_is_asked_for(desk):
    order = make_order(trader=desk.tessa, channel=desk.channel, status=OrderStatus.RESTING)

    answer = desk.ask(f"!tt cancel {order.pk}")

    assert answer == f"`PRACTICE`\n{order} is being cancelled; its message shows when it is done."
    assert Order.objects.get().cancel_requested_by == "tessa"


def test_cancel_of_anothers_order_is_refused(desk):
    order = desk.propose()

    assert desk.ask(f"!tt cancel {order.pk}", member="theo") == (
        "`PRACTICE`\nOnly its trader, or staff with the right to cancel, can cancel this order."
    )


def test_cancel_all_takes_back_ones_own_orders_and_no_others(desk):
    mine, others = desk.propose(), desk.propose(member="theo")

    assert desk.ask("!tt cancel all") == f"`PRACTICE`\n{mine} is withdrawn."
    assert Order.objects.get(pk=others.pk).status == OrderStatus.PROPOSED


def test_staff_without_a_place_in_the_channel_may_ask(desk):
    assert desk.ask("!tt orders", member="ada") == "`PRACTICE`\nNo open orders."


def test_a_future_has_no_worst_cost(desk):
    order = make_order(trader=desk.tessa, channel=desk.channel, leg={"kind": InstrumentType.FUTURE})

    said = desk.chat.say("tessa", f"!tt order {order.pk}")

    assert field_of(desk.answer_to(said), "Cost") == "buying power −$262.00 · fees $2.26"


def test_a_full_chain_says_how_to_ask_for_other_strikes():
    strikes = [D(6000) + 5 * n for n in range(asking.MOST_STRIKES)]

    assert asking.other_strikes(strikes) == "For others write a range behind the expiry: `6050-6100`.\n"
    assert asking.other_strikes(strikes[:-1]) == ""


def test_a_series_with_a_name_of_its_own_stands_behind_its_root(desk):
    desk.broker.series = "SPYW"

    assert desk.ask(f"!tt chain SPY {TYPED}").split("\n")[1] == f"**SPY {DAY}** (SPYW)"
