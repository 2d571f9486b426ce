import pytest

from orders.brokers import close_brokers, get_broker
from tests.orders.brokers.samples import ACCOUNT
from tests.orders.brokers.wire_server import wire_server


@pytest.fixture
def server():
    with wire_server() as server:
        yield server


@pytest.fixture
def broker_at(settings):
    """Return the practice broker whose exchange is at a URL; everything is closed afterwards."""

    def at(url: str):
        settings.PRACTICE_EXCHANGE_URL = url
        return get_broker("practice", ACCOUNT)

    yield at
    close_brokers()


@pytest.fixture
def broker(server, broker_at):
    return broker_at(server.url)
