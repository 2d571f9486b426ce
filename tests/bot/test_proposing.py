"""A trader types, the bot answers with a plan, a second person decides."""

from datetime import UTC, datetime

import pytest

from bot.models import Reply
from orders.brokers.base import BrokerUnavailable, CredentialsRefused
from orders.language.calendar import NYSE
from orders.language.help import fill
from orders.models import Order
from tests.bot.rig import ORDER, TYPED, field_of, labels_of, replied_to


def test_an_order_is_answered_with_its_contract_plan_and_cost(desk):
    order = desk.propose()

    card = desk.card(order)
    assert card["embeds"][0]["title"].startswith(f"{order} BUY TO OPEN 2 SPY ")
    assert field_of(card, "Market at proposal") == "bid 1.20 · mid **1.25** · ask 1.30"
    assert field_of(card, "Plan") == (
        "mid 1.25, then 1.27, 1.29, 1.30, 10 s each; bound 1.30 = 100 % of the spread; then DAY"
    )
    assert field_of(card, "Price typed") == "no price: starts at mid, 3 steps up to 1.30"
    assert field_of(card, "Cost") == "buying power −$262.00 · fees $2.26 · costs at most **$260.00**"
    assert labels_of(card) == ["Approve", "Approve less…", "Deny", "Cancel"]
    assert replied_to(card) == str(order.discord_message_id)


def test_a_proposal_calls_the_channels_approvers(desk):
    order = desk.propose()

    card = desk.card(order)
    assert card["content"] == f"<@&{desk.channel.approver_role_id}> **{order}** waits for approval"
    assert card["mention_roles"] == [str(desk.channel.approver_role_id)]


@pytest.mark.parametrize(
    ("price", "meaning"),
    [
        pytest.param(
            "@ 1.28", "never pays more than 1.28; starts at the mid where that is better", id="limit"
        ),
        pytest.param("@ 1.22 max 1.28", "starts at 1.22, never pays more than 1.28", id="start and bound"),
        pytest.param("@ mid", "`@ mid`: starts at mid, 3 steps up to 1.30", id="mid"),
        pytest.param("@ nat", "goes to the natural at once, never pays more than 1.30", id="natural"),
    ],
)
def test_what_a_typed_price_means_is_said_back(desk, price, meaning):
    order = desk.propose(f"{ORDER} {price}")

    assert field_of(desk.card(order), "Price typed") == meaning


def test_a_market_order_is_put_in_words(desk):
    desk.channel.allows_market = True
    desk.channel.save()

    order = desk.propose(f"{ORDER} @ mkt")

    card = desk.card(order)
    assert card["embeds"][0]["title"].endswith("AT MARKET")
    assert field_of(card, "Plan") == "one MARKET order at whatever price the market has, no walk"
    assert field_of(card, "Price typed") == "a market order: trades at once, at any price within the collar"


def test_every_reply_shows_its_environment(desk):
    environment = desk.channel.account.environment
    environment.dry_run, environment.quote_delay_seconds = True, 900
    environment.save()

    order = desk.propose()
    text = desk.ask("!tt help")

    assert desk.card(order)["embeds"][0]["author"]["name"] == "PRACTICE · DRY RUN · DELAYED 15 min"
    assert text.split("\n")[0] == "`PRACTICE · DRY RUN · DELAYED 15 min`"


def test_a_mistake_is_pointed_at(desk):
    text = desk.ask(f"!tt btoo 2 SPY {TYPED} 600c")

    assert text.split("\n")[:5] == [
        "`PRACTICE`",
        "```",
        f"btoo 2 SPY {TYPED} 600c",
        "^^^^",
        "```",
    ]
    assert "Did you mean `bto`?" in text
    assert "This works: `!tt " in text


def test_help_on_a_topic_has_examples_to_copy_whose_expiries_are_to_come(desk):
    text = desk.ask("!tt help quote")

    expiry = fill("18dec", datetime.now(UTC).date(), NYSE)
    assert text == (
        f"`PRACTICE`\n**quote** · Show a quote.\n```\n!tt quote SPY {expiry} 600c\n!tt quote /ES\n```"
    )


