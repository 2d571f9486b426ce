"""The practice Discord's memory: one sqlite file that survives a kill."""

import json
import sqlite3
from pathlib import Path

from bot.practice.messages import JSON, Message

VERSION = 1  # of the schema; raise it with every change of a table
SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    nonce TEXT,
    visible_to INTEGER,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS message_by_channel ON message (channel_id, id);
CREATE INDEX IF NOT EXISTS message_by_nonce ON message (author_id, nonce) WHERE nonce IS NOT NULL;
CREATE TABLE IF NOT EXISTS command (id INTEGER PRIMARY KEY, guild_id INTEGER, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS thread (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class WrongVersionError(Exception):
    """The file was written by another version of the server."""


class Store:
    """Messages, nonces, threads and commands. Each write is committed before it returns."""

    def __init__(self, path: Path | str) -> None:
        # The server's thread is the only user, but a test may open the file in another one.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # outlives a killed process, which is the promise
        self._require_version(path)
        self._db.executescript(SCHEMA)
        self._db.execute(f"PRAGMA user_version={VERSION}")

    def _require_version(self, path: Path | str) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        is_new = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if not is_new and version != VERSION:
            self._db.close()
            raise WrongVersionError(f"{path} holds version {version}, not {VERSION}: move the file away")

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    def save(self, message: Message) -> Message:
        """Write a message, new or changed, and return it."""
        row = (message.id, message.channel_id, message.author_id, message.nonce, message.visible_to)
        body = json.dumps(message.to_json())
        self._db.execute("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?)", (*row, body))
        return message

    def get(self, message_id: int) -> Message | None:
        """Return the message of that id, if it exists."""
        found = self._db.execute("SELECT body FROM message WHERE id = ?", (message_id,)).fetchone()
        return Message.from_json(json.loads(found[0])) if found else None

    def delete(self, message_id: int) -> None:
        """Forget a message. Its id is not used again, because ids only grow."""
        self._mark("last_id", message_id)
        self._db.execute("DELETE FROM message WHERE id = ?", (message_id,))

    def clear(self) -> None:
        """Forget every message and thread; commands stay."""
        self._mark("last_id", self.last_id())
        self._db.execute("DELETE FROM message")
        self._db.execute("DELETE FROM thread")
        self._db.execute("DELETE FROM file")

    def by_nonce(self, author_id: int, nonce: str, *, since_id: int) -> Message | None:
        """Return the author's newest message with that nonce, if it is newer than `since_id`."""
        found = self._db.execute(
            "SELECT body FROM message WHERE author_id = ? AND nonce = ? AND id > ? ORDER BY id DESC",
            (author_id, nonce, since_id),
        ).fetchone()
        return Message.from_json(json.loads(found[0])) if found else None

    def history(
        self,
        channel_id: int,
        *,
        limit: int,
        before: int | None = None,
        after: int | None = None,
        viewer_id: int | None = None,
    ) -> list[Message]:
        """Return messages of a channel, newest first: the newest ones, or those right after `after`.

        Ephemeral ones are there only for the viewer to whom they were sent.
        """
        order = "ASC" if after is not None else "DESC"
        # Only the sort order is put in by name; every value is bound.
        rows = self._db.execute(
            f"SELECT body FROM message WHERE channel_id = ? AND id > ? AND id < ? "  # noqa: S608
            f"AND (visible_to IS NULL OR visible_to = ?) ORDER BY id {order} LIMIT ?",
            (channel_id, after or 0, before or 2**63 - 1, viewer_id, limit),
        ).fetchall()
        found = [Message.from_json(json.loads(body)) for (body,) in rows]
        return sorted(found, key=lambda message: message.id, reverse=True)

    def count(self) -> int:
        """Return how many messages there are."""
        return int(self._db.execute("SELECT count(*) FROM message").fetchone()[0])

    def last_id(self) -> int:
        """Return the largest id ever handed out for a message."""
        last = self._db.execute("SELECT max(id) FROM message").fetchone()[0] or 0
        mark = self._db.execute("SELECT value FROM mark WHERE name = 'last_id'").fetchone()
        return max(int(last), int(mark[0]) if mark else 0)

    def _mark(self, name: str, value: int) -> None:
        self._db.execute(
            "INSERT INTO mark VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (name, value),
        )

    def save_file(self, file_id: int, content: bytes) -> None:
        """Keep the bytes of an attachment."""
        self._db.execute("INSERT INTO file VALUES (?, ?)", (file_id, content))

    def file(self, file_id: int) -> bytes | None:
        """Return the bytes of an attachment."""
        found = self._db.execute("SELECT content FROM file WHERE id = ?", (file_id,)).fetchone()
        return bytes(found[0]) if found else None

    def commands(self, guild_id: int | None) -> list[JSON]:
        """Return the application commands of a guild, or the global ones."""
        rows = self._db.execute("SELECT body FROM command WHERE guild_id IS ? ORDER BY id", (guild_id,))
        return [json.loads(body) for (body,) in rows]

    def replace_commands(self, guild_id: int | None, commands: list[JSON]) -> None:
        """Put these application commands in the place of all of that scope."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM command WHERE guild_id IS ?", (guild_id,))
            rows = [(int(command["id"]), guild_id, json.dumps(command)) for command in commands]
            self._db.executemany("INSERT INTO command VALUES (?, ?, ?)", rows)

    def threads(self) -> list[JSON]:
        """Return the threads, oldest first."""
        return [json.loads(body) for (body,) in self._db.execute("SELECT body FROM thread ORDER BY id")]

    def save_thread(self, thread: JSON) -> None:
        """Write a thread, new or changed."""
        self._mark("last_id", int(thread["id"]))
        self._db.execute(
            "INSERT OR REPLACE INTO thread VALUES (?, ?)", (int(thread["id"]), json.dumps(thread))
        )
