from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings

from orders.language.ticket import Ticket, TicketLeg
from orders.language.values import Propose
from orders.language.writing import describe, describe_contract, write_ticket

from .reading import BTO, STO, future, leg, option, parse, shares, ticket
from .tickets import tickets


@settings(max_examples=120)
@given(tickets)
@example(Ticket((TicketLeg(BTO, option("600", "C")),), 1))
def test_any_ticket_written_reads_back_as_itself(asked):
    assert parse(write_ticket(asked)) == Propose(asked)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("bto 2 SPY dec 600 call", "bto 2 SPY 18dec26 600c"),
        ("buy 1 /MES front @ nat", "buy 1 /MES @ nat"),
        ("bto 1 SPX 0dte 6000c @ mid max 5 wait 2m", "bto 1 SPX 23nov26 6000c @ 5 wait 120"),
        ("bto 100 brk.b @ 480 max 481 gtc dry", "bto 100 BRK/B @ 480 max 481 gtc dry"),
        (
            "sto 1 SPY 18dec 600c @ 1.25 min 1.10 sl 2.5 tp 0.4",
            "sto 1 SPY 18dec26 600c @ 1.25 min 1.10 sl 2.5 tp 0.4",
        ),
        ("bto 2 SPY 18dec 600/610c @ 3.20", "bto 2 SPY 18dec26 600/610c vertical @ 3.20 db"),
        ("btc 1 SPY 18dec 610/600c db", "btc 1 SPY 18dec26 610/600c vertical db"),
        (
            "sto 1 SPX eow 5900/5950/6100/6150 ic @ 2.10",
            "sto 1 SPX 27nov26 5900/5950/6100/6150 iron condor @ 2.10 cr",
        ),
        ("bto 1 SPY dec/jan 600c @ mid", "bto 1 SPY 18dec26/15jan27 600c calendar @ mid db"),
        ("bto 1 SPY 18dec 600c/600p", "bto 1 SPY 18dec26 600 straddle db"),
        ("bto 1 SPY 18dec 600p/600c", "bto 1 SPY 18dec26 600p/600c straddle db"),
        ("sto 1 SPY 18dec 590/610 strangle", "sto 1 SPY 18dec26 590p/610c strangle cr"),
        ("bto 1 SPY 18dec 600/610c 1x2 cr", "bto 1 SPY 18dec26 600/610c 1x2 ratio cr"),
        ("bto 1 SPY 18dec 610c covered @ 590", "bto 1 SPY 18dec26 610c covered @ 590 db"),
        (
            "custom 1 btc SPY 18dec 600c, sto 2 SPY jan 610c @ 0.80 cr",
            "custom 1 btc 1 SPY 18dec26 600c + sto 2 SPY 15jan27 610c @ 0.80 cr",
        ),
    ],
)
def test_a_ticket_is_written_so_that_no_doubt_is_left(typed, written):
    assert write_ticket(ticket(typed)) == written


def test_legs_that_do_not_make_their_shape_are_written_one_by_one():
    legs = (leg(BTO, 600, "C"), leg(BTO, 610, "C"))
    odd = replace(ticket("bto 1 SPY 18dec 600/610c"), legs=legs)

    assert write_ticket(odd) == "custom 1 bto 1 SPY 18dec26 600c + bto 1 SPY 18dec26 610c db"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            "bto 2 SPY 18dec 600c @ 1.25 max 1.40",
            "Buy to open 2 SPY 18 Dec 2026 600 call at 1.40 or less, starting at 1.25.",
        ),
        ("sto 1 SPY 18dec 590p @ 1.25", "Sell to open 1 SPY 18 Dec 2026 590 put at 1.25 or more."),
        ("stc 1 SPY 18dec 590p", "Sell to close 1 SPY 18 Dec 2026 590 put starting at mid."),
        ("btc 1 SPY 18dec 590p @ nat", "Buy to close 1 SPY 18 Dec 2026 590 put at the natural price."),
        ("bto 100 SPY @ mkt", "Buy to open 100 SPY shares at the market."),
        (
            "buy 1 /MES @ 6100 sl 6000 tp 6200",
            "Buy 1 /MES front month at 6100 or less, stop 6000, target 6200.",
        ),
        ("sell 1 /ESZ6 @ mid gtc dry", "Sell 1 /ESZ6 starting at mid, good till cancelled, dry run."),
        (
            "bto 1 /ES 18dec 6300c wait 20s ticks 1 retries 1 acct 5WT00001",
            (
                "Buy to open 1 /ES 18 Dec 2026 6300 call starting at mid, 20 s a step, 1 tick a step, 1 retry, "
                "account 5WT00001."
            ),
        ),
        (
            "bto 2 SPY 18dec 600/610c @ 3.20",
            "Open 2 SPY 18 Dec 2026 vertical for a debit of 3.20 or less: buy 600 call, sell 610 call.",
        ),
        (
            "sto 1 SPX 18dec 5900/5950/6100/6150 ic @ 2.10 gtc",
            (
                "Open 1 SPX 18 Dec 2026 iron condor for a credit of 2.10 or more, good till cancelled: "
                "buy 5900 put, sell 5950 put, sell 6100 call, buy 6150 call."
            ),
        ),
        (
            "btc 1 SPY dec/jan 600c",
            (
                "Close 1 SPY calendar for a debit starting at mid: "
                "sell 18 Dec 2026 600 call, buy 15 Jan 2027 600 call."
            ),
        ),
        (
            "bto 1 SPY 18dec 600/610c 1x2 @ 0.40 cr",
            "Open 1 SPY 18 Dec 2026 ratio for a credit of 0.40 or more: buy 600 call, sell 2 × 610 call.",
        ),
        (
            "bto 1 SPY 18dec 610c covered @ 590 max 591",
            (
                "Open 1 SPY 18 Dec 2026 covered for a debit of 591 or less, starting at 590: "
                "buy 100 shares, sell 610 call."
            ),
        ),
        (
            "custom 1 btc SPY 18dec 600c + sto SPY 15jan 610c @ nat cr",
            (
                "Order 1 SPY custom for a credit at the natural price: "
                "buy to close 18 Dec 2026 600 call, sell to open 15 Jan 2027 610 call."
            ),
        ),
        (
            "custom 1 buy 1 /ESZ6 + sto 1 /ES 18dec 6300c @ 6100 db",
            "Open 1 /ESZ6 18 Dec 2026 custom for a debit of 6100 or less: buy 1 /ESZ6, sell 6300 call.",
        ),
    ],
)
def test_a_ticket_in_words_says_what_it_pays_or_receives(typed, words):
    assert describe(ticket(typed)) == words


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (option("282.5", "P"), "SPY 18 Dec 2026 282.5 put"),
        (option("6300", "C", root="/ES", month="Z6"), "/ESZ6 18 Dec 2026 6300 call"),
        (shares("SPY"), "SPY shares"),
        (future("/ES"), "/ES front month"),
        (future("/ES", "Z6"), "/ESZ6"),
    ],
)
def test_a_contract_in_words(contract, words):
    assert describe_contract(contract) == words


def test_large_and_small_numbers_are_written_out():
    asked = Ticket((TicketLeg(STO, option(Decimal("6E+3"), "C")),), 1)

    assert write_ticket(asked) == "sto 1 SPY 18dec26 6000c"
