"""Orders in the admin: the list, the page, and every button on it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import timezone

from orders import approval
from orders.admin import decisions
from orders.models import Approval, Order
from tests.factories import (
    PRACTICE_URL,
    make_account,
    make_approver,
    make_channel,
    make_environment,
    make_order,
    make_placement,
    make_trader,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/orders/order/"


@pytest.fixture(autouse=True)
def practice(settings):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL


@pytest.fixture
def ann(client):
    """Return the approver, logged in."""
    user = make_approver().user
    client.force_login(user)
    return user


def press(client, order, verb, **values):
    """Press a button on the page as it stands now; return what was said."""
    if verb in {"approve", "reviewed"}:
        values.setdefault("version", order.version)
    answer = client.post(reverse("admin:orders_order_decide", args=(order.pk, verb)), values, follow=True)
    return [str(message) for message in answer.context["messages"]]


def select(client, action, orders, **values):
    """Run a bulk action on orders as the list drew them; return what was said."""
    seen = {f"seen-{order.pk}": order.version for order in orders}
    chosen = {"action": action, "_selected_action": [order.pk for order in orders]}
    answer = client.post(LIST, seen | chosen | values, follow=True)
    return [str(message) for message in answer.context["messages"]]


def page(client, order):
    return client.get(reverse("admin:orders_order_change", args=(order.pk,)))


def buttons(client, order):
    """Return the verbs that the page offers."""
    text = page(client, order).content.decode()
    verbs = ("approve", "deny", "cancel", "again", "unpark", "reviewed")
    return [verb for verb in verbs if reverse("admin:orders_order_decide", args=(order.pk, verb)) in text]


def live(client, order, *, had, seen):
    address = reverse("admin:orders_order_live", args=(order.pk,))
    return client.get(address, {"had": had, "seen": seen})


# --- approve --------------------------------------------------------------------------------------


def test_a_second_person_approves_on_the_page(ann, client):
    order = make_order()

    said = press(client, order, "approve")

    order.refresh_from_db()
    decision = order.approvals.get()
    assert said == [f"#{order.pk}: approved: BTO 2 SPY 18 Dec 600 C, bound 1.31 debit"]
    assert order.status == "approved"
    assert (decision.is_yes, decision.by, decision.via) == (True, ann, "admin")


def test_an_approver_reduces_the_quantity_and_tightens_the_bound(ann, client):
    order = make_order()

    press(client, order, "approve", quantity="1", bound="1.28")

    order.refresh_from_db()
    decision = order.approvals.get()
    assert (order.status, order.quantity, order.bound_price) == ("approved", 1, D("1.28"))
    assert (order.asked_quantity, order.asked_bound_price) == (2, D("1.31"))
    assert (decision.quantity, decision.bound_price) == (1, D("1.28"))
    assert decision.reason == "1 at 1.28 instead of 2 at 1.31"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param(
            {"quantity": "3"}, "An approver can only reduce the quantity: 1 to 2, not 3.", id="more"
        ),
        pytest.param(
            {"quantity": "0"}, "Quantity: Ensure this value is greater than or equal to 1.", id="none"
        ),
        pytest.param({"quantity": "two"}, "Quantity: Enter a whole number.", id="a word"),
        pytest.param(
            {"bound": "1.40"}, "An approver can only tighten the bound 1.31, not to 1.40.", id="looser"
        ),
        pytest.param({"bound": "1.285"}, "1.285 is not on the tick of this instrument.", id="off the tick"),
        pytest.param({"version": ""}, "Version: This field is required.", id="no version"),
    ],
)
def test_an_approver_changes_nothing_else(asked, sentence, ann, client):
    order = make_order()

    said = press(client, order, "approve", **asked)

    order.refresh_from_db()
    assert said == [f"#{order.pk}: {sentence}"]
    assert (order.status, order.quantity, order.bound_price) == ("proposed", 2, D("1.31"))


def test_an_order_that_changed_since_the_page_was_drawn_is_not_approved(ann, client):
    order = make_order()
    drawn = order.version
    approval.approve(order.pk, by=ann, via="discord")
    approval.ask_again(Order.objects.get(pk=order.pk), reason="the market moved")

    said = press(client, order, "approve", version=drawn)

    order.refresh_from_db()
    assert said == [f"#{order.pk}: It changed meanwhile: look again before you approve."]
    assert (order.status, Approval.objects.filter(is_yes=True, is_void=False).count()) == ("proposed", 0)


def test_the_second_of_two_approvers_is_told_that_it_is_done(ann, client):
    order = make_order()
    press(client, order, "approve")

    said = press(client, order, "approve")

    assert said == [f"#{order.pk}: the order is already approved, it can't become approved"]
    assert Approval.objects.count() == 1


def test_an_order_whose_time_is_up_lapses_instead(ann, client):
    order = make_order(now=timezone.now() - timedelta(minutes=6))

    said = press(client, order, "approve")

    order.refresh_from_db()
    assert (order.status, Approval.objects.count()) == ("lapsed", 0)
    assert said == [f"#{order.pk}: Too late: it was not decided in time and has lapsed."]


def test_an_order_whose_environment_is_off_is_not_approved(ann, client):
    order = make_order()
    make_environment(is_enabled=False)

    said = press(client, order, "approve")

    order.refresh_from_db()
    assert order.status == "proposed"
    assert said == [f"#{order.pk}: practice is switched off in the admin (ENVIRONMENT_KEYS_DISAGREE)"]


def test_whoever_asked_for_an_order_gets_no_approve_button_but_the_reason(client):
    trader = make_trader(user=make_user("tim", "orders.approve_order", "orders.view_order"))
    order = make_order(trader=trader)
    client.force_login(trader.user)

    assert buttons(client, order) == ["cancel"]
    assert "a second person has to approve it" in page(client, order).content.decode()
    assert press(client, order, "approve") == [
        f"#{order.pk}: You asked for this order: a second person has to approve it."
    ]
    assert Order.objects.get().status == "proposed"


def test_the_desk_may_let_requesters_approve_their_own(client, settings):
    settings.FOUR_EYES = False
    trader = make_trader(user=make_user("tim", "orders.approve_order", "orders.view_order"))
    order = make_order(trader=trader)
    client.force_login(trader.user)

    press(client, order, "approve")

    assert Order.objects.get().status == "approved"


def test_looking_at_orders_is_no_right_to_approve_them(client):
    order = make_order()
    client.force_login(make_user("eve", "orders.view_order"))

    assert buttons(client, order) == []
    assert press(client, order, "approve") == [f"#{order.pk}: You need the right to approve orders."]
    assert press(client, order, "deny", reason="no") == [
        f"#{order.pk}: You need the right to approve orders."
    ]
    assert Order.objects.get().status == "proposed"


def test_a_practice_person_neither_logs_in_nor_approves_while_the_sandbox_is_on(client):
    order = make_order()
    bob = make_approver("bob", is_practice=True).user
    client.force_login(bob)
    make_environment("sandbox", is_enabled=True)

    answer = client.post(reverse("admin:orders_order_decide", args=(order.pk, "approve")), {"version": 1})

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")
    assert Order.objects.get().status == "proposed"


# --- deny, cancel, again, unpark ------------------------------------------------------------------


def test_a_denial_keeps_its_reason(ann, client):
    order = make_order()

    said = press(client, order, "deny", reason="too close to the event")

    order.refresh_from_db()
    assert (said, order.status, order.note) == ([f"#{order.pk}: denied"], "denied", "too close to the event")


def test_a_denial_needs_a_reason(ann, client):
    order = make_order()

    said = press(client, order, "deny", reason=" ")

    assert said == [f"#{order.pk}: Say why: a denial needs a reason."]
    assert Order.objects.get().status == "proposed"


@pytest.mark.parametrize(
    ("status", "placed", "sentence", "becomes"),
    [
        pytest.param("proposed", False, "withdrawn", "withdrawn", id="nobody decided"),
        pytest.param("approved", False, "cancelled", "cancelled", id="nothing was sent"),
        pytest.param(
            "walking", True, "asked to cancel; it is gone once the broker says so", "walking", id="live"
        ),
        pytest.param("filled", False, "Order #{pk} is already filled.", "filled", id="too late"),
    ],
)
def test_a_cancel_does_what_the_order_still_allows(status, placed, sentence, becomes, ann, client):
    order = make_order(status=status)
    if placed:
        make_placement(order)

    said = press(client, order, "cancel", reason="changed my mind")

    order.refresh_from_db()
    assert said == [f"#{order.pk}: {sentence.format(pk=order.pk)}"]
    assert order.status == becomes
    assert order.cancel_requested_by == ("ann" if status in {"approved", "walking"} else "")


def test_a_resting_order_is_worked_again(ann, client):
    order = make_order(status="resting")

    said = press(client, order, "again")

    order.refresh_from_db()
    assert said == [f"#{order.pk}: worked again inside its approved bound"]
    assert (order.status, order.walks) == ("walking", 2)


def test_a_parked_order_goes_on_after_a_person_looked(ann, client):
    order = make_order(status="walking", parked_reason="five failures", needs_review=True)
    assert buttons(client, order) == ["cancel", "unpark"]

    said = press(client, order, "unpark")

    order.refresh_from_db()
    assert said == [f"#{order.pk}: goes on"]
    assert (order.parked_reason, order.needs_review) == ("", False)


@pytest.mark.parametrize("status", ["walking", "filled"])
def test_an_order_that_needs_review_does_not_any_more_once_a_person_has_looked(ann, client, status):
    order = make_order(status=status, needs_review=True)
    assert "reviewed" in buttons(client, order)

    said = press(client, order, "reviewed")

    order.refresh_from_db()
    assert said == [f"#{order.pk}: reviewed"]
    assert (order.needs_review, order.status) == (False, status)
    assert order.events.last().kind == "reviewed"
    assert "reviewed" not in buttons(client, order)


def test_what_came_after_the_page_was_drawn_is_not_reviewed(ann, client):
    order = make_order(status="filled", needs_review=True, version=3)

    said = press(client, order, "reviewed", version=2)

    order.refresh_from_db()
    assert said == [f"#{order.pk}: It changed since you looked: look again."]
    assert order.needs_review is True


def test_who_may_not_approve_has_nothing_to_review():
    order = make_order(status="filled", needs_review=True)

    said = decisions.decide("reviewed", order.pk, order.trader.user, {"version": str(order.version)}).sentence

    order.refresh_from_db()
    assert said == f"#{order.pk}: You need the right to approve orders to say that one is reviewed."
    assert order.needs_review is True


def test_a_parked_order_is_not_reviewed_without_being_let_go_on(ann, client):
    order = make_order(status="walking", parked_reason="five failures", needs_review=True)

    said = press(client, order, "reviewed")

    order.refresh_from_db()
    assert said == [f"#{order.pk}: It is parked: let it go on, or cancel it."]
    assert order.needs_review is True


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        pytest.param("proposed", ["approve", "deny", "cancel"], id="waiting"),
        pytest.param("approved", ["cancel"], id="approved"),
        pytest.param("walking", ["cancel"], id="at work"),
        pytest.param("resting", ["cancel", "again"], id="resting"),
        pytest.param("filled", [], id="filled"),
        pytest.param("denied", [], id="denied"),
    ],
)
def test_the_page_offers_what_the_order_still_allows(status, offered, ann, client):
    assert buttons(client, make_order(status=status)) == offered


def test_decisions_are_taken_by_post_alone(ann, client):
    order = make_order()

    answers = [
        client.get(reverse("admin:orders_order_decide", args=(order.pk, verb))).status_code
        for verb in ("approve", "deny", "cancel", "again", "unpark", "reviewed")
    ]

    assert answers == [405] * 6
    assert Order.objects.get().status == "proposed"


def test_a_decision_needs_the_token_of_the_page(ann):
    from django.test import Client

    order = make_order()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)

    answer = strict.post(reverse("admin:orders_order_decide", args=(order.pk, "approve")), {"version": 1})

    assert (answer.status_code, Order.objects.get().status) == (403, "proposed")


def test_an_unknown_verb_is_not_found(ann, client):
    assert client.post(f"/admin/orders/order/{make_order().pk}/fill/now/").status_code == 404


# --- bulk -----------------------------------------------------------------------------------------


def test_selected_orders_are_approved_each_on_its_own(ann, client):
    good, stale, own = make_order(), make_order(), make_order(trader=make_trader("ann", user=ann))
    stale.version -= 1
    Order.objects.filter(pk=stale.pk).update(version=7)

    said = select(client, "approve_selected", [good, stale, own])

    assert sorted(said) == sorted(
        [
            f"#{good.pk}: approved: BTO 2 SPY 18 Dec 600 C, bound 1.31 debit",
            f"#{stale.pk}: It changed meanwhile: look again before you approve.",
            f"#{own.pk}: You asked for this order: a second person has to approve it.",
        ]
    )
    assert [Order.objects.get(pk=o.pk).status for o in (good, stale, own)] == [
        "approved",
        "proposed",
        "proposed",
    ]


def test_an_order_that_was_not_on_the_page_is_not_approved_with_the_rest(ann, client):
    order = make_order()

    answer = client.post(LIST, {"action": "approve_selected", "_selected_action": [order.pk]}, follow=True)

    assert [str(m) for m in answer.context["messages"]] == [f"#{order.pk}: Version: This field is required."]
    assert Order.objects.get().status == "proposed"


def test_selected_orders_are_denied_with_one_reason(ann, client):
    orders = [make_order(), make_order()]

    said = select(client, "deny_selected", orders, reason="event at two")

    assert len(said) == 2
    assert set(Order.objects.values_list("status", "note")) == {("denied", "event at two")}


def test_selected_orders_are_not_denied_without_a_reason(ann, client):
    said = select(client, "deny_selected", [make_order()])

    assert said[0].endswith("Say why: a denial needs a reason.")
    assert Order.objects.get().status == "proposed"


def test_selected_orders_are_cancelled(ann, client):
    waiting, working = make_order(), make_order(status="walking")
    make_placement(working)

    select(client, "cancel_selected", [waiting, working], reason="storm")

    waiting.refresh_from_db()
    working.refresh_from_db()
    assert (waiting.status, working.cancel_requested_by, working.cancel_reason) == (
        "withdrawn",
        "ann",
        "storm",
    )


def test_whoever_may_not_approve_is_not_offered_the_bulk_actions(client):
    make_order()
    client.force_login(make_user("eve", "orders.view_order"))

    text = client.get(LIST).content.decode()

    assert ("approve_selected" in text, "deny_selected" in text, "cancel_selected" in text) == (
        False,
        False,
        True,
    )


# --- the list -------------------------------------------------------------------------------------


def numbers(client, **asked):
    return [order.pk for order in client.get(LIST, asked).context["cl"].result_list]


def test_the_newest_order_comes_first(ann, client):
    first, second = make_order(), make_order()

    assert numbers(client) == [second.pk, first.pk]


def test_the_list_says_what_waits(ann, client):
    order = make_order()

    text = client.get(LIST, {"status__in": "proposed"}).content.decode()

    for said in (f"#{order.pk}", "BTO 2 SPY 18 Dec 600 C", "1.31 debit", "1.20 / 1.30", "mid 1.25", "0/2",
                 "PRACTICE", "tim", "lapses in"):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"status__in": "proposed"}, id="waiting"),
        pytest.param({"status__exact": "proposed"}, id="status"),
        pytest.param({"environment__exact": "practice"}, id="environment"),
        pytest.param({"account__id__exact": "account_id"}, id="account"),
        pytest.param({"trader__id__exact": "trader_id"}, id="trader"),
        pytest.param({"q": "QQQ"}, id="symbol"),
        pytest.param({"q": "QQQ   261218C00500000"}, id="the broker's symbol"),
        pytest.param({"q": "practice-d1-007"}, id="external identifier"),
        pytest.param({"q": "778899"}, id="the broker's number"),
        pytest.param({"q": "rather cheap"}, id="what was typed"),
        pytest.param(
            {"proposed_at__year": "2026", "proposed_at__month": "6", "proposed_at__day": "1"}, id="day"
        ),
    ],
)
def test_orders_are_found_by(asked, ann, client):
    wanted = make_order(
        underlying="QQQ", text="!tt bto 2 QQQ rather cheap", leg={"symbol": "QQQ   261218C00500000"},
        now=datetime(2026, 6, 1, 15, tzinfo=UTC),
    )  # fmt: skip
    make_placement(wanted, external_identifier="practice-d1-007", broker_order_id="778899")
    other = make_channel(
        discord_channel_id=2, account=make_account(environment=make_environment("sandbox"), number="S1")
    )
    make_order(
        trader=make_trader("bob"), channel=other, status="filled", now=datetime(2026, 6, 2, 15, tzinfo=UTC)
    )

    asked = {name: getattr(wanted, value, value) for name, value in asked.items()}
    assert numbers(client, **asked) == [wanted.pk]


def test_the_tabs_filter_and_show_which_one_is_on(ann, client):
    waiting, working, odd = (
        make_order(),
        make_order(status="walking"),
        make_order(status="filled", needs_review=True),
    )

    assert numbers(client, status__in="proposed") == [waiting.pk]
    assert numbers(client, status__in="approved,holding,resting,walking") == [working.pk]
    assert numbers(client, needs_review__exact="1") == [odd.pk]
    tabs = client.get(LIST, {"status__in": "proposed"}).context["tab_list"][0]["items"]
    assert [tab["title"] for tab in tabs if tab["active"]] == ["Waiting for approval"]


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_all_an_approver_needs(ann, client):
    order = make_order(
        warnings=["The market is closed."],
        verdicts=[{"code": "QUANTITY_EXCEEDS_MAXIMUM", "ok": True, "sentence": "2 asked, at most 10 allowed here",
                   "numbers": {"quantity": "2", "maximum": "10"}}],
    )  # fmt: skip

    text = page(client, order).content.decode()

    for said in ("PRACTICE", "BTO 2 SPY 18 Dec 600 C", "1.25, then 1.27, then 1.29, then 1.30",
                 "No price was typed", "1.20 / 1.30, mid 1.25", "$262.00", "-$262.00", "$2.26",
                 "The market is closed.", "2 asked, at most 10 allowed here", "maximum 10",
                 "!tt bto 2 SPY 18dec 600c"):  # fmt: skip
        assert said in text


def test_a_refused_check_stands_out_and_the_passed_ones_are_folded(ann, client):
    passed, refused = (
        {"code": f"CODE_{word}", "ok": word == "PASSED", "sentence": f"it {word}", "numbers": {}}
        for word in ("PASSED", "REFUSED")
    )

    text = page(client, make_order(verdicts=[passed, refused])).content.decode()

    shown, folded = text.split("What was checked")
    assert "1 refused" in shown
    assert [word for word in ("it PASSED", "it REFUSED") if word in shown] == ["it REFUSED"]
    assert [word for word in ("it PASSED", "it REFUSED") if word in folded] == ["it PASSED"]


def test_an_order_asked_for_before_the_open_says_when_it_is_sent(ann, client):
    opens_at = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    verdict = {"code": "SESSION_CLOSED", "ok": True, "numbers": {"opens": opens_at.isoformat()}}

    text = page(client, make_order(verdicts=[verdict], now=opens_at - timedelta(hours=15))).content.decode()

    assert "sent once approved and open, Mon 23 Nov 09:30 New York." in text


def test_an_order_without_a_check_says_so(ann, client):
    text = page(client, make_order(verdicts=[])).content.decode()

    assert "None recorded." in text
    assert "What was checked" not in text


def test_what_a_trader_typed_is_shown_as_text_and_never_as_markup(ann, client):
    order = make_order(text="!tt <script>alert(1)</script>", note="<b>bold</b>")

    for text in (page(client, order).content.decode(), client.get(LIST).content.decode()):
        assert "<script>alert(1)" not in text
        assert "<b>bold</b>" not in text


def test_an_order_that_does_not_exist_is_not_found(ann, client):
    assert client.get("/admin/orders/order/999/change/").status_code == 404
    assert client.get("/admin/orders/order/nonsense/change/").status_code == 404


# --- the live part --------------------------------------------------------------------------------


def test_nothing_is_sent_while_nothing_is_new(ann, client, django_assert_num_queries):
    order = make_order()

    with django_assert_num_queries(6):  # session, user, profile, his and his groups' rights; the version
        answer = live(client, order, had=order.version, seen=order.version)

    assert (answer.status_code, answer.content) == (204, b"")


def test_each_step_is_shown_once_it_happened(ann, client):
    order = make_order(status="walking")
    make_placement(order, limit_price=D("1.27"))
    order.tell("sending", by="worker", now=timezone.now(), reason="2 at 1.27")

    text = live(client, order, had=1, seen=1).content.decode()

    assert f'data-version="{order.version}"' in text
    assert f"had={order.version}&amp;seen=1" in text
    assert "<strong>1.27</strong>" in text
    assert "2 at 1.27" in text


def test_an_order_that_is_closed_is_asked_about_no_more(ann, client):
    order = make_order(status="filled", version=5)

    answer = live(client, order, had=4, seen=1)

    assert answer.status_code == 200
    assert "hx-get" not in answer.content.decode()
    assert reverse("admin:orders_order_live", args=(order.pk,)) not in page(client, order).content.decode()


def test_a_proposal_that_changed_under_the_reader_has_no_approve_button_before_he_looked_again(ann, client):
    order = make_order(version=3)

    text = live(client, order, had=1, seen=1).content.decode()

    assert "This order changed since you opened the page." in text
    assert reverse("admin:orders_order_decide", args=(order.pk, "approve")) not in text
    assert buttons(client, order) == ["approve", "deny", "cancel"]


def test_a_page_whose_login_ended_reloads_itself(client):
    order = make_order()

    answer = live(client, order, had=1, seen=1)

    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (200, "true", b"")


def test_the_live_part_is_for_those_who_may_look(client):
    order = make_order()
    client.force_login(make_user("eve"))

    assert live(client, order, had=0, seen=0).content == b""


EXIT = {
    "price_rule": "exit",
    "order_type": "OCO",
    "target_price": D("2.50"),
    "stop_price": D("0.80"),
    "bound_price": None,
    "leg": {"action": "Sell to Close"},
}


def test_the_page_of_an_exit_shows_its_prices_and_its_entry_and_the_entry_its_exit(ann, client):
    entry = make_order(status="filled", target_price=D("2.50"), stop_price=D("0.80"))
    order = make_order(status="resting", parent=entry, **EXIT)
    make_placement(order, limit_price=D("2.50"), stop_price=D("0.80"))

    shown, of_entry = page(client, order).content.decode(), page(client, entry).content.decode()

    assert "Rests at target 2.50, stop 0.80, no walk." in shown
    assert "2.50 or stop 0.80" in shown
    assert f'<a href="{reverse("admin:orders_order_change", args=(entry.pk,))}">#{entry.pk}</a>' in shown
    assert buttons(client, order) == ["cancel"]
    assert "target 2.50, stop 0.80: placed when it has ended, for what filled" in of_entry
    assert f">#{order.pk}</a> for 2, resting" in of_entry.lower()


def test_what_sleeps_at_the_broker_is_cancelled_through_its_entry_alone(ann, client):
    entry = make_order(status="resting", retries=0, target_price=D("2.50"), stop_price=D("0.80"))
    order = make_order(status="resting", parent=entry, waits_for_entry=True, **EXIT)

    shown = page(client, order).content.decode()

    assert "asleep at the broker until it has filled" in shown
    assert buttons(client, order) == []