def test_a_bare_prefix_is_answered_with_help(desk):
    assert desk.ask("!tt") == desk.ask("!tt help")


def test_a_strike_that_does_not_exist_is_answered_with_the_nearest(desk):
    text = desk.ask(f"!tt bto 2 SPY {TYPED} 611c")

    assert text.endswith("has no strike 611. Nearest: 600, 605, 610.")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(
            BrokerUnavailable("The broker did not answer: timed out."),
            "The broker did not answer: timed out. Nothing was recorded: try again in a moment.",
            id="down",
        ),
        pytest.param(
            CredentialsRefused("The broker revoked the grant."),
            "The broker revoked the grant. Nothing was recorded: tell the desk's staff if it stays so.",
            id="credentials",
        ),
    ],
)
def test_a_broker_that_fails_is_told_in_a_sentence(desk, error, sentence):
    desk.broker.read_fails = error

    assert desk.ask(ORDER) == f"`PRACTICE`\n{sentence}"
    assert Order.objects.count() == 0


def test_an_unexpected_error_is_a_reference_and_no_trace(desk, caplog):
    desk.broker.read_fails = RuntimeError("secret innards")

    text = desk.ask(ORDER)

    assert text.startswith("`PRACTICE`\nSomething went wrong here (reference ")
    assert text.endswith("); nothing was sent to the broker.")
    assert "innards" not in text
    reference = text.split("reference ")[1].split(")")[0]
    assert [r.exc_info[1].args for r in caplog.records if reference in r.getMessage()] == [
        ("secret innards",)
    ]


def test_an_order_that_the_desk_refuses_is_told_with_its_code(desk):
    text = desk.ask(f"!tt bto 11 SPY {TYPED} 600c")

    assert text == "`PRACTICE`\nNot recorded: 11 asked, at most 10 allowed here."


def test_a_stranger_is_told_so(desk):
    desk.tessa.delete()

    text = desk.ask(ORDER)

    assert text.startswith("`PRACTICE`\nThe desk doesn't know you yet")
    assert Order.objects.count() == 0


def test_a_switched_off_trader_is_told_so(desk):
    desk.tessa.is_active = False
    desk.tessa.save()

    assert desk.ask(ORDER) == "`PRACTICE`\nYour desk profile is switched off."


def test_a_trader_of_another_channel_is_told_so(desk):
    desk.channel.traders.remove(desk.tessa)

    assert desk.ask(ORDER) == "`PRACTICE`\nYou are not one of the traders of #orders."


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        pytest.param(
            "acct 5WT99999",
            "This channel trades account 5WX00001, not 5WT99999. Nothing was recorded.",
            id="another account",
        ),
        pytest.param(
            "sl 1.40",
            "Not recorded: the stop 1.40 is not below the mid 1.25: it would trigger at once.",
            id="a stop above the market",
        ),
    ],
)
def test_a_wish_the_desk_cannot_grant_is_refused_and_not_passed_over(desk, wish, sentence):
    assert desk.ask(f"{ORDER} {wish}") == f"`PRACTICE`\n{sentence}"
    assert Order.objects.count() == 0


def test_a_slash_command_is_the_same(desk):
    outcome = desk.chat.slash("tessa", "tt", text=ORDER.removeprefix("!tt "))

    order = Order.objects.get()
    desk.status(order, "Waiting")
    desk.press("ada", "Approve")
    desk.status(order, "Approved")
    assert order.discord_message_id == int(outcome["interaction"])
    assert len(desk.replies()) == 1
    assert Reply.objects.get().discord_message_id == int(desk.card(order)["id"])


def test_a_slash_command_elsewhere_is_refused_to_its_author_alone(desk):
    outcome = desk.chat.slash("tessa", "tt", channel="lobby", text="help")

    assert outcome["message"]["content"] == "The desk does not work in this channel."
    assert desk.replies("lobby") == []
