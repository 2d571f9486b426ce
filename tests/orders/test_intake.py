"""What becomes of a message: proposed, referred with a precise reason, or left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.alerts import intake, message_proposing, reviewing
from orders.alerts.positions import readable
from orders.brokers.base import BrokerUnavailable, Position
from orders.enums import InstrumentType, OptionType
from orders.holdings import Holdings
from orders.language.alerts import Asset, HeldPosition
from orders.models import Message, Order
from tests.factories import make_trader
from tests.orders.rooms import COMMAND, DAY, EXPIRY, OPEN, TYPED, D, Room

pytestmark = pytest.mark.django_db
AWAY = "came while the desk was away"


@pytest.fixture
def room(settings):
    return Room(settings)


def orders_of(message):
    return [part.order for part in message.parts.order_by("revision", "part")]


def texts_of(message):
    return [order.text for order in orders_of(message)]


def test_a_whole_alert_is_proposed_as_the_command_it_comes_to(room):
    message = room.say(OPEN)

    order = orders_of(message)[0]
    assert (message.state, message.intent, message.commands) == ("proposed", "open", COMMAND)
    assert (order.text, order.status, order.quantity) == (f"!tt {COMMAND}", "proposed", 2)
    assert (order.bound_price, order.trader, order.discord_message_id) == (D("1.25"), room.tessa, None)
    assert message.reading["symbol"] == "SPY"


def test_its_own_author_can_not_approve_it(room):
    from orders import approval
    from tests.factories import grant

    order = orders_of(room.say(OPEN))[0]

    with pytest.raises(approval.NotAllowed, match="a second person"):
        approval.approve(order.pk, by=grant(room.tessa.user, "orders.approve_order"), via="admin")


def test_a_channel_may_have_a_quantity_of_its_own(settings):
    room = Room(settings, alert_quantity=3)

    assert texts_of(room.say(f"BTO SPY {TYPED} 600c @ 1.25")) == [f"!tt bto 3 SPY {DAY} 600c @ 1.25"]


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        pytest.param(
            f"BTO SPY {TYPED} 600c @ 1.25",
            "review",
            "the alert does not say how many, and its channel has no number of its own",
            id="no quantity",
        ),
        pytest.param("BTO 2 SPY 600c @ 1.25", "review", "missing: expiry", id="no expiry"),
        pytest.param(
            f"If SPY breaks 605 BTO 1 SPY {TYPED} 600c @ 1.25",
            "review",
            "conditional: only above 605 of the underlying",
            id="conditional",
        ),
        pytest.param("move stop to 1.10", "update", "moves stop or targets", id="update"),
        pytest.param("good morning", "noise", "no order in it", id="talk"),
        pytest.param("all out SPY", "review", "no open position fits", id="nothing to close"),
    ],
)
def test_whatever_is_no_whole_order_is_no_order(room, text, state, reason):
    message = room.say(text)

    assert (message.state, message.reason) == (state, reason)
    assert Order.objects.count() == 0


def test_a_strike_that_does_not_exist_is_referred_with_the_nearest(room):
    message = room.say(f"BTO 2 SPY {TYPED} 612c @ 1.25")

    assert message.state == "review"
    assert message.reason.endswith("has no strike 612. Nearest: 600, 605, 610.")
    assert message.commands == f"bto 2 SPY {DAY} 612c @ 1.25"


def test_what_the_desk_refuses_is_referred_with_the_code(room):
    message = room.say(f"BTO 11 SPY {TYPED} 600c @ 1.25")

    assert message.state == "review"
    assert message.reason.endswith("(QUANTITY_EXCEEDS_MAXIMUM)")


def test_a_broker_that_cannot_be_reached_makes_a_review(room):
    room.broker.read_fails = BrokerUnavailable("no answer in 10 s")

    message = room.say(OPEN)

    assert (message.state, message.reason) == ("review", "no answer in 10 s")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("all out SPY", f"stc 4 SPY {DAY} 600c", id="all"),
        pytest.param("STC half SPY 600c @ 1.20", f"stc 2 SPY {DAY} 600c @ 1.20", id="half, strike and price"),
        pytest.param(f"STC 1 SPY {TYPED} 600c @ 1.20", f"stc 1 SPY {DAY} 600c @ 1.20", id="one"),
    ],
)
def test_a_close_takes_what_it_does_not_say_from_the_open_position(room, text, command):
    room.hold(4)

    message = room.say(text)

    assert (message.state, message.reason, message.commands) == ("proposed", "", command)


def test_a_short_position_is_bought_back(room):
    room.hold(-2, kind="P", strike=590)

    assert room.say("BTC SPY 590p @ 1.30").commands == f"btc 2 SPY {DAY} 590p @ 1.30"


def test_two_positions_that_fit_are_a_persons_to_choose_from(room):
    room.hold(4)
    room.hold(2, strike=605)

    message = room.say("all out SPY")

    assert message.state == "review"
    assert message.reason.startswith("two positions fit: 4 SPY")


def test_what_is_being_closed_already_is_not_closed_twice(room):
    room.hold(4)

    assert room.say("all out SPY").state == "proposed"
    again = room.say("STC SPY 600c @ 1.20")

    assert (again.state, again.reason) == ("review", "what it closes is being closed already")
    assert Order.objects.count() == 1


def test_part_of_a_position_that_is_being_closed_leaves_the_rest(room):
    room.hold(4)
    room.say(f"STC 3 SPY {TYPED} 600c @ 1.20")

    assert room.say("all out SPY").commands == f"stc 1 SPY {DAY} 600c"


def test_several_orders_in_one_message_are_one_order_each(room):
    message = room.say(f"BTO 1 SPY {TYPED} 600c @ 1.25\nBTO 2 SPY {TYPED} 590p @ 1.20")

    assert texts_of(message) == [f"!tt bto 1 SPY {DAY} 600c @ 1.25", f"!tt bto 2 SPY {DAY} 590p @ 1.20"]


def test_one_doubtful_order_of_several_refers_them_all(room):
    message = room.say(f"BTO 1 SPY {TYPED} 600c @ 1.25\nBTO 2 SPY {TYPED} 591p @ 1.20")

    assert message.state == "review"
    assert Order.objects.count() == 0


def test_exits_that_one_order_cannot_work_are_told_to_the_approver(room):
    message = room.say(f"BTO 2 SPY {TYPED} 600c @ 1.25 PT1 1.50 PT2 2.50 SL 50%")

    order = orders_of(message)[0]
    assert message.commands == COMMAND
    assert order.warnings == [
        "The alert's target 1.50, 2.50 is not worked by the desk.",
        "The alert's stop 50% is not worked by the desk.",
    ]


def test_a_stop_and_a_target_go_with_the_order(room):
    message = room.say(f"{OPEN} SL 0.80 PT 2.50")

    order = orders_of(message)[0]
    assert message.commands == f"{COMMAND} sl 0.80 tp 2.50"
    assert (order.stop_price, order.target_price) == (D("0.80"), D("2.50"))


def test_an_entry_range_starts_at_its_better_end(room):
    assert room.say(f"BTO 2 SPY {TYPED} 600c @ 1.30-1.20").commands == (
        f"bto 2 SPY {DAY} 600c @ 1.20 max 1.30"
    )


def test_a_message_that_comes_late_waits_for_a_person(room):
    message = room.say(OPEN, late=AWAY, ago=timedelta(hours=1))

    assert (message.state, message.reason, message.commands) == ("review", AWAY, COMMAND)
    assert Order.objects.count() == 0


def test_talk_that_comes_late_is_still_talk(room):
    assert room.say("good morning", late=AWAY).state == "noise"


def test_a_message_is_read_once(room):
    posted = room.posted(OPEN)

    first = intake.take_in(posted, room.channel, room.get_broker)
    again = intake.take_in(posted, room.channel, room.get_broker)

    assert first is not None
    assert again is None
    assert Order.objects.count() == 1


def test_an_expiry_that_is_past_is_referred(room):
    message = room.say("BTO 2 SPY 2025-12-19 600c @ 1.25")

    assert message.state == "review"
    assert Order.objects.count() == 0


# --- who is listened to ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "is_person", "listed", "is_heard"),
    [
        pytest.param(31, True, [], True, id="a trader"),
        pytest.param(99, True, [], False, id="a stranger"),
        pytest.param(99, False, [], False, id="a bot"),
        pytest.param(99, False, [99], True, id="a listed bot"),
        pytest.param(31, False, [], False, id="a bot with a trader's id"),
    ],
)
def test_alerts_of_traders_and_of_listed_authors_are_read(settings, author, is_person, listed, is_heard):
    room = Room(settings, alert_author_ids=listed)

    assert (room.say(OPEN, author=author, is_person=is_person) is not None) is is_heard


def test_a_listed_author_needs_somebody_to_stand_behind_him(settings):
    room = Room(settings, alert_author_ids=[99])

    message = room.say(OPEN, author=99, is_person=False)

    assert (message.state, message.reason) == ("review", intake.NO_TRADER)


def test_a_listed_authors_alert_is_proposed_in_the_name_of_the_channels_trader(settings):
    room = Room(settings, alert_author_ids=[99])
    room.channel.alert_trader = room.tessa

    assert orders_of(room.say(OPEN, author=99, is_person=False))[0].trader == room.tessa


def test_a_trader_who_may_not_propose_is_refused(room):
    room.tessa.user.user_permissions.clear()

    message = room.say(OPEN)

    assert message.state == "review"
    assert message.reason.endswith("(TRADER_NOT_AUTHORISED)")


def test_a_trader_who_was_switched_off_is_not_read(room):
    make_trader("tessa", discord_user_id=31, is_active=False)

    assert room.say(OPEN) is None


# --- a channel that only looks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(OPEN, f"would propose {COMMAND}", id="an order"),
        pytest.param("BTO 2 SPY 600c @ 1.25", "would need a person: missing: expiry", id="a doubt"),
        pytest.param("STC half SPY 600c @ 1.20", "would trim stc ? SPY ? 600c @ 1.20", id="a trim"),
    ],
)
def test_a_preview_says_what_would_be_done(settings, text, reason):
    message = Room(settings, preview_only=True).say(text)

    assert (message.state, message.reason) == ("preview", reason)
    assert message.answer == f"Preview, nothing recorded: {reason}."
    assert Order.objects.count() == 0


def test_a_channel_that_only_looks_records_no_order_by_any_way(settings):
    room = Room(settings, preview_only=True)

    with pytest.raises(message_proposing.Denied, match="only looks"):
        reviewing.ask(room.channel, COMMAND, by=room.ann.user)


# --- what it says ----------------------------------------------------------------------------------


def test_a_channel_that_wants_no_replies_is_told_nothing(settings):
    assert Room(settings, replies_to_alerts=False).say("BTO 2 SPY 600c @ 1.25").answer == ""


def test_a_proposal_is_shown_by_its_order_alone(room):
    assert room.say(OPEN).answer == ""


# --- races and crashes -----------------------------------------------------------------------------


def test_what_changes_while_the_broker_is_asked_is_not_recorded(room):
    asked = room.broker.dry_run

    def edited_meanwhile(draft):
        Message.objects.update(version=99)
        return asked(draft)

    room.broker.dry_run = edited_meanwhile
    message = room.say(OPEN)

    assert Order.objects.count() == 0
    assert message.version == 99


def test_a_message_left_behind_is_never_proposed_later(room):
    message = intake.hear(room.posted(OPEN), room.channel)
    Message.objects.update(changed_at=timezone.now() - timedelta(minutes=3))

    assert message_proposing.refer_stale(timezone.now()) == 1
    assert message_proposing.propose(message.pk, get_broker=room.get_broker).state == "review"
    assert Order.objects.count() == 0


# --- positions -------------------------------------------------------------------------------------


def test_positions_are_read_by_their_contracts():
    held = [
        Position("SPY", InstrumentType.EQUITY, "SPY", 100, D(600), D(1)),
        Position("/ESZ6", InstrumentType.FUTURE, "/ESZ6", -1, D(6100), D(50)),
        Position(f"SPXW  {EXPIRY:%y%m%d}P05900000", InstrumentType.EQUITY_OPTION, "SPX", -3, D(2), D(100)),
        Position("./ESZ6 EW4X6 261127C6000", InstrumentType.FUTURE_OPTION, "/ESZ6", 1, D(2), D(50)),
        Position("nonsense", InstrumentType.EQUITY_OPTION, "SPX", 1, D(2), D(100)),
    ]

    found = readable(Holdings(held, {"SPY": 40}))

    assert found[:3] == [
        HeldPosition("SPY", Asset.STOCK, 60),
        HeldPosition("/ESZ6", Asset.FUTURE, -1),
        HeldPosition("SPXW", Asset.OPTION, -3, D(5900), OptionType.PUT, EXPIRY),
    ]
    assert [(row.symbol, row.asset) for row in found[3:]] == [("/ES", Asset.FUTURE_OPTION)]
    assert readable(Holdings(held, {"SPY": 40}), less_working=False)[0].quantity == 100
