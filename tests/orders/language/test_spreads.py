from decimal import Decimal

import pytest

from orders.enums import Action, PriceRule, Side
from orders.language.ticket import AskedPrice, TicketLeg

from .reading import BTC, BTO, DEC, JAN, STC, STO, future, leg, option, shares, ticket

PAYS, RECEIVES = Side.PAYS, Side.RECEIVES


@pytest.mark.parametrize(
    ("text", "shape", "side", "legs"),
    [
        pytest.param(
            "bto 2 SPY 18dec 600/610c",
            "vertical",
            PAYS,
            (leg(BTO, 600, "C"), leg(STO, 610, "C")),
            id="a bought call vertical",
        ),
        pytest.param(
            "sto 2 SPY 18dec 600/610c",
            "vertical",
            RECEIVES,
            (leg(STO, 600, "C"), leg(BTO, 610, "C")),
            id="a sold call vertical",
        ),
        pytest.param(
            "bto 1 SPY 18dec 600/590p",
            "vertical",
            PAYS,
            (leg(BTO, 600, "P"), leg(STO, 590, "P")),
            id="a bought put vertical",
        ),
        pytest.param(
            "sto 1 SPY 18dec 590/600p",
            "vertical",
            RECEIVES,
            (leg(BTO, 590, "P"), leg(STO, 600, "P")),
            id="a sold put vertical written upward still sells the dearer put",
        ),
        pytest.param(
            "bto 1 SPY 18dec 610/600c db",
            "vertical",
            PAYS,
            (leg(STO, 610, "C"), leg(BTO, 600, "C")),
            id="calls written downward, a debit",
        ),
        pytest.param(
            "stc 1 SPY 18dec 600/610c",
            "vertical",
            RECEIVES,
            (leg(STC, 600, "C"), leg(BTC, 610, "C")),
            id="a long vertical closed",
        ),
        pytest.param(
            "btc 1 SPY 18dec 600/610c",
            "vertical",
            PAYS,
            (leg(BTC, 600, "C"), leg(STC, 610, "C")),
            id="a short vertical closed",
        ),
        pytest.param(
            "bto 1 SPY 18dec/15jan 600c",
            "calendar",
            PAYS,
            (leg(STO, 600, "C"), leg(BTO, 600, "C", JAN)),
            id="a calendar is long the later expiry",
        ),
        pytest.param(
            "sto 1 SPY 18dec/15jan 600p calendar",
            "calendar",
            RECEIVES,
            (leg(BTO, 600, "P"), leg(STO, 600, "P", JAN)),
            id="a sold calendar",
        ),
        pytest.param(
            "bto 1 SPY 12/18-1/15 600c",
            "calendar",
            PAYS,
            (leg(STO, 600, "C"), leg(BTO, 600, "C", JAN)),
            id="a calendar in numbers",
        ),
        pytest.param(
            "bto 1 SPY dec/jan 600c",
            "calendar",
            PAYS,
            (leg(STO, 600, "C"), leg(BTO, 600, "C", JAN)),
            id="a calendar of monthlies",
        ),
        pytest.param(
            "bto 1 SPY 18dec/15jan 610/600c diagonal",
            "diagonal",
            PAYS,
            (leg(STO, 610, "C"), leg(BTO, 600, "C", JAN)),
            id="a diagonal whose later call is the better",
        ),
        pytest.param(
            "bto 1 SPY 18dec/15jan 600/610c @ 0.50 cr",
            "diagonal",
            RECEIVES,
            (leg(STO, 600, "C"), leg(BTO, 610, "C", JAN)),
            id="a diagonal that may receive",
        ),
        pytest.param(
            "bto 1 SPY 18dec 600 straddle",
            "straddle",
            PAYS,
            (leg(BTO, 600, "C"), leg(BTO, 600, "P")),
            id="a straddle",
        ),
        pytest.param(
            "sto 1 SPY 18dec 600p/600c",
            "straddle",
            RECEIVES,
            (leg(STO, 600, "P"), leg(STO, 600, "C")),
            id="a straddle by its look",
        ),
        pytest.param(
            "bto 1 SPY 18dec 590/610 strangle",
            "strangle",
            PAYS,
            (leg(BTO, 590, "P"), leg(BTO, 610, "C")),
            id="a strangle",
        ),
        pytest.param(
            "sto 1 SPY 18dec 590p/610c",
            "strangle",
            RECEIVES,
            (leg(STO, 590, "P"), leg(STO, 610, "C")),
            id="a strangle by its look",
        ),
        pytest.param(
            "bto 1 SPY 18dec 590/600/610c",
            "butterfly",
            PAYS,
            (leg(BTO, 590, "C"), leg(STO, 600, "C", ratio=2), leg(BTO, 610, "C")),
            id="a butterfly",
        ),
        pytest.param(
            "sto 1 SPY 18dec 590/600/610p fly",
            "butterfly",
            RECEIVES,
            (leg(STO, 590, "P"), leg(BTO, 600, "P", ratio=2), leg(STO, 610, "P")),
            id="a sold put butterfly",
        ),
        pytest.param(
            "bto 1 SPY 18dec 590/600/620c fly cr",
            "butterfly",
            RECEIVES,
            (leg(BTO, 590, "C"), leg(STO, 600, "C", ratio=2), leg(BTO, 620, "C")),
            id="a broken wing says what it does",
        ),
        pytest.param(
            "sto 1 SPY 18dec 590/600/610 iron butterfly",
            "iron butterfly",
            RECEIVES,
            (leg(BTO, 590, "P"), leg(STO, 600, "P"), leg(STO, 600, "C"), leg(BTO, 610, "C")),
            id="an iron butterfly",
        ),
        pytest.param(
            "bto 1 SPY 18dec 580/590/600/610c",
            "condor",
            PAYS,
            (leg(BTO, 580, "C"), leg(STO, 590, "C"), leg(STO, 600, "C"), leg(BTO, 610, "C")),
            id="a condor",
        ),
        pytest.param(
            "sto 1 SPX 18dec 5900/5950/6100/6150 ic @ 2.10 cr",
            "iron condor",
            RECEIVES,
            (
                leg(BTO, 5900, "P", root="SPX"),
                leg(STO, 5950, "P", root="SPX"),
                leg(STO, 6100, "C", root="SPX"),
                leg(BTO, 6150, "C", root="SPX"),
            ),
            id="an iron condor",
        ),
        pytest.param(
            "btc 1 SPX 18dec 5900p/5950p/6100c/6150c",
            "iron condor",
            PAYS,
            (
                leg(STC, 5900, "P", root="SPX"),
                leg(BTC, 5950, "P", root="SPX"),
                leg(BTC, 6100, "C", root="SPX"),
                leg(STC, 6150, "C", root="SPX"),
            ),
            id="an iron condor by its look, closed",
        ),
        pytest.param(
            "bto 1 SPY 18dec 600/610c 1x2 cr",
            "ratio",
            RECEIVES,
            (leg(BTO, 600, "C"), leg(STO, 610, "C", ratio=2)),
            id="a ratio",
        ),
        pytest.param(
            "sto 1 SPY 18dec 600/590p 2x3 ratio db",
            "ratio",
            PAYS,
            (leg(STO, 600, "P", ratio=2), leg(BTO, 590, "P", ratio=3)),
            id="a sold ratio",
        ),
        pytest.param(
            "bto 1 SPY 18dec 610c covered",
            "covered",
            PAYS,
            (TicketLeg(BTO, shares("SPY"), 100), leg(STO, 610, "C")),
            id="a covered call",
        ),
        pytest.param(
            "stc 1 SPY 18dec 610c covered",
            "covered",
            RECEIVES,
            (TicketLeg(STC, shares("SPY"), 100), leg(BTC, 610, "C")),
            id="a covered call closed",
        ),
        pytest.param(
            "sto 1 SPY 18dec 590p covered",
            "covered",
            RECEIVES,
            (TicketLeg(STO, shares("SPY"), 100), leg(STO, 590, "P")),
            id="a covered put",
        ),
        pytest.param(
            "bto 1 /ES 18dec 6300/6400c",
            "vertical",
            PAYS,
            (leg(BTO, 6300, "C", root="/ES"), leg(STO, 6400, "C", root="/ES")),
            id="options on a future",
        ),
        pytest.param(
            "custom 1 btc SPY 18dec 600c + sto SPY 15jan 610c @ 0.80 cr",
            "custom",
            RECEIVES,
            (leg(BTC, 600, "C"), leg(STO, 610, "C", JAN)),
            id="a roll",
        ),
        pytest.param(
            "custom 2: bto 1 SPY 18dec 590p, bto 2 SPY 18dec 600c + bto 3 SPY 18dec 610c",
            "custom",
            PAYS,
            (leg(BTO, 590, "P"), leg(BTO, 600, "C", ratio=2), leg(BTO, 610, "C", ratio=3)),
            id="legs that all pay need no word for it",
        ),
        pytest.param(
            "custom 1 bto 100 SPY + bto 1 SPY 18dec 580p",
            "custom",
            PAYS,
            (TicketLeg(BTO, shares("SPY"), 100), leg(BTO, 580, "P")),
            id="shares with a put",
        ),
        pytest.param(
            "custom 1 buy 1 /ESZ6 + sto 1 /ES 18dec 6300c @ 6100 db",
            "custom",
            PAYS,
            (TicketLeg(Action.BUY, future("/ES", "Z6")), leg(STO, 6300, "C", root="/ES")),
            id="a future with an option",
        ),
        pytest.param(
            "custom 1 bto SPXW 18dec 6000c + sto SPX 18dec 6000c db",
            "custom",
            PAYS,
            (leg(BTO, 6000, "C", root="SPXW"), leg(STO, 6000, "C", root="SPX")),
            id="an index and its weeklies are one underlying",
        ),
    ],
)
def test_a_spread_is_all_of_its_legs_at_one_net_price(text, shape, side, legs):
    found = ticket(text)

    assert (found.shape, found.price.effect, found.legs) == (shape, side, legs)


