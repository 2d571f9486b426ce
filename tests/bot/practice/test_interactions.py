"""Buttons, modals, slash commands and follow-ups, answered by the real discord.py."""

import asyncio

import discord
import pytest
from discord import app_commands

from bot.practice import world
from tests.bot.practice.chat_fixture import Refused, all_intents, running_client, wait_for
from tests.bot.practice.clients import Recorder

ORDERS = world.CHANNELS["orders"]


class Reason(discord.ui.Modal, title="Deny order 7"):
    reason = discord.ui.TextInput(label="Reason", custom_id="reason", min_length=3, max_length=40)

    async def on_submit(self, interaction):
        await interaction.response.edit_message(content=f"denied: {self.reason.value}", view=None)


class Labelled(discord.ui.Modal, title="Quantity"):
    quantity = discord.ui.Label(
        text="Contracts", component=discord.ui.TextInput(custom_id="quantity", default="2", required=False)
    )

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"quantity {self.quantity.component.value}")


class Panel(discord.ui.View):
    """One button for each way to answer."""

    def __init__(self):
        super().__init__(timeout=None)
        self.kept = None
        for name in ("update", "hide", "later", "later-hidden", "quiet", "ask", "label", "silent", "hold"):
            button = discord.ui.Button(label=name.title(), custom_id=f"order:{name}")
            button.callback = getattr(self, name.replace("-", "_"))
            self.add_item(button)
        self.add_item(discord.ui.Button(label="Off", custom_id="order:off", disabled=True))

    async def update(self, interaction):
        await interaction.response.edit_message(
            content=f"approved by {interaction.user.display_name}", view=None
        )

    async def hide(self, interaction):
        await interaction.response.send_message("not for you", ephemeral=True)

    async def later(self, interaction):
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="took a while")

    async def later_hidden(self, interaction):
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("a secret while")

    async def quiet(self, interaction):
        await interaction.response.defer()
        await interaction.edit_original_response(content="quietly changed")
        await interaction.followup.send("and said", ephemeral=True)

    async def ask(self, interaction):
        await interaction.response.send_modal(Reason())

    async def label(self, interaction):
        await interaction.response.send_modal(Labelled())

    async def silent(self, interaction):
        await asyncio.sleep(0)

    async def hold(self, interaction):
        self.kept = interaction


class Answering(Recorder):
    """A client with a panel of buttons and some slash commands."""

    def __init__(self):
        super().__init__(all_intents())
        self.tree = app_commands.CommandTree(self)
        self.panel = None

    async def setup_hook(self):
        self.panel = Panel()
        self.add_view(self.panel)
        guild = discord.Object(world.GUILD_ID)

        @self.tree.command(guild=guild, description="Show what is open")
        @app_commands.describe(symbol="Only this one")
        async def orders(interaction: discord.Interaction, symbol: str, quantity: int = 1):
            await interaction.response.send_message(f"{quantity} of {symbol} for {interaction.user.name}")
            await interaction.followup.send("done")

        @orders.autocomplete("symbol")
        async def symbols(interaction: discord.Interaction, current: str):
            return [
                app_commands.Choice(name=s, value=s) for s in ("SPY", "SPX", "QQQ") if s.startswith(current)
            ]

        @self.tree.command(guild=guild, description="Look at a member")
        async def who(interaction: discord.Interaction, member: discord.Member):
            await interaction.response.send_message(
                f"{member.display_name}: {len(member.roles)}", ephemeral=True
            )

        await self.tree.sync(guild=guild)


@pytest.fixture(scope="module")
def connected(server):
    with running_client(server, Answering) as running:
        yield running


@pytest.fixture
def running(chat, connected):
    """The module's client, with its panel as the only message."""
    connected.client.panel.kept = None
    channel = connected.client.get_channel(ORDERS)
    connected.call(channel.send("Order 7", view=connected.client.panel))
    return connected


def summary(outcome):
    message = outcome["message"]
    return outcome["state"], message and message["content"], outcome["ephemeral"]


def contents(chat, member=None):
    return [message["content"] for message in chat.messages(member=member)]


