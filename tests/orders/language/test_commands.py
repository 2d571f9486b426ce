from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from orders.enums import Action, PriceRule, Side, TimeInForce
from orders.language.ticket import AskedPrice, Ticket, TicketLeg
from orders.language.values import (
    Amend,
    CancelOrders,
    Close,
    Help,
    Propose,
    ShowBalance,
    ShowChain,
    ShowOrder,
    ShowOrders,
    ShowPositions,
    ShowQuote,
    Terms,
)

from .reading import BTC, BTO, DEC, STC, STO, future, option, parse, shares, ticket

LIMIT = PriceRule.LIMIT
CALL = option("600", "C")
PLAIN = Ticket((TicketLeg(BTO, CALL),), 2)


def at(bound, start=None, effect=None):
    return AskedPrice(LIMIT, Decimal(start) if start else None, Decimal(bound), effect)


@pytest.mark.parametrize(
    "text",
    [
        "bto 2 SPY 18dec 600c",
        "BTO 2 spy 18DEC 600C",
        "buy 2 SPY 18dec 600c",
        "buy to open 2 SPY 18dec 600c",
        "bto 2 $SPY 18dec $600c",
        "bto 2 SPY 18dec 600 c",
        "bto 2 SPY 18dec 600 call",
        "bto 2 SPY 18dec 600calls",
        "bto 2 SPY 600c 18dec",
        "bto 2 SPY 600 call 18dec",
        "bto 2 SPY 12/18 600c",
        "bto 2 SPY 12/18/26 600.00c",
        "bto 2 SPY 18 dec 600c",
        "bto 2 SPY dec 18 600c",
        "bto 2 SPY dec 600c",
        "bto 2 SPY261218C00600000",
        "bto 2 SPY   261218C00600000",
        "bto 2 .SPY261218C600",
        "  bto\t2  SPY 18dec\n600c  ",
        "bto\u00a02 SPY\u00a018dec 600c",
    ],
)
def test_every_way_to_write_the_option_is_the_same_ticket(text):
    assert ticket(text) == PLAIN


