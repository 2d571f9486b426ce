"""Answers that are lost, late, refused or wrong, fills at the worst moment, and quotes without a price."""

import time
from typing import Any

from orders.plan import QUOTE_SECONDS
from tests.chaos.desks import Late
from tests.chaos.ground import CALL_SECONDS, LATE_SECONDS, ORDERS, TOO_LATE_SECONDS, Ground
from tests.chaos.matrix import fault

POST = {"method": "POST", "path": "/orders$"}
GET = {"method": "GET", "path": r"/orders/\d+$"}
PUT = {"method": "PUT", "path": r"/orders/\d+$"}
DELETE = {"method": "DELETE", "path": r"/orders/\d+$"}
QUOTES = {"method": "GET", "path": "/market-data"}
READING_SECONDS = 1.0
STORM = 5  # answers
SUSTAINED = 3 * ORDERS  # answers to each method
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"


def lost(ground: Ground, *faults: dict[str, Any], method: str = "POST") -> int:
    """Play faults of requests: each strikes every order once."""
    ground.market(*faults)
    ground.approve()
    return ground.hit(faults[0]["kind"], faults[0]["times"], method)


@fault("an order accepted, its answer dropped")
def dropped(ground: Ground) -> int:
    return lost(ground, {"kind": "accept_then_drop", "match": POST, "times": ORDERS})


@fault("an order accepted, its answer cut in the middle")
def cut_short(ground: Ground) -> int:
    return lost(ground, {"kind": "cut_answer", "match": POST, "times": ORDERS})


@fault("an order accepted, its answer dropped, and not listed for a while")
def not_listed(ground: Ground) -> int:
    drop = {"kind": "accept_then_drop", "match": POST, "times": ORDERS}
    return lost(ground, drop, *ground.each(kind="listing_lag", seconds=LATE_SECONDS[0]))


@fault("an order held without an answer, then accepted late")
def held(ground: Ground) -> int:
    seconds = CALL_SECONDS + ground.chance.uniform(0.2, 1)
    return lost(ground, {"kind": "hold_then_accept", "seconds": seconds, "match": POST, "times": ORDERS})


@fault("an order dropped, then accepted late all the same")
def late(ground: Ground) -> int:
    seconds = ground.chance.uniform(*LATE_SECONDS)
    return lost(ground, {"kind": "late_accept", "seconds": seconds, "match": POST, "times": ORDERS})


@fault("an order dropped, then accepted after it was proven absent", placed=None)
def too_late(ground: Ground) -> int:
    """It has a second placement by then: the first one is cancelled, and a person told."""
    ground.market({"kind": "late_accept", "seconds": TOO_LATE_SECONDS, "match": POST, "times": 1})
    ground.approve()
    ground.until(lambda: ground.accepted() == [1] * ORDERS, "the second placement, and the other order")
    ground.until(lambda: ground.inside.told("zombies"), "the first one to be found")
    ground.until(lambda: ground.live() == [1] * ORDERS, "the first one to be cancelled")
    assert (sorted(ground.accepted()), ground.inside.told("explain")) == ([1, 2], 1)
    ground.over()
    return ground.hits("late_accept", "POST")


@fault("access tokens void before a POST")
def void_before_post(ground: Ground) -> int:
    return lost(ground, {"kind": "expire_on_request", "match": POST, "times": ORDERS})


@fault("access tokens void before a GET", walks=True)
def void_before_get(ground: Ground) -> int:
    return lost(ground, {"kind": "expire_on_request", "match": GET, "times": ORDERS}, method="GET")


@fault("access tokens void before a DELETE", walks=True)
def void_before_delete(ground: Ground) -> int:
    return lost(ground, {"kind": "expire_on_request", "match": DELETE, "times": ORDERS}, method="DELETE")


@fault("access tokens void before a replacement's PUT", quantity=1, walks=True)
def void_before_put(ground: Ground) -> int:
    return lost(ground, {"kind": "expire_on_request", "match": PUT, "times": ORDERS}, method="PUT")


