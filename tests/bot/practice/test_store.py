"""What survives a restart, and a kill."""

import subprocess
import sys
from dataclasses import replace

from bot.practice import world
from bot.practice.messages import Message
from bot.practice.snowflakes import Snowflakes, made_at
from bot.practice.store import Store
from tests.bot.practice.chat_fixture import running_chat

ORDERS = world.CHANNELS["orders"]
MESSAGES = f"/channels/{ORDERS}/messages"

WRITE_AND_WAIT = """
import sys
from bot.practice.messages import Message
from bot.practice.store import Store
store = Store(sys.argv[1])
store.save(Message(id=7, channel_id=1, author_id=2, content="kept", nonce="d7"))
print("written", flush=True)
sys.stdin.read()
"""


def test_messages_and_nonces_survive_a_restart(tmp_path):
    words = {"content": "Order 7", "nonce": "d7", "enforce_nonce": True}
    with running_chat(tmp_path / "chat.sqlite3") as chat:
        first = chat.as_bot("POST", MESSAGES, words)
        said = chat.say("tessa", "hello")
    with running_chat(tmp_path / "chat.sqlite3") as chat:
        second = chat.as_bot("POST", MESSAGES, words)
        later = chat.say("tessa", "again")
        contents = [message["content"] for message in chat.messages()]

    assert second["id"] == first["id"]
    assert contents == ["Order 7", "hello", "again"]
    assert int(later["id"]) > int(said["id"])


def test_a_killed_process_loses_nothing_it_had_written(tmp_path):
    path = tmp_path / "chat.sqlite3"
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        process.kill()
    store = Store(path)
    found = store.by_nonce(2, "d7", since_id=0)
    store.close()

    assert found == Message(id=7, channel_id=1, author_id=2, content="kept", nonce="d7")


def test_an_old_nonce_is_forgotten():
    store = Store(":memory:")
    store.save(Message(id=7, channel_id=1, author_id=2, nonce="d7"))

    assert store.by_nonce(2, "d7", since_id=7) is None
    assert store.by_nonce(3, "d7", since_id=0) is None
    store.close()


def test_a_changed_message_takes_the_place_of_the_old_one():
    store = Store(":memory:")
    message = store.save(Message(id=7, channel_id=1, author_id=2, content="a"))
    store.save(replace(message, content="b"))

    assert [found.content for found in store.history(1, limit=10)] == ["b"]
    store.close()


def test_a_deleted_id_is_never_handed_out_again():
    store = Store(":memory:")
    far = (2**62) + 5
    store.save(Message(id=far, channel_id=1, author_id=2))
    store.delete(far)

    assert Snowflakes(store.last_id()).next() == far + 1
    store.close()


def test_ephemeral_messages_are_in_the_history_of_one_member():
    store = Store(":memory:")
    store.save(Message(id=7, channel_id=1, author_id=2, visible_to=5))

    assert [found.id for found in store.history(1, limit=10, viewer_id=5)] == [7]
    assert store.history(1, limit=10, viewer_id=6) == []
    assert store.history(1, limit=10) == []
    store.close()


def test_every_fixed_id_is_a_snowflake_of_2026_and_no_two_are_the_same():
    ids = [
        world.GUILD_ID,
        *world.CHANNELS.values(),
        *[role_id for role_id in world.ROLES.values() if role_id != world.EVERYONE_ID],
        *[member.id for member in world.MEMBERS.values()],
        *world.DM_CHANNELS.values(),
    ]

    assert {len(str(one)) for one in ids} == {19}
    assert {made_at(one).year for one in ids} == {2026}
    assert len(set(ids)) == len(ids)


def test_the_server_needs_neither_django_nor_discord_and_the_world_needs_nothing():
    look = "import sys; print(sorted({'django', 'discord', 'starlette'} & set(sys.modules)))"
    found = [
        subprocess.run(
            [sys.executable, "-c", f"import bot.practice.{module}\n{look}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for module in ("world", "server")
    ]

    assert found == ["[]", "['starlette']"]
