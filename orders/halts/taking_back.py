"""Make the passes of every mass cancel, from the streamer or a command. No queue is needed."""

import asyncio
import logging
from collections.abc import Collection

from django.utils import timezone

from orders import brokers
from orders.halts import mass_cancelling
from orders.models import MassCancel
from orders.threads import in_thread, use_threads

log = logging.getLogger(__name__)

NOTICE_SECONDS = 0.25  # a halt that was committed is noticed within this


async def watch() -> None:
    """Make every pass as it comes due, until cancelled; a slow broker holds up no other account."""
    under_way: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            for pk in [pk for pk, task in under_way.items() if task.done()]:
                if error := under_way.pop(pk).exception():
                    log.error("a pass failed and is made again once its lease is over", exc_info=error)
            for pk in set(await in_thread(due)) - under_way.keys():
                under_way[pk] = asyncio.create_task(
                    in_thread(mass_cancelling.step, pk, get_broker=brokers.get_broker)
                )
            await asyncio.sleep(NOTICE_SECONDS)
    finally:
        await asyncio.gather(*under_way.values(), return_exceptions=True)


def due() -> list[int]:
    return list(MassCancel.objects.due(timezone.now()).values_list("pk", flat=True))


async def until_ended(mass_cancels: Collection[int]) -> None:
    """Make passes, with whoever else makes them, until these have ended."""
    use_threads()
    watching = asyncio.create_task(watch())
    try:
        while await in_thread(unended, mass_cancels):
            if watching.done():
                watching.result()
            await asyncio.sleep(NOTICE_SECONDS)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def unended(mass_cancels: Collection[int]) -> bool:
    return MassCancel.objects.filter(pk__in=mass_cancels, ended_at=None).exists()
