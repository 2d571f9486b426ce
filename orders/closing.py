"""From `close 1042` or `close SPY 18dec 600c half` to a priced proposal that gives up a position.

What is held says which way to close and how much there is; the rest is the normal way of a proposal.
"""

from dataclasses import dataclass

from desk.models import Account, Channel, Trader
from orders.brokers.base import Broker, NotFound, Position
from orders.enums import Action, InstrumentType, Side, TimeInForce
from orders.exit_rules import OPPOSITE
from orders.holdings import Holdings, holdings
from orders.language.symbols import PARENTS, parse_future_option, parse_occ
from orders.language.tails import BOUND_OF
from orders.language.ticket import Contract, Ticket, TicketLeg
from orders.language.values import Close
from orders.language.writing import describe_held
from orders.lifecycle import OPEN
from orders.market import Instrument
from orders.models import Leg, Order
from orders.proposing import Prepared, prepare_legs, refuse_unauthorised
from orders.resolving import UnresolvedTicket
from orders.terms import ResolvedLeg


@dataclass(frozen=True, slots=True)
class Package:
    """What is to be closed: legs with their closing actions, and how many units of them there are."""

    name: str  # "#1042", "SPY 18 Dec 2026 600 call"
    legs: tuple[ResolvedLeg, ...]
    held: int
    working: int

    @property
    def free(self) -> int:
        return max(self.held - self.working, 0)


def prepare(asked: Close, *, channel: Channel, trader: Trader, broker: Broker) -> Prepared:
    """Find the position, and price its closing.

    Raises UnresolvedTicket (none or two fit), Denied (refused by us) or BrokerError.
    """
    refuse_unauthorised(channel, trader)
    account = channel.account
    held = holdings(broker, account)
    package = (
        of_order(asked.order_number, account, held, broker)
        if asked.order_number is not None
        else of_contract(asked, held, broker)
    )
    ticket = ticket_of(asked, package)
    return prepare_legs(ticket, package.legs, channel=channel, trader=trader, broker=broker, closes=True)


# --- which position --------------------------------------------------------------------------------