def test_a_button_changes_its_message(chat, running):
    outcome = chat.click("ada", "Update")

    assert summary(outcome) == ("updated", "approved by Ada Approver", False)
    assert outcome["message"]["components"] == []
    assert outcome["message"]["edited_timestamp"] is not None


def test_a_button_is_found_by_its_custom_id_too(chat, running):
    assert summary(chat.click("ada", "order:update")) == ("updated", "approved by Ada Approver", False)


def test_an_ephemeral_reply_is_seen_by_one_member_only(chat, running):
    outcome = chat.click("theo", "Hide")

    assert summary(outcome) == ("replied", "not for you", True)
    assert contents(chat, "theo") == ["Order 7", "not for you"]
    assert contents(chat, "ada") == ["Order 7"]
    history = chat.as_bot("GET", f"/channels/{ORDERS}/messages")
    assert [message["content"] for message in history] == ["Order 7"]


def test_a_deferred_reply_appears_when_the_bot_fills_it(chat, running):
    outcome = chat.click("ada", "Later")

    assert summary(outcome) == ("replied", "took a while", False)
    assert contents(chat) == ["Order 7", "took a while"]


def test_the_first_follow_up_takes_the_place_of_thinking_and_stays_ephemeral(chat, running):
    outcome = chat.click("ada", "Later-Hidden")

    assert summary(outcome) == ("replied", "a secret while", True)
    assert outcome["followups"] == []
    assert contents(chat, "theo") == ["Order 7"]


def test_a_quiet_acknowledgement_edits_the_message_and_may_say_more(chat, running):
    outcome = chat.click("ada", "Quiet")
    wait_for(lambda: len(contents(chat, "ada")) == 2)

    assert summary(outcome) == ("updated", "quietly changed", False)
    assert contents(chat, "ada") == ["quietly changed", "and said"]
    assert contents(chat, "theo") == ["quietly changed"]


def test_a_modal_is_opened_filled_and_answered(chat, running):
    opened = chat.click("ada", "Ask")
    outcome = chat.submit("ada", opened, reason="too big")

    assert (opened["state"], opened["modal"]["title"]) == ("modal", "Deny order 7")
    assert summary(outcome) == ("updated", "denied: too big", False)


def test_a_modal_with_labels_keeps_its_preset_value(chat, running):
    opened = chat.click("ada", "Label")

    assert summary(chat.submit("ada", opened)) == ("replied", "quantity 2", False)


@pytest.mark.parametrize(
    ("member", "fields", "problem"),
    [
        pytest.param("ada", {}, "Reason: this field is required", id="empty"),
        pytest.param("ada", {"reason": "no"}, "Reason: must be between 3 and 40 characters", id="too short"),
        pytest.param("ada", {"why": "x"}, "no field ['why']; there are ['reason']", id="unknown field"),
        pytest.param(
            "theo", {"reason": "hm"}, "no modal is open for Theo Trader from {}", id="another member"
        ),
    ],
)
def test_a_modal_is_checked_before_it_is_sent(chat, running, member, fields, problem):
    opened = chat.click("ada", "Ask")
    with pytest.raises(Refused) as refused:
        chat.submit(member, opened, **fields)

    assert refused.value.body == {"message": problem.format(opened["interaction"])}


def test_an_interaction_that_is_not_answered_in_time_fails(chat, running):
    chat.control("POST", "interactions", ack_seconds=1)
    outcome = chat.click("ada", "Hold")
    with pytest.raises(discord.NotFound) as late:
        running.call(running.client.panel.kept.response.send_message("sorry"))

    assert summary(outcome) == ("failed", None, False)
    assert late.value.code == 10062


def test_three_seconds_are_the_deadline_unless_told_otherwise(chat):
    assert chat.control("GET", "interactions") == {"ack_seconds": 3.0, "token_seconds": 900.0}


