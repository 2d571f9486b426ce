"""Messages between members and the real discord.py."""

import io

import discord
import pytest
from discord.ext import commands

from bot.practice import world
from tests.bot.practice.chat_fixture import Refused, all_intents, running_client, wait_for
from tests.bot.practice.clients import Recorder

ORDERS = world.CHANNELS["orders"]


def echo_bot():
    bot = commands.Bot("!", intents=all_intents(), guild_ready_timeout=0.1)

    @bot.command()
    async def tt(ctx, *, text):
        reply = await ctx.reply(f"thinking about {text}")
        await reply.edit(content=f"done: {text}", embed=discord.Embed(title="Order 1"))

    return bot


@pytest.fixture(scope="module")
def connected(server):
    with running_client(server, Recorder) as running:
        yield running


@pytest.fixture
def recorder(chat, connected):
    """The module's client, which has heard nothing yet."""
    connected.client.seen.clear()
    return connected


def heard(running, name, count=1):
    """Wait for so many events of a name and return what came with them."""
    wait_for(lambda: len(running.client.of(name)) >= count)
    return running.client.of(name)


def test_a_command_is_answered_with_a_reply_that_is_then_edited(chat):
    with running_client(chat, echo_bot):
        said = chat.say("tessa", "!tt bto 2 SPY 18dec 600c")
        answer = chat.wait_for_message(lambda m: m["edited_timestamp"])

    assert answer["content"] == "done: bto 2 SPY 18dec 600c"
    assert answer["author"]["id"] == str(world.BOT.id)
    assert answer["referenced_message"]["id"] == said["id"]
    assert [user["username"] for user in answer["mentions"]] == ["tessa"]
    assert [embed["title"] for embed in answer["embeds"]] == ["Order 1"]


def test_the_client_knows_the_guild_its_channels_roles_and_members(recorder):
    guild = recorder.client.get_guild(world.GUILD_ID)

    assert guild.name == "The desk"
    assert {channel.name: channel.id for channel in guild.text_channels} == world.CHANNELS
    assert {role.name: role.id for role in guild.roles} == world.ROLES
    assert {member.id: member.display_name for member in guild.members} == {
        member.id: member.name for member in world.MEMBERS.values()
    }
    assert [role.name for role in guild.get_member(world.MEMBERS["ada"].id).roles] == [
        "@everyone",
        "Approvers",
    ]
    assert recorder.client.application_id == world.APPLICATION_ID


def test_without_the_members_intent_only_the_bot_itself_is_inlined(chat):
    intents = discord.Intents.default()
    with running_client(chat, lambda: Recorder(intents)) as running:
        members = running.client.get_guild(world.GUILD_ID).members

    assert [member.id for member in members] == [world.BOT.id]


def test_a_message_carries_its_author_roles_and_mentions(chat, recorder):
    ada, approvers = world.MEMBERS["ada"].id, world.ROLES["Approvers"]
    chat.say("bea", f"<@{ada}> and <@&{approvers}> please")

    (message,) = heard(recorder, "message")

    assert message.author.name == "bea"
    assert [role.name for role in message.author.roles] == ["@everyone", "Approvers", "Traders"]
    assert [user.id for user in message.mentions] == [ada]
    assert [role.id for role in message.role_mentions] == [approvers]
    assert message.channel.id == ORDERS


def test_a_reply_names_what_it_answers_and_pings_its_author(chat, recorder):
    first = chat.say("tessa", "one")
    chat.say("theo", "two", reply_to=first["id"])

    message = heard(recorder, "message", 2)[1]

    assert message.type is discord.MessageType.reply
    assert message.reference.resolved.content == "one"
    assert [user.name for user in message.mentions] == ["tessa"]


def test_edits_and_deletes_reach_the_client(chat, recorder):
    said = chat.say("tessa", "bto 1")
    heard(recorder, "message")
    chat.edit("tessa", said, "bto 2")
    ((before, after),) = heard(recorder, "edit")
    chat.delete("tessa", said)
    (deleted,) = heard(recorder, "delete")

    assert (before.content, after.content, after.edited_at is not None) == ("bto 1", "bto 2", True)
    assert deleted.id == int(said["id"])
    assert chat.messages() == []


def test_reactions_and_typing_reach_the_client(chat, recorder):
    said = chat.say("tessa", "done?")
    heard(recorder, "message")
    chat.control("POST", "react", member="ada", message=said["id"], emoji="✅")
    ((reaction, user),) = heard(recorder, "reaction")
    chat.control("POST", "typing", member="ada", channel="orders")
    ((channel, typist),) = heard(recorder, "typing")

    assert (reaction.emoji, reaction.count, user.name) == ("✅", 1, "ada")
    assert (channel.name, typist.name) == ("orders", "ada")


def test_the_bot_reacts_and_takes_it_back(chat, recorder):
    said = chat.say("tessa", "!tt")
    message = heard(recorder, "message")[0]
    recorder.call(message.add_reaction("👀"))
    with_it = chat.messages()[0]["reactions"]
    recorder.call(message.remove_reaction("👀", recorder.client.user))

    assert [(one["emoji"]["name"], one["count"], one["me"]) for one in with_it] == [("👀", 1, True)]
    assert chat.messages()[0]["reactions"] == []
    assert said["reactions"] == []


