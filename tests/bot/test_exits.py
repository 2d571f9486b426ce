"""Closing, amending, stop and target: what a trader types and what the messages show."""

import pytest
from django.utils import timezone

from desk.models import Account
from orders import approval, exits
from orders.brokers.base import Position
from orders.enums import InstrumentType, OptionType
from orders.models import Order
from tests.bot.rig import ORDER, TYPED, D, field_of, labels_of, option, wait_for
from tests.factories import PRACTICE_URL, make_approver
from tests.orders.worlds import fresh, open_session, run, step, stream_up

CALL = option(D(600), OptionType.CALL)


@pytest.fixture
def holding(desk):
    """Return a running desk whose account holds four calls."""
    desk.broker.held = [Position(CALL.symbol, InstrumentType.EQUITY_OPTION, "SPY", 4, D("1.25"), D(100))]
    desk.broker.instruments = {CALL.symbol: CALL}
    return desk


def approve(desk, order: Order) -> Order:
    return approval.approve(order.pk, by=desk.user("ada"), via="discord")


def test_half_a_position_is_closed(holding):
    order = holding.propose(f"!tt close SPY {TYPED} 600c half @ 1.22")

    card = holding.card(order)
    assert card["embeds"][0]["title"].startswith(f"{order} SELL TO CLOSE 2 SPY ")
    assert (
        field_of(card, "Price typed") == "never takes less than 1.22; starts at the mid where that is better"
    )


def test_an_exit_shows_its_two_prices_and_no_walk(holding):
    order = holding.propose(f"!tt close SPY {TYPED} 600c sl 0.80 tp 2.50")

    card = holding.card(order)
    assert field_of(card, "Plan") == (
        "no walk: rests at the target 2.50 or at the market once the stop 0.80 is touched (OCO), as DAY"
    )
    assert (field_of(card, "Price typed"), field_of(card, "Exit")) == (None, None)


@pytest.mark.parametrize(
    ("words", "how"),
    [
        pytest.param("", "placed when it has ended, for what filled", id="walks"),
        pytest.param("retries 0", "sent with it (OTOCO)", id="never walks"),
    ],
)
def test_the_approver_sees_the_exit_of_an_entry(desk, words, how):
    order = desk.propose(f"{ORDER} sl 0.80 tp 2.50 {words}")

    assert field_of(desk.card(order), "Exit") == (
        f"at the target 2.50 or at the market once the stop 0.80 is touched (OCO); {how}"
    )


def test_what_is_not_held_is_not_closed(desk):
    text = desk.ask(f"!tt close SPY {TYPED} 600c")

    assert text.startswith("`PRACTICE`\nThe account holds no SPY ")
    assert Order.objects.count() == 0


def test_a_proposal_is_amended_and_its_message_shows_it(desk):
    order = desk.propose()

    text = desk.ask(f"!tt amend {order.pk} qty 1 max 1.28")

    assert text == (
        f"`PRACTICE`\n{order} now has quantity 1 instead of 2, bound 1.28 instead of 1.30. It waits for approval."
    )
    wait_for(lambda: desk.card(order)["embeds"][0]["title"].startswith(f"{order} BUY TO OPEN 1 "))
    assert fresh(order).bound_price == D("1.28")


def test_an_approved_order_says_that_it_is_stopped_to_be_asked_again(desk):
    order = approve(desk, desk.propose())

    text = desk.ask(f"!tt amend {order.pk} max 1.28")

    assert text == (
        f"`PRACTICE`\n{order} is being stopped; then it is asked again with bound 1.28 instead of 1.30."
    )
    assert "being stopped, amended by tessa" in desk.status(order, "being stopped")


def test_only_the_trader_amends(desk):
    order = desk.propose()

    assert desk.ask(f"!tt amend {order.pk} max 1.28", member="theo") == (
        "`PRACTICE`\nOnly its trader can amend this order."
    )


def test_cancel_all_cancels_ones_own_orders_alone(desk):
    mine, other = desk.propose(), desk.propose(member="theo")

    text = desk.ask("!tt cancel all")

    assert text == f"`PRACTICE`\n{mine} is withdrawn."
    assert fresh(other).status == "proposed"


def test_an_exit_that_follows_its_entry_gets_a_message_of_its_own(desk, settings):
    settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
    Account.objects.update(reconciled_at=timezone.now())
    open_session()
    stream_up()
    desk.broker.fills_at = D("1.25")
    entry = run(approve(desk, desk.propose(f"{ORDER} sl 0.80 tp 2.50")), desk.broker)
    step(entry, desk.broker)
    order = run(entry.exits.get(), desk.broker)

    line = desk.status(order, "Resting")

    assert "Resting** · at the target 2.50 or at the market once the stop 0.80 is touched (OCO)" in line
    card = desk.card(order)
    assert field_of(card, "Exit") == f"exit of {entry}, approved with it"
    assert "2.50 or stop 0.80** working" in field_of(card, "Prices so far")
    assert labels_of(card) == ["Cancel"]


def test_an_exit_asleep_has_no_button_of_its_own(desk):
    make_approver()
    entry = approve(desk, desk.propose(f"{ORDER} sl 0.80 tp 2.50 retries 0"))
    order = exits.new_exit(entry, 2, now=timezone.now(), waits=True)

    wait_for(lambda: desk.status(order, "Approved"))

    assert labels_of(desk.card(order)) == []
    assert field_of(desk.card(order), "Exit") == (
        f"exit of {entry}, approved with it, asleep at the broker until it has filled"
    )
