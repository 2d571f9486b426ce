from datetime import date
from decimal import Decimal

import pytest

from orders.enums import Action, OptionType
from orders.language.alerts import Asset, HeldPosition, Intent, complete_close
from tests.orders.language.alerts.saying import read, said

DEC18, DEC24 = date(2026, 12, 18), date(2026, 12, 24)
CALL, PUT = OptionType.CALL, OptionType.PUT


def option(symbol, strike, kind, quantity, expiry=DEC18):
    return HeldPosition(symbol, Asset.OPTION, quantity, Decimal(strike), kind, expiry)


SPY_CALLS = option("SPY", 600, CALL, 4)
LATER_SPY_CALLS = option("SPY", 600, CALL, 2, DEC24)
SPY_PUTS = option("SPY", 590, PUT, -3)
AAPL = HeldPosition("AAPL", Asset.STOCK, 200)
SPXW = option("SPXW", 6000, CALL, 1)
ES, LATER_ES = HeldPosition("/ESZ6", Asset.FUTURE, 2), HeldPosition("/ESH7", Asset.FUTURE, 1)
NQ = HeldPosition("/NQZ6", Asset.FUTURE, -1)
ES_CALL = HeldPosition("/ES", Asset.FUTURE_OPTION, 1, Decimal(6000), CALL, DEC18)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("STC 2 SPY 600c 12/18 @ 2.50", "close: STC 2 SPY 2026-12-18 600C at 2.50"),
        ("Sold SPY 600c 2.50", "close: STC 4 SPY 2026-12-18 600C at 2.50"),
        ("SPY 600c all out", "close: STC 4 SPY 2026-12-18 600C, part 1"),
        ("took half SPY 600c at 2.50", "trim: STC 2 SPY 2026-12-18 600C at 2.50, part 0.5"),
        ("trim 30% SPY 600c", "trim: STC 1 SPY 2026-12-18 600C, part 0.3"),
        ("closing my SPY puts .40", "close: BTC 3 SPY 2026-12-18 590P at 0.40"),
        ("BTC SPY 590p @ .40", "close: BTC 3 SPY 2026-12-18 590P at 0.40"),
        ("Closing AAPL here", "close: STC 200 AAPL (stock)"),
        ("closing SPX 6000c", "close: STC 1 SPXW 2026-12-18 6000C"),
        ("STC /ES 5960", "close: STC 2 /ESZ6 (future) at 5960"),
        ("Exit /ESZ26 5960", "close: STC 2 /ESZ6 (future) at 5960"),
        ("Covered NQ @ 21000", "close: BTC 1 /NQZ6 (future) at 21000"),
        ("STC /ESZ6 6000c 12/18 @ 8", "close: STC 1 /ES 2026-12-18 6000C (future_option) at 8"),
    ],
)
def test_a_close_takes_what_it_leaves_unsaid_from_the_one_position_that_fits(message, expected):
    positions = [SPY_CALLS, SPY_PUTS, AAPL, SPXW, ES, NQ, ES_CALL]
    assert said(complete_close(read(message), positions)) == expected


@pytest.mark.parametrize(
    ("message", "positions", "reason"),
    [
        ("closing NVDA", [SPY_CALLS], "no open position fits"),
        ("closing SPY 605c", [SPY_CALLS], "no open position fits"),
        ("BTC SPY 600c", [SPY_CALLS], "no open position fits"),
        (
            "SPY 600c all out",
            [SPY_CALLS, LATER_SPY_CALLS],
            "two positions fit: 4 SPY 2026-12-18 600C; 2 SPY 2026-12-24 600C",
        ),
        ("STC 5 SPY 600c 12/18 @ 2.50", [SPY_CALLS], "5 to close and 4 held"),
        ("SPY 600c trimmed most", [SPY_CALLS], "how much to sell: it does not say"),
        ("trim 50% SPX 6000c", [SPXW], "no part of 1 to trim"),
        ("closing SPY", [option("SPY", 600, CALL, 0)], "no open position fits"),
        ("STC /ESH7 5960", [ES], "no open position fits"),
        ("STC /MES 5960", [ES], "no open position fits"),
        ("STC /ES 5960", [ES, LATER_ES], "two positions fit: 2 /ESZ6; 1 /ESH7"),
    ],
)
def test_none_or_two_positions_or_more_than_is_held_is_a_review(message, positions, reason):
    assert said(complete_close(read(message), positions)) == f"review: {reason}"


def test_a_spread_is_closed_only_where_every_leg_is_held():
    reading = read("STC 2 SPY 600/610 call spread 12/18 @ 6.10")
    held = [option("SPY", 600, CALL, 2), option("SPY", 610, CALL, -2)]
    assert complete_close(reading, held) == reading
    assert said(complete_close(reading, held[:1])) == "review: the leg 610C 2026-12-18 is not held"
    assert said(complete_close(reading, [held[0], option("SPY", 610, CALL, -1)])) == (
        "review: the leg 610C 2026-12-18 is not held"
    )


def test_openings_talk_and_reviews_come_back_as_they_are():
    for message in ("BTO SPY 600c 12/18 @ 1.25", "gm everyone", "all out"):
        assert complete_close(read(message), [SPY_CALLS]) == read(message)


def test_of_several_orders_only_the_closes_are_completed_and_all_or_none():
    reading = read("STC SPY 600c @ 2.50\nBTO QQQ 505c 12/18 @ 1.40")
    completed = complete_close(reading, [SPY_CALLS])
    assert [order.quantity for order in completed.orders] == [4, None]
    assert [order.action for order in completed.orders] == [Action.SELL_TO_CLOSE, Action.BUY_TO_OPEN]
    assert complete_close(reading, []).intent is Intent.REVIEW