def test_direct_messages_go_both_ways_without_a_guild(chat, recorder):
    chat.say("ada", "just us", channel="dm")
    (message,) = heard(recorder, "message")
    recorder.call(message.channel.send("indeed"))

    assert message.guild is None
    assert message.author.name == "ada"
    assert [m["content"] for m in chat.messages("dm", member="ada")] == ["just us", "indeed"]
    assert chat.messages("dm", member="tessa") == []


def test_the_bot_opens_direct_messages_by_itself(chat, recorder):
    member = recorder.client.get_guild(world.GUILD_ID).get_member(world.MEMBERS["theo"].id)
    recorder.call(member.send("your order filled"))

    (message,) = chat.messages("dm", member="theo")

    assert message["content"] == "your order filled"
    assert message["channel_id"] == str(world.DM_CHANNELS["theo"])
    assert "guild_id" not in message


def test_nobody_reads_the_direct_messages_of_another(chat):
    with pytest.raises(Refused) as refused:
        chat.messages(str(world.DM_CHANNELS["ada"]), member="theo")

    assert refused.value.body == {"message": "Theo Trader does not see that channel"}


def test_another_bot_may_speak_with_embeds(chat, recorder):
    chat.say("newsbot", "", channel="alerts", embeds=[{"title": "BTO SPY", "description": "600C @ 4.20"}])

    (message,) = heard(recorder, "message")

    assert (message.author.bot, message.channel.name) == (True, "alerts")
    assert [(embed.title, embed.description) for embed in message.embeds] == [("BTO SPY", "600C @ 4.20")]


def test_history_is_read_after_before_and_around_a_message(chat, recorder):
    ids = [int(chat.say("tessa", str(n))["id"]) for n in range(6)]
    channel = recorder.client.get_channel(ORDERS)

    async def read(**bounds):
        return [message.content async for message in channel.history(limit=3, **bounds)]

    assert recorder.call(read()) == ["5", "4", "3"]
    assert recorder.call(read(after=discord.Object(ids[1]))) == ["2", "3", "4"]
    assert recorder.call(read(before=discord.Object(ids[2]))) == ["1", "0"]
    assert recorder.call(read(around=discord.Object(ids[2]), oldest_first=False)) == ["3", "2", "1"]


def test_a_repeated_nonce_returns_the_first_message(chat):
    words = {"content": "Order 7", "nonce": "d7", "enforce_nonce": True}
    path = f"/channels/{ORDERS}/messages"

    first, second = chat.as_bot("POST", path, words), chat.as_bot("POST", path, words)

    assert (second["id"], second["nonce"]) == (first["id"], "d7")
    assert [m["content"] for m in chat.messages()] == ["Order 7"]


def test_a_nonce_that_is_not_enforced_may_repeat(chat):
    words = {"content": "again", "nonce": "d7"}
    for _ in range(2):
        chat.as_bot("POST", f"/channels/{ORDERS}/messages", words)

    assert [m["content"] for m in chat.messages()] == ["again", "again"]


def test_allowed_mentions_narrow_whom_a_message_pings(chat):
    tessa, approvers = world.MEMBERS["tessa"].id, world.ROLES["Approvers"]
    words = {
        "content": f"<@{tessa}> <@&{approvers}> @everyone",
        "allowed_mentions": {"parse": [], "roles": [str(approvers)]},
    }
    message = chat.as_bot("POST", f"/channels/{ORDERS}/messages", words)

    assert message["mentions"] == []
    assert message["mention_roles"] == [str(approvers)]
    assert message["mention_everyone"] is False


def test_a_file_is_stored_and_read_back(chat, recorder):
    channel = recorder.client.get_channel(ORDERS)
    payload = b"a,b\r\n\x00\xff1,2\n"
    sent = recorder.call(channel.send("report", file=discord.File(io.BytesIO(payload), "report.csv")))

    assert [(file.filename, file.size) for file in sent.attachments] == [("report.csv", len(payload))]
    assert recorder.call(sent.attachments[0].read()) == payload


def test_a_thread_lives_on_a_message_and_is_archived(chat, recorder):
    chat.say("tessa", "!tt bto 2 SPY")
    message = heard(recorder, "message")[0]
    thread = recorder.call(message.create_thread(name="Order 7"))
    recorder.call(thread.send("step 1"))
    recorder.call(thread.edit(archived=True))

    (payload,) = heard(recorder, "thread_update")

    assert (thread.id, thread.parent_id) == (message.id, ORDERS)
    assert payload.data["thread_metadata"]["archived"] is True
    assert [m["content"] for m in chat.messages(str(thread.id))] == ["step 1"]


def test_the_bot_may_neither_edit_nor_delete_what_others_wrote(chat):
    said = chat.say("tessa", "mine")
    path = f"/channels/{ORDERS}/messages/{said['id']}"

    with pytest.raises(Refused) as edit:
        chat.as_bot("PATCH", path, {"content": "yours"})
    with pytest.raises(Refused) as delete:
        chat.as_bot("DELETE", path)

    assert (edit.value.status, edit.value.body["code"]) == (403, 50005)
    assert (delete.value.status, delete.value.body["code"]) == (403, 50013)
    assert [m["content"] for m in chat.messages()] == ["mine"]
