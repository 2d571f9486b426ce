"""A channel that reads alerts, a broker that lists SPY, and messages said in it."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from orders.alerts import intake
from orders.alerts.intake import Posted
from orders.brokers.base import Position
from orders.enums import InstrumentType, OptionType
from orders.language.symbols import parse_occ
from orders.models import Message
from tests.bot.rig import EXPIRY, TYPED, D, ListingBroker, option
from tests.factories import PRACTICE_URL, make_approver, make_channel, make_trader

_ids = count(7_000_001)
TESSA = 31
OPEN = f"BTO 2 SPY {TYPED} 600c @ 1.25"
DAY = f"{EXPIRY.day}{EXPIRY:%b}{EXPIRY:%y}".lower()  # 18dec26
COMMAND = f"bto 2 SPY {DAY} 600c @ 1.25"


class RoomBroker(ListingBroker):
    """The broker that lists SPY, which also knows what it holds by symbol."""

    def option(self, occ_symbol):
        found = parse_occ(occ_symbol)
        return option(found.strike, found.option_type, found.expiry)


class Room:
    """One channel with one trader, tessa, and the approver ann. `broker` is what its account holds."""

    def __init__(self, settings, **over):
        settings.PRACTICE_EXCHANGE_URL = PRACTICE_URL
        self.channel = make_channel(reads_alerts=True, name="alerts", **over)
        self.tessa = make_trader("tessa", discord_user_id=TESSA)
        self.ann = make_approver("ann")
        self.channel.traders.add(self.tessa, self.ann)
        self.broker = RoomBroker()

    def get_broker(self, environment, number):
        assert (environment, number) == ("practice", self.channel.account.number)
        return self.broker

    def posted(self, text, *, author=TESSA, ago=timedelta(0), message_id=None, **more):
        return Posted(message_id or next(_ids), author, "tessa", text, timezone.now() - ago, **more)

    def say(self, text, *, late="", **more):
        """Let someone say this; return the message as it stands then."""
        posted = self.posted(text, **more)
        intake.take_in(posted, self.channel, self.get_broker, late=late)
        return Message.objects.filter(discord_message_id=posted.message_id).first()

    def hold(self, quantity, strike=600, kind="C", expiry=EXPIRY):
        """Put options of SPY into the account; below zero is short."""
        instrument = option(D(strike), OptionType(kind), expiry)
        self.broker.held.append(
            Position(instrument.symbol, InstrumentType.EQUITY_OPTION, "SPY", quantity, D("1.00"), D(100))
        )


__all__ = ["COMMAND", "DAY", "EXPIRY", "OPEN", "TESSA", "TYPED", "D", "Room"]
