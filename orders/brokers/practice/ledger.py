"""The exchange's memory in one SQLite file: what it was asked, what it answered, what it owes.

Every write is committed before the caller goes on, so that an answer never runs ahead of the file;
WAL with synchronous=NORMAL survives the death of the process, though not of the machine.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from orders.brokers.practice.book import Fill, Leg, Order
from orders.brokers.practice.keeping import order_from, state_of
from orders.brokers.practice.wire import Json, instant, number, quantity

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    external_identifier TEXT, status INTEGER, fault TEXT, order_id INTEGER, seconds REAL);
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS complex_orders (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fills (
    id INTEGER PRIMARY KEY AUTOINCREMENT, fill_id TEXT NOT NULL UNIQUE, order_id INTEGER NOT NULL,
    account TEXT NOT NULL, external_identifier TEXT, symbol TEXT NOT NULL, action TEXT NOT NULL,
    quantity INTEGER NOT NULL, price TEXT NOT NULL, filled_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS busts (fill_id TEXT PRIMARY KEY, at TEXT NOT NULL, corrected_by TEXT);
CREATE TABLE IF NOT EXISTS positions (
    account TEXT NOT NULL, symbol TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (account, symbol));
CREATE TABLE IF NOT EXISTS cash (account TEXT PRIMARY KEY, balance TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS transactions (id INTEGER PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL);
"""
TRADING_TABLES = ("orders", "complex_orders", "fills", "busts", "positions", "cash", "transactions")


class Ledger:
    """Rows in, rows out; decides nothing."""

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Commit all writes of a block at once, or none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def next_id(self, name: str, first: int) -> int:
        """Return the next number of a sequence; numbers are never given twice, resets included."""
        row = self._db.execute(
            "INSERT INTO counters VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name, first),
        ).fetchone()
        return int(row["value"])

    def fact(self, name: str, default: str) -> str:
        """Return a remembered fact; the first to ask settles it."""
        self._db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, default))
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row["value"])

    def add_token(self, token: str, expires_at: datetime) -> None:
        self._db.execute("INSERT INTO tokens VALUES (?, ?)", (token, expires_at.timestamp()))

    def holds_token(self, token: str, now: datetime) -> bool:
        row = self._db.execute("SELECT expires_at FROM tokens WHERE token = ?", (token,)).fetchone()
        return row is not None and now.timestamp() < row["expires_at"]

    def void_tokens(self) -> None:
        """End every token at once; the rows stay, for what was once issued must never be found elsewhere."""
        self._db.execute("UPDATE tokens SET expires_at = 0")

    def arrived(self, method: str, path: str, external_identifier: str | None, now: datetime) -> int:
        """Note a request before anything is done about it; its status stays NULL until it is answered."""
        cursor = self._db.execute(
            "INSERT INTO requests (at, method, path, external_identifier) VALUES (?, ?, ?, ?)",
            (instant(now), method, path, external_identifier),
        )
        return int(cursor.lastrowid or 0)

    def answered(
        self, request_id: int, status: int | None, *, seconds: float, fault: str | None, order_id: int | None
    ) -> None:
        self._db.execute(
            "UPDATE requests SET status = ?, seconds = ?, fault = ?, order_id = ? WHERE id = ?",
            (status, seconds, fault, order_id, request_id),
        )

    def save_order(self, order: Order) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO orders VALUES (?, ?, ?)",
            (order.id, order.account, json.dumps(state_of(order))),
        )

    def orders(self) -> list[Order]:
        return [
            order_from(json.loads(r["state"]))
            for r in self._db.execute("SELECT state FROM orders ORDER BY id")
        ]

    def save_complex(self, complex_id: int, account: str, state: Json) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO complex_orders VALUES (?, ?, ?)", (complex_id, account, json.dumps(state))
        )

    def complexes(self) -> list[Json]:
        return [
            json.loads(r["state"]) for r in self._db.execute("SELECT state FROM complex_orders ORDER BY id")
        ]

    def add_fill(self, order: Order, leg: Leg, fill: Fill) -> None:
        self._db.execute(
            "INSERT INTO fills (fill_id, order_id, account, external_identifier, symbol, action, quantity,"
            " price, filled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (fill.fill_id, order.id, order.account, order.external_identifier, leg.symbol, leg.action,
             quantity(fill.quantity), number(fill.price), instant(fill.at)),
        )  # fmt: skip

    def add_bust(self, fill_id: str, now: datetime, corrected_by: str | None) -> None:
        """Take a fill off the list of those that stand, and remember that it was on it."""
        self._db.execute("DELETE FROM fills WHERE fill_id = ?", (fill_id,))
        self._db.execute("INSERT INTO busts VALUES (?, ?, ?)", (fill_id, instant(now), corrected_by))

    def busts(self) -> list[Json]:
        return [dict(r) for r in self._db.execute("SELECT * FROM busts ORDER BY at, fill_id")]

    def save_position(self, account: str, symbol: str, state: Json) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", (account, symbol, json.dumps(state))
        )

    def positions(self) -> list[Json]:
        return [json.loads(r["state"]) for r in self._db.execute("SELECT state FROM positions")]

    def set_cash(self, account: str, balance: Decimal) -> None:
        self._db.execute("INSERT OR REPLACE INTO cash VALUES (?, ?)", (account, number(balance)))

    def cash(self) -> dict[str, Decimal]:
        return {r["account"]: Decimal(r["balance"]) for r in self._db.execute("SELECT * FROM cash")}

    def add_transaction(self, transaction_id: int, account: str, state: Json) -> None:
        self._db.execute(
            "INSERT INTO transactions VALUES (?, ?, ?)", (transaction_id, account, json.dumps(state))
        )

    def transactions(self, account: str) -> list[Json]:
        rows = self._db.execute("SELECT state FROM transactions WHERE account = ? ORDER BY id", (account,))
        return [json.loads(r["state"]) for r in rows]

    def requests_since(self, request_id: int) -> list[Json]:
        return [
            dict(r)
            for r in self._db.execute("SELECT * FROM requests WHERE id > ? ORDER BY id", (request_id,))
        ]

    def all_fills(self) -> list[Json]:
        return [dict(r) for r in self._db.execute("SELECT * FROM fills ORDER BY id")]

    def forget_trading(self) -> None:
        """Forget orders, fills, positions, cash and transactions: the sandbox's nightly reset."""
        with self.together():
            for name in TRADING_TABLES:
                self._db.execute(f"DELETE FROM {name}")  # noqa: S608 (names of our own)

    def forget_requests(self) -> None:
        self._db.execute("DELETE FROM requests")
