"""What is done before the first order."""

from datetime import timedelta

from django.utils import timezone

from bot import warming
from orders.brokers.base import BrokerUnavailable
from orders.models import Order
from tests.bot.rig import ListingBroker
from tests.factories import make_account, make_channel, make_environment, make_order


class Recorder(ListingBroker):
    def __init__(self):
        super().__init__()
        self.read = []

    def option_chain(self, underlying):
        self.read.append(underlying)
        return super().option_chain(underlying)

    def future_option_chain(self, root):
        self.read.append(root)
        return super().future_option_chain(root)


def test_the_underlyings_of_late_are_read_ahead_and_a_missing_one_is_passed_over(db):
    for underlying in ("QQQ", "/ES", "SPY", "SPY"):
        make_order(underlying=underlying)
    old = make_order(underlying="IWM")
    Order.objects.filter(pk=old.pk).update(proposed_at=timezone.now() - timedelta(days=30))
    broker = Recorder()

    warming.read_ahead(broker, warming.usual_roots(), lambda: False)

    assert broker.read == ["SPY", "/ES", "QQQ"]


def test_a_process_that_ends_begins_no_call(db):
    broker = Recorder()

    warming.read_ahead(broker, ["SPY"], lambda: True)

    assert broker.read == []


def test_a_new_desk_reads_the_usual_ahead(db):
    assert warming.usual_roots() == ["SPY"]


def test_only_accounts_that_can_be_traded_are_warmed_up(db):
    make_channel()
    off = make_account(environment=make_environment("sandbox"), number="5WX00009")
    make_channel(discord_channel_id=2002, account=off)
    make_channel(discord_channel_id=2003, account=make_account(number="5WX00002"), is_enabled=False)

    assert warming.accounts() == [("practice", "5WX00001")]


def test_a_broker_that_is_down_does_not_hold_up_the_start(db, caplog, monkeypatch):
    make_channel()
    broker = Recorder()
    broker.read_fails = BrokerUnavailable("The broker did not answer: refused.")
    monkeypatch.setattr(warming.brokers, "get_broker", lambda environment, number: broker)

    warming.warm_up(lambda: False)

    assert [record.getMessage() for record in caplog.records] == [
        "the broker cannot be warmed up: The broker did not answer: refused."
    ]
