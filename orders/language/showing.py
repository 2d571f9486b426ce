"""Commands and mistakes as an answer shows them: plain text, fit for a reply and for a terminal."""

from decimal import Decimal
from fractions import Fraction

from orders.enums import PriceRule, Side

from .expiry_words import show_day
from .help import help_text
from .ticket import AskedPrice, Mistake
from .values import (
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
    ShowQuote,
    Terms,
)
from .writing import describe, describe_contract, describe_held, plain, write_ticket

PARTS = {Fraction(1): "all", Fraction(1, 2): "half", Fraction(1, 3): "a third", Fraction(1, 4): "a quarter"}


def show_mistake(mistake: Mistake) -> str:
    """Return the mistake with its caret; the first two lines want a fixed width."""
    said = [mistake.pointing(), mistake.message]
    said += [f"Expected: {mistake.expected}."] if mistake.expected else []
    said += [f"Did you mean {mistake.suggestion}?"] if mistake.suggestion else []
    return "\n".join(said + ([f"Example: {mistake.example}"] if mistake.example else []))


def show_command(command: Command) -> str:
    """Return what was understood, in one sentence; of an order also the command that repeats it exactly."""
    match command:
        case Propose(ticket):
            return f"{describe(ticket)}\n{write_ticket(ticket)}"
        case Close():
            return f"{_close(command)}."
        case CancelOrders():
            return "Cancel all of your orders." if command.everything else f"Cancel order {command.number}."
        case Amend():
            return f"Amend order {command.number}: {', '.join(_changes(command))}; its approval is void."
        case Help(topic):
            return help_text(topic)
        case _:
            return f"{_request(command)}."


def _request(command: Command) -> str:
    match command:
        case ShowQuote(contract):
            return f"Show the quote of {describe_contract(contract)}"
        case ShowChain():
            return _chain(command)
        case ShowOrder(number):
            return f"Show order {number}"
        case _:
            what = {ShowOrders: "orders", ShowBalance: "balance"}.get(type(command), "positions")
            account = getattr(command, "account", "")
            return f"Show the {what}" + (f" of account {account}" if account else "")


def _chain(command: ShowChain) -> str:
    when = f", {show_day(command.expiry)}" if command.expiry else ""
    strikes = f", strikes {command.low:f} to {command.high:f}" if command.low and command.high else ""
    return f"Show the chain of {command.root}{when}{strikes}"


def _close(command: Close) -> str:
    exits = "".join(f", {part}" for part in _terms(command.terms))
    return f"Close {_part(command)} of {_position(command)}{_price(command.price, 'for ')}{exits}"


def _part(command: Close) -> str:
    if command.quantity is not None:
        return str(command.quantity)
    return PARTS.get(command.fraction, f"{int(command.fraction * 100)}%")


def _position(command: Close) -> str:
    if command.contract is not None:
        return describe_held(command.contract)
    return f"order {command.order_number}'s position"


def _price(price: AskedPrice, worst: str = "") -> str:
    words = {PriceRule.MID: " starting at mid", PriceRule.NATURAL: " at the natural price",
             PriceRule.MARKET: " at the market"}  # fmt: skip
    if price.bound is None:
        return words.get(price.rule, "")
    word = {Side.PAYS: f"{worst}at most", Side.RECEIVES: f"{worst}at least", None: "at"}[price.effect]
    start = f", starting at {price.start:f}" if price.start is not None else ""
    return f" {word} {price.bound:f}{start}"


def _changes(command: Amend) -> list[str]:
    quantity = [f"quantity {command.quantity}"] if command.quantity is not None else []
    price = [f"price{_price(command.price)}"] if command.price is not None else []
    return quantity + price + _terms(command.terms)


def _terms(terms: Terms) -> list[str]:
    levels: list[tuple[str, Decimal | int | str | None]] = [
        ("stop", terms.stop),
        ("target", terms.target),
        ("wait", terms.wait_seconds),
        ("ticks", terms.ticks),
        ("retries", terms.retries),
        ("account", terms.account or None),
    ]
    found = [f"{word} {plain(value)}{' s' * (word == 'wait')}" for word, value in levels if value is not None]
    found += [terms.time_in_force.value] if terms.time_in_force else []
    return found + (["dry run"] if terms.dry_run else []) + (["again"] if terms.again else [])
