"""What has to hold in the moment an intent is committed; without it nothing is, and nothing changes. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from orders.enums import OrderStatus, OrderType, PriceRule, WalkMethod
from orders.enums import PlacementStatus as P
from orders.machine import intents
from orders.machine.desk import Refusal
from orders.machine.leases import LeaseLost
from orders.machine.state import Work
from orders.market import Quote
from orders.moves import Cancel, Place, Replace
from orders.verdicts import Verdict
from tests.simulation.desk import Account, Around
from tests.simulation.tickets import new_work

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LEASE = "mine"


def walking(**over) -> Work:
    """Return an order of five that this worker holds, nothing of it sent."""
    work = new_work(Random(1), 1, NOW)
    order = work.order
    order.price_rule, order.order_type, order.quantity = PriceRule.NONE, OrderType.LIMIT, 5
    order.bound_price, order.target_price, order.stop_price = (
        D("1.40") if order.side > 0 else D("1.10"),
        None,
        None,
    )
    order.method, order.status, order.version = WalkMethod.REPLACE, OrderStatus.WALKING, 7
    order.lease, order.leased_until = LEASE, NOW + timedelta(seconds=8)
    for name, value in over.items():
        setattr(order, name, value)
    return work


def around(**over) -> Around:
    return Around(Account(**over), NOW + timedelta(hours=1))


def quote(age: float = 0.5) -> Quote:
    return Quote(D("1.20"), D("1.30"), NOW - timedelta(seconds=age))


def place(work: Work, desk: Around | None = None, *, quantity: int = 5, age: float = 0.5) -> intents.Intent:
    move = Place(0, D("1.25"), quantity)
    return intents.place(work, desk or around(), NOW, move=move, lease=LEASE, quote=quote(age))


def replace(work: Work) -> intents.Intent:
    move = Replace(1, D("1.27"))
    return intents.replace(work, around(), NOW, move=move, lease=LEASE, quote=quote())


def test_an_intent_is_a_placement_in_sending_and_the_draft_of_it():
    work = walking()

    intent = place(work)

    [placement] = work.placements
    assert (placement.status, placement.quantity, placement.limit_price) == (P.SENDING, 5, D("1.25"))
    assert intent.external_identifier == intent.draft.external_identifier == placement.external_identifier
    assert intent.draft.send_before == placement.send_deadline_at == NOW + timedelta(seconds=2)
    assert work.order.leased_until == NOW + timedelta(seconds=8)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        pytest.param({"lease": "another's"}, "#1 is worked by another", id="another worker has it"),
        pytest.param({"lease": ""}, "#1 is worked by another", id="nobody has it"),
        pytest.param(
            {"leased_until": NOW - timedelta(seconds=1)}, "the lease on #1 ran out", id="the lease ran out"
        ),
        pytest.param({"leased_until": None}, "the lease on #1 ran out", id="no lease at all"),
        pytest.param(
            {"cancel_requested_by": "tessa"}, "#1 is to be cancelled or amended", id="a wish to cancel"
        ),
        pytest.param(
            {"amendment": {"reason": "smaller"}}, "#1 is to be cancelled or amended", id="an amendment"
        ),
        pytest.param(
            {"filled_quantity": 1}, "#1 changed while its next placement was decided", id="filled meanwhile"
        ),
    ],
)
def test_an_order_that_is_not_as_it_was_is_not_placed(over, sentence):
    work = walking(**over)

    with pytest.raises(LeaseLost) as lost:
        place(work)

    assert (str(lost.value), work.placements, work.order.notes) == (sentence, [], [])


def test_nothing_is_placed_beside_what_lives():
    work = walking()
    place(work)
    work.order.filled_quantity = 0

    with pytest.raises(LeaseLost):
        place(work, quantity=1)

    assert len(work.placements) == 1


def test_a_quote_of_more_than_three_seconds_prices_nothing():
    with pytest.raises(LeaseLost) as lost:
        place(walking(), age=3.1)

    assert str(lost.value) == "the quote for #1 grew old while its move was decided"


def test_nothing_is_placed_after_the_session():
    with pytest.raises(LeaseLost) as lost:
        place(walking(), Around(Account(), NOW))

    assert str(lost.value) == "the session of #1 ended while its move was decided"


def test_what_the_desk_refuses_is_not_placed():
    work, desk = walking(), around(is_reconciled=False)

    with pytest.raises(Refusal) as refused:
        place(work, desk)

    assert refused.value.verdict == Verdict("RECONCILE_PENDING", False, "not compared yet")
    assert work.placements == []


def test_a_replacement_is_linked_to_what_it_takes_over_from():
    work = walking()
    place(work)
    work.placements[0].move_to(P.WORKING, now=NOW)
    work.placements[0].broker_order_id = "1001"

    intent = replace(work)

    old, new = work.placements
    assert (old.status, new.status, new.replaces) == (P.REPLACING, P.SENDING, old.external_identifier)
    assert intent.replaces == "1001"


def test_what_has_traded_in_part_is_not_replaced():
    work = walking()
    place(work)
    work.placements[0].move_to(P.WORKING, now=NOW)
    work.placements[0].filled_quantity = 1

    with pytest.raises(LeaseLost):
        replace(work)

    assert [p.status for p in work.placements] == [P.WORKING]


def test_a_cancel_passes_whatever_the_desk_would_refuse():
    work = walking()
    place(work)
    work.placements[0].move_to(P.WORKING, now=NOW)
    work.placements[0].broker_order_id = "1001"

    intents.cancel(work, around(is_reconciled=False), NOW, move=Cancel("out"), lease=LEASE)

    [placement] = work.placements
    assert (placement.status, placement.cancel_attempts, placement.cause) == (P.CANCELLING, 1, "out")
