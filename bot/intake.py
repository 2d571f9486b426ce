"""From what was heard to what is answered: parse, look who asks, call one service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils import timezone

from bot import asking, order_lists, proposals
from bot.errors import Told
from bot.listening import Heard, command_in
from bot.people import person_of
from bot.wording import window
from desk.models import Channel, Trader
from orders import amending, lifecycle, requests
from orders.approval import NotAllowed
from orders.brokers.base import Broker
from orders.enums import OrderStatus
from orders.language.calendar import NYSE
from orders.language.commands import parse_command
from orders.language.help import TOPICS, fill, help_text
from orders.language.ticket import Mistake
from orders.language.values import (
    Amend,
    CancelOrders,
    Close,
    Command,
    Help,
    Propose,
    ShowBalance,
    ShowChain,
    ShowOrder,
    ShowOrders,
    ShowPositions,
    ShowQuote,
)
from orders.language.writing import describe
from orders.models import Order

BrokerFor = Callable[[str, str], Broker]  # (environment, account number)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to one message: a text, the order it became, or an order to show as it stands."""

    text: str = ""
    order_id: int | None = None
    shown_order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, where, and the way to his broker. Nothing is opened before it is needed."""

    heard: Heard
    channel: Channel
    trader: Trader
    broker_for: BrokerFor

    @property
    def broker(self) -> Broker:
        account = self.channel.account
        return self.broker_for(account.environment_id, account.number)


def answer_to(heard: Heard, channel: Channel, broker_for: BrokerFor) -> Answer:
    """Return the answer to a message that is ours to answer.

    Raises what services raise: `errors.sentence_for` has the words for it.
    """
    command = parse_command(command_in(heard.content) or "help", now=timezone.now(), calendar=NYSE)
    if isinstance(command, Mistake):
        return Answer(said_of(command))
    if isinstance(command, Help):
        return Answer(helped(command.topic, timezone.now().date()))
    return obey(command, Asker(heard, channel, person_of(heard.author_id), broker_for))


def obey(command: Command, asker: Asker) -> Answer:
    """Do what a person of the desk asked for."""
    if not may_look(asker):
        raise NotAllowed(f"You are not one of the traders of {asker.channel}.")
    match command:
        case Propose() | Close() if asker.channel.preview_only:
            return Answer(f"Preview, nothing recorded: {previewed(command)}")
        case Propose() | Close():
            return Answer(order_id=recorded(command, asker).pk)
        case CancelOrders():
            return Answer(cancel(command, asker.trader))
        case Amend(number):
            order_lists.known(number, asker.channel)
            return Answer(amended(command, asker))
        case ShowOrder(number):
            return Answer(shown_order_id=order_lists.known(number, asker.channel).pk)
        case _:
            return Answer(show(command, asker))


def helped(topic: str, today: date) -> str:
    """Return a page of help with examples to copy, or the overview; its expiries are always to come."""
    page = TOPICS.get(topic)
    if page is None:
        more = "For more: `!tt help order`. To ask for an order: `!tt bto 2 SPY 18dec 600c`."
        return fill(f"```\n{help_text()}\n```{more}", today, NYSE)
    examples = "\n".join(f"!tt {fill(example, today, NYSE)}" for example in page.examples)
    return f"**{topic}** · {page.summary}\n```\n{examples}\n```"


def previewed(command: Propose | Close) -> str:
    if isinstance(command, Propose):
        return describe(command.ticket)
    return "a close, which is worked out from the position once orders are recorded here"


def recorded(command: Propose | Close, asker: Asker) -> Order:
    """Price and record what was asked for. Raises as the services do."""
    if isinstance(command, Propose):
        propose = partial(proposals.propose, command.ticket)
    else:
        propose = partial(proposals.propose_close, command)
    return propose(heard=asker.heard, channel=asker.channel, trader=asker.trader, broker=asker.broker)


def show(command: Command, asker: Asker) -> str:
    """Return the answer to a question."""
    match command:
        case ShowOrders():
            return order_lists.orders(asker.channel)
        case ShowQuote(contract):
            return asking.quote(contract, asker.broker)
        case ShowChain():
            return asking.chain(command, asker.broker)
        case ShowPositions():
            return asking.positions(asker.broker)
        case ShowBalance():
            return asking.balance(asker.broker)
    raise ValueError(f"no answer to {command!r}")


def may_look(asker: Asker) -> bool:
    """Traders of the channel, and whoever decides on its orders."""
    if asker.channel.traders.filter(pk=asker.trader.pk).exists():
        return True
    return bool(asker.trader.user.has_perm("orders.approve_order"))


def cancel(command: CancelOrders, trader: Trader) -> str:
    """Cancel one order by its number, or every open one of the trader's own."""
    if command.number is not None:
        if not Order.objects.filter(pk=command.number).exists():
            raise Told(f"There is no order #{command.number}.")
        return cancelled(command.number, trader)
    # What waits at the broker for its entry goes with that.
    own = Order.objects.filter(trader=trader, status__in=lifecycle.OPEN, waits_for_entry=False)
    said = [
        cancelled_if_open(order_id, trader) for order_id in own.order_by("pk").values_list("pk", flat=True)
    ]
    return "\n".join(said) or "You have no open orders."


def cancelled_if_open(order_id: int, trader: Trader) -> str:
    """Cancel one of many: one that closed meanwhile is no reason to leave the others."""
    try:
        return cancelled(order_id, trader)
    except NotAllowed as refusal:
        return str(refusal)


def cancelled(order_id: int, trader: Trader) -> str:
    order = requests.cancel(order_id, by=trader.user, via="discord", reason="cancelled in Discord")
    if order.is_closed:
        return f"{order} is {order.get_status_display().lower()}."
    return f"{order} is being cancelled; its message shows when it is done."


def amended(command: Amend, asker: Asker) -> str:
    """Amend an order and say what follows. Raises NotAllowed, Denied or BrokerError."""
    order = amending.amend(command, by=asker.trader, via="discord", broker=asker.broker)
    changed = order.events.filter(kind__startswith="amend").latest("sequence").reason
    if order.status == OrderStatus.PROPOSED:
        return f"{order} now has {changed}. It waits for approval."
    return f"{order} is being stopped; then it is asked again with {changed}."


def said_of(mistake: Mistake) -> str:
    """Return a mistake as a trader reads it: the line, a caret under the word, what to write instead."""
    lines = [f"```\n{fenced(window(mistake.pointing()))}\n```\n{mistake.message}"]
    if mistake.suggestion:
        lines.append(f"Did you mean `{fenced(mistake.suggestion)}`?")
    if mistake.expected:
        lines.append(f"Expected here: {mistake.expected}.")
    if mistake.example:
        lines.append(f"This works: `!tt {fenced(mistake.example)}`")
    return "\n".join(lines)


def fenced(text: str) -> str:
    """Return the text without what would end a code block."""
    return text.replace("`", "'")