@pytest.mark.parametrize(
    ("text", "action", "contract", "quantity"),
    [
        pytest.param("sto 3 SPY 18dec 590p", STO, option("590", "P"), 3, id="a short put"),
        pytest.param("stc 1 SPY 18dec 600c", STC, CALL, 1, id="a long given up"),
        pytest.param("btc 1 SPY 18dec 600c", BTC, CALL, 1, id="a short covered"),
        pytest.param("sell to close 1 SPY 18dec 600c", STC, CALL, 1, id="in words"),
        pytest.param("bto 100 SPY", BTO, shares("SPY"), 100, id="shares"),
        pytest.param("buy 100 brk.b", BTO, shares("BRK/B"), 100, id="a share class"),
        pytest.param("sto 100 SPY", STO, shares("SPY"), 100, id="shares sold short"),
        pytest.param("buy 1 /ES", Action.BUY, future("/ES"), 1, id="the front month"),
        pytest.param("buy 1 /MES front", Action.BUY, future("/MES"), 1, id="the front month, said"),
        pytest.param("sell 1 /ESZ6", Action.SELL, future("/ES", "Z6"), 1, id="a month by its code"),
        pytest.param("buy 1 /esh27", Action.BUY, future("/ES", "H7"), 1, id="a code with two digits"),
        pytest.param("buy 1 /ES dec", Action.BUY, future("/ES", "Z6"), 1, id="a month by its name"),
        pytest.param("buy 1 /ES mar27", Action.BUY, future("/ES", "H7"), 1, id="a month with its year"),
        pytest.param("buy 1 /CL jan", Action.BUY, future("/CL", "F7"), 1, id="a month of the next year"),
        pytest.param(
            "bto 1 /ES 18dec 6300c", BTO, option("6300", "C", root="/ES"), 1, id="an option on a future"
        ),
        pytest.param(
            "sto 1 /ESZ6 18dec 6300.5p",
            STO,
            option("6300.5", "P", root="/ES", month="Z6"),
            1,
            id="an option on a month's future",
        ),
        pytest.param(
            "bto 1 ./ESZ6 EW4X6 261127C6000",
            BTO,
            option("6000", "C", date(2026, 11, 27), root="/ES", month="Z6"),
            1,
            id="the broker's own symbol",
        ),
        pytest.param(
            "bto 1 F dec 12 c", BTO, option("12", "C", root="F"), 1, id="dec is the monthly before a strike"
        ),
        pytest.param(
            "bto 1 F dec 18 12c", BTO, option("12", "C", root="F"), 1, id="dec 18 is the day before one"
        ),
        pytest.param(
            "bto 1 ALL 18dec 150c", BTO, option("150", "C", root="ALL"), 1, id="a ticker that is a word"
        ),
        pytest.param(
            "bto 1 MAR 18dec 200c", BTO, option("200", "C", root="MAR"), 1, id="a ticker that is a month"
        ),
        pytest.param(
            "bto 1 C 18dec 70.5p", BTO, option("70.5", "P", root="C"), 1, id="a ticker that is a call"
        ),
        pytest.param(
            "bto 1 SPX 0dte 6000c", BTO, option("6000", "C", date(2026, 11, 23), "SPX"), 1, id="0dte"
        ),
        pytest.param("bto 1 SPY eow 600c", BTO, option("600", "C", date(2026, 11, 27)), 1, id="eow"),
        pytest.param(
            "bto 1 SPY next fri 600c", BTO, option("600", "C", date(2026, 12, 4)), 1, id="two words"
        ),
        pytest.param("bto 1 SPY jan27 600c", BTO, option("600", "C", date(2027, 1, 15)), 1, id="jan27"),
        pytest.param("bto 1 SPY 27jan 600c", BTO, option("600", "C", date(2027, 1, 27)), 1, id="27jan"),
        pytest.param(
            "bto 1 VIX dec 20c", BTO, option("20", "C", date(2026, 12, 16), "VIX"), 1, id="VIX's monthly"
        ),
    ],
)
def test_one_leg_is_read(text, action, contract, quantity):
    assert ticket(text) == Ticket((TicketLeg(action, contract),), quantity)


@pytest.mark.parametrize(
    ("written", "price"),
    [
        pytest.param("", AskedPrice(), id="no price"),
        pytest.param("@ 1.25", at("1.25"), id="a price is the bound"),
        pytest.param("@1.25", at("1.25"), id="glued"),
        pytest.param("at 1.25", at("1.25"), id="in letters"),
        pytest.param("@ $1.25", at("1.25"), id="with a dollar"),
        pytest.param("@ .7", at("0.7"), id="without a zero"),
        pytest.param("@ 1.25 max 1.40", at("1.40", "1.25"), id="start and bound"),
        pytest.param("max 1.40 @ 1.25", at("1.40", "1.25"), id="in the other order"),
        pytest.param("@ 1.25 max 1.25", at("1.25", "1.25"), id="a bound at the start"),
        pytest.param("max 1.40", at("1.40"), id="a bound alone"),
        pytest.param("@ mid max 1.40", at("1.40"), id="from mid to the bound is what a price means"),
        pytest.param("@ mid", AskedPrice(PriceRule.MID), id="mid"),
        pytest.param("@ nat", AskedPrice(PriceRule.NATURAL), id="natural"),
        pytest.param("@ natural", AskedPrice(PriceRule.NATURAL), id="natural in full"),
        pytest.param("@ mkt", AskedPrice(PriceRule.MARKET), id="market"),
        pytest.param("@ market", AskedPrice(PriceRule.MARKET), id="market in full"),
        pytest.param("@ 1.25 db", at("1.25"), id="a debit repeats what bto says"),
    ],
)
def test_what_stands_behind_the_at_is_the_price(written, price):
    assert ticket(f"bto 2 SPY 18dec 600c {written}") == replace(PLAIN, price=price)


def test_a_sale_has_a_minimum():
    assert ticket("sto 1 SPY 18dec 600c @ 1.25 min 1.10").price == at("1.10", "1.25")


def test_a_sale_may_say_that_it_is_a_credit():
    assert ticket("sto 1 SPY 18dec 600c @ 1.25 cr").price == at("1.25")


