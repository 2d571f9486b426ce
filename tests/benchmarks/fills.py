"""When the desk knows a fill: `python -m tests.benchmarks.fills` prints it, with the account stream and without.

One desk in one process, with what `runstreamer` runs and a worker's sweep each second, and a practice exchange
in another. Measured from the exchange's fill until the order's row says filled. Goals: 1 s with the stream,
10 s without it and with one that fell silent on an open connection; exit 1 past a goal.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.benchmarks.halting import call, prepare, serve

ROUNDS = 5
GOALS = {"stream": 1.0, "silent": 10.0, "none": 10.0}
SAID = {
    "stream": "with the stream",
    "silent": "with a stream that fell silent, its connection open",
    "none": "without a stream",
}


def publish_here(pool):
    """Let messages be worked by threads of this process: a queue and its workers."""
    from celery import current_app

    from orders import queue

    def publish(task, *args):
        pool.submit(current_app.tasks[task], *args)

    queue.publish = publish


async def sweep_each_second():
    from orders import tasks
    from orders.threads import in_thread

    while True:
        await in_thread(tasks.sweep)
        await asyncio.sleep(1)


async def filled(url, placement):
    """Fill one order at the exchange; return how many seconds later its row says so."""
    from orders.models import Order
    from orders.threads import in_thread

    act = partial(call, f"{url}/practice/orders/{placement.broker_order_id}", "POST", {"action": "fill"})
    began = time.monotonic()
    await in_thread(act)
    while time.monotonic() < began + 60:
        if await in_thread(Order.objects.filter(pk=placement.order_id, filled_quantity=1).exists):
            break
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def measure(url, how):
    from django.utils import timezone

    from desk.models import Account
    from orders import streaming
    from orders.models import Order, Placement
    from orders.threads import in_thread

    now = timezone.now()
    await in_thread(lambda: Account.objects.update(reconciled_at=now))
    await in_thread(lambda: Order.objects.update(next_action_at=None))
    running = [asyncio.create_task(sweep_each_second())]
    if how != "none":
        running.append(asyncio.create_task(streaming.run()))
    await asyncio.sleep(4)
    if how == "silent":
        call(f"{url}/practice/faults", "POST", [{"kind": "stream_silent", "stream": "account"}])
    placements = await in_thread(lambda: list(Placement.objects.order_by("pk")[:ROUNDS]))
    taken = []
    for number, placement in enumerate(placements):
        await asyncio.sleep(0.7 * number)  # at another moment between two sweeps each time
        taken.append(await filled(url, placement))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    return taken


def desk(url, how):
    os.environ["DJANGO_SETTINGS_MODULE"] = "desk.settings"
    import django

    django.setup()
    import logging

    logging.disable(logging.ERROR)
    from orders import brokers

    call(f"{url}/practice/faults", "POST", [{"kind": "never_fill"}])
    prepare(ROUNDS)
    with ThreadPoolExecutor(4) as pool:
        publish_here(pool)
        taken = sorted(asyncio.run(measure(url, how)))
    brokers.close_brokers()
    median, worst = taken[len(taken) // 2], taken[-1]
    print(
        f"  {median:5.2f} s median, {worst:5.2f} s worst of {len(taken)} (goal {GOALS[how]:g}): {SAID[how]}"
    )
    return worst <= GOALS[how]


def run(how):
    """Play one desk against one exchange, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        me = [sys.executable, "-m", "tests.benchmarks.fills"]
        exchange = subprocess.Popen([*me, "--serve", folder], stdout=subprocess.PIPE, text=True)
        try:
            url = f"http://127.0.0.1:{exchange.stdout.readline().strip()}"
            told = {
                "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3",
                "PRACTICE_EXCHANGE_URL": url,
                "VAR_DIR": folder,
            }
            played = subprocess.run([*me, "--desk", url, "--how", how], env=os.environ | told, check=False)
            return played.returncode == 0
        finally:
            exchange.terminate()
            exchange.wait(10)
            exchange.stdout.close()


def main():
    print("A fill at the exchange is known to the desk after:")
    sys.stdout.flush()
    reached = [run(how) for how in GOALS]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--desk")
    parser.add_argument("--how", choices=list(GOALS))
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, 0)
    else:
        sys.exit((0 if desk(given.desk, given.how) else 1) if given.desk else main())
