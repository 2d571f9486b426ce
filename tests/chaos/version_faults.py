"""A rolling deployment: a worker of this version beside one of a newer, which knows more."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.chaos.beside import second_worker
from tests.chaos.desks import ROOT
from tests.chaos.ground import ORDERS, Ground
from tests.chaos.matrix import fault

PACKAGES = ("desk", "orders", "bot", "tests")
NEWER_TABLE = "ALTER TABLE orders_order ADD staged_at timestamptz, DROP CONSTRAINT order_status_known"
OLDER_TABLE = """
    ALTER TABLE orders_order DROP staged_at, ADD CONSTRAINT order_status_known CHECK (status <> 'staged')"""
# The newer version knows one status, one column and one argument more: before an order is worked it is staged.
CHANGES = {
    "orders/tasks.py": (
        'queue.publish("orders.tasks.work_order", order_id, version)',
        'queue.publish("orders.tasks.work_order", order_id, version, "swept")',
    ),
    "orders/models.py": ("status__in=OrderStatus.values)", 'status__in=[*OrderStatus.values, "staged"])'),
    "orders/execution.py": (
        "    lease = claim(order_id, version)\n",
        "    if is_staged(order_id):\n        return\n    lease = claim(order_id, version)\n",
    ),
}
STAGING = '''

def is_staged(order_id: int) -> bool:
    """Stage an approved order, and have it worked three seconds later."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET status = 'staged', staged_at = now(), next_action_at = now() + '3 seconds'"
            " WHERE id = %s AND status = 'approved' AND staged_at IS NULL AND leased_until IS NULL",
            [order_id],
        )
        staged = cursor.rowcount
        cursor.execute(
            "UPDATE orders_order SET status = 'approved'"
            " WHERE id = %s AND status = 'staged' AND next_action_at <= now()",
            [order_id],
        )
    return bool(staged)
'''


@fault("an older worker beside a newer, whose rows and messages it does not know", walks=True)
def two_versions(ground: Ground) -> int:
    with newer_rows(ground) as rows, newer_worker(ground):
        older = [ground.desk.supervision.pid("worker")]
        ground.stop(older)
        ground.approve()
        ground.until(lambda: staged(rows) == ORDERS, "both orders to be staged")
        ground.go_on(older)
        woken = ground.inside.told("wake_all", 2)
        ground.placed(2)
        ground.over()
        assert in_trouble(rows) == 0
    return woken


def staged(rows: psycopg.Connection) -> int:
    return count(rows, "status = 'staged'")


def in_trouble(rows: psycopg.Connection) -> int:
    """Return of how many orders some worker's turn failed, or gave up for a person to look."""
    return count(rows, "staged_at IS NOT NULL AND (failures > 0 OR parked_reason <> '')")


def count(rows: psycopg.Connection, condition: str) -> int:
    return rows.execute(f"SELECT count(*) FROM orders_order WHERE {condition}").fetchone()[0]


@contextmanager
def newer_rows(ground: Ground) -> Iterator[psycopg.Connection]:
    """Change the table as the newer version's migration does; back again in the end."""
    with psycopg.connect(ground.servers["database"].url, autocommit=True) as rows:
        rows.execute(NEWER_TABLE)
        try:
            yield rows
        finally:
            rows.execute(OLDER_TABLE)


@contextmanager
def newer_worker(ground: Ground) -> Iterator[None]:
    """Have a newer worker in the second one's place."""
    with tempfile.TemporaryDirectory() as folder:
        newer(Path(folder))
        ground.replace_second(lambda: second_worker(ground.desk, Path(folder)))
        try:
            yield
        finally:
            ground.replace_second(lambda: second_worker(ground.desk))


def newer(folder: Path) -> None:
    """Write the newer version's code."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (known, changed) in CHANGES.items():
        text = (folder / name).read_text()
        assert known in text, f"{name} has changed: so must what the newer version changes"
        (folder / name).write_text(text.replace(known, changed))
    with (folder / "orders/execution.py").open("a") as file:
        file.write(STAGING)