@pytest.mark.parametrize(
    ("written", "wishes"),
    [
        pytest.param("wait 20s", {"wait_seconds": 20}, id="seconds"),
        pytest.param("wait 20", {"wait_seconds": 20}, id="seconds unsaid"),
        pytest.param("wait 2m", {"wait_seconds": 120}, id="minutes"),
        pytest.param("wait 20sec", {"wait_seconds": 20}, id="sec"),
        pytest.param("ticks 3", {"ticks": 3}, id="ticks"),
        pytest.param("retries 2", {"retries": 2}, id="retries"),
        pytest.param("retries 0", {"retries": 0}, id="no retries"),
        pytest.param("day", {}, id="day is the rule"),
        pytest.param("gtc", {"time_in_force": TimeInForce.GTC}, id="good till cancelled"),
        pytest.param("acct 5wt00001", {"account": "5WT00001"}, id="account"),
        pytest.param("dry", {"dry_run": True}, id="dry"),
        pytest.param("dry-run", {"dry_run": True}, id="dry-run"),
        pytest.param("dry run", {"dry_run": True}, id="dry run"),
        pytest.param("again", {"again": True}, id="the same once more"),
        pytest.param("sl 0.80 tp 2.50", {"stop": Decimal("0.80"), "target": Decimal("2.50")}, id="exits"),
        pytest.param("stop 0.80", {"stop": Decimal("0.80")}, id="a stop alone"),
        pytest.param("target 2.50", {"target": Decimal("2.50")}, id="a target alone"),
    ],
)
def test_wishes_about_the_walk_stand_in_any_place(written, wishes):
    expected = replace(PLAIN, price=at("1.25"), **wishes)

    assert ticket(f"bto 2 SPY 18dec 600c @ 1.25 {written}") == expected
    assert ticket(f"bto 2 SPY 18dec 600c {written} @ 1.25") == expected


def test_a_whole_command_is_one_ticket():
    text = (
        "bto 2 SPY 18dec 600c @ 1.25 max 1.40 wait 20s ticks 3 retries 2 gtc acct 5WT00001 dry sl 0.8 tp 2.5"
    )

    assert ticket(text) == Ticket(
        legs=(TicketLeg(BTO, CALL),),
        quantity=2,
        price=at("1.40", "1.25"),
        time_in_force=TimeInForce.GTC,
        wait_seconds=20,
        ticks=3,
        retries=2,
        account="5WT00001",
        dry_run=True,
        stop=Decimal("0.8"),
        target=Decimal("2.5"),
    )


def test_a_short_has_its_stop_above_and_its_target_below():
    found = ticket("sto 1 SPY 18dec 600c @ 1.25 sl 2.50 tp 0.40")

    assert (found.stop, found.target) == (Decimal("2.50"), Decimal("0.40"))


def test_an_exit_with_stop_and_target_is_of_the_long_it_closes():
    found = ticket("stc 2 SPY 18dec 600c sl 0.80 tp 2.50")

    assert (found.price, found.stop, found.target) == (AskedPrice(), Decimal("0.80"), Decimal("2.50"))


