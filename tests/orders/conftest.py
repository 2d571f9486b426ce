"""What tests of orders share."""

from tests.practice.exchange_fixture import exchange

__all__ = ["exchange"]
