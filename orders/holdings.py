"""What an account holds, and how much of it is being closed already."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from desk.models import Account
from orders import lifecycle
from orders.brokers.base import Broker, BrokerOrder, Phase, Position
from orders.enums import Action
from orders.looking import prefix
from orders.models import Leg, Order


@dataclass(frozen=True, slots=True)
class Holding:
    """A position in one symbol: `quantity` signed, short negative; `working`, how much is being closed."""

    symbol: str
    quantity: int = 0
    working: int = 0

    def closable(self, action: Action) -> int:
        """Return how much an action of this direction could close, working orders aside."""
        return max(-self.quantity * action.sign, 0)

    @property
    def free(self) -> int:
        return max(abs(self.quantity) - self.working, 0)


class Holdings(Mapping[str, Holding]):
    """Holdings by symbol. A symbol that is not held has an empty one."""

    def __init__(self, positions: list[Position], working: Mapping[str, int]) -> None:
        self.positions = {position.symbol: position for position in positions if position.quantity}
        self._working = working

    def __getitem__(self, symbol: str) -> Holding:
        position = self.positions.get(symbol)
        quantity = position.quantity if position is not None else 0
        return Holding(symbol, quantity, self._working.get(symbol, 0))

    def __iter__(self) -> Iterator[str]:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)


def holdings(broker: Broker, account: Account, *, besides: Order | None = None) -> Holdings:
    """Read what is held, and count what our orders and other people's would close of it.

    Raises BrokerError. An order that waits for approval counts: it has a claim already.
    """
    positions = list(broker.positions())
    signs = {position.symbol: 1 if position.quantity > 0 else -1 for position in positions}
    working = ours(account, signs, besides) + others(broker, account, signs)
    return Holdings(positions, working)


def ours(account: Account, signs: Mapping[str, int], besides: Order | None) -> Counter[str]:
    """Count what the desk's open orders would close; an exit asleep has nothing yet to close."""
    counted: Counter[str] = Counter()
    legs = Leg.objects.filter(
        order__account=account,
        order__status__in=lifecycle.OPEN,
        order__waits_for_entry=False,
        symbol__in=signs,
    ).select_related("order")
    for leg in legs.exclude(order=besides) if besides is not None else legs:
        if closes(Action(leg.action), signs[leg.symbol]):
            counted[leg.symbol] += leg.ratio * leg.order.leaves_quantity
    return counted


def others(broker: Broker, account: Account, signs: Mapping[str, int]) -> Counter[str]:
    """Count what orders that are not the desk's would close. Of orders that end each other the largest."""
    bundles: dict[str, dict[str, int]] = defaultdict(dict)
    for order in broker.live_orders():
        if order.phase is Phase.TERMINAL or is_ours(order, account):
            continue
        found = bundles[order.complex_order_id or f"order {order.broker_order_id}"]
        for leg in order.legs:
            if leg.symbol in signs and closes(leg.action, signs[leg.symbol]):
                found[leg.symbol] = max(found.get(leg.symbol, 0), leg.remaining_quantity)
    counted: Counter[str] = Counter()
    for found in bundles.values():
        counted.update(found)
    return counted


def is_ours(order: BrokerOrder, account: Account) -> bool:
    return order.external_identifier.startswith(prefix(account.environment_id))


def closes(action: Action, sign: int) -> bool:
    """Whether an action takes away from a position of that sign; futures are netted."""
    is_netted = action in {Action.BUY, Action.SELL}
    return action.sign == -sign and (action.closes or is_netted)
