"""Positions, fills and cash of an account are compared with what the desk's fills make of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, InternalError, OperationalError
from django.utils import timezone

from desk.models import Account
from orders import brokers
from orders.brokers.base import (
    Balance,
    BrokerFill,
    BrokerLeg,
    BrokerOrder,
    BrokerUnavailable,
    Listing,
    Position,
    Transaction,
    TransactionListing,
)
from orders.brokers.reading import read_transaction
from orders.enums import Action, InstrumentType
from orders.models import Book, Break, External, Fill, Order, Placement
from orders.reconciliation import books, breaks, cash, reconciling
from tests.brokers import FakeBroker, option_position, trade_of
from tests.factories import make_account, make_placement, make_user
from tests.orders.worlds import approved, fresh, run, step

pytestmark = pytest.mark.django_db
CALL = "SPY   261218C00600000"
OTHER = "QQQ   261218P00500000"


def compared(broker: FakeBroker) -> Account:
    """Make one pass, with everything that filled before long settled."""
    Fill.objects.update(recorded_at=timezone.now() - timedelta(minutes=1))
    account = Account.objects.get()
    assert reconciling.reconcile(account, broker) is True
    return account


def differences(*kinds: str) -> list[tuple[str, str]]:
    found = Break.objects.open().filter(kind__in=kinds) if kinds else Break.objects.open()
    return list(found.order_by("pk").values_list("kind", "sentence"))


def bought(settings, broker: FakeBroker) -> Order:
    """Return an order of the desk's for 2 that filled."""
    broker.fills_at = D("1.25")
    order = run(approved(settings), broker)
    broker.fills_at = None
    assert order.status == "filled"
    return order


def hand_order(
    number: str = "77", *, filled: int = 1, action: Action = Action.BUY_TO_OPEN, **more
) -> BrokerOrder:
    """Return an order that a person placed in the broker's own app."""
    at = more.pop("at", timezone.now())
    fills = (BrokerFill(f"h{number}", CALL, filled, D("1.30"), at),) if filled else ()
    leg = BrokerLeg(CALL, action, 1, 1 - filled, fills)
    values = {"status": "Filled" if filled else "Live", "source": "WB2", "raw": {"updated-at": 1}} | more
    return BrokerOrder(number, legs=(leg,), **values)


def entry(number: str = "9", **more) -> Transaction:
    now = timezone.now()
    values = {
        "transaction_id": number, "kind": "Money Movement", "sub_kind": "Dividend", "executed_at": now,
        "value": D("12.00"), "net_value": D("12.00"), "fees": D(0),
        "description": "a dividend",
    }  # fmt: skip
    return Transaction(**values | more)


# --- positions --------------------------------------------------------------------------------------


def test_what_was_there_before_the_desk_is_no_difference():
    make_account()
    broker = FakeBroker(held=[option_position(OTHER, -3), option_position(CALL, 1)])

    compared(broker)
    compared(broker)

    assert (differences(), Book.objects.get().positions) == ([], {OTHER: "-3", CALL: "1"})


def test_what_the_desk_buys_is_no_difference(settings):
    broker = FakeBroker(held=[option_position(OTHER, 5)])
    make_account()
    compared(broker)

    bought(settings, broker)
    compared(broker)

    assert differences() == []


def test_what_had_filled_before_the_first_pass_is_not_taken_for_anothers(settings):
    broker = FakeBroker()
    bought(settings, broker)

    compared(broker)

    assert (differences(), Book.objects.get().positions) == ([], {})


def test_a_position_that_nothing_explains_is_a_break_of_its_underlying(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)

    broker.held = [option_position(CALL, 5)]
    compared(broker)

    said = f"the account holds 5 of {CALL}, the fills make 2"
    assert differences() == [("position differs", said)]
    found = Break.objects.get()
    assert (found.symbol, found.underlying, found.detail) == (CALL, "SPY", {"quantity": "3"})


def test_a_position_that_is_gone_is_a_break_of_its_underlying(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)

    broker.held = [option_position(CALL, 0)]
    compared(broker)

    assert differences() == [("position differs", f"the account holds 0 of {CALL}, the fills make 2")]
    assert Break.objects.get().underlying == "SPY"


