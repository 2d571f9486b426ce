"""How long the kill switch takes to take 100 orders back: `python -m tests.benchmarks.halting` prints it.

A desk with 100 orders working at a practice exchange of its own, in another process, behind a door that
takes 100 ms for each round trip and, the second time, lets 20 requests a second pass (429 for the rest).
Measured from the call of the halt to the arrival of the last DELETE, in a warm process that runs what
`runstreamer` runs. The queue is down. Goals: 3 s, and 7 s where the exchange caps; exit 1 past a goal.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from pathlib import Path

ORDERS = 100
ROUND_TRIP_SECONDS = 0.1
CAP_PER_SECOND = 20
GOALS = {0: 3.0, CAP_PER_SECOND: 7.0}
ACCOUNT = "5WT00001"


# --- the exchange's side ---------------------------------------------------------------------------


class Door:
    """Around the exchange: each request's way takes half a round trip; more than the cap a second are 429."""

    def __init__(self, app, cap):
        self.app, self.cap = app, cap
        self.is_shut, self.passed, self.deletes, self.refused = False, deque(), [], 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/practice"):
            await self.app(scope, receive, send)
        elif scope["path"] == "/door":
            self.is_shut = scope["method"] == "POST"
            told = {"deletes": self.deletes, "refused": self.refused}
            await answer(send, 200, json.dumps(told).encode())
        elif not self.is_shut:
            await self.app(scope, receive, send)
        else:
            await asyncio.sleep(ROUND_TRIP_SECONDS / 2)
            await self.pass_on(scope, receive, send)

    async def pass_on(self, scope, receive, send):
        if not self.lets_pass(time.time()):
            self.refused += 1
            await answer(send, 429, b"")
            return
        if scope["method"] == "DELETE":
            self.deletes.append(time.time())

        async def later(message):
            if message["type"] == "http.response.start":
                await asyncio.sleep(ROUND_TRIP_SECONDS / 2)
            await send(message)

        await self.app(scope, receive, later)

    def lets_pass(self, now):
        while self.passed and self.passed[0] <= now - 1:
            self.passed.popleft()
        if self.cap and len(self.passed) >= self.cap:
            return False
        self.passed.append(now)
        return True


async def answer(send, status, body):
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve(folder, cap):
    """Serve an exchange behind the door; print the port."""
    from orders.brokers.practice import server as serving
    from orders.brokers.practice.app import open_exchange

    exchange = open_exchange(folder / "exchange.sqlite3", seed=7, always_open=True)
    server, listener = serving.make_server(exchange), serving.bind("127.0.0.1", 0)
    server.config.app = Door(server.config.app, cap)
    print(listener.getsockname()[1], flush=True)
    serving.serve(server, listener)


# --- the desk's side -------------------------------------------------------------------------------


def call(url, method="GET", body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as told:
        return json.load(told)


def prepare(count):
    """Make the desk's rows, and so many orders at the exchange; return the account."""
    from decimal import Decimal

    from django.core.management import call_command

    from desk.running import practice_rows
    from orders import brokers, looking
    from orders.brokers.base import Draft, DraftLeg
    from orders.enums import Action, InstrumentType, Side
    from tests.factories import make_account, make_channel, make_order, make_placement
    from tests.practice.exchange_fixture import CALL

    call_command("migrate", verbosity=0)
    practice_rows.fill()
    account = make_account(number=ACCOUNT)
    channel, broker = make_channel(account=account), brokers.get_broker("practice", ACCOUNT)
    broker.refresh()
    for number in range(count):
        order = make_order(channel=channel, status="walking", leg={"symbol": CALL}, quantity=1)
        name = f"{looking.prefix('practice')}{order.pk}-1-{number:06x}"
        leg = DraftLeg(InstrumentType.EQUITY_OPTION, CALL, Action.BUY_TO_OPEN, 1)
        sent = broker.place(Draft(name, (leg,), Side.PAYS, Decimal("0.05")))
        make_placement(order, external_identifier=name, broker_order_id=sent.order.broker_order_id)
    return account


async def measure(account, url):
    """Halt while the streamer's loop runs; return when that was, when it had ended, and what came of it."""
    from orders.halts import halting, taking_back
    from orders.models import MassCancel
    from orders.threads import in_thread

    watching = asyncio.create_task(taking_back.watch())
    await asyncio.sleep(1)
    began = time.time()
    await in_thread(halting.halt, [account.pk], by="bench", reason="measured", cancel=True)
    committed = time.time()
    mass_cancels = await in_thread(lambda: list(MassCancel.objects.values_list("pk", flat=True)))
    await taking_back.until_ended(mass_cancels)
    ended = time.time()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return began, committed, ended, await in_thread(MassCancel.objects.get)


def desk(url, cap):
    """Halt and print the numbers; return whether the goal was reached."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "desk.settings"
    import django

    django.setup()
    import logging

    logging.disable(logging.WARNING)
    call(f"{url}/practice/faults", "POST", [{"kind": "never_fill"}])
    account = prepare(ORDERS)
    call(f"{url}/door", "POST", {})
    began, committed, ended, asked = asyncio.run(measure(account, url))
    told = call(f"{url}/door")
    orders = call(f"{url}/practice/ledger?since=0")["orders"]
    left = [order for order in orders if order["status"] != "Cancelled"]
    deletes = sorted(told["deletes"])
    took = deletes[-1] - began
    busiest = max(sum(at <= other < at + 1 for other in deletes) for at in deletes)
    print(
        f"  {took:5.2f} s to the last of {len(deletes)} DELETEs (goal {GOALS[cap]:g}): "
        f"halt committed after {committed - began:.2f} s, first DELETE after {deletes[0] - began:.2f} s, "
        f"all recorded after {ended - began:.2f} s; {told['refused']} answered 429, "
        f"at most {busiest} taken in a second; {len(left)} left alive, {len(asked.left)} told of"
    )
    return took <= GOALS[cap] and not left


def run(cap):
    """Play one desk against one exchange, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        me = [sys.executable, "-m", "tests.benchmarks.halting"]
        exchange = subprocess.Popen(
            [*me, "--serve", folder, "--cap", str(cap)], stdout=subprocess.PIPE, text=True
        )
        try:
            url = f"http://127.0.0.1:{exchange.stdout.readline().strip()}"
            told = {
                "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3",
                "CELERY_BROKER_URL": "redis://127.0.0.1:1",
                "PRACTICE_EXCHANGE_URL": url,
                "VAR_DIR": folder,
            }
            played = subprocess.run(
                [*me, "--desk", url, "--cap", str(cap)], env=os.environ | told, check=False
            )
            return played.returncode == 0
        finally:
            exchange.terminate()
            exchange.wait(10)
            exchange.stdout.close()


def main():
    print(
        f"{ORDERS} working orders, {ROUND_TRIP_SECONDS * 1000:.0f} ms round trip, queue down, SQLite:",
        flush=True,
    )
    good = run(0)
    print(f"the same, where the exchange lets {CAP_PER_SECOND} requests a second pass:", flush=True)
    return 0 if run(CAP_PER_SECOND) and good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--desk")
    parser.add_argument("--cap", type=int, default=0)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.cap)
    else:
        sys.exit((0 if desk(given.desk, given.cap) else 1) if given.desk else main())
