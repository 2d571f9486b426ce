"""Controls on how often: just below, at and just above each limit; the bucket never gives too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.controls import rates


def told(verdict):
    return verdict.code, verdict.is_ok, verdict.sentence


@pytest.mark.parametrize(
    ("tokens", "seconds", "left"),
    [(0.0, 0, 0.0), (0.0, 1, 2.0), (3.0, 0.5, 4.0), (9.5, 1, 10.0), (5.0, -60, 5.0)],
)
def test_the_bucket_fills_up_to_its_burst_and_never_by_a_clock_that_goes_back(tokens, seconds, left):
    assert rates.refilled(tokens, seconds, per_minute=120, burst=10) == left


@pytest.mark.parametrize(("tokens", "is_ok", "said"), [(0.99, False, 0), (1.0, True, 1), (1.01, True, 1)])
def test_a_message_takes_a_whole_token(tokens, is_ok, said):
    sentence = f"{said} of 40 messages of this account are left, 600 come back a minute"

    assert told(rates.message_rate(tokens, per_minute=600, burst=40)) == (
        "MESSAGE_RATE_EXCEEDED", is_ok, sentence
    )  # fmt: skip


@given(st.lists(st.floats(0, 30), min_size=1, max_size=80), st.integers(1, 600), st.integers(1, 40))
def test_in_any_stretch_no_more_is_sent_than_the_burst_and_what_came_back(gaps, per_minute, burst):
    rate = {"per_minute": per_minute, "burst": burst}
    tokens, now, sent = float(burst), 0.0, []
    for gap in gaps:
        now += gap
        tokens = rates.refilled(tokens, gap, **rate)
        if rates.message_rate(tokens, **rate).is_ok:
            tokens -= 1
            sent.append(now)

    for n, begin in enumerate(sent):
        for m in range(n, len(sent)):
            assert m - n + 1 <= burst + (sent[m] - begin) * per_minute / 60 + 1e-6


@pytest.mark.parametrize(("sent", "is_ok"), [(2, True), (3, True), (4, False), (5, False)])
def test_placements_of_an_order(sent, is_ok):
    sentence = f"{sent} placements were sent, its policy allows 4"

    assert told(rates.intents(sent, 4)) == ("PLACEMENTS_AT_MAXIMUM", is_ok, sentence)


@pytest.mark.parametrize(("sent", "is_runaway"), [(7, False), (8, False), (9, True)])
def test_twice_as_many_placements_are_a_runaway(sent, is_runaway):
    assert rates.is_runaway(sent, 4) is is_runaway


@pytest.mark.parametrize(("orders", "is_ok"), [(8, True), (9, True), (10, False), (11, False)])
def test_orders_of_one_symbol(orders, is_ok):
    sentence = f"{orders} other orders in SPY were sent in 300 s, fewer than 10 allowed"

    assert told(rates.repeated("SPY  ", orders, most=10, seconds=300)) == ("SYMBOL_REPEATED", is_ok, sentence)


@pytest.mark.parametrize(
    ("ago", "confirmed", "is_ok"),
    [(59, False, False), (60, False, False), (61, False, True), (5, True, True)],
)
def test_the_same_again_is_asked_about(ago, confirmed, is_ok):
    verdict = rates.duplicate("#12", ago, within=60, is_confirmed=confirmed)

    sentence = f"you asked for the same {ago} s ago (#12): write `again` behind it to mean it twice"
    assert told(verdict) == ("ORDER_REPEATED", is_ok, sentence)


@pytest.mark.parametrize(("count", "is_ok"), [(1, True), (2, True), (3, False), (4, False)])
def test_rejects(count, is_ok):
    sentence = f"the broker rejected {count} placements in 300 s, fewer than 3 allowed"

    assert told(rates.rejects(count, most=3, seconds=300)) == ("REJECTS_AT_MAXIMUM", is_ok, sentence)