def test_a_position_that_agrees_again_is_no_break_any_more(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    broker.held = [option_position(CALL, 5)]
    compared(broker)

    broker.held = []
    compared(broker)

    assert (differences(), Break.objects.get().cause) == ([], breaks.NO_LONGER)


def test_a_position_that_a_person_explained_is_no_difference_any_more(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    broker.held = [option_position(CALL, 5)]
    compared(broker)

    breaks.resolve(Break.objects.get().pk, by=make_user("ann", "orders.resolve_break"), cause="a gift")
    compared(broker)
    assert differences() == []

    broker.held = [option_position(CALL, 4)]
    compared(broker)
    assert differences() == [("position differs", f"the account holds 4 of {CALL}, the fills make 5")]


def test_what_has_just_filled_is_judged_by_the_next_pass(settings):
    broker = FakeBroker()
    make_account()
    compared(broker)
    bought(settings, broker)
    broker.held = [option_position(CALL, 0)]

    reconciling.reconcile(Account.objects.get(), broker)
    assert differences() == []

    compared(broker)
    assert [kind for kind, _ in differences()] == ["position differs"]


def test_a_fill_between_two_readings_of_one_pass_is_no_difference(settings):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    compared(broker)
    number = broker.last_id

    broker.during["position_listing"] = lambda: broker.fill(number, 2)
    reconciling.reconcile(Account.objects.get(), broker)
    assert (differences(), fresh(order).filled_quantity) == ([], 2)

    compared(broker)
    assert differences() == []


def test_a_busted_fill_agrees_with_the_position_that_is_gone(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    broker.take_back(broker.last_id)

    compared(broker)

    assert [kind for kind, _ in differences()] == ["fill differs"]


@pytest.mark.parametrize(
    "at, is_over",
    [
        pytest.param(datetime(2026, 12, 18, 20, 59, tzinfo=UTC), False, id="its last day"),
        pytest.param(datetime(2026, 12, 18, 21, 0, tzinfo=UTC), True, id="its last close"),
        pytest.param(datetime(2026, 12, 19, 15, 0, tzinfo=UTC), True, id="the day after"),
    ],
)
def test_an_option_is_gone_after_its_last_session(at, is_over):
    assert (books.has_expired(CALL, at), books.has_expired("SPY", at)) == (is_over, False)


def test_a_position_that_cannot_be_read_is_a_break_and_hides_no_other(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    broker.held = [option_position(OTHER, 1)]
    broker.unreadable_positions = [{"symbol": "XYZ", "underlying-symbol": "XYZ", "quantity": "NaN"}]

    compared(broker)

    assert differences() == [
        ("unreadable position", "the broker's position XYZ can't be read"),
        ("position differs", f"the account holds 1 of {OTHER}, the fills make 0"),
    ]
    assert Break.objects.first().underlying == "XYZ"

    broker.unreadable_positions = []
    compared(broker)
    assert [kind for kind, _ in differences()] == ["position differs"]


def test_a_fraction_of_a_share_is_no_difference():
    make_account()
    broker = FakeBroker()
    compared(broker)
    broker.entries = [
        entry(
            "1", kind="Trade", symbol="SPY", action=Action.BUY_TO_OPEN, quantity=D("10.5"), net_value=D(-50)
        )
    ]
    broker.held = [Position("SPY", InstrumentType.EQUITY, "SPY", 10, D(600), D(1))]
    broker.cash_besides = D(0)

    compared(broker)

    assert differences() == []


# --- what others do ----------------------------------------------------------------------------------


def test_an_order_by_hand_is_kept_and_explains_the_position():
    make_account()
    broker = FakeBroker()
    compared(broker)
    broker.orders["77"] = hand_order()

    compared(broker)
    compared(broker)

    assert differences() == []
    external = External.objects.get()
    assert (external.symbol, external.quantity, external.status, external.sentence) == (
        CALL,
        1,
        "Filled",
        f"Buy to Open 1 {CALL}, WB2",
    )


def test_an_order_by_hand_that_fills_later_counts_then():
    make_account()
    broker = FakeBroker()
    broker.orders["77"] = hand_order(filled=0)
    compared(broker)
    assert External.objects.get().quantity == 0

    broker.orders["77"] = hand_order()
    compared(broker)
    compared(broker)

    assert (differences(), External.objects.get().quantity) == ([], 1)


def test_a_trade_by_hand_that_only_the_books_know_explains_the_position():
    make_account()
    broker = FakeBroker()
    compared(broker)
    order = hand_order()
    broker.entries = [replace(trade_of(order, order.legs[0], order.legs[0].fills[0]), broker_order_id="70")]
    broker.held = [option_position(CALL, 1)]

    compared(broker)
    compared(broker)

    assert (differences(), External.objects.get().quantity) == ([], 1)


def test_a_trade_is_not_counted_twice_when_its_order_is_listed_after_its_entry():
    make_account()
    broker = FakeBroker()
    compared(broker)
    order = hand_order()
    broker.entries = [trade_of(order, order.legs[0], order.legs[0].fills[0])]
    broker.held = [option_position(CALL, 1)]
    compared(broker)

    broker.orders["77"] = order
    compared(broker)
    compared(broker)

    assert differences("position differs") == []
    assert sorted(External.objects.values_list("quantity", flat=True)) == [0, 1]


def test_a_trade_of_an_order_that_is_found_to_be_ours_later_counts_once(settings):
    order, broker = approved(settings), FakeBroker(outcomes=["unknown"], fills_at=D("1.25"))
    compared(broker)
    order = step(order, broker)
    broker.hidden.add(order.placements.get().external_identifier)
    compared(broker)
    assert [row.broker_order_id for row in External.objects.all()] == [broker.last_id]

    broker.hidden.clear()
    compared(broker)
    compared(broker)

    assert (fresh(order).filled_quantity, differences(), External.objects.count()) == (2, [], 0)


def test_an_assignment_in_the_books_explains_both_positions(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    delivered = {"kind": "Receive Deliver", "sub_kind": "Exercise", "description": "exercised"}
    broker.entries = [
        entry("1", symbol=CALL, action=Action.SELL_TO_CLOSE, quantity=D(2), net_value=D(0), **delivered),
        entry(
            "2", symbol="SPY", action=Action.BUY_TO_OPEN, quantity=D(200), net_value=D(-120000), **delivered
        ),
    ]
    broker.held = [
        option_position(CALL, 0),
        Position("SPY", InstrumentType.EQUITY, "SPY", 200, D(600), D(1)),
    ]

    compared(broker)

    assert differences() == []
    assert list(External.objects.order_by("pk").values_list("symbol", "quantity", "status")) == [
        (CALL, D(-2), "Receive Deliver: Exercise"),
        ("SPY", D(200), "Receive Deliver: Exercise"),
    ]


def test_a_trade_that_the_books_tell_of_before_the_position_is_judged_by_the_next_pass():
    make_account()
    broker = FakeBroker()
    compared(broker)
    order = hand_order()
    broker.entries = [trade_of(order, order.legs[0], order.legs[0].fills[0])]

    compared(broker)
    assert differences("position differs") == []

    broker.held = [option_position(CALL, 1)]
    compared(broker)
    assert differences() == []


@pytest.mark.parametrize(
    "status, is_told", [("unknown", False), ("not_placed", True)], ids=["in doubt", "never placed"]
)
def test_what_replaces_an_order_is_a_hands_only_if_it_can_not_be_our_own(settings, status, is_told):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    old = order.placements.get()
    make_placement(order, replaces=old, status=status, broker_order_id="", quantity=2)
    broker.orders["88"] = hand_order("88", filled=0, replaces_order_id=old.broker_order_id)

    compared(broker)

    told = fresh(order).events.filter(kind="edited by hand").exists()
    assert (told, External.objects.exists()) == (is_told, is_told)


def test_our_own_orders_are_never_external(settings):
    broker = FakeBroker()
    bought(settings, broker)
    compared(broker)
    compared(broker)

    assert External.objects.count() == 0


# --- the listing, item by item ------------------------------------------------------------------------


def test_an_order_that_cannot_be_read_is_a_break_of_its_underlying_until_it_can():
    account = make_account()
    broker = FakeBroker(unreadable_orders=[{"id": 5, "underlying-symbol": "SPY", "legs": "?"}, {}])

    compared(broker)
    assert list(Break.objects.open().values_list("kind", "key", "underlying")) == [
        ("unreadable order", "5", "SPY"),
        ("unreadable order", "?", ""),
    ]

    broker.unreadable_orders = []
    breaks.open_break(account, "unreadable report", "5", "a stream message can't be read")
    compared(broker)
    assert differences() == []


def unkeepable(broker: FakeBroker, number: str) -> None:
    """Let the broker tell something of an order that no column takes."""
    order = broker.orders[number]
    broker.orders[number] = replace(order, raw={**order.raw, "updated-at": 99, "avg-price": float("nan")})


def test_an_order_of_ours_that_cannot_be_kept_is_a_break_until_it_can_and_hides_no_other(settings):
    broker = FakeBroker()
    first, second = step(approved(settings), broker), step(approved(settings), broker)
    odd, filled = broker.orders
    unkeepable(broker, odd)
    broker.fill(filled, 2)

    compared(broker)
    compared(broker)

    assert (fresh(first).status, fresh(second).status) == ("walking", "filled")
    found = Break.objects.get(kind="unreadable order")
    assert (found.key, found.symbol, found.resolved_at) == (odd, CALL, None)

    broker.fill(odd, 2)
    compared(broker)
    assert (fresh(first).status, differences("unreadable order")) == ("filled", [])


@pytest.mark.parametrize("gone", [OperationalError, InterfaceError, InternalError])
def test_a_database_that_went_away_is_no_fault_of_an_order(settings, monkeypatch, gone):
    """PostgreSQL names the end of a transaction that idled for too long an internal error."""
    broker = FakeBroker()
    step(approved(settings), broker)

    def apply_reading(*_, **__):
        raise gone("terminating connection due to idle-in-transaction timeout")

    monkeypatch.setattr(reconciling.recording, "apply_reading", apply_reading)

    with pytest.raises(gone):
        compared(broker)
    assert Break.objects.count() == 0


def test_an_order_of_ours_without_a_row_is_a_break_until_there_is_one(settings):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    placement = order.placements.get()
    number, name = placement.broker_order_id, placement.external_identifier
    Placement.objects.update(broker_order_id="", external_identifier="practice-d1-elsewhere")

    compared(broker)
    assert differences() == [
        ("order without a placement", f"order {number} has our identifier {name}, no row")
    ]

    Placement.objects.update(external_identifier=name)
    compared(broker)
    found = Break.objects.get()
    assert (differences(), found.cause, found.resolved_by) == ([], breaks.NO_LONGER, "")


def test_an_unlisted_order_that_cannot_be_kept_hides_no_other(settings):
    broker = FakeBroker()
    first, second = step(approved(settings), broker), step(approved(settings), broker)
    odd, filled = broker.orders
    unkeepable(broker, odd)
    broker.fill(filled, 2)
    broker.hidden = {p.external_identifier for p in (*first.placements.all(), *second.placements.all())}

    compared(broker)

    assert (fresh(first).status, fresh(second).status) == ("walking", "filled")
    assert list(Break.objects.values_list("kind", "key")) == [("unreadable order", odd)]


def test_a_hands_order_that_cannot_be_kept_is_a_break_and_hides_no_other(settings):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    broker.fill(broker.last_id, 2)
    broker.orders["7" * 60] = hand_order("7" * 60, filled=0, raw={"underlying-symbol": "QQQ"})

    compared(broker)

    assert fresh(order).status == "filled"
    assert list(Break.objects.values_list("kind", "key", "underlying")) == [
        ("unreadable order", "7" * 60, "QQQ")
    ]
    assert External.objects.count() == 0


# --- fills against the books -------------------------------------------------------------------------


def test_a_fill_that_only_the_books_tell_of_has_the_order_read_again(settings):
    broker = FakeBroker()
    order = step(approved(settings), broker)
    number = broker.last_id
    listed = broker.orders[number]
    broker.fill(number, 2)

    class Lagging(FakeBroker):
        def live_orders(self) -> Listing:
            return Listing((listed,))

    lagging = Lagging(orders=broker.orders)
    compared(lagging)

    assert (fresh(order).filled_quantity, differences()) == (2, [])


def test_an_entry_that_no_fill_explains_is_a_break_until_one_does(settings):
    broker = FakeBroker()
    order = bought(settings, broker)
    compared(broker)
    number = order.placements.last().broker_order_id
    more = entry(
        "3", kind="Trade", symbol=CALL, action=Action.BUY_TO_OPEN, quantity=D(1), broker_order_id=number,
        net_value=D(0), value=D(0),
    )  # fmt: skip
    broker.entries = [more]

    compared(broker)
    said = f"the books have 3 of {CALL} for order {number}, more than its fills"
    assert differences() == [("books differ", said)]

    broker.entries = [more, replace(more, transaction_id="4", reverses_id="3")]
    compared(broker)
    assert differences() == []


def test_a_reversal_in_the_books_has_an_old_order_read_again(settings):
    broker = FakeBroker()
    order = bought(settings, broker)
    compared(broker)
    number = order.placements.last().broker_order_id
    leg = broker.orders[number].legs[0]
    trade = trade_of(broker.orders[number], leg, leg.fills[0])
    broker.take_back(number)
    broker.entries = [replace(trade, transaction_id="9", reverses_id=trade.transaction_id), trade]
    broker.hidden = {broker.orders[number].external_identifier}

    compared(broker)

    assert (fresh(order).filled_quantity, [kind for kind, _ in differences()]) == (0, ["fill differs"])


def test_fewer_entries_than_fills_are_no_difference(settings):
    class Late(FakeBroker):
        def transactions_since(self, day):
            return TransactionListing(())

    broker = Late()
    bought(settings, broker)

    compared(broker)
    compared(broker)

    assert differences("books differ", "position differs") == []


# --- cash ---------------------------------------------------------------------------------------------


def test_cash_that_nothing_explains_is_a_break_beyond_the_tolerance(settings):
    settings.CASH_TOLERANCE_VALUE = D("10.00")
    make_account()
    broker = FakeBroker()
    compared(broker)

    broker.cash_besides = D("10.00")
    compared(broker)
    assert differences() == []

    broker.cash_besides = D("10.01")
    compared(broker)
    said = "the cash is 100010.01, the day makes it 100000.00"
    assert differences() == [("cash differs", said)]

    broker.cash_besides = D(0)
    compared(broker)
    assert differences() == []


def test_a_cash_break_blocks_no_order(settings):
    order = approved(settings)
    breaks.open_break(order.account, "cash differs", "2026-11-23", "the cash differs", value="11")

    assert breaks.refusal(order).is_ok is True


def test_what_the_desk_and_others_trade_and_what_is_booked_moves_the_cash(settings):
    settings.CASH_TOLERANCE_VALUE = D(0)
    make_account()
    broker = FakeBroker()
    compared(broker)

    bought(settings, broker)
    broker.orders["77"] = hand_order()
    broker.entries = [entry()]
    compared(broker)

    assert differences() == []
    assert broker.balance().cash == D(100_000) - 250 - 130 + 12


def test_the_fees_of_our_fills_count_once_they_are_booked(settings):
    settings.CASH_TOLERANCE_VALUE = D(0)

    class Charging(FakeBroker):
        def transactions_since(self, day):
            found = super().transactions_since(day)
            return replace(
                found,
                transactions=tuple(
                    replace(t, fees=D("-2.26"), net_value=t.net_value - D("2.26")) for t in found
                ),
            )

    broker = Charging()
    make_account()
    compared(broker)
    bought(settings, broker)

    compared(broker)

    assert (differences(), broker.balance().cash) == ([], D("99747.74"))


def test_what_is_executed_in_the_evening_is_of_that_day_though_the_broker_books_it_on_the_next(settings):
    settings.CASH_TOLERANCE_VALUE = D(0)
    account, at = make_account(), datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    dividend = {
        "id": 9, "transaction-type": "Money Movement", "executed-at": "2026-11-23T22:29:00.000+00:00",
        "transaction-date": "2026-11-24", "value": "12.0", "value-effect": "Credit", "net-value": "12.0",
        "net-value-effect": "Credit",
    }  # fmt: skip
    book = Book.objects.create(account=account, opened_at=at, cash_on=date(2026, 11, 23), cash_value=D(1000))
    balance = replace(FakeBroker().balance(), cash=D(1012))

    cash.compare(account, book, balance, TransactionListing((read_transaction(dividend),)), at)

    assert differences() == []


def test_a_hands_trade_that_is_not_booked_yet_leaves_the_cash_unjudged():
    class Late(FakeBroker):
        def transactions_since(self, day):
            return TransactionListing(())

    make_account()
    broker = Late()
    compared(broker)
    broker.orders["77"], broker.cash_besides = hand_order(), D(-130)

    compared(broker)

    assert differences() == []


def test_cash_that_a_person_explained_is_no_difference_any_more():
    make_account()
    broker = FakeBroker()
    compared(broker)
    broker.cash_besides = D(500)
    compared(broker)

    breaks.resolve(Break.objects.get().pk, by=make_user("ann", "orders.resolve_break"), cause="a deposit")
    compared(broker)
    assert differences() == []

    broker.cash_besides = D(900)
    compared(broker)
    assert differences() == [("cash differs", "the cash is 100900.00, the day makes it 100500.00")]


def test_a_day_with_futures_is_not_judged():
    make_account()
    broker = FakeBroker()
    compared(broker)
    broker.held = [Position("/ESZ6", InstrumentType.FUTURE, "/ESZ6", 1, D(6000), D(50))]
    broker.cash_besides = D(-5000)

    compared(broker)

    assert differences("cash differs") == []


def test_the_first_pass_of_a_day_takes_its_cash_as_it_is():
    make_account()
    broker = FakeBroker()
    compared(broker)
    Book.objects.update(cash_on="2026-01-05")
    broker.cash_besides = D(700)

    compared(broker)

    book = Book.objects.get()
    assert (differences(), book.cash_value) == ([], D("100700.00"))


def test_books_that_do_not_answer_are_a_break_and_stop_nobody(settings):
    class Broken(FakeBroker):
        broken = True

        def transactions_since(self, day):
            if self.broken:
                raise BrokerUnavailable("The broker answered 502.")
            return super().transactions_since(day)

        def balance(self):
            return Balance(D(100_000), D(100_000), D(200_000), D(200_000))

    order, broker = approved(settings), Broken()
    compared(broker)
    assert differences() == [
        ("unreadable entry", "the account's books can't be compared: The broker answered 502.")
    ]
    assert breaks.refusal(order).is_ok is True

    Broken.broken = False
    compared(broker)
    assert differences() == []


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch, settings) -> FakeBroker:
    made = FakeBroker()
    monkeypatch.setattr(brokers, "get_broker", lambda environment, number: made)
    return made


def reconciled(capsys, *args: str) -> tuple[list[str], int]:
    code = 0
    try:
        call_command("reconcile", *args)
    except SystemExit as end:
        code = int(end.code or 0)
    return capsys.readouterr().out.splitlines(), code


def test_the_command_compares_with_the_queue_down_and_lets_orders_be_sent(broker, capsys, settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/queue.sock"
    make_account(reconciled_at=None)

    lines, code = reconciled(capsys)

    assert (lines, code) == (["Practice one (practice): compared, 0 differences"], 0)
    assert Account.objects.get().reconciled_at is not None


def test_the_command_prints_what_differs_and_fails(broker, capsys):
    make_account()
    compared(broker)
    broker.held = [option_position(OTHER, 1)]

    lines, code = reconciled(capsys, "--account", "5WX00001")

    said = f"  position differs: the account holds 1 of {OTHER}, the fills make 0 (since "
    assert (lines[0], lines[1].startswith(said), code) == (
        "Practice one (practice): compared, 1 differences",
        True,
        1,
    )


def test_the_command_fails_where_the_broker_does_not_answer(broker, capsys):
    make_account()
    broker.read_fails = BrokerUnavailable("The broker answered 502.")

    lines, code = reconciled(capsys)

    assert (lines, code) == (["Practice one (practice): not read whole, 0 differences"], 1)


def test_the_command_leaves_a_pass_that_another_makes_alone(broker, capsys):
    account = make_account()
    reconciling.mark_due([account.pk])
    reconciling.claim_pass(account.pk)

    lines, code = reconciled(capsys)

    assert (lines, code) == (
        ["Practice one (practice): is being compared by another process, 0 differences"],
        1,
    )


def test_the_command_names_no_account_that_is_not_there(broker):
    make_account()

    with pytest.raises(CommandError, match="No account to compare"):
        call_command("reconcile", "--account", "nobody's")
