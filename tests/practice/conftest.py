from tests.orders.brokers.conftest import broker_at
from tests.practice.exchange_fixture import exchange

__all__ = ["broker_at", "exchange"]