@fault("a burst of 429")
def too_many(ground: Ground) -> int:
    return lost(ground, {"kind": "status", "status": 429, "match": POST, "times": ORDERS})


@fault("429 again and again, to every method", walks=True)
def too_many_for_long(ground: Ground) -> int:
    refusal = {"kind": "status", "status": 429, "times": SUSTAINED}
    ground.market(*(refusal | {"match": each} for each in (POST, GET, DELETE)))
    ground.approve()
    return ground.hit("status", 3 * SUSTAINED)


@fault("a storm of 502 in HTML", walks=True)
def storm(ground: Ground) -> int:
    """One of the orders is hit in its POST, whose absence has to be proven; the rest hits whatever comes."""
    answer = {"kind": "status", "status": 502, "body": HTML}
    ground.market(answer | {"match": POST, "times": 1}, answer | {"times": STORM})
    ground.approve()
    ground.hit("status", 1, "POST")
    return ground.hit("status", STORM + 1)


@fault("an order filled while its cancel is on the way", walks=True)
def filled_in_cancel(ground: Ground) -> int:
    return caught(ground, "DELETE", *ground.each(kind="fill_on_cancel"))


@fault("an order filled while its replacement is on the way", quantity=1, walks=True)
def filled_in_replace(ground: Ground) -> int:
    """The orders of a desk that replaces took the policy over when they were proposed."""
    return caught(ground, "PUT", *ground.each(kind="fill_on_replace"))


def caught(ground: Ground, method: str, *faults: dict[str, Any]) -> int:
    """The market comes in the very moment in which the next price is asked for."""
    ground.market(*faults)
    ground.approve()
    ground.until(lambda: all(ground.filled()), f"a fill during the {method}")
    return len(faults)


@fault("an order partly filled, then a price further", walks=True)
def partly_filled(ground: Ground) -> int:
    ground.market(*(found := ground.each(kind="partial_fill", quantity=1)))
    ground.approve()
    ground.placed(2)
    return len(found)


@fault("quotes that stand still while an order walks", walks=True)
def standing_still(ground: Ground) -> int:
    ground.approve()
    ground.placed(2)
    return ORDERS


@fault("quotes that are not a number")
def no_number(ground: Ground) -> int:
    return unusable(ground, "nan_quotes")


@fault("quotes that cross")
def crossed(ground: Ground) -> int:
    return unusable(ground, "crossed_quotes")


def unusable(ground: Ground, kind: str) -> int:
    """No price can be decided on, so nothing is sent until there is one."""
    found = ground.each(kind=kind)
    ground.stage.exchange.set_faults(
        *found, *ground.each(kind="never_fill")
    )  # quotes that stand still look sound
    ground.approve()
    for reply in ground.replies:
        ground.stage.shows(reply, "Holding", 60)
    assert ground.accepted() == [0] * ORDERS
    ground.over()
    return len(found)


@fault("quotes that grow old before an order can be sent", walks=True)
def grown_old(ground: Ground) -> int:
    """Each worker has read its quote, and waits for the account's row longer than a quote may be used."""
    before = ground.turns_given_up()
    ground.market({"kind": "delay", "seconds": READING_SECONDS, "match": QUOTES, "times": 100})
    ground.approve()
    ground.until(lambda: ground.inside.told("approved") == ORDERS, "both approvals")
    with ground.locked("desk_account"):
        time.sleep(QUOTE_SECONDS + 2 * READING_SECONDS)
        if ground.sent():
            raise Late("an order was sent before its account's row was held")
    ground.market()
    ground.over()
    return ground.until(lambda: ground.turns_given_up() - before, "a turn to be given up")


@fault("the account stream dropped with a fill in it")
def stream_dropped(ground: Ground) -> int:
    ground.approve()
    ground.placed()
    ground.now({"kind": "stream_drop", "stream": "account"})
    ground.over()
    return 1


@fault("the account stream silent for a while", walks=True)
def stream_silent(ground: Ground) -> int:
    ground.now({"kind": "stream_silent", "stream": "account"})
    ground.approve()
    ground.placed()
    time.sleep(2)
    ground.over()
    return 1
