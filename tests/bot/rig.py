"""A desk for tests of the bot: rows, a practice Discord, the real client and a broker in memory."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from bot.client import Desk
from bot.practice import world
from desk.models import Channel, Trader
from orders.brokers.base import Expiration, NotFound, Position
from orders.enums import InstrumentType, OptionType
from orders.language.calendar import NYSE
from orders.market import PENNY, Instrument
from orders.models import Order
from tests.bot.practice.chat_fixture import PATIENCE, running_chat, running_client, wait_for
from tests.brokers import FakeBroker
from tests.factories import make_approver, make_channel, make_trader, make_user

D = Decimal
EXPIRY = NYSE.session_on_or_after(datetime.now(UTC).date() + timedelta(days=30))
TYPED = f"{EXPIRY.day}{EXPIRY:%b}".lower()  # 18dec
ORDER = f"!tt bto 2 SPY {TYPED} 600c"
STRIKES = tuple(D(n) for n in range(590, 611, 5))


def option(strike: Decimal, kind: OptionType, expiry: date = EXPIRY) -> Instrument:
    return Instrument(
        kind=InstrumentType.EQUITY_OPTION,
        symbol=f"SPY   {expiry:%y%m%d}{kind.value}{int(strike * 1000):08d}",
        root="SPY",
        underlying="SPY",
        multiplier=D(100),
        ticks=PENNY,
        expires_on=expiry,
        strike=strike,
        option_type=kind,
    )


@dataclass
class ListingBroker(FakeBroker):
    """The broker in memory, which lists SPY, its options of one expiry, and nothing else."""

    held: list[Position] = field(default_factory=list)
    series: str = "SPY"  # what the exchange calls the options of the one expiry

    def option_chain(self, underlying):
        self._may_fail()
        if underlying != "SPY":
            raise NotFound(underlying)
        calls = {strike: option(strike, OptionType.CALL) for strike in STRIKES}
        puts = {strike: option(strike, OptionType.PUT) for strike in STRIKES}
        return [Expiration(self.series, EXPIRY, STRIKES, calls, puts)]

    def equity(self, symbol):
        self._may_fail()
        if symbol != "SPY":
            raise NotFound(symbol)
        return Instrument(InstrumentType.EQUITY, "SPY", "SPY", "SPY", D(1), PENNY)

    def positions(self):
        self._may_fail()
        return self.held


class PromptDesk(Desk):
    """The bot, without the waits that discord.py and the bot make for Discord's sake."""

    def __init__(self, broker):
        super().__init__(broker_for=lambda environment, number: broker, guild_ready_timeout=0.05)
        self.catching_up.settle_seconds = 0.3

    async def before_identify_hook(self, shard_id, *, initial=False):
        """Skip the five seconds before a new session."""


