"""What an exit is, and the controls on closing: plain functions of the numbers they compare."""

from decimal import Decimal as D

import pytest

from orders import exit_rules
from orders.enums import Action, OrderType, Side
from orders.market import Tick

NICKELS = (Tick(D("0.05"), D(3)), Tick(D("0.10")))


@pytest.mark.parametrize(
    ("target", "stop", "kind"),
    [
        pytest.param(D("2.50"), D("0.80"), OrderType.OCO, id="both"),
        pytest.param(D("2.50"), None, OrderType.LIMIT, id="target alone"),
        pytest.param(None, D("0.80"), OrderType.STOP, id="stop alone"),
    ],
)
def test_an_exit_is_placed_by_its_prices(target, stop, kind):
    assert exit_rules.exit_type(target, stop) is kind


@pytest.mark.parametrize("action", list(Action))
def test_what_leaves_a_leg_is_the_other_way_round_and_back_again(action):
    opposite = exit_rules.OPPOSITE[action]

    assert opposite.buys is not action.buys
    assert exit_rules.OPPOSITE[opposite] is action
    if action not in {Action.BUY, Action.SELL}:
        assert opposite.closes is not action.closes


@pytest.mark.parametrize(
    ("asked", "held", "working", "is_ok", "sentence"),
    [
        pytest.param(2, 2, 0, True, "2 of SPY to close, but 2 held", id="all of it"),
        pytest.param(3, 2, 0, False, "3 of SPY to close, but 2 held", id="too much"),
        pytest.param(
            2,
            3,
            2,
            False,
            "2 of SPY to close, but 3 held and 2 of them are already being closed",
            id="claimed",
        ),
        pytest.param(
            1,
            2,
            3,
            False,
            "1 of SPY to close, but 2 held and 3 of them are already being closed",
            id="claimed beyond what is held",
        ),
        pytest.param(1, 0, 0, False, "1 of SPY to close, but 0 held", id="nothing held"),
    ],
)
def test_a_close_stays_within_what_is_free(asked, held, working, is_ok, sentence):
    verdict = exit_rules.within_position("SPY", asked, held, working)

    assert (verdict.code, verdict.is_ok, verdict.sentence) == ("CLOSE_EXCEEDS_POSITION", is_ok, sentence)


@pytest.mark.parametrize(
    ("target", "stop", "position", "is_ok"),
    [
        pytest.param("2.50", "0.80", Side.PAYS, True, id="a long between stop and target"),
        pytest.param("0.80", "2.50", Side.RECEIVES, True, id="a short between target and stop"),
        pytest.param("1.25", None, Side.PAYS, False, id="a target at the mid"),
        pytest.param(None, "1.25", Side.PAYS, False, id="a stop at the mid"),
        pytest.param("2.50", "0.80", Side.RECEIVES, False, id="a short the wrong way round"),
    ],
)
def test_neither_price_trades_at_once(target, stop, position, is_ok):
    prices = [None if price is None else D(price) for price in (target, stop)]

    assert exit_rules.beyond_market(*prices, D("1.25"), position).is_ok is is_ok


@pytest.mark.parametrize(
    ("stop", "legs", "is_ok"),
    [
        pytest.param(D(1), 1, True, id="a stop on one leg"),
        pytest.param(D(1), 2, False, id="a stop on a spread"),
        pytest.param(None, 4, True, id="no stop"),
    ],
)
def test_a_stop_takes_one_leg(stop, legs, is_ok):
    assert exit_rules.stop_on_one_leg(stop, legs).is_ok is is_ok


@pytest.mark.parametrize(
    ("target", "stop", "sentence"),
    [
        pytest.param("3.10", "2.95", "", id="on the tick"),
        pytest.param("3.15", "2.95", "3.15 is not on the tick of this instrument", id="above the threshold"),
        pytest.param("2.52", "0.81", "2.52 and 0.81 are not on the tick of this instrument", id="both"),
        pytest.param("0", None, "0 is not on the tick of this instrument", id="nothing"),
    ],
)
def test_exit_prices_are_prices_of_the_instrument(target, stop, sentence):
    prices = [None if price is None else D(price) for price in (target, stop)]

    assert exit_rules.on_the_tick(*prices, NICKELS).sentence == sentence


@pytest.mark.parametrize(
    ("actions", "is_ok"),
    [
        pytest.param([Action.BUY_TO_OPEN, Action.SELL_TO_OPEN], True, id="opens"),
        pytest.param([Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE], True, id="closes"),
        pytest.param([Action.SELL_TO_CLOSE, Action.SELL_TO_OPEN], False, id="a roll"),
    ],
)
def test_a_roll_has_no_exit(actions, is_ok):
    assert exit_rules.one_direction(actions).is_ok is is_ok
