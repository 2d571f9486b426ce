from datetime import UTC, datetime, timedelta

import pytest

from orders.brokers.records import Call, RequestRecord, TooLate, current_call, recording

POST = RequestRecord("POST", "/accounts/1/orders")


def test_a_call_under_way_lets_a_request_begin():
    record = RequestRecord("POST", "/x")

    Call(6).begin(record)

    assert record.bytes_began is True


def past() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=1)


@pytest.mark.parametrize(
    "call",
    [Call(0), Call(6, is_abandoned=True), Call(6, send_before=past())],
    ids=["over", "given up", "late"],
)
def test_a_closed_gate_lets_nothing_through(call):
    record = RequestRecord("POST", "/x")

    with pytest.raises(TooLate):
        call.begin(record)

    assert record.bytes_began is False


def test_a_calls_own_request_is_not_its_tokens():
    token = RequestRecord("POST", "/oauth/token")

    assert Call(6, records=[token, POST]).own("POST", POST.path) is POST
    assert Call(6, records=[token]).own("POST", POST.path) is None


def test_requests_outside_of_a_call_have_no_deadline():
    call = Call(6)

    with recording(call):
        assert current_call() is call
    assert current_call().remaining_seconds == float("inf")
