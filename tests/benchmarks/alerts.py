"""How long an alert takes to read: the median over the messages of the tests, the longest texts beside it.

    python -m tests.benchmarks.alerts

The promise is a median below 1 ms, and no text of 4,000 characters above 5 ms.
"""

import statistics
import time

from orders.language.alerts import read_alert
from orders.language.calendar import NYSE
from tests.orders.language.alerts.saying import MESSAGES, POSTED, parts, rows
from tests.orders.language.alerts.texts import LONG

ROUNDS = 5


def seconds(text, title=""):
    begin = time.perf_counter()
    read_alert(text, embed_title=title, now=POSTED, calendar=NYSE)
    return time.perf_counter() - begin


def main():
    messages = [parts(message) for path in sorted(MESSAGES.glob("*.txt")) for message, _ in rows(path.name)]
    taken = [seconds(text, title) for _ in range(ROUNDS) for title, text in messages]
    print(f"{'alerts':<22}{'messages':>10}{'median':>12}{'slowest 1 %':>14}")
    slowest = statistics.quantiles(taken, n=100)[-1]
    print(
        f"{'read_alert':<22}{len(messages):>10}{statistics.median(taken) * 1e6:>9.0f} µs{slowest * 1e6:>11.0f} µs"
    )
    print(f"\n{'4,000 characters of':<22}{'best of ' + str(ROUNDS):>10}")
    for name, text in LONG.items():
        print(f"{name:<22}{min(seconds(text[:4000]) for _ in range(ROUNDS)) * 1e3:>7.2f} ms")


if __name__ == "__main__":
    main()
