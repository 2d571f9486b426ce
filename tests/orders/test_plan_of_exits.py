"""The next move of an exit, and of an order that is to be amended. No database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from orders import moves
from orders.enums import OrderStatus as O
from orders.enums import OrderType, PriceRule, Side
from orders.enums import PlacementStatus as P
from orders.ladder import Terms
from orders.market import PENNY
from orders.plan import AMEND, next_move

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EXIT = moves.OrderView(
    status=O.APPROVED,
    terms=Terms(Side.RECEIVES, PriceRule.EXIT, PENNY, 0, 1),
    order_type=OrderType.OCO,
    quantity=2,
    filled_quantity=0,
    rung=0,
    step_due_at=None,
    wait_seconds=10,
    replaces=False,
    cancels_at_end=False,
    waits_for_open=True,
    max_spread_percent=60,
    max_move_ticks=10,
    patience_seconds=120,
    proposal_mid=D("1.25"),
    last_price=None,
    intents=0,
    walks=1,
    is_exit=True,
    target=D("2.50"),
)
SENT = replace(EXIT, status=O.RESTING, intents=1, last_price=D("2.50"))
ENTRY = replace(
    EXIT,
    is_exit=False,
    target=None,
    order_type=OrderType.LIMIT,
    terms=Terms(Side.PAYS, PriceRule.NONE, PENNY, 3, 2, bound=D("1.31")),
)
WORKING = moves.PlacementView(P.WORKING, D("2.50"), 2, 0, 0, broker_status="Live")
OPEN = moves.MarketView(
    opens_at=NOW - timedelta(hours=1), closes_at=NOW + timedelta(hours=5), is_stream_up=True
)
CLOSED = replace(OPEN, opens_at=NOW + timedelta(hours=12), closes_at=NOW + timedelta(hours=18))
WAIT = moves.Wait(NOW + timedelta(seconds=moves.POLL_SECONDS))


def ended(status: P, **more) -> moves.PlacementView:
    return replace(WORKING, status=status, broker_status="", **more)


@pytest.mark.parametrize(
    ("order", "placements", "market", "move"),
    [
        pytest.param(EXIT, [], OPEN, moves.Place(0, D("2.50"), 2), id="placed without a quote"),
        pytest.param(
            replace(EXIT, filled_quantity=1), [], OPEN, moves.Place(0, D("2.50"), 1), id="for what is left"
        ),
        pytest.param(EXIT, [], CLOSED, moves.Wait(CLOSED.opens_at), id="a day's exit waits for the open"),
        pytest.param(
            replace(EXIT, is_gtc=True), [], CLOSED, moves.Place(0, D("2.50"), 2), id="a standing one does not"
        ),
        pytest.param(
            EXIT, [], replace(OPEN, is_sending_allowed=False, why_not="halted"),
            moves.Hold("halted", NOW + timedelta(seconds=2)), id="halted",
        ),
        pytest.param(replace(EXIT, is_dry_run=True), [], OPEN, moves.AskDryRun(D("2.50")), id="dry run"),
        pytest.param(
            replace(SENT, status=O.WALKING), [WORKING], OPEN, moves.Rest("an exit does not walk"), id="rests"
        ),
        pytest.param(SENT, [WORKING], OPEN, WAIT, id="waits for its prices"),
        pytest.param(
            replace(SENT, is_cancel_wanted=True), [WORKING], OPEN, moves.Cancel("cancelled as asked"), id="cancel"
        ),
        pytest.param(
            SENT, [ended(P.REJECTED, cause="no")], OPEN, moves.Close(O.REJECTED, "no"), id="rejected"
        ),
        pytest.param(
            SENT, [ended(P.CANCELLED)], OPEN,
            moves.Close(O.CANCELLED, "cancelled at the broker, not by the desk"), id="taken out by a person",
        ),
        pytest.param(
            SENT, [ended(P.CANCELLED, was_cancel_ours=True)], OPEN,
            moves.Park("1 placements were sent, an exit allows no more"), id="never placed twice",
        ),
        pytest.param(
            replace(SENT, intents=0), [ended(P.NOT_SENT)], OPEN, moves.Place(0, D("2.50"), 2), id="never left"
        ),
        pytest.param(SENT, [ended(P.UNKNOWN)], OPEN, moves.ReadBack(), id="unknown"),
        pytest.param(replace(EXIT, waits_for_entry=True), [], OPEN, WAIT, id="asleep and not placed"),
        pytest.param(
            replace(SENT, waits_for_entry=True), [ended(P.CANCELLED)], OPEN, WAIT, id="asleep, its entry ended"
        ),
    ],
)  # fmt: skip
def test_the_next_move_of_an_exit(order, placements, market, move):
    assert next_move(order, placements, market, now=NOW) == move


WANTED = {"amend_reason": "amended by tim: quantity 1"}


@pytest.mark.parametrize(
    ("order", "placements", "move"),
    [
        pytest.param(replace(ENTRY, **WANTED), [], moves.AskAgain(WANTED["amend_reason"]), id="nothing is live"),
        pytest.param(
            replace(ENTRY, status=O.WALKING, **WANTED), [WORKING], moves.Cancel(AMEND), id="taken back first"
        ),
        pytest.param(
            replace(ENTRY, status=O.RESTING, **WANTED), [WORKING], moves.Cancel(AMEND), id="resting too"
        ),
        pytest.param(
            replace(ENTRY, status=O.WALKING, **WANTED), [ended(P.SENDING)], moves.ReadBack(), id="unknown first"
        ),
        pytest.param(
            replace(ENTRY, status=O.WALKING, is_cancel_wanted=True, **WANTED), [],
            moves.Close(O.CANCELLED, "cancelled as asked"), id="a cancel goes before",
        ),
        pytest.param(
            replace(ENTRY, status=O.WALKING, filled_quantity=2, **WANTED), [],
            moves.Close(O.FILLED, "all of it filled"), id="a fill goes before",
        ),
        pytest.param(replace(ENTRY, status=O.PROPOSED), [], WAIT, id="a proposal does nothing"),
    ],
)  # fmt: skip
def test_the_next_move_of_an_order_that_is_to_be_amended(order, placements, move):
    assert next_move(order, placements, OPEN, now=NOW) == move
