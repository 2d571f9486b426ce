"""What would make the first order of the day slow is done beside the login."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from desk.models import Channel
from orders import brokers
from orders.brokers.base import Broker, BrokerError
from orders.models import Order

log = logging.getLogger(__name__)
LATELY = timedelta(days=14)
MOST_ROOTS = 5
USUAL_ROOTS = ("SPY",)  # where nothing was traded lately


class WarmingUp(threading.Thread):
    """The thread that does it. It ends with the process, and lets go of the broker when told to."""

    def __init__(self) -> None:
        super().__init__(name="warm up", daemon=True)
        self._stopping = threading.Event()

    def run(self) -> None:
        warm_up(self._stopping.is_set)

    def stop(self, seconds: float) -> None:
        """Begin no further call to the broker, and wait a little for the one under way."""
        self._stopping.set()
        self.join(seconds)


def warm_up(is_stopping: Callable[[], bool]) -> None:
    """Load the SDK, which takes seconds, get a token for each account, and read the usual chains.

    Nothing depends on it: what fails here is only slower later.
    """
    try:
        for environment, number in accounts():
            read_ahead(brokers.get_broker(environment, number), usual_roots(), is_stopping)
    except (BrokerError, DatabaseError) as error:
        log.warning("the broker cannot be warmed up: %s", error)
    finally:
        close_old_connections()


def accounts() -> list[tuple[str, str]]:
    """Return the accounts that enabled channels trade."""
    enabled = Channel.objects.filter(is_enabled=True, account__environment__is_enabled=True)
    return sorted(set(enabled.values_list("account__environment_id", "account__number")))


def usual_roots() -> list[str]:
    """Return the underlyings of late, the latest first."""
    since = timezone.now() - LATELY
    lately = Order.objects.filter(proposed_at__gt=since).order_by("-pk").values_list("underlying", flat=True)
    found = list(dict.fromkeys(lately[:100]))[:MOST_ROOTS]
    return found or list(USUAL_ROOTS)


def read_ahead(broker: Broker, roots: Iterable[str], is_stopping: Callable[[], bool]) -> None:
    """Make the token good and fill the adapter's chains."""
    if is_stopping():
        return
    broker.refresh()
    for root in roots:
        if is_stopping():
            return
        chain = broker.future_option_chain if root.startswith("/") else broker.option_chain
        try:
            chain(root)
        except BrokerError as error:
            log.info("the chain of %s cannot be read ahead: %s", root, error)
