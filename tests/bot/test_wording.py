"""Words, plans and standings of orders, without Discord."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from bot import cards, embeds, plan
from bot.pointing import problems
from bot.statuses import standing
from bot.wording import contract, cut, price, table, window
from orders.enums import (
    Action,
    InstrumentType,
    OptionType,
    OrderStatus,
    PriceRule,
    Side,
    TimeInForce,
    WalkEnd,
)
from tests.factories import make_leg, make_order, make_placement

D = Decimal


def card_of(**over):
    return cards.read(make_order(**over).pk)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        pytest.param({}, "mid 1.25, then 1.27, 1.29, 1.30, 10 s each; bound 1.31, above the ask; then DAY",
                     id="no price"),
        pytest.param({"bound_price": D("1.27"), "price_rule": PriceRule.LIMIT},
                     "mid 1.25, then 1.27, 10 s each; bound 1.27 = 70 % of the spread; then DAY", id="bound"),
        pytest.param({"bound_price": D("1.22"), "price_rule": PriceRule.LIMIT},
                     "1.22; bound 1.22 = 20 % of the spread; then DAY", id="below the mid"),
        pytest.param({"bound_price": D("1.00"), "price_rule": PriceRule.LIMIT},
                     "1.00; bound 1.00, below the bid; then DAY", id="outside the spread"),
        pytest.param({"bound_price": D("1.50"), "price_rule": PriceRule.LIMIT, "side": Side.RECEIVES},
                     "1.50; bound 1.50, above the ask; then DAY", id="sells outside the spread"),
        pytest.param({"bound_price": D("1.25"), "start_price": D("1.21"), "price_rule": PriceRule.LIMIT},
                     "1.21, then 1.23, 1.25, 10 s each; bound 1.25 = 50 % of the spread; then DAY", id="start"),
        pytest.param({"price_rule": PriceRule.NATURAL, "bound_price": D("1.30")},
                     "natural 1.30; bound 1.30 = 100 % of the spread; then DAY", id="natural"),
        pytest.param({"side": Side.RECEIVES, "bound_price": D("1.19"), "retries": 1},
                     "mid 1.25, then 1.23, 10 s each; bound 1.19, below the bid; then DAY", id="sells"),
        pytest.param({"end": WalkEnd.CANCEL, "retries": 0},
                     "mid 1.25; bound 1.31, above the ask; then cancel", id="cancels at the end"),
        pytest.param({"time_in_force": TimeInForce.GTC, "retries": 0},
                     "mid 1.25; bound 1.31, above the ask; then GTC", id="good till cancelled"),
    ],
)  # fmt: skip
def test_the_plan_in_one_line(db, over, expected):
    assert plan.prices(make_order(**over)) == expected


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        pytest.param({"side": Side.RECEIVES, "price_rule": PriceRule.LIMIT},
                     "never takes less than 1.31; starts at the mid where that is better", id="sells"),
        pytest.param({"side": Side.RECEIVES, "price_rule": PriceRule.MID},
                     "`@ mid`: starts at mid, 3 steps down to 1.31", id="sells from mid"),
    ],
)  # fmt: skip
def test_a_typed_price_said_back(db, over, expected):
    assert plan.typed_price(make_order(**over)) == expected


@pytest.mark.parametrize(
    ("average", "side", "expected"),
    [
        pytest.param("1.27", Side.PAYS, "0.02 worse than the mid 1.25 at the start", id="paid more"),
        pytest.param("1.24", Side.PAYS, "0.01 better than the mid 1.25 at the start", id="paid less"),
        pytest.param("1.27", Side.RECEIVES, "0.02 better than the mid 1.25 at the start", id="took more"),
        pytest.param("1.25", Side.PAYS, "exactly the mid 1.25 at the start", id="mid"),
    ],
)
def test_the_average_is_held_against_the_mid(db, average, side, expected):
    card = card_of(side=side, average_fill_price=D(average), arrival_mid_price=D("1.25"))

    assert plan.against_mid(card) == expected


def test_what_a_sale_brings(db):
    card = card_of(side=Side.RECEIVES, buying_power_effect_value=D("250.00"))

    assert plan.cost(card) == "buying power +$250.00 · fees $2.26 · brings at least **$262.00**"


def test_a_spread_names_its_legs(db):
    order = make_order(quantity=3)
    make_leg(order, action=Action.SELL_TO_OPEN, strike=D(610), symbol="SPY   261218C00610000", ratio=2)

    card = cards.read(order.pk)

    assert embeds.title(card) == (f"{order} 3 × BTO SPY 18 Dec 2026 600 C / STO 2 SPY 18 Dec 2026 610 C")
    assert "3 spreads" in embeds.asked_by(card)


def test_the_longest_order_fits_into_discords_limits(db):
    order = make_order(
        status=OrderStatus.WALKING,
        warnings=["a warning of the broker's that goes on and on " * 10] * 5,
        note="x" * 300,
    )
    for index in range(2, 5):
        make_leg(order, symbol=f"SPY   26121{index}C00600000", strike=D("12345.6789"))
    for n in range(30):
        make_placement(order, replaces=order.placements.last(), rung=n, filled_quantity=1)

    embed = embeds.order_embed(cards.read(order.pk))

    assert len(embed.title) <= 256
    assert max(len(field.value) for field in embed.fields) <= 1024
    assert len(embed) <= 6000
    assert embed.fields[0].value.startswith("22 earlier\n")


def test_every_status_has_its_words(db):
    order = make_order()
    for status in OrderStatus:
        order.status = status
        order.save()
        embed = embeds.order_embed(cards.read(order.pk))
        assert embed.description[0] in "🟡🔵🟢⚪🔴"


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        pytest.param({}, "SPY 18 Dec 2026 600 C", id="option"),
        pytest.param(
            {"kind": InstrumentType.FUTURE, "symbol": "/ESZ6", "strike": None, "option_type": ""},
            "/ESZ6",
            id="future",
        ),
        pytest.param(
            {
                "root": "/ES",
                "strike": D("6300.5"),
                "option_type": OptionType.PUT,
                "expires_on": date(2027, 1, 4),
            },
            "/ES 4 Jan 2027 6300.50 P",
            id="future option",
        ),
    ],
)
def test_a_contract_is_named(db, over, expected):
    assert contract(make_order(leg=over).legs.get()) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.2500", "1.25"), ("600", "600.00"), ("0.0525", "0.0525"), ("6100.25", "6100.25"), (None, "–")],
)
def test_a_price_has_at_least_cents(value, expected):
    assert price(D(value) if value is not None else None) == expected


def test_a_table_is_aligned():
    assert table([("a", "10"), ("bcd", "5")], frozenset({1})) == "```\na    10\nbcd   5\n```"


def test_a_long_text_is_cut_to_what_discord_takes():
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("pointing", "expected"),
    [
        pytest.param("btoo 2\n^^^^", "btoo 2\n^^^^", id="short"),
        pytest.param("x" * 30 + "bad" + "y" * 30 + "\n" + " " * 30 + "^^^",
                     "…" + "x" * 10 + "bad" + "y" * 17 + "…\n" + " " * 11 + "^^^", id="both ends cut"),
        pytest.param("bad" + "y" * 40 + "\n^^^", "bad" + "y" * 27 + "…\n^^^", id="end cut"),
        pytest.param("x" * 40 + "bad\n" + " " * 40 + "^^^", "…" + "x" * 27 + "bad\n" + " " * 28 + "^^^",
                     id="start cut"),
        pytest.param("x" * 40 + "\n" + "^" * 40, "x" * 30 + "…\n" + "^" * 30, id="all of it wrong"),
    ],
)  # fmt: skip
def test_a_long_line_is_cut_around_the_caret(pointing, expected):
    assert window(pointing, width=30) == expected


@pytest.mark.parametrize(
    ("api", "gateway", "count"),
    [
        pytest.param("https://discord.com/api/v10", "", 0, id="Discord"),
        pytest.param("http://127.0.0.1:8820/api/v10", "ws://127.0.0.1:8820/gateway", 0, id="this machine"),
        pytest.param("http://localhost:8820/api/v10", "ws://[::1]:8820/gateway", 0, id="by name"),
        pytest.param("https://proxy.example/api/v10", "wss://proxy.example", 0, id="encrypted"),
        pytest.param("http://proxy.example/api/v10", "", 1, id="open"),
        pytest.param("ftp://127.0.0.1/api", "", 1, id="another protocol"),
        pytest.param("http://127.0.0.1.example/api", "ws://10.0.0.1", 2, id="looks like loopback"),
        pytest.param("nonsense", "nonsense", 2, id="no address"),
    ],
)
def test_the_token_is_never_sent_over_an_open_network(api, gateway, count):
    assert len(problems(api, gateway)) == count


def test_the_brokers_figures_say_for_how_many_they_are_once_an_approver_took_less(db):
    card = card_of(
        quantity=1, asked_quantity=2, buying_power_effect_value=D("-262.10"), fees_value=D("-2.24")
    )

    assert plan.cost(card) == "buying power −$262.10 for 2 · fees $2.24 for 2 · costs at most **$131.00**"


def test_an_order_asked_for_before_the_open_says_when_it_is_sent(db):
    opens_at = timezone.now() + timedelta(hours=20)
    verdict = {"code": "SESSION_CLOSED", "ok": True, "numbers": {"opens": opens_at.isoformat()}}
    card = card_of(verdicts=[verdict], status=OrderStatus.APPROVED)

    second = int(opens_at.timestamp())
    assert plan.session(card.order) == f"closed until <t:{second}:f>; once approved it is sent then"
    assert standing(card).line == f"🔵 **Approved** · waits for the open, <t:{second}:R>"


def test_in_an_open_session_nothing_is_said_of_it(db):
    opened_at = timezone.now() - timedelta(hours=1)
    verdict = {"code": "SESSION_CLOSED", "ok": True, "numbers": {"opens": opened_at.isoformat()}}
    card = card_of(verdicts=[verdict], status=OrderStatus.APPROVED)

    assert (plan.session(card.order), standing(card).line) == ("", "🔵 **Approved** · not sent yet")
