"""The way to a broker. Importing this, or `base`, never loads the SDK: that takes seconds."""

import os
import threading

from django.conf import settings

from orders.brokers.base import Broker

# Given an empty secret the SDK takes these instead: no process of the desk keeps them.
FOREIGN_SECRETS = ("TT_SECRET", "TT_REFRESH")


class _Held:
    """The process's brokers, by environment and account; a forked child begins with none."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.brokers: dict[tuple[str, str], Broker] = {}


_held = _Held()


def _forget() -> None:
    global _held
    _held = _Held()


os.register_at_fork(after_in_child=_forget)


def get_broker(environment: str, account_number: str) -> Broker:
    """Return the broker of an account, one per process.

    Raises CredentialsRefused without credentials, HostNotSealed for practice away from loopback.
    """
    with _held.lock:
        key = environment, account_number
        if key not in _held.brokers:
            _held.brokers[key] = _opened(environment, account_number)
        return _held.brokers[key]


def _opened(environment: str, account_number: str) -> Broker:
    from orders.brokers.credentials import credentials_of
    from orders.brokers.sealing import seal_of

    seal = seal_of(environment, practice_url=settings.PRACTICE_EXCHANGE_URL)
    credentials = credentials_of(environment)
    for name in FOREIGN_SECRETS:
        os.environ.pop(name, None)

    from orders.brokers.tastytrade import TastytradeBroker
    from orders.brokers.tastytrade_session import BrokerSession

    return TastytradeBroker(BrokerSession(seal, credentials), account_number)


def close_brokers() -> None:
    """Close every connection and the event loop; the next `get_broker` opens anew."""
    with _held.lock:
        brokers, _held.brokers = list(_held.brokers.values()), {}
    if not brokers:
        return
    from orders.brokers import loop
    from orders.brokers.tastytrade import TastytradeBroker

    for broker in brokers:
        if isinstance(broker, TastytradeBroker):
            broker.close()
    loop.close()