@pytest.mark.parametrize(
    "text",
    [
        "bto 1 SPY 18dec 600/610c @ 3.20 db",
        "bto 1 SPY 18dec 600/610c vertical @ 3.20 db",
        "bto 1 vertical SPY 18dec 600/610c @ 3.20",
        "vertical bto 1 SPY 18dec 600/610c @ 3.20",
        "bto 1 SPY 18dec 600c/610c @ 3.20",
        "bto 1 SPY 18dec 600/610 c @ 3.20",
        "bto 1 SPY 18dec 600/610 calls @ 3.20 debit",
        "bto 1 SPY 600/610c 18dec @ 3.20",
        "bto 1 SPY 18dec 600/610c 1x1 @ 3.20",
        "bto 1 SPY 18dec 600/610c max 3.20",
    ],
)
def test_every_way_to_write_a_vertical_is_the_same_ticket(text):
    assert ticket(text) == ticket("bto 1 SPY 18dec 600/610c @ 3.20 db")


@pytest.mark.parametrize(
    "text",
    [
        "sto 1 SPX 18dec 5900/5950/6100/6150 ic",
        "sto 1 SPX 18dec 5900/5950/6100/6150 iron condor",
        "sto 1 SPX 18dec 5900/5950/6100/6150 ironcondor",
        "iron condor sto 1 SPX 18dec 5900/5950/6100/6150",
        "sto 1 iron condor SPX 18dec 5900p/5950p/6100c/6150c",
    ],
)
def test_every_way_to_write_an_iron_condor_is_the_same_ticket(text):
    assert ticket(text) == ticket("sto 1 SPX 18dec 5900/5950/6100/6150 ic cr")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        (
            "bto 1 SPY 18dec 600/610c @ 3.00 max 3.20",
            AskedPrice(PriceRule.LIMIT, Decimal("3.00"), Decimal("3.20"), PAYS),
        ),
        (
            "sto 1 SPY 18dec 600/610c @ 3.20 min 3",
            AskedPrice(PriceRule.LIMIT, Decimal("3.20"), Decimal(3), RECEIVES),
        ),
        ("sto 1 SPY 18dec 600/610c @ mid", AskedPrice(PriceRule.MID, effect=RECEIVES)),
        ("sto 1 SPY 18dec 600/610c @ nat", AskedPrice(PriceRule.NATURAL, effect=RECEIVES)),
        ("sto 1 SPY 18dec 600/610c", AskedPrice(effect=RECEIVES)),
        ("bto 1 SPY 18dec 600/610c 1x2 max 0.40", AskedPrice(PriceRule.LIMIT, None, Decimal("0.40"), PAYS)),
        (
            "bto 1 SPY 18dec 600/610c 1x2 min 0.40",
            AskedPrice(PriceRule.LIMIT, None, Decimal("0.40"), RECEIVES),
        ),
    ],
)
def test_the_net_price_always_says_debit_or_credit(text, price):
    assert ticket(text).price == price


def test_stop_and_target_of_a_credit_spread_stand_as_a_shorts():
    found = ticket("sto 1 SPX 18dec 5900/5950/6100/6150 ic @ 2.10 sl 4.20 tp 1.00")

    assert (found.stop, found.target) == (Decimal("4.20"), Decimal("1.00"))


def test_an_option_of_the_later_month_keeps_its_future():
    legs = ticket("bto 1 /ESZ6 18dec 6300/6400c").legs

    assert [found.contract for found in legs] == [
        option(6300, "C", DEC, "/ES", "Z6"),
        option(6400, "C", DEC, "/ES", "Z6"),
    ]
