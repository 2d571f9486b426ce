"""Answers to questions about the market and the account: quote, chain, positions, balance."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.errors import Told
from bot.wording import contract as named
from bot.wording import day, dollars, price, table
from orders.brokers.base import Broker, BrokerError, Expiration, NotFound
from orders.language.symbols import spoken
from orders.language.ticket import Contract
from orders.language.values import ShowChain
from orders.market import Instrument, Quote, plain
from orders.resolving import nearest_dates, resolve_contract

MOST_STRIKES = 11  # a block that a phone shows without scrolling


def quote(contract: Contract, broker: Broker) -> str:
    """Return bid, mid and ask of one contract. Raises UnresolvedTicket, Told or BrokerError."""
    instrument = resolve_contract(contract, broker)
    found = broker.quotes([instrument]).get(instrument.symbol)
    if found is None:
        raise Told(f"There is no quote for {named(instrument)}.")
    return f"**{named(instrument)}**\n{market(found)}"


def market(found: Quote) -> str:
    """Return a quote in one line; a side nobody offers is a dash."""
    mid = price(found.mid) if found.is_two_sided else "–"
    line = f"bid {price(found.bid)} · mid **{mid}** · ask {price(found.ask)}"
    if found.is_halted:
        line += " · trading of it is halted"
    if found.delayed_seconds:
        line += f" · DELAYED {found.delayed_seconds // 60} min"
    return line


def chain(asked: ShowChain, broker: Broker) -> str:
    """Return calls and puts at the strikes asked for. Raises Told or BrokerError."""
    expiration = one_expiration(asked, broker)
    strikes = chosen_strikes(asked, expiration, broker)
    sides = (expiration.calls, expiration.puts)
    quotes = broker.quotes([side[strike] for strike in strikes for side in sides if strike in side])
    rows = [("bid", "ask", "call/put", "bid", "ask")]
    for strike in strikes:
        call, put = (_bid_ask(side.get(strike), quotes) for side in sides)
        rows.append((*call, plain(strike), *put))
    series = "" if expiration.root == asked.root else f" ({expiration.root})"
    title = f"**{asked.root} {day(expiration.expires_on)}**{series}"
    return f"{title}\n{table(rows, frozenset({0, 1, 2, 3, 4}))}{other_strikes(strikes)}"


def other_strikes(strikes: Sequence[Decimal]) -> str:
    """Return how to ask for other strikes, where there may be some."""
    if len(strikes) < MOST_STRIKES:
        return ""
    low, high = strikes[0], strikes[-1]
    return f"For others write a range behind the expiry: `{plain(high)}-{plain(high + (high - low))}`.\n"


def one_expiration(asked: ShowChain, broker: Broker) -> Expiration:
    """Return the expiry asked for, or the nearest one. Raises Told with the nearest three."""
    try:
        is_future = asked.root.startswith("/")
        listed = broker.future_option_chain(asked.root) if is_future else broker.option_chain(asked.root)
    except NotFound:
        listed = ()
    if not listed:
        raise Told(f"The broker lists no options on {asked.root}.")
    wanted = [e for e in listed if asked.expiry in {None, e.expires_on}]
    exact = [e for e in wanted if e.root == asked.root]
    if wanted:
        return (exact or wanted)[0]
    near = ", ".join(map(day, nearest_dates(asked.expiry, sorted({e.expires_on for e in listed}))))
    raise Told(f"{asked.root} has no options expiring then. Nearest: {near}.")


def chosen_strikes(asked: ShowChain, expiration: Expiration, broker: Broker) -> Sequence[Decimal]:
    """Return the strikes asked for, or those around the money; at most as many as can be read."""
    low, high = asked.low, asked.high
    inside = [
        strike
        for strike in expiration.strikes
        if (low is None or strike >= low) and (high is None or strike <= high)
    ]
    if not inside:
        raise Told(f"{expiration.root} {day(expiration.expires_on)} has no strikes there.")
    if low is not None or high is not None:
        return inside[:MOST_STRIKES]
    centre = around_the_money(asked.root, broker) or inside[len(inside) // 2]
    return sorted(sorted(inside, key=lambda strike: abs(strike - centre))[:MOST_STRIKES])


def around_the_money(root: str, broker: Broker) -> Decimal | None:
    """Return the underlying's mid; None where it has none."""
    try:
        underlying = broker.futures(root)[0] if root.startswith("/") else broker.equity(root)
        found = broker.quotes([underlying]).get(underlying.symbol)
    except (BrokerError, IndexError):  # an index has no quote of its own everywhere
        return None
    return found.mid if found is not None and found.is_two_sided else None


def _bid_ask(instrument: Instrument | None, quotes: Mapping[str, Quote]) -> tuple[str, str]:
    found = quotes.get(instrument.symbol) if instrument is not None else None
    return ("–", "–") if found is None else (price(found.bid), price(found.ask))


def positions(broker: Broker) -> str:
    """Return what the account holds. Raises BrokerError."""
    held = broker.positions()
    if not held:
        return "The account holds no positions."
    rows = [("qty", "what", "opened at")]
    rows += [(f"{p.quantity:+d}", spoken(p.symbol), price(p.average_open_price)) for p in held[:25]]
    return f"**Positions**\n{table(rows, frozenset({0, 2}))}"


def balance(broker: Broker) -> str:
    """Return what the account is worth and can spend. Raises BrokerError."""
    found = broker.balance()
    rows = [
        ("net liquidating value", _signed(found.net_liquidating_value)),
        ("cash", _signed(found.cash)),
        ("option buying power", _signed(found.option_buying_power)),
        ("equity buying power", _signed(found.equity_buying_power)),
    ]
    return f"**Balance**\n{table(rows, frozenset({1}))}"


def _signed(value: Decimal) -> str:
    return f"{'-' if value < 0 else ''}{dollars(value)}"