def of_order(number: int, account: Account, held: Holdings, broker: Broker) -> Package:
    """Return what is left of an order's fills. Raises UnresolvedTicket where nothing is."""
    order = Order.objects.filter(pk=number, account=account).first()
    if order is None:
        raise UnresolvedTicket(f"There is no order #{number} in this channel's account.")
    legs = list(order.legs.all())
    if order.is_closing:
        raise UnresolvedTicket(f"{order} closes a position itself: name the order that opened it.")
    if not order.filled_quantity:
        raise UnresolvedTicket(f"Nothing of {order} has filled, so there is nothing to close.")
    closing = [(leg, OPPOSITE[Action(leg.action)]) for leg in legs]
    found = min(held[leg.symbol].closable(action) // leg.ratio for leg, action in closing)
    if not found:
        raise UnresolvedTicket(f"The account holds nothing of {order} any more.")
    return Package(
        name=str(order),
        legs=tuple(ResolvedLeg(action, leg.ratio, instrument_of(leg, broker)) for leg, action in closing),
        held=min(order.filled_quantity, found),
        working=max(held[leg.symbol].working // leg.ratio for leg, _ in closing),
    )


def of_contract(asked: Close, held: Holdings, broker: Broker) -> Package:
    """Return the one position that fits the contract. Raises UnresolvedTicket where none or two do."""
    contract = asked.contract
    if contract is None:
        raise ValueError(f"nothing to close is named: {asked=}")
    name = describe_held(contract)
    fitting = [position for position in held.positions.values() if fits(contract, position)]
    if not fitting:
        raise UnresolvedTicket(f"The account holds no {name}.")
    if len(fitting) > 1:
        symbols = " and ".join(sorted(position.symbol.strip() for position in fitting))
        raise UnresolvedTicket(f"Two positions fit {name}: {symbols}. Write which one.")
    position = fitting[0]
    leg = ResolvedLeg(closing_action(position), 1, instrument_at(position.kind, position.symbol, broker))
    return Package(name, (leg,), abs(position.quantity), held[position.symbol].working)


def fits(contract: Contract, position: Position) -> bool:
    """Whether a position is what the trader's words may mean: SPX also SPXW, /ES any of its months."""
    if contract.kind is not position.kind:
        return False
    if contract.kind is InstrumentType.EQUITY:
        return contract.root == position.symbol
    if contract.kind is InstrumentType.FUTURE:
        exact = f"{contract.root}{contract.month}"
        bare = position.symbol.rstrip("0123456789")[:-1]
        return position.symbol == exact if contract.month else bare == contract.root
    held = parse_occ(position.symbol) or parse_future_option(position.symbol)
    if held is None:
        return False
    same = (held.expiry, held.strike, held.option_type) == (
        contract.expiry,
        contract.strike,
        contract.option_type,
    )
    return (
        same and contract.root in {held.root, PARENTS.get(held.root)} and contract.month in {"", held.month}
    )


def closing_action(position: Position) -> Action:
    """Return what gives a position up; futures are netted."""
    is_long = position.quantity > 0
    if position.kind is InstrumentType.FUTURE:
        return Action.SELL if is_long else Action.BUY
    return Action.SELL_TO_CLOSE if is_long else Action.BUY_TO_CLOSE


# --- how much, at what price -----------------------------------------------------------------------


def ticket_of(asked: Close, package: Package) -> Ticket:
    """Return the ticket that closes so much of the package. Raises UnresolvedTicket."""
    refuse_wrong_bound(asked, package)
    terms = asked.terms
    return Ticket(
        legs=tuple(TicketLeg(leg.action, contract_of(leg.instrument), leg.ratio) for leg in package.legs),
        quantity=quantity_of(asked, package),
        price=asked.price,
        time_in_force=terms.time_in_force or TimeInForce.DAY,
        wait_seconds=terms.wait_seconds,
        ticks=terms.ticks,
        retries=terms.retries,
        account=terms.account,
        dry_run=terms.dry_run,
        again=terms.again,
        stop=terms.stop,
        target=terms.target,
    )


def quantity_of(asked: Close, package: Package) -> int:
    """Return how much to close: as written, a part of what is held rounded down, or all that is free.

    More than is free comes back too: the pre-trade control refuses it with its numbers.
    """
    if asked.quantity is not None:
        return asked.quantity
    if asked.fraction == 1 and not package.free:
        raise UnresolvedTicket(f"All {package.held} of {package.name} are already being closed{by(package)}.")
    quantity = package.free if asked.fraction == 1 else int(package.held * asked.fraction)
    if not quantity:
        raise UnresolvedTicket(
            f"That part of {package.held} of {package.name} is less than one: write qty 1."
        )
    return quantity


def by(package: Package) -> str:
    """Return which orders of the desk are closing it: by #12 and #13."""
    symbols = [leg.instrument.symbol for leg in package.legs]
    actions = {leg.action for leg in package.legs}
    legs = Leg.objects.filter(symbol__in=symbols, action__in=actions, order__status__in=OPEN)
    numbers = sorted(set(legs.exclude(order__waits_for_entry=True).values_list("order_id", flat=True)))
    return " by " + " and ".join(f"#{number}" for number in numbers) if numbers else ""


def refuse_wrong_bound(asked: Close, package: Package) -> None:
    """Raise UnresolvedTicket where max or min does not go with the side that the position has."""
    implied = asked.price.effect
    if implied is None or len(package.legs) > 1:
        return
    side = Side(package.legs[0].action.sign)
    if implied is not side:
        verb = "pays" if side is Side.PAYS else "receives"
        words = f"its bound is {BOUND_OF[side]}, not {BOUND_OF[implied]}"
        raise UnresolvedTicket(f"Closing {package.name} {verb}: {words}.")


# --- instruments -----------------------------------------------------------------------------------


def instrument_of(leg: Leg, broker: Broker) -> Instrument:
    return instrument_at(InstrumentType(leg.kind), leg.symbol, broker)


def instrument_at(kind: InstrumentType, symbol: str, broker: Broker) -> Instrument:
    """Return the instrument of a symbol as the broker writes it. Raises UnresolvedTicket, BrokerError."""
    try:
        if kind is InstrumentType.EQUITY:
            return broker.equity(symbol)
        if kind is not InstrumentType.FUTURE:
            return broker.option(symbol)
        listed = broker.futures(symbol.rstrip("0123456789")[:-1])
    except NotFound:
        listed = ()
    found = next((instrument for instrument in listed if instrument.symbol == symbol), None)
    if found is None:
        raise UnresolvedTicket(f"The broker no longer lists {symbol.strip()}.")
    return found


def contract_of(instrument: Instrument) -> Contract:
    is_future = instrument.kind is InstrumentType.FUTURE
    return Contract(
        kind=instrument.kind,
        root=instrument.root,
        expiry=None if is_future else instrument.expires_on,
        strike=instrument.strike,
        option_type=instrument.option_type,
        month=instrument.symbol.removeprefix(instrument.root) if is_future else "",
    )