def test_the_day_is_new_yorks():
    late = datetime(2026, 11, 24, 3, tzinfo=UTC)  # still Monday evening there

    assert parse("bto 1 SPX 0dte 6000c", late).ticket.legs[0].contract.expiry == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("close 1042", Close(1042), id="an order"),
        pytest.param("close #1042", Close(1042), id="with a hash"),
        pytest.param("close 1042 half", Close(1042, fraction=Fraction(1, 2)), id="half"),
        pytest.param("close half 1042", Close(1042, fraction=Fraction(1, 2)), id="half, before"),
        pytest.param("close all 1042", Close(1042), id="all of it"),
        pytest.param("close 1042 third", Close(1042, fraction=Fraction(1, 3)), id="a third"),
        pytest.param("close 1042 25%", Close(1042, fraction=Fraction(1, 4)), id="percent"),
        pytest.param("close 1042 qty 3", Close(1042, quantity=3), id="a quantity"),
        pytest.param("close SPY 18dec 600c", Close(contract=CALL), id="a contract"),
        pytest.param(
            "close SPY 18dec 600c half", Close(contract=CALL, fraction=Fraction(1, 2)), id="half of it"
        ),
        pytest.param("close SPY", Close(contract=shares("SPY")), id="shares"),
        pytest.param("close /ESZ6", Close(contract=future("/ES", "Z6")), id="a future"),
        pytest.param("close 1042 @ 2.10", Close(1042, price=at("2.10")), id="at a price"),
        pytest.param(
            "close 1042 @ 2.10 min 1.90",
            Close(1042, price=at("1.90", "2.10", Side.RECEIVES)),
            id="min says that it receives",
        ),
        pytest.param(
            "close 1042 max 0.50", Close(1042, price=at("0.50", effect=Side.PAYS)), id="max says that it pays"
        ),
        pytest.param("close 1042 @ mid", Close(1042, price=AskedPrice(PriceRule.MID)), id="at mid"),
        pytest.param(
            "close 1042 sl 0.80 tp 2.50",
            Close(1042, terms=Terms(stop=Decimal("0.80"), target=Decimal("2.50"))),
            id="with stop and target",
        ),
        pytest.param(
            "close 1042 wait 20s gtc acct 5WT00001",
            Close(1042, terms=Terms(TimeInForce.GTC, wait_seconds=20, account="5WT00001")),
            id="with wishes",
        ),
        pytest.param("cancel 1042", CancelOrders(1042), id="cancel one"),
        pytest.param("cancel all", CancelOrders(everything=True), id="cancel all"),
        pytest.param(
            "amend 1042 max 1.45",
            Amend(1042, price=AskedPrice(bound=Decimal("1.45"), effect=Side.PAYS)),
            id="amend the bound",
        ),
        pytest.param("amend 1042 @ 1.30", Amend(1042, price=at("1.30")), id="amend the price"),
        pytest.param("amend 1042 qty 3", Amend(1042, quantity=3), id="amend the quantity"),
        pytest.param(
            "amend 1042 @ 1.30 min 1.20 ticks 2",
            Amend(1042, price=at("1.20", "1.30", Side.RECEIVES), terms=Terms(ticks=2)),
            id="amend several",
        ),
        pytest.param(
            "amend 1042 sl 0.90", Amend(1042, terms=Terms(stop=Decimal("0.90"))), id="amend the stop"
        ),
        pytest.param("quote SPY", ShowQuote(shares("SPY")), id="quote shares"),
        pytest.param("quote SPX", ShowQuote(shares("SPX")), id="quote an index"),
        pytest.param("quote SPY 18dec 600c", ShowQuote(CALL), id="quote an option"),
        pytest.param("quote /ESZ6", ShowQuote(future("/ES", "Z6")), id="quote a future"),
        pytest.param("chain SPY", ShowChain("SPY"), id="chain"),
        pytest.param("chain SPY 18dec", ShowChain("SPY", DEC), id="chain of an expiry"),
        pytest.param(
            "chain SPY 18dec 590-610",
            ShowChain("SPY", DEC, Decimal(590), Decimal(610)),
            id="chain of strikes",
        ),
        pytest.param(
            "chain SPY 590 – 610.5", ShowChain("SPY", None, Decimal(590), Decimal("610.5")), id="a long dash"
        ),
        pytest.param("chain /ES dec", ShowChain("/ES", DEC), id="chain of a future"),
        pytest.param("positions", ShowPositions(), id="positions"),
        pytest.param("orders", ShowOrders(), id="orders"),
        pytest.param("balance acct 5WT00001", ShowBalance("5WT00001"), id="balance"),
        pytest.param("order 1042", ShowOrder(1042), id="one order"),
        pytest.param("help", Help(), id="help"),
        pytest.param("help bto", Help("order"), id="help on a word"),
        pytest.param("HELP Iron Condor", Help("spreads"), id="help on two words"),
    ],
)
def test_the_other_commands_are_read(text, command):
    assert parse(text) == command


def test_a_proposal_is_a_value_that_can_be_compared():
    assert parse("bto 2 SPY 18dec 600c") == Propose(PLAIN)
