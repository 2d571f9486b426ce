"""What may follow what: the whole matrix, every pair."""

import itertools

import pytest

from orders import lifecycle
from orders.enums import OrderStatus as O
from orders.enums import PlacementStatus as P

ARROWS = """
proposed -> approved denied lapsed withdrawn filled
approved -> walking holding proposed cancelled denied expired filled
walking -> holding resting proposed filled cancelled expired rejected
holding -> walking resting proposed denied filled cancelled expired rejected
resting -> walking holding proposed filled cancelled expired rejected
filled -> cancelling
cancelled -> filled
expired -> filled
rejected -> filled
denied ->
lapsed ->
withdrawn ->
"""
PLACEMENT_ARROWS = """
planned -> sending not_sent
sending -> working not_sent unknown filled cancelled expired rejected removed
unknown -> working cancelling not_placed replaced filled cancelled expired rejected removed
working -> replacing cancelling replaced filled cancelled expired rejected removed
replacing -> working cancelling replaced unknown filled cancelled expired rejected removed
cancelling -> replaced filled cancelled expired rejected removed
not_placed -> cancelling filled cancelled expired rejected removed
filled -> cancelling
cancelled -> cancelling
expired -> cancelling
rejected -> cancelling filled cancelled expired removed
replaced -> cancelling
not_sent -> cancelling filled cancelled expired rejected removed
removed -> cancelling filled cancelled expired rejected
"""


def arrows(text: str) -> set[tuple[str, str]]:
    rows = (line.split(" ->") for line in text.strip().splitlines())
    return {(old, new) for old, following in rows for new in following.split()}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(O, O)))
def test_an_order_follows_exactly_these_arrows(old, new):
    assert (new in lifecycle.NEXT[old]) == ((old.value, new.value) in arrows(ARROWS))


@pytest.mark.parametrize(("old", "new"), list(itertools.product(P, P)))
def test_a_placement_follows_exactly_these_arrows(old, new):
    assert (new in lifecycle.NEXT_PLACEMENT[old]) == ((old.value, new.value) in arrows(PLACEMENT_ARROWS))


def test_an_illegal_arrow_is_a_sentence():
    with pytest.raises(
        lifecycle.IllegalTransition, match="^the order is already filled, it can't become approved$"
    ):
        lifecycle.require(O.FILLED, O.APPROVED)


def test_no_path_leads_from_unknown_to_a_new_send():
    reachable, frontier = set(), {P.UNKNOWN}
    while frontier:
        reachable |= frontier
        frontier = {new for old in frontier for new in lifecycle.NEXT_PLACEMENT[old]} - reachable

    assert P.SENDING not in reachable
    assert P.PLANNED not in reachable