@dataclass
class Rig:
    """A running desk. People act through `chat`; the rows say what came of it."""

    chat: object
    broker: ListingBroker
    channel: Channel
    tessa: Trader
    running: object = None

    def reply(self, predicate=lambda m: True, channel="orders"):
        """Return the bot's first message that fits, once there is one."""
        return self.chat.wait_for_message(lambda m: is_bots(m) and predicate(m), channel)

    def replies(self, channel="orders"):
        return [m for m in self.chat.messages(channel) if is_bots(m)]

    def ask(self, text, member="tessa", channel="orders"):
        """Say something and return the text of the bot's reply to it."""
        said = self.chat.say(member, text, channel=channel)
        return self.answer_to(said, channel)["content"]

    def answer_to(self, said, channel="orders"):
        """Return the bot's reply to a message, once there is one."""
        return self.reply(lambda m: replied_to(m) == said["id"], channel)

    def answers_to(self, said):
        return [m for m in self.replies() if replied_to(m) == said["id"]]

    def settle(self):
        """Wait until the bot has dealt with everything said so far."""
        said = self.chat.say("tessa", "!tt help")
        self.answer_to(said)

    def repeat_event(self, name, payload):
        """Let the client hear an event again, as after a bad resume."""

        async def parse():
            self.running.client._connection.parsers[name](payload)

        self.running.call(parse())

    def freeze_cards(self):
        """Let no edit through: messages stay as they are, buttons too."""
        for path in ("/channels/*", "/webhooks/*"):
            self.chat.fault(method="PATCH", path=path, status=503, times=0)

    def user(self, name):
        return User.objects.get(username=name)

    def add_channel(self, name):
        """Put another channel on the allow-list, with the same traders."""
        channel = make_channel(discord_channel_id=world.CHANNELS[name], name=name)
        channel.traders.set(self.channel.traders.all())
        return channel

    def forget(self, name):
        """Strike a person off the desk."""
        Trader.objects.get(user__username=name).delete()

    def message(self, said):
        """Return a message as Discord's gateway would send it."""
        found = self.chat.as_bot("GET", f"/channels/{said['channel_id']}/messages/{said['id']}")
        return found | {"guild_id": str(world.GUILD_ID)}

    def press(self, member, button, **more):
        """Press a button; return the outcome once the bot has acknowledged it."""
        started = self.chat.click(member, button, wait=0, **more)["interaction"]
        return self._outcome(started, lambda outcome: outcome["state"] != "waiting")

    def refusal(self, member, button, **more):
        """Press a button and return the sentence that its presser alone is shown."""
        return self._said_to(self.chat.click(member, button, wait=0, **more)["interaction"])

    def form(self, member, button):
        """Press a button that opens a form; return the outcome with it."""
        outcome = self.press(member, button)
        assert outcome["state"] == "modal", outcome
        return outcome

    def send(self, member, outcome, **fields):
        """Send a form; return the outcome once the bot has acknowledged it."""
        words = {"member": member, "interaction": outcome["interaction"], "fields": fields, "wait": 0}
        started = self.chat.control("POST", "modal", **words)["interaction"]
        return self._outcome(started, lambda outcome: outcome["state"] != "waiting")

    def refused_form(self, member, outcome, **fields):
        return self._said_to(self.send(member, outcome, **fields)["interaction"])

    def _outcome(self, interaction, predicate):
        def found():
            outcome = self.chat.control("GET", "outcome", interaction=interaction)
            return predicate(outcome) and outcome

        return wait_for(found)

    def _said_to(self, interaction):
        outcome = self._outcome(interaction, lambda o: o["ephemeral"] or o["followups"])
        return (outcome["followups"] or [outcome["message"]])[0]["content"]

    def propose(self, text=ORDER, member="tessa"):
        """Let someone ask for an order; return the row once its message stands."""
        said = self.chat.say(member, text)
        wait_for(lambda: shown(Order.objects.filter(discord_message_id=said["id"]).first()))
        return Order.objects.get(discord_message_id=said["id"])

    def card(self, order):
        """Return an order's message as it stands."""
        found = self._cards(order)
        assert len(found) == 1, found
        return found[0]

    def _cards(self, order):
        return [m for m in self.replies() if m["embeds"] and m["embeds"][0]["title"].startswith(f"{order} ")]

    def status(self, order, word):
        """Wait until an order's message begins with this; return its status line."""
        return wait_for(
            lambda: next((line for line in map(line_of, self._cards(order)) if word in line), None)
        )

    def until(self, order, status):
        wait_for(lambda: Order.objects.get(pk=order.pk).status == status)

    def make_client(self):
        return PromptDesk(self.broker)

    @contextmanager
    def client_not_read_yet(self):
        """Run the bot's client; it is ready, and still busy reading what it missed."""
        with running_client(self.chat, self.make_client) as running:
            assert not running.client.catching_up.is_done
            self.running = running
            yield running

    @contextmanager
    def client(self, **more):
        """Run the bot's client on the chat until the block ends."""
        with running_client(self.chat, self.make_client, **more) as running:
            if more.get("ready", True):
                wait_for(lambda: running.client.catching_up.is_done)
            self.running = running
            yield running


def replied_to(message):
    return (message.get("message_reference") or {}).get("message_id")


def is_bots(message):
    return message["author"]["id"] == str(world.BOT.id)


def line_of(message):
    return message["embeds"][0]["description"]


def field_of(message, name):
    """Return a field of a message's embed; None where it has none of that name."""
    return next((f["value"] for f in message["embeds"][0].get("fields", []) if f["name"] == name), None)


def labels_of(message):
    return [button["label"] for row in message["components"] for button in row["components"]]


def shown(order):
    return order is not None and hasattr(order, "reply") and order.reply.shown_version >= order.version


def member(name):
    return world.MEMBERS[name].id


@contextmanager
def rig(**chat_options):
    """Build the desk's rows around a practice Discord; the client is the test's to start."""
    channel = make_channel(
        discord_channel_id=world.CHANNELS["orders"],
        name="orders",
        approver_role_id=world.ROLES["Approvers"],
    )
    tessa = make_trader("tessa", discord_user_id=member("tessa"))
    theo = make_trader("theo", discord_user_id=member("theo"))
    make_approver("ada", discord_user_id=member("ada"))
    rights = ("orders.approve_order", "orders.cancel_order", "orders.propose_order")
    bea = make_trader("bea", user=make_user("bea", *rights), discord_user_id=member("bea"))
    channel.traders.add(tessa, theo, bea)
    with running_chat(**chat_options) as chat:
        yield Rig(chat, ListingBroker(), channel, tessa)


__all__ = ["EXPIRY", "ORDER", "PATIENCE", "TYPED", "Rig", "rig", "wait_for"]