def test_an_interaction_is_answered_once(chat, running):
    chat.click("ada", "Hold", wait=0)
    kept = wait_for(lambda: running.client.panel.kept)
    running.call(kept.response.send_message("first"))
    kept.response._response_type = None  # discord.py itself would refuse the second answer
    with pytest.raises(discord.HTTPException) as refused:
        running.call(kept.response.send_message("second"))

    assert (refused.value.status, refused.value.code) == (400, 40060)
    assert contents(chat) == ["Order 7", "first"]


def test_follow_ups_end_with_the_life_of_the_token(chat, running):
    chat.click("ada", "Hold", wait=0)
    kept = wait_for(lambda: running.client.panel.kept)
    running.call(kept.response.send_message("first"))
    chat.control("POST", "interactions", token_seconds=0)
    with pytest.raises(discord.HTTPException) as refused:
        running.call(kept.followup.send("too late"))

    assert (refused.value.status, refused.value.code) == (401, 50027)


def test_an_original_answer_is_read_and_deleted(chat, running):
    chat.click("ada", "Hold", wait=0)
    kept = wait_for(lambda: running.client.panel.kept)
    running.call(kept.response.send_message("first"))
    original = running.call(kept.original_response())
    running.call(kept.delete_original_response())

    assert original.content == "first"
    assert contents(chat) == ["Order 7"]


def test_a_follow_up_before_any_answer_finds_no_webhook(chat, running):
    chat.click("ada", "Hold", wait=0)
    kept = wait_for(lambda: running.client.panel.kept)
    with pytest.raises(discord.NotFound) as refused:
        running.call(kept.followup.send("early"))

    assert refused.value.code == 10015


@pytest.mark.parametrize(
    ("button", "problem"),
    [
        pytest.param("Off", "Off is disabled", id="disabled"),
        pytest.param("Nowhere", "no such component: 'Nowhere'", id="unknown"),
    ],
)
def test_a_button_that_cannot_be_pressed_is_refused(chat, running, button, problem):
    with pytest.raises(Refused) as refused:
        chat.click("ada", button)

    assert refused.value.body == {"message": problem}


def test_a_slash_command_replies_and_follows_up(chat, running):
    outcome = chat.slash("tessa", "orders", symbol="SPY", quantity=3)
    wait_for(lambda: len(chat.messages()) == 3)
    _, reply, followup = chat.messages()

    assert summary(outcome) == ("replied", "3 of SPY for tessa", False)
    assert (reply["type"], reply["interaction_metadata"]["name"]) == (20, "orders")
    assert (followup["content"], followup["referenced_message"]["id"]) == ("done", reply["id"])


def test_a_slash_command_in_direct_messages_has_a_user_and_no_member(chat, running):
    outcome = chat.slash("tessa", "orders", channel="dm", symbol="SPY")

    assert summary(outcome) == ("replied", "1 of SPY for tessa", False)


def test_a_member_option_is_resolved(chat, running):
    outcome = chat.slash("tessa", "who", member=str(world.MEMBERS["bea"].id))

    assert summary(outcome) == ("replied", "Boss Bea: 3", True)


def test_an_option_is_completed_while_it_is_typed(chat, running):
    words = {"member": "tessa", "channel": "orders", "name": "orders", "focused": "symbol"}
    outcome = chat.control("POST", "autocomplete", options={"symbol": "SP"}, **words)

    assert outcome["state"] == "choices"
    assert [choice["value"] for choice in outcome["choices"]] == ["SPY", "SPX"]


def test_the_commands_of_the_guild_are_stored_as_synced(chat, running):
    path = f"/applications/{world.APPLICATION_ID}/guilds/{world.GUILD_ID}/commands"

    assert [command["name"] for command in chat.as_bot("GET", path)] == ["orders", "who"]


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        pytest.param("nope", {}, "no command 'nope'; there are ['orders', 'who']", id="unknown command"),
        pytest.param("orders", {}, "options missing: ['symbol']", id="required option"),
        pytest.param("orders", {"symbol": "SPY", "x": 1}, "no option ['x']", id="unknown option"),
    ],
)
def test_a_wrong_slash_command_is_refused(chat, running, name, options, problem):
    with pytest.raises(Refused) as refused:
        chat.slash("tessa", name, **options)

    assert refused.value.body == {"message": problem}
