"""Complex orders over real sockets with the real SDK: what is sent, and what we say of each answer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from orders.brokers.base import BrokerError, ComplexDraft, NotSent, Refused, SentComplex, Unknown
from orders.enums import OrderType
from tests.orders.brokers.samples import ACCOUNT, REFUSAL, closing, draft, order_json
from tests.orders.brokers.wire_server import answer, html, reset

BUNDLES = f"/accounts/{ACCOUNT}/complex-orders"
TARGET = closing(price=D("2.50"), external_identifier="practice-d1-1-t")
STOP = closing(
    price=None, stop_trigger=D("0.80"), order_type=OrderType.STOP, external_identifier="practice-d1-1-s"
)
PAIR = ComplexDraft(TARGET, STOP)
BUNDLE = ComplexDraft(TARGET, STOP, draft())


def bundle_json(*, trigger: bool = False) -> dict:
    part = {"complex-order-id": 90001, "status": "Contingent"}
    orders = [
        order_json(**part, id=2, **{"external-identifier": "practice-d1-1-t"}),
        order_json(**part, id=3, **{"external-identifier": "practice-d1-1-s", "order-type": "Stop"}),
    ]
    found = {"id": 90001, "account-number": ACCOUNT, "type": "OCO", "orders": orders}
    return found | ({"trigger-order": order_json(**part, id=1), "type": "OTOCO"} if trigger else {})


def placed(**more) -> dict:
    return {"data": {"complex-order": bundle_json(**more), "warnings": []}}


def test_a_pair_is_one_limit_and_one_stop_with_identifiers_of_their_own(server, broker):
    server.on("POST", BUNDLES, answer(placed(), 201))

    outcome = broker.place_complex(PAIR)

    assert isinstance(outcome, SentComplex)
    assert (outcome.bundle.complex_order_id, outcome.bundle.trigger) == ("90001", None)
    assert [(o.broker_order_id, o.external_identifier, o.order_type) for o in outcome.bundle.orders] == [
        ("2", "practice-d1-1-t", "Limit"),
        ("3", "practice-d1-1-s", "Stop"),
    ]
    sent = server.asked[-1].json
    assert sent["type"] == "OCO"
    names = ("order-type", "price", "price-effect", "stop-trigger", "external-identifier")
    assert [{name: order.get(name) for name in names} for order in sent["orders"]] == [
        dict(zip(names, ("Limit", "2.50", "Credit", None, "practice-d1-1-t"), strict=True)),
        dict(zip(names, ("Stop", None, None, "0.80", "practice-d1-1-s"), strict=True)),
    ]
    strict = {"strict-position-effect-validation": True}
    assert [order["advanced-instructions"] for order in sent["orders"]] == [strict, strict]


def test_an_entry_and_its_exit_are_one_request(server, broker):
    server.on("POST", BUNDLES, answer(placed(trigger=True), 201))

    outcome = broker.place_complex(BUNDLE)

    assert isinstance(outcome, SentComplex)
    assert [o.broker_order_id for o in outcome.bundle] == ["1", "2", "3"]
    sent = server.asked[-1].json
    assert (sent["type"], sent["trigger-order"]["price"], len(sent["orders"])) == ("OTOCO", "1.25", 2)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(answer(REFUSAL, 422), Refused, id="refused in JSON"),
        pytest.param(html(502), Unknown, id="a gateway's page"),
        pytest.param(answer({"data": {"complex-order": {"id": 1}}}, 201), Unknown, id="unreadable success"),
        pytest.param(answer({}, 429), NotSent, id="too many requests"),
        pytest.param(reset, Unknown, id="reset"),
    ],
)
def test_an_answer_decides(server, broker, act, expected):
    server.on("POST", BUNDLES, act)

    assert type(broker.place_complex(PAIR)) is expected
    assert [asked.path for asked in server.asked].count(BUNDLES) == 1


def test_no_bundle_is_sent_past_its_deadline(server, broker):
    late = ComplexDraft(TARGET, STOP, send_before=datetime.now(UTC) - timedelta(seconds=1))

    assert isinstance(broker.place_complex(late), NotSent)
    assert BUNDLES not in [asked.path for asked in server.asked]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        pytest.param(ComplexDraft(TARGET, TARGET), "unsendable_pair", id="two limits"),
        pytest.param(ComplexDraft(closing(price=D(0)), STOP), "unsendable_price", id="a target at nothing"),
        pytest.param(ComplexDraft(TARGET, STOP, draft(price=None)), "unsendable_price", id="no entry price"),
    ],
)
def test_what_is_no_bundle_is_refused_unasked(server, broker, wrong, code):
    outcome = broker.place_complex(wrong)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.http_status, server.asked) == (code, 0, [])


def test_a_bundle_is_read_and_cancelled_by_its_id(server, broker):
    server.on("GET", f"{BUNDLES}/90001", answer({"data": bundle_json(trigger=True)}))
    server.on("DELETE", f"{BUNDLES}/90001", answer({"data": bundle_json()}))

    found, outcome = broker.complex_order("90001"), broker.cancel_complex("90001")

    assert found.trigger is not None
    assert found.trigger.complex_order_id == "90001"
    assert isinstance(outcome, SentComplex)


def test_a_cancel_answered_with_nothing_is_read_back(server, broker):
    server.on("DELETE", f"{BUNDLES}/90001", answer({"data": {}}))
    server.on("GET", f"{BUNDLES}/90001", answer({"data": bundle_json()}))

    assert isinstance(broker.cancel_complex("90001"), SentComplex)


def test_an_answer_about_another_bundle_is_no_answer_to_ours(server, broker):
    other = bundle_json()
    other["orders"][0]["external-identifier"] = "practice-d9-9-t"
    server.on("POST", BUNDLES, answer({"data": {"complex-order": other, "warnings": []}}, 201))

    assert broker.place_complex(PAIR) == Unknown("an answer about another order", 201)


def test_a_cancel_answered_with_another_bundle_is_read_back(server, broker):
    server.on("DELETE", f"{BUNDLES}/90001", answer({"data": bundle_json() | {"id": 90002}}))
    server.on("GET", f"{BUNDLES}/90001", answer({"data": bundle_json()}))

    outcome = broker.cancel_complex("90001")

    assert isinstance(outcome, SentComplex)
    assert outcome.bundle.complex_order_id == "90001"


def test_a_read_answered_with_another_bundle_fails(server, broker):
    server.on("GET", f"{BUNDLES}/90001", answer({"data": bundle_json() | {"id": 90002}}))

    with pytest.raises(BrokerError):
        broker.complex_order("90001")
