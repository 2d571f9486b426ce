"""Take what the account streams tell, as it happens, and read the rest after each connect."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from time import monotonic
from typing import cast

from django.utils import timezone

from desk.models import Account, Heartbeat
from orders import brokers, looking, recording, signs
from orders.brokers.account_stream import (
    Connected,
    Disconnected,
    OrderReport,
    Pace,
    Streamable,
    StreamEvent,
    Unreadable,
    account_messages,
)
from orders.brokers.base import BrokerError, CredentialsRefused
from orders.halts import taking_back
from orders.reconciliation import breaks, reconciling
from orders.reconciliation.differences import BreakKind
from orders.threads import in_thread, use_threads

log = logging.getLogger(__name__)
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
HELD_SECONDS = 30.0  # a connection that held so long was a good one
REFUSED_SECONDS = 300.0  # many failed logins make the broker block an address for hours
LOOK_SECONDS = 5.0  # how often accounts that were switched on or off are noticed
BEAT_SECONDS = 1.5
# A quiet account's stream proves its life by the answers to our heartbeats: three that stay out end it, so
# that a connection that died unnoticed hides no fill for longer than ten seconds.
PACE = Pace(heartbeat=2.0, silence=6.0)
pause = asyncio.sleep


async def run() -> None:
    """Follow every enabled account, and do what a halt with cancel asks for, until cancelled."""
    use_threads()
    followers: dict[int, asyncio.Task[None]] = {}
    taking_back_all = asyncio.create_task(for_ever(taking_back.watch))
    try:
        while True:
            with outlived("the accounts could not be looked at"):
                await look(followers)
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        tasks = [taking_back_all, *followers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def look(followers: "dict[int, asyncio.Task[None]]") -> None:
    """Begin and end followers, so that there is one of each enabled account."""
    wanted = await in_thread(enabled_accounts)
    for pk, task in list(followers.items()):
        if task.done():
            log.error("the follower of account %s starts again", pk, exc_info=task.exception())
            del followers[pk]
    for pk in followers.keys() - wanted.keys():
        followers.pop(pk).cancel()
    for pk in wanted.keys() - followers.keys():
        followers[pk] = asyncio.create_task(follow(wanted[pk]))


async def for_ever(service: Callable[[], Awaitable[None]]) -> None:
    while True:
        with outlived(f"{service.__name__} failed and begins again"):
            await service()
        await asyncio.sleep(1)


@contextmanager
def outlived(what: str) -> Iterator[None]:
    """Log what fails inside: the database comes back, and so does everything else."""
    try:
        yield
    except Exception:
        log.exception(what)


def enabled_accounts() -> dict[int, Account]:
    return Account.objects.filter(is_allowed=True, environment__is_enabled=True).in_bulk()


async def follow(account: Account) -> None:
    """Follow one account: connect, take reports, and after a loss connect again with patience."""
    losses = 0
    while True:
        began, least = monotonic(), 0.0
        try:
            await listen(account)
        except (BrokerError, *breaks.DATABASE_GONE) as error:
            log.warning("the stream of %s: %s", account, error)
            if isinstance(error, CredentialsRefused):
                least = REFUSED_SECONDS
                await in_thread(signs.broker_failed, account, error)
        losses = 0 if monotonic() - began >= HELD_SECONDS else losses
        wait = max(min(FIRST_WAIT_SECONDS * 2**losses, LONGEST_WAIT_SECONDS), least)
        losses = min(losses + 1, 10)
        await pause(wait * random.uniform(0.8, 1.2))  # noqa: S311


async def listen(account: Account) -> None:
    """Take what one connection tells until it ends; however it ends, workers know at once."""
    broker = await in_thread(brokers.get_broker, account.environment_id, account.number)
    try:
        async with aclosing(account_messages(cast("Streamable", broker), pace=PACE)) as messages:
            async for event in messages:
                await take(account, event)
    finally:
        await in_thread(lost, account)


async def take(account: Account, event: StreamEvent) -> None:
    """Do what an event asks for."""
    if isinstance(event, Disconnected):
        log.warning("the stream of %s is lost: %s", account, event.cause)
        return
    if isinstance(event, OrderReport):
        await in_thread(apply_report, account, event)
    elif isinstance(event, Connected):
        log.info("the stream of %s is connected", account)
        await in_thread(catch_up, account)
    elif isinstance(event, Unreadable):
        await in_thread(not_understood, account, key_of(event))
    await in_thread(beat, account)


def apply_report(account: Account, event: OrderReport) -> None:
    """Apply a report to our placement; orders that are not ours are left alone.

    One that cannot be applied is a break, and the rest of the stream is taken all the same.
    """
    try:
        placement = recording.placement_of(account, event.order)
        if placement is not None:
            recording.apply_reading(placement, event.order, by="stream")
        else:
            reconciling.adopt(account, event.order)  # a break, where it has our prefix
    except breaks.DATABASE_GONE:
        raise  # connect anew, and read everything by REST
    except Exception:
        log.exception("a report of order %s could not be applied", event.order.broker_order_id)
        not_understood(account, event.order.broker_order_id)


def key_of(event: Unreadable) -> str:
    """Return the order's id if there is one, else what kind of message it was."""
    data = event.raw.get("data")
    number = data.get("id") if isinstance(data, dict) else None
    return str(number or event.raw.get("type") or "?")[:100]


def not_understood(account: Account, key: str) -> None:
    """Show it, and read the orders by REST: it may have been a fill."""
    breaks.open_break(account, BreakKind.UNREADABLE_REPORT, key, "a stream message can't be read")
    reconciling.mark_due([account.pk])


def catch_up(account: Account) -> None:
    """The stream tells nothing of before: have the account compared, and begin a stretch without gaps."""
    Heartbeat.beat(looking.stream_name(account), now=timezone.now(), restarted=True)
    reconciling.mark_due([account.pk])


def beat(account: Account) -> None:
    """Any message proves that the stream lives; written at most every few seconds."""
    name, now = looking.stream_name(account), timezone.now()
    known = Heartbeat.objects.filter(pk=name).values_list("beat_at", flat=True).first()
    if known is None or (now - known).total_seconds() > BEAT_SECONDS:
        Heartbeat.beat(name, now=now)


def lost(account: Account) -> None:
    """Say at once that the stream is down: workers read the orders now, and more often meanwhile."""
    Heartbeat.objects.filter(pk=looking.stream_name(account)).delete()
    reconciling.mark_due([account.pk])
